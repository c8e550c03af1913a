//! Words for accounts of the API's own.

use super::time::{Clock, span};
use super::{Message, MessageContext, SuggestedAction, describe};
use velvet_rope::{AccountError, AccountSignOut};

/// Why nobody is signed in, in words.
pub(crate) fn describe_account_error(error: &AccountError, setting: &MessageContext) -> Message {
    match error {
        AccountError::Wrong => Message::new(
            "The name or the password is wrong",
            "Which of the two is not told, so that nobody learns who has an account.",
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
            "This cannot be used",
            ["The API says: ", words, "."].concat(),
            SuggestedAction::None,
        ),
        AccountError::Failed(status) => Message::new(
            "The API has a problem of its own",
            ["It answered with status ", &status.to_string(), "."].concat(),
            SuggestedAction::None,
        )
        .fix("Check accounts.base_url and api.key in config.json."),
        AccountError::NotAsked(error) => Message {
            suggested_action: SuggestedAction::None,
            ..describe(error, setting)
        },
    }
}

/// What signing out did, in words.
pub(crate) fn describe_account_sign_out(outcome: AccountSignOut, clock: Clock) -> String {
    match outcome {
        AccountSignOut::Revoked => {
            "You are signed out, and the token opens nothing any more.".to_owned()
        }
        AccountSignOut::GoodUntil(expires) => [
            "You are signed out here. A signed token cannot be taken back: a copy of it is good until ",
            &clock(expires),
            ".",
        ]
        .concat(),
        AccountSignOut::NotTold(expires) => [
            "You are signed out here, but the API could not be told: a copy of the token is good until ",
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
    fn a_token_that_cannot_be_taken_back_is_told_of() {
        let clock: Clock = |time| time.0.to_string();
        let words = |outcome| describe_account_sign_out(outcome, clock);
        assert!(words(AccountSignOut::GoodUntil(Timestamp(12))).contains("until 12"));
        assert!(words(AccountSignOut::NotTold(Timestamp(12))).contains("could not be told"));
        assert!(!words(AccountSignOut::Revoked).contains("until"));
    }
}
