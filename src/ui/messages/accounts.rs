//! Words for accounts of the API's own.

use super::time::{Clock, span};
use super::{Message, Setting, WayOut, describe};
use crate::session::accounts::{AccountError, AccountSignOut};

/// Why nobody is signed in, in words.
pub(in crate::ui) fn describe_account_error(error: &AccountError, setting: &Setting) -> Message {
    match error {
        AccountError::Wrong => Message::new(
            "The name or the password is wrong",
            "Which of the two is not told, so that nobody can find out who has an account here.",
            WayOut::None,
        ),
        AccountError::Taken => Message::new(
            "This name is taken",
            "Choose another one, or sign in if it is yours.",
            WayOut::None,
        ),
        AccountError::TooMany(seconds) => Message::new(
            "Too many attempts",
            match seconds {
                Some(seconds) => ["Wait ", &span(*seconds), " and try again."].concat(),
                None => "Wait a little and try again.".to_owned(),
            },
            WayOut::None,
        ),
        AccountError::Refused(words) => Message::new(
            "This cannot be used",
            ["The API says: ", words, "."].concat(),
            WayOut::None,
        ),
        AccountError::Failed(status) => Message::new(
            "The accounts have a problem of their own",
            ["The API answered with status ", &status.to_string(), "."].concat(),
            WayOut::None,
        )
        .fix("Check accounts.base_url and api.key in config.json, and the log of the function behind /login."),
        AccountError::NotAsked(error) => Message {
            way_out: WayOut::None,
            ..describe(error, setting)
        },
    }
}

/// What signing out did, in words.
pub(in crate::ui) fn describe_account_sign_out(outcome: AccountSignOut, clock: Clock) -> String {
    match outcome {
        AccountSignOut::Revoked => {
            "You are signed out. The session is over, and its token opens nothing any more."
                .to_owned()
        }
        AccountSignOut::GoodUntil(expires) => [
            "You are signed out here. The token was a signed one, which cannot be taken back: whoever has a copy can \
             use it until ",
            &clock(expires),
            ".",
        ]
        .concat(),
        AccountSignOut::NotTold(expires) => [
            "You are signed out here, but the API could not be told. Whoever has a copy of the token can use it until ",
            &clock(expires),
            ".",
        ]
        .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use crate::time::Timestamp;

    fn words(error: &AccountError) -> Message {
        let config = parse(include_str!("../../../public/config.example.json")).unwrap();
        describe_account_error(error, &Setting::new(&config, "https://app.example.com"))
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
