//! Reading and writing the attributes of a record of `DynamoDB`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use time::Timestamp;

use crate::CloudError;

/// The name of the service in errors.
pub const DYNAMODB: &str = "DynamoDB";

/// A record of `DynamoDB`: attributes by name.
pub type Record = HashMap<String, AttributeValue>;

/// A string attribute.
#[must_use]
pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number attribute.
#[must_use]
pub fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A point in time as a number of Unix seconds, which a TTL attribute must be.
#[must_use]
pub fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_seconds().to_string())
}

/// The string attribute `name`.
///
/// # Errors
/// When there is none.
pub fn read_text<'a>(record: &'a Record, name: &str) -> Result<&'a str, CloudError> {
    let value = record.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| damaged(name))
}

/// The number attribute `name`.
///
/// # Errors
/// When there is none, or it is negative or has a fraction.
pub fn read_number(record: &Record, name: &str) -> Result<u64, CloudError> {
    let value = record.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| damaged(name))
}

/// The point in time that the attribute `name` gives in Unix seconds.
///
/// # Errors
/// When there is none.
pub fn read_seconds(record: &Record, name: &str) -> Result<Timestamp, CloudError> {
    let seconds = i64::try_from(read_number(record, name)?).ok();
    seconds
        .and_then(|seconds| Timestamp::from_seconds(seconds).ok())
        .ok_or_else(|| damaged(name))
}

fn damaged(name: &str) -> CloudError {
    CloudError {
        service: DYNAMODB,
        reason: format!("a record without a usable {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_is_an_error_that_names_the_attribute() {
        let record = Record::from([
            ("subject".to_owned(), number(1)),
            ("since".to_owned(), text("x")),
            ("expires".to_owned(), number(12)),
            ("never".to_owned(), number(u64::MAX)),
        ]);
        assert_eq!(read_number(&record, "expires"), Ok(12));
        assert_eq!(read_seconds(&record, "expires").unwrap().as_seconds(), 12);
        for (error, name) in [
            (read_text(&record, "subject").unwrap_err(), "subject"),
            (read_number(&record, "since").unwrap_err(), "since"),
            (read_number(&record, "missing").unwrap_err(), "missing"),
            (read_seconds(&record, "never").unwrap_err(), "never"),
        ] {
            assert_eq!(error.reason, format!("a record without a usable {name}"));
        }
    }
}
