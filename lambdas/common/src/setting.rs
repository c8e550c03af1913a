//! Settings, which the template puts into the environment of a function.

use std::env;

/// A setting that the function cannot do without is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not set: expected {expected}")]
pub struct SettingMissing {
    name: &'static str,
    expected: &'static str,
}

/// The value of the environment variable `name`; `expected` says what it should hold.
///
/// # Errors
///
/// When it is missing, empty or no Unicode.
pub fn setting(name: &'static str, expected: &'static str) -> Result<String, SettingMissing> {
    env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or(SettingMissing { name, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_missing_setting_and_what_it_should_hold() {
        let missing = setting("NO_SUCH_SETTING", "the name of a table");
        assert_eq!(
            missing.map_err(|error| error.to_string()),
            Err("NO_SUCH_SETTING is not set: expected the name of a table".to_owned())
        );
    }
}
