//! Whether a text is JSON.

use serde::de::IgnoredAny;

/// Where a text stops being JSON, as a text; `None` if it is JSON.
pub(super) fn mistake(text: &str) -> Option<String> {
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    Some(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_has_a_line_and_a_column() {
        assert_eq!(mistake("{\"a\": [1, 2]}"), None);
        let mistake = mistake("{\n  \"a\": oops}").unwrap();
        assert!(mistake.ends_with("at line 2 column 8"), "{mistake}");
    }
}
