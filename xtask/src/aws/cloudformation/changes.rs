//! What would change in a stack: a table for the terminal, and warnings where users' data would be lost.

use std::fmt::Write as _;

use aws_sdk_cloudformation::types::{ChangeAction, PolicyAction, Replacement, ResourceChange};

use super::{STACK, inside};

/// The type of a user pool.
pub(crate) const USER_POOL: &str = "AWS::Cognito::UserPool";

/// Resource types with content that a new resource does not have, and the name of that content in a warning.
const HOLDERS: [(&str, &str); 7] = [
    (USER_POOL, "user accounts"),
    ("AWS::Cognito::IdentityPool", "the identities of users"),
    ("AWS::DynamoDB::Table", "user data"),
    ("AWS::KMS::Key", "the key of encrypted data"),
    ("AWS::S3::Bucket", "files"),
    ("AWS::SQS::Queue", "unprocessed messages"),
    (STACK, "all resources of this part"),
];

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is created.
    Add,
    /// It is changed and stays the same resource.
    Modify,
    /// It is changed; whether it stays the same resource shows only then.
    MayReplace,
    /// Another one takes its place.
    Replace,
    /// It goes.
    Remove,
    /// It leaves the stack, and goes on to exist.
    Keep,
    /// It is taken into the stack.
    Import,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Modify => "modify",
            Self::MayReplace => "may replace",
            Self::Replace => "REPLACE",
            Self::Remove => "REMOVE",
            Self::Keep => "keep",
            Self::Import => "import",
        }
    }
}

/// One resource that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What happens to it.
    pub(crate) action: Action,
    /// Its logical id, with the parts that it lies in before it: `Ingestion/Table`.
    pub(crate) resource: String,
    /// Its type.
    pub(crate) kind: String,
    /// Whether the resource that was there goes on to exist, where that is known.
    pub(crate) old_one_stays: Option<bool>,
}

impl Change {
    /// Reads one change of a change set, within the part of that name, or `""`.
    pub(crate) fn read(part: &str, change: &ResourceChange) -> Self {
        let old_one_stays = change.policy_action().map(|policy| {
            !matches!(
                policy,
                PolicyAction::Delete | PolicyAction::ReplaceAndDelete
            )
        });
        let action = match change.action() {
            Some(ChangeAction::Add) => Action::Add,
            Some(ChangeAction::Remove) if old_one_stays == Some(true) => Action::Keep,
            Some(ChangeAction::Remove) => Action::Remove,
            Some(ChangeAction::Import) => Action::Import,
            // What depends on the outcome of another change is reported as `Dynamic`.
            _ => match change.replacement() {
                Some(Replacement::True) => Action::Replace,
                Some(Replacement::Conditional) => Action::MayReplace,
                _ => Action::Modify,
            },
        };
        Self {
            action,
            resource: inside(part, change.logical_resource_id().unwrap_or("?")),
            kind: change.resource_type().unwrap_or("?").to_owned(),
            old_one_stays,
        }
    }

    /// Which data would be lost, if any.
    fn warning(&self) -> Option<String> {
        let (_, what) = HOLDERS.iter().find(|(kind, _)| *kind == self.kind)?;
        let happens = match self.action {
            Action::Remove => "is removed",
            Action::Replace => "is replaced by an empty one",
            // CloudFormation updates a nested stack in place, even where the change set names a replacement.
            Action::MayReplace if self.kind == STACK => return None,
            Action::MayReplace => "may be replaced by an empty one",
            Action::Add | Action::Modify | Action::Keep | Action::Import => return None,
        };
        let old = match self.old_one_stays {
            Some(true) => "; the old one stays, outside the stack",
            Some(false) => "; the old one is deleted",
            None => "",
        };
        Some(format!(
            "{} holds {what}, and {happens}{old}",
            self.resource
        ))
    }
}

/// A line for each change, in columns.
pub(crate) fn table(changes: &[Change]) -> String {
    let width = |of: fn(&Change) -> usize| changes.iter().map(of).max().unwrap_or_default();
    let (words, names) = (
        width(|change| change.action.word().len()),
        width(|change| change.resource.len()),
    );
    let mut text = String::new();
    for Change {
        action,
        resource,
        kind,
        ..
    } in changes
    {
        let _ = writeln!(
            text,
            "    {:words$}  {resource:names$}  {kind}",
            action.word()
        );
    }
    text
}

/// How much changes, in one line.
pub(crate) fn summary(changes: &[Change]) -> String {
    let count = |actions: &[Action]| {
        let counted = changes
            .iter()
            .filter(|change| actions.contains(&change.action));
        counted.count()
    };
    let modified = count(&[Action::Modify, Action::MayReplace, Action::Replace]);
    let replaced = match (count(&[Action::Replace]), count(&[Action::MayReplace])) {
        (0, 0) => String::new(),
        (sure, 0) => format!(" ({sure} of them replaced)"),
        (0, maybe) => format!(" ({maybe} of them perhaps replaced)"),
        (sure, maybe) => format!(" ({sure} of them replaced, {maybe} perhaps)"),
    };
    format!(
        "{} to add, {modified} to modify{replaced}, {} to remove",
        count(&[Action::Add, Action::Import]),
        count(&[Action::Remove, Action::Keep])
    )
}

/// What the user should know before the question.
pub(crate) fn warnings(changes: &[Change]) -> Vec<String> {
    changes.iter().filter_map(Change::warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource_change(
        action: ChangeAction,
        resource: &str,
        kind: &str,
        replacement: Option<Replacement>,
        policy: Option<PolicyAction>,
    ) -> ResourceChange {
        ResourceChange::builder()
            .action(action)
            .logical_resource_id(resource)
            .resource_type(kind)
            .set_replacement(replacement)
            .set_policy_action(policy)
            .build()
    }

    fn changes() -> Vec<Change> {
        let modify = ChangeAction::Modify;
        [
            (
                "",
                resource_change(ChangeAction::Add, "Authorizer", STACK, None, None),
            ),
            (
                "",
                resource_change(
                    modify.clone(),
                    "ApiStage",
                    "AWS::ApiGateway::Stage",
                    Some(Replacement::False),
                    None,
                ),
            ),
            (
                "",
                resource_change(
                    modify.clone(),
                    "UserPool",
                    "AWS::Cognito::UserPool",
                    Some(Replacement::True),
                    Some(PolicyAction::ReplaceAndRetain),
                ),
            ),
            (
                "",
                resource_change(
                    modify,
                    "IdentityPool",
                    "AWS::Cognito::IdentityPool",
                    Some(Replacement::Conditional),
                    None,
                ),
            ),
            (
                "Ingestion",
                resource_change(
                    ChangeAction::Remove,
                    "UsersTable",
                    "AWS::DynamoDB::Table",
                    None,
                    Some(PolicyAction::Delete),
                ),
            ),
            (
                "",
                resource_change(
                    ChangeAction::Remove,
                    "Role",
                    "AWS::IAM::Role",
                    None,
                    Some(PolicyAction::Retain),
                ),
            ),
        ]
        .iter()
        .map(|(part, change)| Change::read(part, change))
        .collect()
    }

    #[test]
    fn shows_each_change_in_columns() {
        assert_eq!(
            table(&changes()),
            "    add          Authorizer            AWS::CloudFormation::Stack\n    \
                 modify       ApiStage              AWS::ApiGateway::Stage\n    \
                 REPLACE      UserPool              AWS::Cognito::UserPool\n    \
                 may replace  IdentityPool          AWS::Cognito::IdentityPool\n    \
                 REMOVE       Ingestion/UsersTable  AWS::DynamoDB::Table\n    \
                 keep         Role                  AWS::IAM::Role\n"
        );
    }

    #[test]
    fn sums_up_in_one_line() {
        assert_eq!(
            summary(&changes()),
            "1 to add, 3 to modify (1 of them replaced, 1 perhaps), 2 to remove"
        );
        assert_eq!(
            summary(&changes()[..2]),
            "1 to add, 1 to modify, 0 to remove"
        );
    }

    #[test]
    fn warns_only_of_resources_with_user_data() {
        assert_eq!(
            warnings(&changes()),
            [
                "UserPool holds user accounts, and is replaced by an empty one; the old one stays, outside the stack",
                "IdentityPool holds the identities of users, and may be replaced by an empty one",
                "Ingestion/UsersTable holds user data, and is removed; the old one is deleted",
            ]
        );
        assert!(warnings(&changes()[..2]).is_empty());
    }
}
