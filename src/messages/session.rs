//! Messages for the session: its errors, its events and its end.

use super::session_fields::role_name;
use super::time::{Clock, span};
use super::{Message, MessageContext, SuggestedAction, describe};
use velvet_rope::{AuthError, EventKind, SignedOutReason, Timestamp, TransportError};

pub(super) fn renewal_uncertain() -> Message {
    Message::new(
        "Your session will end soon",
        "The answer to the last renewal was lost, and the provider accepts each refresh token only once.",
        SuggestedAction::SignIn,
    )
}

pub(super) fn other_tab_silent() -> Message {
    Message::new(
        "Another tab has your session",
        "It has newer tokens and did not share them. Close it, or try again.",
        SuggestedAction::Retry,
    )
}

pub(super) fn session_changed() -> Message {
    Message::new(
        "The session changed meanwhile",
        "The user or the role changed while the request waited for AWS credentials, so it was not sent.",
        SuggestedAction::Retry,
    )
}

pub(super) fn newer_release() -> Message {
    Message::new(
        "There is a newer version of this site",
        "Another tab has loaded it and now renews the session. Reload this page to use it here too.",
        SuggestedAction::None,
    )
}

pub(super) fn role_not_offered() -> Message {
    Message::new(
        "You cannot choose this role",
        "Your ID token does not list it under cognito:roles.",
        SuggestedAction::None,
    )
}

pub(super) fn no_passkeys() -> Message {
    Message::new(
        "Passkeys cannot be added here",
        "Only the managed login of a Cognito user pool has a page for that.",
        SuggestedAction::None,
    )
}

pub(super) fn sign_in_required() -> Message {
    Message::new(
        "Sign in first",
        "Only signed-in users may call this route. Nothing was sent.",
        SuggestedAction::SignIn,
    )
}

pub(super) fn session_expired() -> Message {
    Message::new(
        "Your session has ended",
        "Its tokens have expired and cannot be renewed.",
        SuggestedAction::SignIn,
    )
}

/// An event as a line of the log.
pub(crate) fn describe_event(kind: &EventKind, context: &MessageContext, clock: Clock) -> String {
    let until = |what: &str, time: Timestamp| [what, ", valid until ", &clock(time)].concat();
    match kind {
        EventKind::SignedIn(user) => ["Signed in as ", &user.name].concat(),
        EventKind::SignedOut(reason) => describe_end(reason, context),
        EventKind::TokenRenewed {
            here: true,
            expires,
        } => until("New tokens", *expires),
        EventKind::TokenRenewed {
            here: false,
            expires,
        } => until("New tokens from another tab", *expires),
        EventKind::RenewalFailed { error, retry_at } => {
            let title = describe(error, context).title;
            let next = match retry_at {
                Some(at) => [". Next try at ", &clock(*at)].concat(),
                None => ". There is no other try".to_owned(),
            };
            ["Renewal failed: ", &title, &next].concat()
        }
        EventKind::CredentialsRenewed { expiration } => until("New AWS credentials", *expiration),
        EventKind::RoleChanged(Some(role)) => ["Role chosen: ", role_name(role)].concat(),
        EventKind::RoleChanged(None) => "The identity pool chooses the role".to_owned(),
        EventKind::ClockCorrected { offset_seconds: 0 } => {
            "This device's clock is correct".to_owned()
        }
        EventKind::ClockCorrected { offset_seconds } => {
            let direction = if *offset_seconds > 0 {
                " behind"
            } else {
                " ahead"
            };
            [
                "This device's clock is ",
                &span(offset_seconds.unsigned_abs()),
                direction,
            ]
            .concat()
        }
        EventKind::NewerRelease => {
            "Another tab uses a newer version of this site; reload this page to load it".to_owned()
        }
        EventKind::SessionExpiring { at } => ["The session ends at ", &clock(*at)].concat(),
    }
}

fn describe_end(reason: &SignedOutReason, context: &MessageContext) -> String {
    let why = match reason {
        SignedOutReason::NotSignedIn | SignedOutReason::SignedOut => {
            return "Signed out".to_owned();
        }
        SignedOutReason::Expired => "the session expired",
        SignedOutReason::RenewalLost => "the answer to the last renewal was lost",
        SignedOutReason::Idle => "the session was idle",
        SignedOutReason::Failed(error) => &describe(error, context).title,
    };
    ["Signed out: ", why].concat()
}

/// A failed renewal as a message, while the user stays signed in.
pub(crate) fn describe_renewal_error(error: &AuthError, context: &MessageContext) -> Message {
    match error {
        AuthError::Transport {
            source: TransportError::Offline,
            ..
        } => Message::new(
            "You are offline",
            "You stay signed in. Your session is renewed when the network is back.",
            SuggestedAction::Retry,
        ),
        error if error.is_retryable() => Message::new(
            "Your session could not be renewed",
            [
                "You stay signed in, and the app tries again. ",
                &describe(error, context).title,
                ".",
            ]
            .concat(),
            SuggestedAction::Retry,
        ),
        error => describe(error, context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::{Step, parse_config};

    fn context() -> MessageContext {
        let config = parse_config(include_str!("../../public/config.example.json")).unwrap();
        MessageContext::new(&config, "https://app.example.com")
    }

    fn clock(time: Timestamp) -> String {
        time.0.to_string()
    }

    #[test]
    fn events_have_their_times_and_names() {
        let words = |kind| describe_event(&kind, &context(), clock);
        let renewed = |here| EventKind::TokenRenewed {
            here,
            expires: Timestamp(9),
        };
        assert_eq!(words(renewed(true)), "New tokens, valid until 9");
        assert_eq!(
            words(renewed(false)),
            "New tokens from another tab, valid until 9"
        );
        assert_eq!(
            words(EventKind::RenewalFailed {
                error: AuthError::OtherTabSilent,
                retry_at: Some(Timestamp(7)),
            }),
            "Renewal failed: Another tab has your session. Next try at 7"
        );
        assert_eq!(
            words(EventKind::RoleChanged(Some(
                "arn:aws:iam::1:role/a/reader".into()
            ))),
            "Role chosen: reader"
        );
        let corrected = EventKind::ClockCorrected {
            offset_seconds: -60,
        };
        assert_eq!(words(corrected), "This device's clock is 1 min ahead");
        assert_eq!(
            words(EventKind::SignedOut(SignedOutReason::Idle)),
            "Signed out: the session was idle"
        );
    }

    #[test]
    fn a_failed_renewal_suggests_what_helps() {
        let renewal_error = |source| {
            let during = Step::TokenEndpoint;
            describe_renewal_error(&AuthError::Transport { during, source }, &context())
        };
        let offline = renewal_error(TransportError::Offline);
        assert_eq!(offline.title, "You are offline");
        let unreachable = renewal_error(TransportError::Unreachable { host: "a".into() });
        assert_eq!(unreachable.title, "Your session could not be renewed");
        assert_eq!(unreachable.suggested_action, SuggestedAction::Retry);
        assert_eq!(unreachable.fix, None);
        let lost = describe_renewal_error(&AuthError::RenewalUncertain, &context());
        assert_eq!(lost.suggested_action, SuggestedAction::SignIn);
    }
}
