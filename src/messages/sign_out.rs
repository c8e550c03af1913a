//! Messages for the end of a session: the ways to sign out, why the session ended, and what stays valid.

use std::time::Duration;

use super::time::Clock;
use velvet_rope::oauth::GLOBAL_SIGN_OUT_SCOPE;
use velvet_rope::{Ending, SignOutReport, SignOutScope, SignedOutReason, Timestamp};

/// The ways to sign out that the app offers, each with its label and effect. Only Cognito can end the sessions on other
/// devices.
pub(crate) fn sign_out_choices(
    cognito: bool,
) -> impl Iterator<Item = (SignOutScope, &'static str, &'static str)> {
    [
        (
            SignOutScope::ThisApp,
            "Sign out",
            "Ends your session in every tab of this browser, and on the sign-in page.",
        ),
        (
            SignOutScope::Everywhere,
            "Sign out everywhere",
            "Ends your sessions on all your other devices too.",
        ),
        (
            SignOutScope::SwitchUser,
            "Switch user",
            "Signs out here, then lets you sign in as another user.",
        ),
    ]
    .into_iter()
    .filter(move |(scope, ..)| cognito || *scope != SignOutScope::Everywhere)
}

/// The sign-in status of a user who has not signed in.
pub(crate) const GUEST: &str =
    "You are a guest. Open routes work without signing in; sign in to call the others.";

/// Why no user is signed in.
pub(crate) fn describe_signed_out(
    reason: &SignedOutReason,
    idle_limit: Option<Duration>,
) -> String {
    match reason {
        SignedOutReason::NotSignedIn | SignedOutReason::SignedOut => GUEST.to_owned(),
        SignedOutReason::Expired => "Your session has ended. Sign in to continue.".to_owned(),
        SignedOutReason::RenewalLost => {
            "Your session has ended: the answer to its last renewal got lost. \
                                         Sign in to continue."
                .to_owned()
        }
        SignedOutReason::Idle => idle_text(idle_limit) + " Sign in to continue.",
        SignedOutReason::Failed(_) => "The sign-in or its renewal failed.".to_owned(),
    }
}

fn idle_text(idle_limit: Option<Duration>) -> String {
    // Limits are set in whole minutes, two at least.
    let minutes = idle_limit.unwrap_or_default().as_secs() / 60;
    [
        "You were signed out because this page was idle for ",
        &minutes.to_string(),
        " minutes.",
    ]
    .concat()
}

/// What a sign-out did and what stays valid, in a sentence or two each.
pub(crate) fn describe_sign_out(
    report: &SignOutReport,
    idle_limit: Option<Duration>,
    now: Timestamp,
    clock: Clock,
) -> Vec<String> {
    let idle = (report.scope == SignOutScope::Idle).then(|| idle_text(idle_limit));
    let provider = match report.provider_session {
        Ending::Done => "This browser has forgotten your session, and the sign-in page has too.",
        Ending::NotAsked | Ending::NotPossible => {
            "This browser has forgotten your session. The sign-in page cannot end its own, so it may sign you in \
             again without asking."
        }
        Ending::Failed => {
            "This browser has forgotten your session. The sign-in page could not be reached: you may still be signed in there."
        }
    };
    let everywhere = match report.everywhere {
        Ending::NotAsked => None,
        Ending::Done => Some("Your sessions on all devices have been ended.".to_owned()),
        Ending::NotPossible => Some(no_global_sign_out()),
        Ending::Failed => Some(
            "Your other devices may still be signed in: the user pool did not end their sessions."
                .to_owned(),
        ),
    };
    let refresh_token = match report.refresh_token {
        Ending::NotAsked | Ending::Done => None,
        Ending::NotPossible | Ending::Failed => Some(
            "The refresh token could not be revoked: a copy of it can fetch new tokens until it expires."
                .to_owned(),
        ),
    };
    [
        idle,
        Some(provider.to_owned()),
        everywhere,
        refresh_token,
        what_stays_valid(report, now, clock),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn no_global_sign_out() -> String {
    [
        "Your other devices stay signed in: ending their sessions requires the scope ",
        GLOBAL_SIGN_OUT_SCOPE,
        ". Allow it for the app client, and add it to user_pool.scopes in config.json.",
    ]
    .concat()
}

fn what_stays_valid(report: &SignOutReport, now: Timestamp, clock: Clock) -> Option<String> {
    let until = |time: Option<Timestamp>| time.filter(|time| *time > now).map(clock);
    let copied = |what: &str, until: String| {
        [what, " that were copied before stay valid until ", &until].concat()
    };
    let text = match (until(report.tokens_until), until(report.credentials_until)) {
        (None, None) => return None,
        (Some(tokens), None) => copied("Tokens", tokens),
        (None, Some(credentials)) => copied("AWS credentials", credentials),
        (Some(tokens), Some(credentials)) => [
            &copied("Tokens", tokens),
            "; AWS credentials until ",
            &credentials,
        ]
        .concat(),
    };
    Some(text + ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: SignOutReport = SignOutReport {
        scope: SignOutScope::ThisApp,
        refresh_token: Ending::Done,
        everywhere: Ending::NotAsked,
        provider_session: Ending::Done,
        tokens_until: None,
        credentials_until: None,
    };

    fn words(report: SignOutReport) -> String {
        let limit = Some(Duration::from_mins(15));
        describe_sign_out(&report, limit, Timestamp(100), |time| time.0.to_string()).join("\n")
    }

    #[test]
    fn a_complete_sign_out_needs_one_sentence() {
        assert_eq!(
            words(REPORT),
            "This browser has forgotten your session, and the sign-in page has too."
        );
    }

    #[test]
    fn what_stays_valid_has_its_time_unless_it_has_passed() {
        let report = |tokens, credentials| {
            words(SignOutReport {
                tokens_until: Some(Timestamp(tokens)),
                credentials_until: Some(Timestamp(credentials)),
                ..REPORT
            })
        };
        let both =
            "Tokens that were copied before stay valid until 200; AWS credentials until 300.";
        assert!(report(200, 300).ends_with(both));
        assert!(report(200, 100).ends_with("Tokens that were copied before stay valid until 200."));
        let credentials = "AWS credentials that were copied before stay valid until 300.";
        assert!(report(99, 300).ends_with(credentials));
        assert!(!report(99, 100).contains("until"));
    }

    #[test]
    fn a_missing_scope_is_named() {
        let text = words(SignOutReport {
            scope: SignOutScope::Everywhere,
            everywhere: Ending::NotPossible,
            ..REPORT
        });
        assert!(text.contains("aws.cognito.signin.user.admin"), "{text}");
        assert!(text.contains("user_pool.scopes"), "{text}");
    }

    #[test]
    fn each_failure_has_a_sentence() {
        let text = words(SignOutReport {
            refresh_token: Ending::Failed,
            everywhere: Ending::Failed,
            provider_session: Ending::Failed,
            ..REPORT
        });
        for part in [
            "could not be revoked",
            "may still be signed in",
            "may still be signed in there",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn an_idle_sign_out_names_the_limit() {
        let idle = SignOutReport {
            scope: SignOutScope::Idle,
            ..REPORT
        };
        let expected = "You were signed out because this page was idle for 15 minutes.";
        assert!(words(idle).starts_with(expected), "{}", words(idle));
    }

    #[test]
    fn only_cognito_ends_sessions_elsewhere() {
        let has = |cognito| {
            sign_out_choices(cognito).any(|(scope, ..)| scope == SignOutScope::Everywhere)
        };
        assert!(has(true) && !has(false));
    }
}
