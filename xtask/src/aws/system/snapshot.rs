//! The deployment of the API: a snapshot of its routes, methods, gateway responses and authorizers. CloudFormation takes a
//! new one only for a resource with a new logical id, so the id carries a digest of all that decides the snapshot.

use std::collections::HashMap;

use crate::aws::{
    cloudformation::{parameters::Parameters, template},
    functions::package::short_digest,
};

/// What the logical id of the deployment begins with, before its number. The number stands for what `template.yaml` itself
/// says of routes.
const DEPLOYMENT: &str = "ApiDeployment";

/// The parameters of `template.yaml` whose values end in a method, a gateway response or an authorizer, or decide whether
/// there is one. Those that name a part's template are not among them: the templates count themselves.
const PARAMETERS: [&str; 3] = ["SiteUrl", "AccountsMode", "AuthorizerCacheSeconds"];

/// Everything that decides a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    described: String,
}

impl Snapshot {
    /// The snapshot of a stack with the nested `templates`, and with the values that `parameters` give to the stack, whose
    /// values are now `kept`.
    pub(crate) fn new(
        template: &str,
        templates: &[String],
        parameters: &Parameters,
        kept: Option<&HashMap<&str, &str>>,
    ) -> Self {
        let value = |name: &str| {
            let kept = kept.and_then(|kept| kept.get(name)).copied();
            let value = parameters.given(name).or(kept);
            let value = value.or_else(|| template::default_value(template, name));
            format!("{name}={}", value.unwrap_or_default())
        };
        let values = PARAMETERS.into_iter().map(value);
        let described: Vec<_> = templates.iter().cloned().chain(values).collect();
        Self {
            described: described.join("\n"),
        }
    }

    /// The same, to be taken once more: a snapshot that is taken in the update that switches a part off still has the
    /// part's routes, because CloudFormation deletes last.
    pub(crate) fn before_cleanup(&self) -> Self {
        Self {
            described: format!("{}\nbefore cleanup", self.described),
        }
    }

    /// `template` with the logical id of this snapshot.
    pub(crate) fn name_in(&self, template: &str) -> String {
        let digest = short_digest(self.described.as_bytes());
        let mut named = String::with_capacity(template.len() + 100);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once(DEPLOYMENT) {
            let number = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = after.split_at(number);
            named.push_str(before);
            named.push_str(DEPLOYMENT);
            named.push_str(number);
            if !number.is_empty() {
                named.push('x');
                named.push_str(&digest);
            }
            rest = after;
        }
        named.push_str(rest);
        named
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const TEMPLATE: &str = include_str!("../../../../infra/template.yaml");

    fn snapshot(
        given: &[(&str, &str)],
        kept: Option<&HashMap<&str, &str>>,
        templates: &[&str],
    ) -> Snapshot {
        let mut parameters = Parameters::default();
        for (name, value) in given {
            parameters.give(name, *value);
        }
        let templates: Vec<_> = templates.iter().map(|&name| name.to_owned()).collect();
        Snapshot::new(TEMPLATE, &templates, &parameters, kept)
    }

    #[test]
    fn the_id_is_renamed_wherever_the_template_has_it() {
        let template = "# An ApiDeployment\nApiDeployment12:\n!Ref ApiDeployment12\n";
        let named = snapshot(&[], None, &[]).name_in(template);
        let id = named.split(['\n', ':']).nth(1).unwrap();
        assert!(id.starts_with("ApiDeployment12x"), "{id}");
        assert!(id.chars().all(char::is_alphanumeric), "{id}");
        assert_eq!(named, format!("# An ApiDeployment\n{id}:\n!Ref {id}\n"));
        let renamed = snapshot(&[], None, &[]).name_in(TEMPLATE);
        let id = format!("ApiDeployment1{}", &id["ApiDeployment12".len()..]);
        let renamed = renamed.matches(&id).count();
        assert_eq!(renamed, 2, "where it is declared, and in the stage");
    }

    #[test]
    fn each_template_and_each_value_in_it_makes_another_snapshot() {
        let snapshots = [
            snapshot(&[], None, &[]),
            snapshot(&[("SiteUrl", "https://a.example")], None, &[]),
            snapshot(&[("AccountsMode", "jwt")], None, &[]),
            snapshot(&[("AuthorizerCacheSeconds", "0")], None, &[]),
            snapshot(&[], None, &["one"]),
            snapshot(&[], None, &["one", "two"]),
            snapshot(&[], None, &[]).before_cleanup(),
        ];
        let ids: BTreeSet<_> = snapshots
            .iter()
            .map(|snapshot| snapshot.name_in("ApiDeployment1"))
            .collect();
        assert_eq!(ids.len(), snapshots.len(), "{ids:?}");
        assert_eq!(
            snapshot(&[("UsageRate", "7")], None, &[]),
            snapshot(&[], None, &[])
        );
    }

    #[test]
    fn a_value_counts_the_same_wherever_it_comes_from() {
        let given = snapshot(&[("SiteUrl", "https://a.example")], None, &[]);
        let kept = HashMap::from([
            ("SiteUrl", "https://a.example"),
            ("AccountsMode", "session"),
        ]);
        assert_eq!(snapshot(&[], Some(&kept), &[]), given);
        let old = HashMap::from([("SiteUrl", "https://b.example")]);
        assert_eq!(
            snapshot(&[("SiteUrl", "https://a.example")], Some(&old), &[]),
            given
        );
        let defaults = HashMap::from([("SiteUrl", "http://localhost:8080")]);
        assert_eq!(
            snapshot(&[], Some(&defaults), &[]),
            snapshot(&[], None, &[])
        );
    }

    type Names = BTreeSet<String>;

    /// The words of a template's text, among them the names that `!Ref`, `!Sub` and conditions speak of.
    fn words(text: &str) -> Names {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.map(str::to_owned).collect()
    }

    /// The text of the entry `name`, whose line is indented by `indent`.
    fn entry(text: &str, indent: &str, name: &str) -> String {
        let start = format!("{indent}{name}: ");
        let deeper = format!("{indent} ");
        let mut lines = text.lines().skip_while(|line| !line.starts_with(&start));
        let first = lines.next().unwrap_or_default();
        let more = lines.take_while(|line| line.starts_with(&deeper));
        std::iter::once(first)
            .chain(more)
            .fold(String::new(), |text, line| text + line + "\n")
    }

    /// The template that a nested stack is made from: `${UserPoolTemplateKey}` stands for `infra/user-pool.yaml`.
    fn nested(stack: &str) -> String {
        let names = words(&entry(stack, "      ", "TemplateURL"));
        let mut names = names
            .iter()
            .filter_map(|name| name.strip_suffix("TemplateKey"));
        let name = names.next().unwrap();
        let kebab = name.chars().fold(String::new(), |kebab, letter| {
            let hyphen = if letter.is_uppercase() && !kebab.is_empty() {
                "-"
            } else {
                ""
            };
            format!("{kebab}{hyphen}{}", letter.to_lowercase())
        });
        let infra = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra");
        let files = std::fs::read_dir(infra).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        // A template nested in that of a part has the part's name in front.
        let is_it = |file: &std::path::PathBuf| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            name == format!("{kebab}.yaml") || name.ends_with(&format!("-{kebab}.yaml"))
        };
        std::fs::read_to_string(files.find(is_it).unwrap()).unwrap()
    }

    /// The parameters of `template` that the resources of a snapshot depend on, in nested stacks too.
    fn reaching(template: &str) -> Names {
        let kinds = [
            "Method",
            "GatewayResponse",
            "Authorizer",
            "Resource",
            "Model",
        ];
        let kinds = kinds.map(|kind| format!("    Type: AWS::ApiGateway::{kind}\n"));
        let mut reached = Names::new();
        for (_, lines) in template::entries(template, "Resources") {
            if kinds.iter().any(|kind| lines.contains(kind)) {
                reached.extend(words(lines));
            }
            if lines.contains("    Type: AWS::CloudFormation::Stack\n") {
                for parameter in reaching(&nested(lines)) {
                    reached.extend(words(&entry(lines, "        ", &parameter)));
                }
            }
        }
        let section = template::section(template, "Conditions");
        let conditions = words(section);
        // Conditions may name conditions.
        for _ in 0..conditions.len() {
            let named = conditions.iter().filter(|name| reached.contains(*name));
            let more: Vec<_> = named
                .map(|name| words(&entry(section, "  ", name)))
                .collect();
            reached.extend(more.into_iter().flatten());
        }
        let known = template::parameters(template)
            .into_iter()
            .map(str::to_owned);
        known.filter(|name| reached.contains(name)).collect()
    }

    #[test]
    fn every_parameter_that_reaches_the_snapshot_is_in_the_list() {
        let mut reached = reaching(TEMPLATE);
        // The templates of parts are in the digest themselves.
        reached.retain(|name| !name.ends_with("TemplateKey"));
        assert_eq!(reached, PARAMETERS.map(str::to_owned).into());
    }
}
