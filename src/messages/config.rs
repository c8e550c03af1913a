//! Messages for a configuration that is missing or invalid.

use super::{Message, SuggestedAction, part_unavailable};
use velvet_rope::{ConfigError, LoadError, Mistake};

/// Why there is no configuration, as a message.
pub(crate) fn describe_load_error(error: &LoadError) -> Message {
    match error {
        LoadError::Unsupported(missing) => Message::new(
            "This browser is too old for this page",
            format!(
                "It has no {}, or an extension or a policy removes it. Use Chrome or Edge 99, Firefox 97, Safari 16, or \
                 a newer version.",
                missing.join(", ")
            ),
            SuggestedAction::Retry,
        ),
        LoadError::Missing => Message::new(
            "There is no configuration yet",
            "This site looks for /config.json, which names the user pool, the identity pool and the API to use. Your \
             server has no such file.",
            SuggestedAction::Retry,
        ),
        LoadError::Unreachable(_) => Message::new(
            "The configuration could not be loaded",
            "The server of this site did not answer when asked for /config.json.",
            SuggestedAction::Retry,
        ),
        LoadError::Status(status) => Message::new(
            "The configuration could not be loaded",
            format!("The server of this site answered {status} when asked for /config.json."),
            SuggestedAction::Retry,
        ),
        LoadError::Invalid(ConfigError::NotJson { line, column }) => Message::new(
            "The configuration is not valid JSON",
            format!("Reading /config.json stopped at line {line}, column {column}."),
            SuggestedAction::Retry,
        ),
        LoadError::Invalid(ConfigError::Mistakes(mistakes)) => Message::new(
            match mistakes.len() {
                1 => "The configuration has a mistake".to_owned(),
                count => format!("The configuration has {count} mistakes"),
            },
            "Fix them in /config.json, then load the page again.",
            SuggestedAction::Retry,
        ),
        LoadError::PartUnavailable(_) => part_unavailable(),
    }
}

/// What is wrong with one key.
pub(crate) fn describe_mistake(mistake: &Mistake) -> String {
    match &mistake.found {
        Some(found) => format!("expected {}; found {found}", mistake.expected),
        None => format!("missing; expected {}", mistake.expected),
    }
}
