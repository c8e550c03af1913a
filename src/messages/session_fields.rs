//! The values of the session page. Tokens and keys are never among them.

use super::time::{Clock, clock_error, due, span};
use velvet_rope::{SessionInfo, SessionPolicy, StorageKind, Timestamp};

/// What the values of the session page are read from.
pub(crate) struct FieldContext<'a> {
    pub(crate) session: &'a SessionInfo,
    pub(crate) issuer: &'a str,
    pub(crate) policy: SessionPolicy,
    /// How many tabs share the session; zero if the browser cannot count them.
    pub(crate) tabs: usize,
    /// The seconds to add to this device's clock.
    pub(crate) offset_seconds: i64,
    pub(crate) now: Timestamp,
    pub(crate) clock: Clock,
}

/// A value of the session page: its name, and how to read it.
pub(crate) type Field = (&'static str, fn(&FieldContext<'_>) -> String);

/// The signed-in user.
pub(crate) const USER_FIELDS: &[Field] = &[
    ("Name", |context| context.session.user.name.clone()),
    ("E-mail", |context| {
        or(context.session.user.email.as_ref(), "none")
    }),
    ("User id", |context| context.session.user.sub.clone()),
    ("Groups", groups),
    ("Identity id", |context| {
        or(
            context.session.identity_id.as_ref(),
            "unknown until the first signed call",
        )
    }),
];

/// The lifetimes. These values change every second.
pub(crate) const LIFETIME_FIELDS: &[Field] = &[
    ("Signed in since", |context| {
        context.due(context.session.since)
    }),
    ("Tokens expire", |context| {
        context.due(context.session.expires)
    }),
    ("Next renewal", |context| match context.session.renews_at {
        Some(at) => context.due(at),
        None => "none: there is no refresh token".to_owned(),
    }),
    ("AWS credentials expire", |context| {
        match context.session.credentials_expire {
            Some(at) => context.due(at),
            None => "none yet: the first signed call fetches them".to_owned(),
        }
    }),
];

/// How the session is stored and renewed.
pub(crate) const STORAGE_FIELDS: &[Field] = &[
    ("Tokens", |_| "hidden".to_owned()),
    ("Stored in", stored_in),
    ("Ends when unused", |context| {
        match context.policy.idle_limit {
            Some(limit) => "after ".to_owned() + &span(limit.as_secs()),
            None => "never".to_owned(),
        }
    }),
    ("Tokens fetched by", |context| {
        let tab = if context.session.renewed_here {
            "this tab"
        } else {
            "another tab, or this tab before it was reloaded"
        };
        tab.to_owned()
    }),
    ("Tabs with this session", |context| match context.tabs {
        0 => "unknown in this browser".to_owned(),
        1 => "1, this one".to_owned(),
        count => count.to_string() + ", including this one",
    }),
    ("Refresh token rotation", |context| {
        let rotates = match context.session.rotates {
            Some(true) => "on: each renewal replaces the refresh token",
            Some(false) => "off: the refresh token stays the same",
            None => "unknown until the first renewal",
        };
        rotates.to_owned()
    }),
    ("Clock of this device", |context| {
        clock_error(context.offset_seconds).unwrap_or_else(|| match context.offset_seconds {
            0 => "correct".to_owned(),
            offset => ["off by ", &span(offset.unsigned_abs())].concat(),
        })
    }),
];

impl FieldContext<'_> {
    fn due(&self, at: Timestamp) -> String {
        due(at, self.now, self.clock)
    }
}

fn or(text: Option<&String>, otherwise: &str) -> String {
    text.map_or(otherwise, String::as_str).to_owned()
}

/// Without the groups that Cognito creates for the users of each identity provider, `{user pool}_{provider}`.
fn groups(context: &FieldContext<'_>) -> String {
    let pool = context.issuer.rsplit('/').next().unwrap_or_default();
    let of_provider = |group: &str| {
        let rest = group.strip_prefix(pool);
        !pool.is_empty() && rest.is_some_and(|rest| rest.starts_with('_'))
    };
    let groups: Vec<&str> = context.session.groups.iter().map(String::as_str).collect();
    let groups: Vec<&str> = groups
        .into_iter()
        .filter(|group| !of_provider(group))
        .collect();
    if groups.is_empty() {
        "none".to_owned()
    } else {
        groups.join(", ")
    }
}

fn stored_in(context: &FieldContext<'_>) -> String {
    let place = match context.policy.storage {
        StorageKind::Session => "this tab: it survives a reload",
        StorageKind::Local => "this browser: it survives a restart",
        StorageKind::Memory => "memory: nothing is stored",
    };
    place.to_owned()
}

/// The value of a claim; if it is a time, with the time in this device's time zone.
pub(crate) fn describe_claim(name: &str, value: &str, clock: Clock) -> String {
    let time = ["exp", "iat", "nbf", "auth_time"].contains(&name);
    match value.parse() {
        Ok(seconds) if time => [value, " (", &clock(Timestamp(seconds)), ")"].concat(),
        _ => value.to_owned(),
    }
}

/// The name of a role: the last part of its ARN.
pub(crate) fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use velvet_rope::User;

    fn clock(time: Timestamp) -> String {
        time.0.to_string()
    }

    fn session_info() -> SessionInfo {
        SessionInfo {
            user: User {
                sub: "1-2".into(),
                name: "Ada".into(),
                email: None,
            },
            claims: Vec::new(),
            groups: ["eu-west-1_a_Google", "eu-west-1_b", "staff"]
                .map(str::to_owned)
                .into(),
            roles: Vec::new(),
            role: None,
            preferred_role: None,
            identity_id: None,
            since: Timestamp(40),
            expires: Timestamp(160),
            renews_at: Some(Timestamp(100)),
            renewed_here: false,
            rotates: None,
            credentials_expire: None,
        }
    }

    fn context(session: &SessionInfo) -> FieldContext<'_> {
        FieldContext {
            session,
            issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a",
            policy: SessionPolicy {
                storage: StorageKind::Memory,
                idle_limit: Some(Duration::from_mins(15)),
            },
            tabs: 2,
            offset_seconds: 3_600,
            now: Timestamp(100),
            clock,
        }
    }

    fn value(session: &SessionInfo, name: &str) -> String {
        let rows = [USER_FIELDS, LIFETIME_FIELDS, STORAGE_FIELDS].concat();
        let (_, read) = rows.into_iter().find(|(field, _)| *field == name).unwrap();
        read(&context(session))
    }

    #[test]
    fn every_field_has_a_value() {
        let session = session_info();
        for (name, expected) in [
            ("Name", "Ada"),
            ("E-mail", "none"),
            ("Groups", "eu-west-1_b, staff"),
            ("Signed in since", "40, 1 min ago"),
            ("Tokens expire", "160, in 1 min"),
            ("Next renewal", "100, now"),
            ("Tokens", "hidden"),
            ("Stored in", "memory: nothing is stored"),
            ("Ends when unused", "after 15 min"),
            (
                "Tokens fetched by",
                "another tab, or this tab before it was reloaded",
            ),
            ("Tabs with this session", "2, including this one"),
            ("Refresh token rotation", "unknown until the first renewal"),
            ("Clock of this device", "1 h behind"),
        ] {
            assert_eq!(value(&session, name), expected, "{name}");
        }
    }

    #[test]
    fn groups_of_identity_providers_are_left_out() {
        let session = SessionInfo {
            groups: vec!["eu-west-1_a_Google".into()],
            ..session_info()
        };
        assert_eq!(value(&session, "Groups"), "none");
    }

    #[test]
    fn claims_that_are_times_are_shown_as_times() {
        assert_eq!(describe_claim("exp", "170", clock), "170 (170)");
        assert_eq!(describe_claim("sub", "170", clock), "170");
        assert_eq!(describe_claim("exp", "soon", clock), "soon");
    }
}
