//! YAML scalars without quotes, by the core schema (YAML 1.2.2, section 10.3.2).

use serde_json::{Number, Value};

/// The value of a scalar without quotes. Infinity and not-a-number, which JSON has not, stay texts.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let value = u64::from_str_radix(digits, radix).ok();
            return value.filter(|_| is_digits).map(Number::from);
        }
    }
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some(Number::from(value));
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(Number::from(value));
    }
    // The standard library reads `+1`, `1.` and `.5` as the core schema does. `inf` and `nan`, which it reads too, have no
    // digit.
    let value = text.parse::<f64>().ok()?;
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_have_the_types_of_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("True", json!(true)),
            ("yes", json!("yes")),
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("+4", json!(4)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0x-1", json!("0x-1")),
            ("0x+1", json!("0x+1")),
            ("1.5e3", json!(1500.0)),
            (".5", json!(0.5)),
            ("18446744073709551615", json!(u64::MAX)),
            (".inf", json!(".inf")),
            (".nan", json!(".nan")),
            ("1e999", json!("1e999")),
            ("2018-09-21", json!("2018-09-21")),
            ("3.0.1", json!("3.0.1")),
            ("++1", json!("++1")),
            ("-", json!("-")),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }
}
