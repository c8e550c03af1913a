//! Reads the text of a template before CloudFormation does. The templates here have one entry to a line, two
//! spaces in, which is all that this relies on.

/// The parameters that `template` declares.
pub(crate) fn parameters(template: &str) -> Vec<&str> {
    entries(template, "Parameters")
        .map(|(name, _)| name)
        .collect()
}

/// The resources that outlive the stack: their logical ids.
pub(crate) fn retained(template: &str) -> Vec<&str> {
    entries(template, "Resources")
        .filter(|(_, lines)| {
            lines
                .lines()
                .any(|line| line.starts_with("    DeletionPolicy: Retain"))
        })
        .map(|(name, _)| name)
        .collect()
}

/// The default value of a parameter, where it has one on one line.
pub(crate) fn default_value<'a>(template: &'a str, parameter: &str) -> Option<&'a str> {
    let mut parameters = entries(template, "Parameters");
    let (_, lines) = parameters.find(|(name, _)| *name == parameter)?;
    let mut lines = lines.lines();
    let value = lines.find_map(|line| line.strip_prefix("    Default: "))?;
    Some(value.trim().trim_matches('"'))
}

/// The text of a section.
pub(crate) fn section<'a>(template: &'a str, name: &str) -> &'a str {
    let heading = format!("\n{name}:\n");
    let text = template.split_once(&heading).map_or("", |(_, text)| text);
    // The section ends where a line begins without a space.
    let end = text
        .match_indices('\n')
        .map(|(at, _)| at + 1)
        .find(|&at| text[at..].starts_with(|c: char| c.is_ascii_alphabetic()))
        .unwrap_or(text.len());
    &text[..end]
}

/// The entries of a section, each with the lines below it.
pub(crate) fn entries<'a>(
    template: &'a str,
    section: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let text = self::section(template, section);
    let mut starts: Vec<_> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|&at| heading_of(&text[at..]).is_some())
        .collect();
    starts.push(text.len());
    let pairs: Vec<_> = starts
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect();
    pairs
        .into_iter()
        .filter_map(|lines| Some((heading_of(lines)?, lines)))
}

/// The name in front of a colon that ends the first line, two spaces in.
fn heading_of(lines: &str) -> Option<&str> {
    let line = lines.lines().next()?;
    let name = line.strip_prefix("  ")?.strip_suffix(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "AWSTemplateFormatVersion: \"2010-09-09\"\n\nParameters:\n  SiteUrl:\n    # A comment\n    \
        Type: String\n  Rate:\n    Type: Number\n\nConditions:\n  Has: !Equals [a, b]\n\nResources:\n\n  # ---- One ----\n\n  \
        Pool:\n    Type: AWS::Cognito::UserPool\n    DeletionPolicy: Delete\n  Role:\n    Type: AWS::IAM::Role\n    \
        DeletionPolicy: Retain\n    Properties:\n      Inner:\n        DeletionPolicy: no\n\nOutputs:\n  Id:\n    Value: 1\n";

    #[test]
    fn reads_parameters_and_what_outlives_the_stack() {
        assert_eq!(parameters(TEMPLATE), ["SiteUrl", "Rate"]);
        assert_eq!(retained(TEMPLATE), ["Role"]);
        assert!(parameters("Resources:\n").is_empty());
    }

    #[test]
    fn reads_the_default_values_of_parameters() {
        let template = "\nParameters:\n  A:\n    Type: String\n    Default: \"\"\n  B:\n    Default: 300\n  C:\n    Type: String\n";
        assert_eq!(default_value(template, "A"), Some(""));
        assert_eq!(default_value(template, "B"), Some("300"));
        assert_eq!(default_value(template, "C"), None);
    }

    #[test]
    fn reads_the_template_that_is_shipped() {
        let template = include_str!("../../../../infra/template.yaml");
        let parameters = parameters(template);
        assert!(
            parameters.starts_with(&["SiteUrl", "DomainPrefix"]),
            "{parameters:?}"
        );
        assert!(
            parameters.ends_with(&["ManageApiGatewayAccount"]),
            "{parameters:?}"
        );
        let api = include_str!("../../../../infra/api.yaml");
        assert_eq!(retained(api), ["ApiGatewayLogRole", "ApiGatewayAccount"]);
    }
}
