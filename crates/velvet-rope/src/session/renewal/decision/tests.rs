//! Decisions of a renewal, one situation after another.

use super::*;
use crate::session::testing::values::signed_in;

const NOW: Timestamp = Timestamp(1_700_000_100);

fn situation<'a>(seen: &'a SignedIn, current: &'a SignedIn) -> Situation<'a> {
    Situation {
        seen,
        current: Some(current),
        claimed: current.revision,
        asked: false,
        waited: Duration::ZERO,
        waited_for_note: Duration::ZERO,
        shared_with_newer_release: false,
        rotation: Rotation::Unknown,
        device: NOW,
        now: NOW,
    }
}

fn sends(decision: &Decision) -> bool {
    matches!(decision, Decision::Send(..))
}

#[test]
fn the_refresh_token_is_sent_when_no_tab_has_more() {
    let seen = signed_in("session-1", 3);
    let decision = decide(&situation(&seen, &seen));
    let token = seen.tokens.refresh_token.clone().unwrap();
    assert_eq!(decision, Decision::Send(Box::new(seen), token));
}

#[test]
fn a_tab_that_claims_more_is_asked_once_then_waited_for_and_then_given_up() {
    let seen = signed_in("session-1", 3);
    let mut situation = situation(&seen, &seen);
    situation.claimed = 5;
    assert_eq!(decide(&situation), Decision::Ask);
    situation.asked = true;
    assert_eq!(decide(&situation), Decision::WaitForRevision(5));
    situation.waited = PATIENCE;
    let silent = Decision::GiveUp(GiveUp::OtherTabSilent);
    assert_eq!(decide(&situation), silent);
    // The claim of the revision that arrived is fulfilled.
    let newer = signed_in("session-1", 5);
    situation.current = Some(&newer);
    assert_eq!(decide(&situation), Decision::Done(Box::new(newer.clone())));
}

#[test]
fn newer_tokens_and_another_session_are_a_result_and_a_new_refresh_token_alone_is_none() {
    let seen = signed_in("session-1", 3);
    let other = signed_in("session-2", 1);
    let decision = decide(&situation(&seen, &other));
    assert_eq!(decision, Decision::Done(Box::new(other)));
    let mut unvalidated = signed_in("session-1", 4);
    unvalidated.tokens.access_token = seen.tokens.access_token.clone();
    assert!(sends(&decide(&situation(&seen, &unvalidated))));
}

#[test]
fn without_a_session_or_a_refresh_token_there_is_nothing_to_send() {
    let seen = signed_in("session-1", 3);
    let mut gone = situation(&seen, &seen);
    gone.current = None;
    assert_eq!(decide(&gone), Decision::GiveUp(GiveUp::SignedOut));
    let mut without = seen.clone();
    without.tokens.refresh_token = None;
    for (now, expired) in [(NOW, false), (seen.expires, true)] {
        let mut situation = situation(&seen, &without);
        situation.now = now;
        let reason = GiveUp::NoRefreshToken { expired };
        assert_eq!(decide(&situation), Decision::GiveUp(reason));
        assert_eq!(reason.error(), AuthError::SessionExpired);
        let ends = expired.then_some(SignedOutReason::Expired);
        assert_eq!(reason.ends(), ends);
    }
}

#[test]
fn a_refresh_token_that_may_have_been_used_is_not_sent_again() {
    let seen = signed_in("session-1", 3);
    let mut noted = seen.clone();
    noted.renewal_sent = Some(NOW.shifted(-10));
    let mut situation = situation(&seen, &noted);
    assert_eq!(decide(&situation), Decision::WaitForNote);
    situation.waited_for_note = NOTE_PATIENCE;
    let reason = GiveUp::MaybeUsed { expired: false };
    assert_eq!(decide(&situation), Decision::GiveUp(reason));
    assert_eq!(
        (reason.error(), reason.ends()),
        (AuthError::RenewalUncertain, None)
    );
    situation.now = noted.expires;
    let reason = GiveUp::MaybeUsed { expired: true };
    assert_eq!(decide(&situation), Decision::GiveUp(reason));
    assert_eq!(reason.ends(), Some(SignedOutReason::RenewalLost));
}

#[test]
fn whether_it_may_be_sent_again_depends_on_rotation_and_grace() {
    let grace = Rotation::On {
        grace: Duration::from_mins(1),
    };
    let none = Rotation::On {
        grace: Duration::ZERO,
    };
    for (rotation, rotates, age, expected) in [
        (Rotation::Off, None, 10, true),
        (Rotation::Unknown, None, 10, false),
        (Rotation::Unknown, Some(true), 10, false),
        (Rotation::Unknown, Some(false), 10, true),
        (none, Some(false), 0, false),
        (grace, None, 59, true),
        (grace, None, 60, false),
        // The device's clock was set back.
        (grace, None, -1, false),
    ] {
        let mut noted = signed_in("session-1", 3);
        noted.rotates = rotates;
        assert!(may_send(&noted, rotation, NOW));
        noted.renewal_sent = Some(NOW.shifted(-age));
        assert_eq!(
            may_send(&noted, rotation, NOW),
            expected,
            "{rotation:?} {age}"
        );
    }
}

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(status, Vec::new(), body)
}

#[test]
fn an_answer_shows_whether_the_refresh_token_was_used() {
    let host = || "id.example.com".to_owned();
    let after = Duration::from_secs(10);
    let kind = |sent: &Result<HttpResponse, TransportError>| match read_answer(sent) {
        Answer::Tokens(_) => "tokens",
        Answer::NotUsed(_) => "not used",
        Answer::MaybeUsed(_) => "maybe used",
        Answer::Ended => "ended",
    };
    let tokens = r#"{"id_token":"i","access_token":"a"}"#;
    for (sent, expected) in [
        (Err(TransportError::Offline), "not used"),
        (Err(TransportError::Refused { host: host() }), "not used"),
        (
            Err(TransportError::Unreachable { host: host() }),
            "maybe used",
        ),
        (
            Err(TransportError::TimedOut {
                host: host(),
                after,
            }),
            "maybe used",
        ),
        (Ok(response(200, tokens)), "tokens"),
        (Ok(response(200, "{}")), "maybe used"),
        (Ok(response(400, r#"{"error":"invalid_grant"}"#)), "ended"),
        (
            Ok(response(400, r#"{"error":"invalid_client"}"#)),
            "not used",
        ),
        (Ok(response(429, "")), "not used"),
        (Ok(response(503, "")), "not used"),
        (Ok(response(500, "")), "maybe used"),
        (
            Ok(response(502, r#"{"error":"invalid_grant"}"#)),
            "maybe used",
        ),
    ] {
        assert_eq!(kind(&sent), expected, "{sent:?}");
    }
}

#[test]
fn a_session_that_a_newer_release_has_too_is_left_to_that() {
    let seen = signed_in("session-1", 3);
    let mut situation = situation(&seen, &seen);
    situation.claimed = 9;
    situation.shared_with_newer_release = true;
    situation.now = seen.expires;
    let reason = GiveUp::NewerRelease;
    assert_eq!(decide(&situation), Decision::GiveUp(reason));
    assert_eq!(
        (reason.error(), reason.ends()),
        (AuthError::NewerRelease, None)
    );
}
