//! Whether a call is sent again: only when that cannot do any harm, and a limited number of times. Pure.

use std::time::Duration;

use super::answer::Answer;
use super::refusal::Refusal;
use super::request::CallAuth;
use crate::http::{Method, TransportError};
use crate::time::Timestamp;

/// How often a call is sent while the network or the server fails.
pub(crate) const ATTEMPTS: u32 = 3;
/// The longest wait before the second attempt; each further one may be twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that the backoff reaches.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// The longest wait that a server may ask for with `Retry-After`. With a longer one the answer goes to the caller.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);

/// What was sent, and what came of it.
#[derive(Debug)]
pub(crate) struct Tried<'a> {
    pub(crate) method: Method,
    /// Whether the caller says that a repetition changes nothing.
    pub(crate) idempotent: bool,
    pub(crate) auth: &'a CallAuth,
    /// How often the network or the server failed, this time included.
    pub(crate) failures: u32,
    pub(crate) outcome: Result<&'a Answer, &'a TransportError>,
    /// Whether credentials or token were already replaced for this call.
    pub(crate) renewed: bool,
    /// Whether the clock was already corrected for this call.
    pub(crate) clock_corrected: bool,
    /// The time, as far as it is known.
    pub(crate) now: Timestamp,
    /// A random number from 0 to 1, excluding 1.
    pub(crate) jitter: f64,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The caller gets the outcome.
    Finish,
    /// Send again after this time.
    Wait(Duration),
    /// Send again with new credentials.
    RenewCredentials,
    /// Send again with a new access token.
    RenewToken,
    /// Send again with the time of the server, if it is known.
    CorrectClock(Option<Timestamp>),
}

/// What to do after an attempt.
pub(crate) fn decide(tried: &Tried<'_>) -> Next {
    match tried.outcome {
        Ok(answer) => after_answer(tried, answer),
        // An attempt that used up its time is not repeated: the next one would use up another.
        Err(TransportError::Offline | TransportError::Unreachable { .. }) => again(tried, None),
        Err(TransportError::TimedOut { .. } | TransportError::Refused { .. }) => Next::Finish,
    }
}

fn after_answer(tried: &Tried<'_>, answer: &Answer) -> Next {
    if matches!(answer.status, 429 | 502 | 503 | 504) {
        return again(tried, retry_after(answer, tried.now));
    }
    // The API may have carried out a request that it refuses with the text of a gateway's refusal.
    let safe = matches!(tried.method, Method::Get | Method::Head | Method::Options);
    let unharmed = answer.refused_by_gateway || safe || tried.idempotent;
    let Some(refusal) = answer.refusal.as_ref().filter(|_| unharmed) else {
        return Next::Finish;
    };
    match (tried.auth, refusal) {
        (CallAuth::Iam, Refusal::ExpiredSecurityToken | Refusal::InvalidSecurityToken)
            if !tried.renewed =>
        {
            Next::RenewCredentials
        }
        (
            CallAuth::Iam,
            Refusal::SignatureExpired { server_time }
            | Refusal::SignatureNotYetCurrent { server_time },
        ) if !tried.clock_corrected => Next::CorrectClock(*server_time),
        (CallAuth::Bearer, Refusal::Unauthorized) if !tried.renewed => Next::RenewToken,
        _ => Next::Finish,
    }
}

/// Methods that may be repeated (RFC 9110, section 9.2.2): exponential backoff with full jitter, or the time that the
/// server names.
fn again(tried: &Tried<'_>, server: Option<Duration>) -> Next {
    let repeatable = match tried.method {
        Method::Get | Method::Head | Method::Options | Method::Put | Method::Delete => true,
        Method::Post | Method::Patch => tried.idempotent,
    };
    if !repeatable || tried.failures >= ATTEMPTS {
        return Next::Finish;
    }
    match server {
        Some(wait) if wait > LONGEST_RETRY_AFTER => Next::Finish,
        Some(wait) => Next::Wait(wait),
        None => Next::Wait(backoff(tried.failures, tried.jitter)),
    }
}

/// A random part of a time that doubles with each failure. Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
pub(crate) fn backoff(failures: u32, jitter: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_WAIT).mul_f64(jitter.clamp(0.0, 1.0))
}

/// The wait in `Retry-After`: seconds or a date (RFC 9110, section 10.2.3), if CORS lets the page read it.
fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Timestamp::from_http_date(text).map(|date| date.since(now)),
    }
}

#[cfg(test)]
mod tests;
