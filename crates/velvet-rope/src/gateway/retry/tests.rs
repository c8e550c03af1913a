//! The rule, as a table.

use super::*;
use crate::gateway::answer::read_answer;
use crate::http::HttpResponse;

const NOW: Timestamp = Timestamp(784_111_777);

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let headers = headers.iter().map(owned).collect();
    read_answer(&HttpResponse::new(status, headers, body))
}

fn tried<'a>(method: Method, outcome: Result<&'a Answer, &'a TransportError>) -> Tried<'a> {
    Tried {
        method,
        idempotent: false,
        auth: &CallAuth::Iam,
        failures: 1,
        outcome,
        renewed: false,
        clock_corrected: false,
        now: NOW,
        jitter: 0.5,
    }
}

fn unreachable() -> TransportError {
    TransportError::Unreachable {
        host: "api".to_owned(),
    }
}

const WAIT: Next = Next::Wait(Duration::from_millis(250));

#[test]
fn methods_that_change_nothing_twice_are_repeated_and_others_only_if_marked() {
    let lost = unreachable();
    for method in Method::ALL {
        let repeatable = !matches!(method, Method::Post | Method::Patch);
        let mut tried = tried(method, Err(&lost));
        let expected = if repeatable { WAIT } else { Next::Finish };
        assert_eq!(decide(&tried), expected, "{method:?}");
        tried.idempotent = true;
        assert_eq!(decide(&tried), WAIT, "{method:?}");
    }
}

#[test]
fn only_these_statuses_are_repeated() {
    for status in 200..600 {
        let answer = answer(status, &[], "");
        let expected = if [429, 502, 503, 504].contains(&status) {
            WAIT
        } else {
            Next::Finish
        };
        assert_eq!(
            decide(&tried(Method::Get, Ok(&answer))),
            expected,
            "{status}"
        );
        let post = decide(&tried(Method::Post, Ok(&answer)));
        assert_eq!(post, Next::Finish, "{status}");
    }
}

#[test]
fn what_is_over_or_was_not_sent_is_not_repeated() {
    let host = || "api".to_owned();
    let after = Duration::from_secs(20);
    let timed_out = TransportError::TimedOut {
        host: host(),
        after,
    };
    let refused = TransportError::Refused { host: host() };
    for error in [timed_out, refused] {
        assert_eq!(decide(&tried(Method::Get, Err(&error))), Next::Finish);
    }
    assert_eq!(
        decide(&tried(Method::Get, Err(&TransportError::Offline))),
        WAIT
    );
}

#[test]
fn attempts_are_limited_and_waits_are_random_parts_of_a_capped_time() {
    let lost = unreachable();
    let mut tried = tried(Method::Get, Err(&lost));
    tried.failures = 2;
    assert_eq!(decide(&tried), Next::Wait(Duration::from_millis(500)));
    tried.failures = ATTEMPTS;
    assert_eq!(decide(&tried), Next::Finish);
    assert_eq!(backoff(1, 0.0), Duration::ZERO);
    assert_eq!(backoff(5, 0.5), Duration::from_secs(4));
    assert_eq!(backoff(u32::MAX, 0.5), Duration::from_secs(4));
}

#[test]
fn a_server_that_names_a_time_is_obeyed_within_a_limit() {
    for (text, expected) in [
        ("2", Next::Wait(Duration::from_secs(2))),
        ("0", Next::Wait(Duration::ZERO)),
        ("30", Next::Wait(Duration::from_secs(30))),
        ("31", Next::Finish),
        (
            "Sun, 06 Nov 1994 08:49:47 GMT",
            Next::Wait(Duration::from_secs(10)),
        ),
        ("Sun, 06 Nov 1994 08:49:27 GMT", Next::Wait(Duration::ZERO)),
        ("Mon, 07 Nov 1994 08:49:37 GMT", Next::Finish),
        ("-1", WAIT),
        ("soon", WAIT),
        ("99999999999999999999", WAIT),
    ] {
        let answer = answer(503, &[("retry-after", text)], "");
        assert_eq!(decide(&tried(Method::Get, Ok(&answer))), expected, "{text}");
    }
}

const EXPIRED: &str = r#"{"message":"The security token included in the request is expired"}"#;
const CLOCK: &str = r#"{"message":"Signature expired: 20230601T095950Z is now earlier than 20230601T135450Z (20230601T135950Z - 5 min.)"}"#;

#[test]
fn a_refusal_that_can_be_repaired_is_repaired_once() {
    let from_gateway = [("x-amzn-errortype", "InvalidSignatureException")];
    let clock = answer(403, &from_gateway, CLOCK);
    let expired = answer(
        403,
        &[("x-amzn-errortype", "ExpiredTokenException")],
        EXPIRED,
    );
    let unauthorized = answer(401, &[("x-amzn-errortype", "UnauthorizedException")], "{}");
    let server_time = Timestamp::from_iso8601_basic("20230601T135950Z");
    for (auth, answer, expected) in [
        (CallAuth::Iam, &expired, Next::RenewCredentials),
        (CallAuth::Iam, &clock, Next::CorrectClock(server_time)),
        (CallAuth::Iam, &unauthorized, Next::Finish),
        (CallAuth::Bearer, &unauthorized, Next::RenewToken),
        (CallAuth::Bearer, &expired, Next::Finish),
        (CallAuth::Open, &unauthorized, Next::Finish),
    ] {
        let mut tried = tried(Method::Post, Ok(answer));
        tried.auth = &auth;
        assert_eq!(decide(&tried), expected, "{auth:?} {answer:?}");
        tried.renewed = true;
        tried.clock_corrected = true;
        assert_eq!(decide(&tried), Next::Finish, "{auth:?} {answer:?}");
    }
}

#[test]
fn a_refusal_without_the_header_of_the_gateway_may_come_from_an_api_that_acted() {
    let expired = answer(403, &[], EXPIRED);
    for method in Method::ALL {
        let safe = matches!(method, Method::Get | Method::Head | Method::Options);
        let expected = if safe {
            Next::RenewCredentials
        } else {
            Next::Finish
        };
        let mut tried = tried(method, Ok(&expired));
        assert_eq!(decide(&tried), expected, "{method:?}");
        tried.idempotent = true;
        assert_eq!(decide(&tried), Next::RenewCredentials, "{method:?}");
    }
}
