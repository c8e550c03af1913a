//! Messages for API-managed accounts.

use super::time::{Clock, span};
use super::{Message, MessageContext, SuggestedAction, describe};
use velvet_rope::{AccountError, AccountSignOut};

/// Why the user is not signed in, as a message.
pub(crate) fn describe_account_error(error: &AccountError, context: &MessageContext) -> Message {
    match error {
        AccountError::Wrong => Message::new(
            "The name or the password is wrong",
            "The API does not say which, so that a stranger cannot find out which accounts exist.",
            SuggestedAction::None,
        ),
        AccountError::Taken => Message::new(
            "This name is taken",
            "Choose another one, or sign in if it is yours.",
            SuggestedAction::None,
        ),
        AccountError::TooMany(seconds) => Message::new(
            "Too many attempts",
            ["Wait ", &span(seconds.unwrap_or(1)), " and try again."].concat(),
            SuggestedAction::None,
        ),
        AccountError::Refused(words) => Message::new(
            "The API does not accept this name or password",
            ["The API says: ", words, "."].concat(),
            SuggestedAction::None,
        ),
        AccountError::Failed(status) => Message::new(
            "The API had an internal error",
            ["It answered with status ", &status.to_string(), "."].concat(),
            SuggestedAction::None,
        )
        .fix("Check accounts.base_url and api.key in config.json."),
        AccountError::NotAsked(error) => Message {
            suggested_action: SuggestedAction::None,
            ..describe(error, context)
        },
    }
}

/// The result of signing out of an account.
pub(crate) fn describe_account_sign_out(outcome: AccountSignOut, clock: Clock) -> String {
    match outcome {
        AccountSignOut::Revoked => {
            "You are signed out, and the token is no longer valid.".to_owned()
        }
        AccountSignOut::GoodUntil(expires) => [
            "You are signed out here. A signed token cannot be revoked: a copy of it is valid until ",
            &clock(expires),
            ".",
        ]
        .concat(),
        AccountSignOut::NotTold(expires) => [
            "You are signed out here, but the API did not revoke the token: a copy of it is valid until ",
            &clock(expires),
            ".",
        ]
        .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::{Timestamp, parse_config};

    fn words(error: &AccountError) -> Message {
        let config = parse_config(include_str!("../../public/config.example.json")).unwrap();
        describe_account_error(
            error,
            &MessageContext::new(&config, "https://app.example.com"),
        )
    }

    #[test]
    fn says_how_long_to_wait_and_what_the_api_said() {
        let message = words(&AccountError::TooMany(Some(90)));
        assert!(message.detail.contains("1 min 30 s"), "{}", message.detail);
        let message = words(&AccountError::Refused("name must have 3".to_owned()));
        assert!(
            message.detail.contains("name must have 3"),
            "{}",
            message.detail
        );
    }

    #[test]
    fn a_token_that_cannot_be_revoked_is_named() {
        let clock: Clock = |time| time.0.to_string();
        let words = |outcome| describe_account_sign_out(outcome, clock);
        assert!(words(AccountSignOut::GoodUntil(Timestamp(12))).contains("until 12"));
        assert!(words(AccountSignOut::NotTold(Timestamp(12))).contains("did not revoke"));
        assert!(!words(AccountSignOut::Revoked).contains("until"));
    }
}
