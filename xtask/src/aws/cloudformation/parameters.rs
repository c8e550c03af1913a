//! The values of a template's parameters for one deployment: what is decided anew, what a first deployment draws, and
//! what stays as it was.

use anyhow::{Context as _, Result, bail};

use crate::aws::{connection::location::Location, functions::package::short_digest};

/// The length of a drawn API key.
const KEY_LENGTH: usize = 40;
/// How a value is given that stands in a file, as the AWS CLI has it.
const FILE: &str = "file://";

/// What one parameter is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// This.
    New(String),
    /// What the stack has.
    Kept,
}

/// What a deployment says of parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Values that hold whatever there was before. The last one of a name counts.
    pub(crate) given: Vec<(String, String)>,
    /// Values for a stack that has none yet.
    pub(crate) at_first: Vec<(String, String)>,
}

impl Parameters {
    /// Decides on a value.
    pub(crate) fn give(&mut self, name: &str, value: impl Into<String>) {
        self.given.push((name.to_owned(), value.into()));
    }

    /// The value that is decided for `name`.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        let mut latest = self.given.iter().rev();
        latest
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// Adds `more`, whose values win over those that are there.
    pub(crate) fn extend(&mut self, more: Self) {
        self.given.extend(more.given);
        self.at_first.extend(more.at_first);
    }

    /// Makes sure that the template has all parameters that are given.
    ///
    /// # Errors
    /// Names those that it has not, and all that it has.
    pub(crate) fn require_known(&self, known: &[&str]) -> Result<()> {
        let unknown: Vec<_> = self
            .given
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !known.contains(name))
            .collect();
        if !unknown.is_empty() {
            bail!(
                "the template has no parameter {}; it has {}",
                unknown.join(", "),
                known.join(", ")
            );
        }
        Ok(())
    }

    /// What to send to CloudFormation: of each `known` parameter of the template, the value, or that it stays what the
    /// stack has, if that is among the `kept` ones. The others take the template's defaults.
    pub(crate) fn decide(&self, known: &[&str], kept: Option<&[&str]>) -> Vec<(String, Value)> {
        let value = |values: &[(String, String)], name: &str| {
            let mut latest = values.iter().rev();
            latest
                .find(|(candidate, _)| candidate == name)
                .map(|(_, value)| value.clone())
        };
        known
            .iter()
            .filter_map(|name| {
                let decided = if let Some(given) = value(&self.given, name) {
                    Value::New(given)
                } else if kept.is_some_and(|kept| kept.contains(name)) {
                    Value::Kept
                } else {
                    // Also for a stack of an earlier template, without this parameter.
                    Value::New(value(&self.at_first, name)?)
                };
                Some(((*name).to_owned(), decided))
            })
            .collect()
    }
}

/// Reads `Key=Value` from the command line, or `Key=file://PATH` for a secret: other users of the machine can read the
/// arguments of a program, and shells record them.
///
/// # Errors
/// When there is no `=`, or the file cannot be read.
pub(crate) fn assignment(text: &str) -> Result<(String, String), String> {
    const EXPECTED: &str = "a parameter is given as Key=Value or Key=file://PATH";
    let (name, value) = text.split_once('=').ok_or(EXPECTED)?;
    if name.is_empty() {
        return Err(EXPECTED.to_owned());
    }
    let value = match value.strip_prefix(FILE) {
        None => value.to_owned(),
        Some(path) => {
            let content = std::fs::read_to_string(path)
                .map_err(|error| format!("the value of {name}, the file {path}: {error}"))?;
            // Editors end a file with a line break, which is no part of a secret.
            content.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    Ok((name.to_owned(), value))
}

/// A prefix for the host name of the sign-in pages. It must be unique within the region among all accounts, so it
/// carries a digest of the account: the same one each time, and the account's number is not shown to visitors.
pub(crate) fn domain_prefix(location: &Location, stack: &str) -> String {
    let Location {
        account, region, ..
    } = location;
    let digest = short_digest(format!("{account} {region} {stack}").as_bytes());
    let name = stack.to_lowercase();
    // Words that Cognito reserves.
    let is_allowed = ["aws", "amazon", "cognito"]
        .iter()
        .all(|word| !name.contains(word));
    let name: String = if is_allowed {
        name.chars().take(40).collect()
    } else {
        "site".to_owned()
    };
    format!("{}-{}", name.trim_end_matches('-'), &digest[..12])
}

/// A value for the API key, drawn at random.
///
/// # Errors
/// When the operating system has no randomness.
pub(crate) fn draw_api_key() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; KEY_LENGTH];
    getrandom::fill(&mut bytes).context("could not draw an API key")?;
    // 32 letters divide 256 evenly: none is likelier than another.
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    Ok(bytes.into_iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(given: &[(&str, &str)], at_first: &[(&str, &str)]) -> Parameters {
        let owned = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        Parameters {
            given: owned(given),
            at_first: owned(at_first),
        }
    }

    fn decided(parameters: &Parameters, known: &[&str], kept: Option<&[&str]>) -> Vec<String> {
        let decided = parameters.decide(known, kept);
        decided
            .iter()
            .map(|(name, value)| match value {
                Value::New(value) => format!("{name}={value}"),
                Value::Kept => format!("{name}=(kept)"),
            })
            .collect()
    }

    #[test]
    fn a_secret_is_read_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3cret=1\r\n").unwrap();
        let given = format!("FederatedClientSecret=file://{}", file.display());
        let expected = ("FederatedClientSecret".to_owned(), "s3cret=1".to_owned());
        assert_eq!(assignment(&given), Ok(expected));

        let missing = assignment("FederatedClientSecret=file:///no/such/file").unwrap_err();
        assert!(missing.contains("FederatedClientSecret"), "{missing}");
        assert!(missing.contains("/no/such/file"), "{missing}");
        for wrong in ["UsageRate", "=7"] {
            assert!(assignment(wrong).unwrap_err().contains("Key=Value"));
        }
    }

    #[test]
    fn a_first_deployment_takes_what_is_given_and_what_is_drawn() {
        let parameters = parameters(
            &[("SiteUrl", "https://example.com")],
            &[("ApiKeyValue", "drawn"), ("SiteUrl", "not this")],
        );
        let known = ["SiteUrl", "ApiKeyValue", "UsageRate"];
        assert_eq!(
            decided(&parameters, &known, None),
            ["SiteUrl=https://example.com", "ApiKeyValue=drawn"]
        );
    }

    #[test]
    fn an_update_keeps_what_is_not_given_anew() {
        let parameters = parameters(
            &[("UsageRate", "7")],
            &[("ApiKeyValue", "drawn"), ("New", "first")],
        );
        let known = ["SiteUrl", "ApiKeyValue", "UsageRate", "New", "Defaulted"];
        let kept = ["SiteUrl", "ApiKeyValue", "UsageRate", "Gone"];
        assert_eq!(
            decided(&parameters, &known, Some(&kept)),
            [
                "SiteUrl=(kept)",
                "ApiKeyValue=(kept)",
                "UsageRate=7",
                "New=first"
            ]
        );
    }

    #[test]
    fn what_is_given_last_counts() {
        let parameters = parameters(&[("UsageRate", "7"), ("UsageRate", "8")], &[]);
        assert_eq!(decided(&parameters, &["UsageRate"], None), ["UsageRate=8"]);
    }

    #[test]
    fn an_unknown_parameter_is_answered_with_those_that_there_are() {
        let message =
            parameters(&[("UsageRat", "7")], &[]).require_known(&["SiteUrl", "UsageRate"]);
        assert_eq!(
            message.unwrap_err().to_string(),
            "the template has no parameter UsageRat; it has SiteUrl, UsageRate"
        );
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        assert_eq!(assignment("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(assignment("A="), Ok(("A".to_owned(), String::new())));
        assert!(assignment("A").is_err());
        assert!(assignment("=b").is_err());
    }

    #[test]
    fn the_prefix_is_the_same_each_time_and_another_one_elsewhere() {
        let here = Location::for_tests(None);
        let prefix = domain_prefix(&here, "velvet-rope");
        assert!(prefix.starts_with("velvet-rope-"), "{prefix}");
        assert_eq!(prefix.len(), "velvet-rope-".len() + 12);
        assert!(!prefix.contains(&here.account), "{prefix}");
        assert_eq!(domain_prefix(&here, "velvet-rope"), prefix);
        let mut elsewhere = Location::for_tests(None);
        elsewhere.account = "210987654321".to_owned();
        assert_ne!(domain_prefix(&elsewhere, "velvet-rope"), prefix);
        assert_ne!(domain_prefix(&here, "velvet-rope-2"), prefix);
    }

    #[test]
    fn the_prefix_is_one_that_cognito_takes_whatever_the_stack_is_called() {
        for stack in ["My-AWS-Stack", "cognito", &"Very-long-name".repeat(9), "a-"] {
            let prefix = domain_prefix(&Location::for_tests(None), stack);
            assert!(prefix.len() <= 63, "{prefix}");
            assert!(
                prefix
                    .bytes()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-'),
                "{prefix}"
            );
            assert!(
                !prefix.contains("aws") && !prefix.contains("cognito"),
                "{prefix}"
            );
            assert!(!prefix.contains("--"), "{prefix}");
        }
    }

    #[test]
    fn drawn_keys_differ_and_are_what_api_gateway_takes() {
        let (one, two) = (draw_api_key().unwrap(), draw_api_key().unwrap());
        assert_ne!(one, two);
        assert!((20..=128).contains(&one.len()));
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
