//! JSON for reading.

use serde_json::Value;

/// A JSON text with a line for each value, indented by two blanks, its members in their order; any other text as it is.
pub(crate) fn pretty(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_in_the_order_of_its_members_and_other_text_is_not() {
        let expected = "{\n  \"b\": 1,\n  \"a\": null\n}";
        assert_eq!(pretty(r#"{"b":1,"a":null}"#), expected);
        assert_eq!(pretty("over  there"), "over  there");
    }
}
