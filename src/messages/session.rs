//! Words for what is known of a session and for what happens to it. Tokens and keys are never among them.

use super::time::{Clock, clock_error, due, span};
use super::{Message, MessageContext, SuggestedAction, describe};
use velvet_rope::{
    AuthError, EventKind, SessionInfo, SessionPolicy, SignedOutReason, StorageKind, Timestamp,
    TransportError,
};

/// What is known of a session, with what it takes to put it into words.
pub(crate) struct Known<'a> {
    pub(crate) facts: &'a SessionInfo,
    pub(crate) issuer: &'a str,
    pub(crate) policy: SessionPolicy,
    /// How many tabs share the session; zero when the browser does not tell.
    pub(crate) tabs: usize,
    /// What has to be added to this device's clock.
    pub(crate) offset_seconds: i64,
    pub(crate) now: Timestamp,
    pub(crate) clock: Clock,
}

/// One thing that is known: what it is called, and what it is.
pub(crate) type Fact = (&'static str, fn(&Known<'_>) -> String);

/// Who is signed in.
pub(crate) const PERSON: &[Fact] = &[
    ("Name", |known| known.facts.user.name.clone()),
    ("E-mail", |known| {
        or(known.facts.user.email.as_ref(), "none")
    }),
    ("User id", |known| known.facts.user.sub.clone()),
    ("Groups", groups),
    ("Identity id", |known| {
        or(
            known.facts.identity_id.as_ref(),
            "not known before the first signed call",
        )
    }),
];

/// How long things last. These change all the time.
pub(crate) const LIFETIMES: &[Fact] = &[
    ("Signed in since", |known| known.due(known.facts.since)),
    ("Tokens expire", |known| known.due(known.facts.expires)),
    ("Next renewal", |known| match known.facts.renews_at {
        Some(at) => known.due(at),
        None => "none: there is no refresh token".to_owned(),
    }),
    ("AWS credentials expire", |known| {
        match known.facts.credentials_expire {
            Some(at) => known.due(at),
            None => "none yet: the first signed call brings them".to_owned(),
        }
    }),
];

/// How the session is kept.
pub(crate) const KEEPING: &[Fact] = &[
    ("Tokens", |_| "hidden".to_owned()),
    ("Kept in", kept_in),
    ("Ends when unused", |known| match known.policy.idle_limit {
        Some(limit) => "after ".to_owned() + &span(limit.as_secs()),
        None => "never".to_owned(),
    }),
    ("Last renewed by", |known| {
        let tab = if known.facts.renewed_here {
            "this tab"
        } else {
            "another tab, or before this page was loaded"
        };
        tab.to_owned()
    }),
    ("Tabs with this session", |known| match known.tabs {
        0 => "not known in this browser".to_owned(),
        1 => "1, this one".to_owned(),
        count => count.to_string() + ", this one among them",
    }),
    ("Refresh token rotation", |known| {
        let rotates = match known.facts.rotates {
            Some(true) => "on: each renewal replaces the refresh token",
            Some(false) => "off: the refresh token stays the same",
            None => "not known before the first renewal",
        };
        rotates.to_owned()
    }),
    ("Clock of this device", |known| {
        clock_error(known.offset_seconds).unwrap_or_else(|| match known.offset_seconds {
            0 => "right".to_owned(),
            offset => ["off by ", &span(offset.unsigned_abs())].concat(),
        })
    }),
];

impl Known<'_> {
    fn due(&self, at: Timestamp) -> String {
        due(at, self.now, self.clock)
    }
}

fn or(text: Option<&String>, otherwise: &str) -> String {
    text.map_or(otherwise, String::as_str).to_owned()
}

/// Without the groups that Cognito makes for the users of each identity provider, `{user pool}_{provider}`.
fn groups(known: &Known<'_>) -> String {
    let pool = known.issuer.rsplit('/').next().unwrap_or_default();
    let of_provider = |group: &str| {
        let rest = group.strip_prefix(pool);
        !pool.is_empty() && rest.is_some_and(|rest| rest.starts_with('_'))
    };
    let groups: Vec<&str> = known.facts.groups.iter().map(String::as_str).collect();
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

fn kept_in(known: &Known<'_>) -> String {
    let place = match known.policy.storage {
        StorageKind::Session => "this tab: it survives a reload",
        StorageKind::Local => "this browser: it survives a restart",
        StorageKind::Memory => "memory: nothing is written down",
    };
    place.to_owned()
}

/// A claim's value; one that is a time is shown as such, too.
pub(crate) fn describe_claim(name: &str, value: &str, clock: Clock) -> String {
    let time = ["exp", "iat", "nbf", "auth_time"].contains(&name);
    match value.parse() {
        Ok(seconds) if time => [value, " (", &clock(Timestamp(seconds)), ")"].concat(),
        _ => value.to_owned(),
    }
}

/// The name of a role and what surrounds it: the last part of its ARN.
pub(crate) fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Something that happened, in words.
pub(crate) fn describe_event(kind: &EventKind, setting: &MessageContext, clock: Clock) -> String {
    let until = |what: &str, time: Timestamp| [what, ", valid until ", &clock(time)].concat();
    match kind {
        EventKind::SignedIn(user) => ["Signed in as ", &user.name].concat(),
        EventKind::SignedOut(reason) => describe_end(reason, setting),
        EventKind::TokenRenewed {
            here: true,
            expires,
        } => until("New tokens", *expires),
        EventKind::TokenRenewed {
            here: false,
            expires,
        } => until("New tokens from another tab", *expires),
        EventKind::RenewalFailed { error, retry_at } => {
            let title = describe(error, setting).title;
            let next = match retry_at {
                Some(at) => [". Next try at ", &clock(*at)].concat(),
                None => ". It is not tried again".to_owned(),
            };
            ["Renewal failed: ", &title, &next].concat()
        }
        EventKind::CredentialsRenewed { expiration } => until("New AWS credentials", *expiration),
        EventKind::RoleChanged(Some(role)) => ["Role chosen: ", role_name(role)].concat(),
        EventKind::RoleChanged(None) => "The identity pool chooses the role".to_owned(),
        EventKind::ClockCorrected { offset_seconds: 0 } => {
            "This device's clock is right".to_owned()
        }
        EventKind::ClockCorrected { offset_seconds } => {
            let direction = if *offset_seconds > 0 {
                " behind"
            } else {
                " ahead"
            };
            [
                "This device's clock is ",
                &span(offset_seconds.unsigned_abs()),
                direction,
            ]
            .concat()
        }
        EventKind::NewerRelease => {
            "Another tab uses a newer version of this site; reload this page to load it".to_owned()
        }
        EventKind::SessionExpiring { at } => ["The session ends at ", &clock(*at)].concat(),
    }
}

fn describe_end(reason: &SignedOutReason, setting: &MessageContext) -> String {
    let why = match reason {
        SignedOutReason::NotSignedIn | SignedOutReason::SignedOut => {
            return "Signed out".to_owned();
        }
        SignedOutReason::Expired => "the session came to its end",
        SignedOutReason::RenewalLost => "the answer to the last renewal got lost",
        SignedOutReason::Idle => "nobody used the page",
        SignedOutReason::Failed(error) => &describe(error, setting).title,
    };
    ["Signed out: ", why].concat()
}

/// Something that failed while somebody is signed in and stays so, in words.
pub(crate) fn describe_renewal_error(error: &AuthError, setting: &MessageContext) -> Message {
    match error {
        AuthError::Transport {
            source: TransportError::Offline,
            ..
        } => Message::new(
            "You are offline",
            "You stay signed in. Your session is renewed when the network is back.",
            SuggestedAction::Retry,
        ),
        error if error.is_retryable() => Message::new(
            "Your session could not be renewed",
            [
                "You stay signed in, and it is tried again. ",
                &describe(error, setting).title,
                ".",
            ]
            .concat(),
            SuggestedAction::Retry,
        ),
        error => describe(error, setting),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use velvet_rope::{Step, User, parse_config};

    fn setting() -> MessageContext {
        let config = parse_config(include_str!("../../public/config.example.json")).unwrap();
        MessageContext::new(&config, "https://app.example.com")
    }

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

    fn known(facts: &SessionInfo) -> Known<'_> {
        Known {
            facts,
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

    fn value(facts: &SessionInfo, name: &str) -> String {
        let rows = [PERSON, LIFETIMES, KEEPING].concat();
        let (_, read) = rows.into_iter().find(|(known, _)| *known == name).unwrap();
        read(&known(facts))
    }

    #[test]
    fn every_fact_has_words() {
        let facts = session_info();
        for (name, expected) in [
            ("Name", "Ada"),
            ("E-mail", "none"),
            ("Groups", "eu-west-1_b, staff"),
            ("Signed in since", "40, 1 min ago"),
            ("Tokens expire", "160, in 1 min"),
            ("Next renewal", "100, now"),
            ("Tokens", "hidden"),
            ("Kept in", "memory: nothing is written down"),
            ("Ends when unused", "after 15 min"),
            (
                "Last renewed by",
                "another tab, or before this page was loaded",
            ),
            ("Tabs with this session", "2, this one among them"),
            (
                "Refresh token rotation",
                "not known before the first renewal",
            ),
            ("Clock of this device", "1 h behind"),
        ] {
            assert_eq!(value(&facts, name), expected, "{name}");
        }
    }

    #[test]
    fn a_user_in_the_groups_of_identity_providers_alone_is_in_none() {
        let facts = SessionInfo {
            groups: vec!["eu-west-1_a_Google".into()],
            ..session_info()
        };
        assert_eq!(value(&facts, "Groups"), "none");
    }

    #[test]
    fn claims_that_are_times_are_shown_as_such() {
        assert_eq!(describe_claim("exp", "170", clock), "170 (170)");
        assert_eq!(describe_claim("sub", "170", clock), "170");
        assert_eq!(describe_claim("exp", "soon", clock), "soon");
    }

    #[test]
    fn events_say_what_happened_and_until_when_it_holds() {
        let words = |kind| describe_event(&kind, &setting(), clock);
        let renewed = |here| EventKind::TokenRenewed {
            here,
            expires: Timestamp(9),
        };
        assert_eq!(words(renewed(true)), "New tokens, valid until 9");
        assert_eq!(
            words(renewed(false)),
            "New tokens from another tab, valid until 9"
        );
        assert_eq!(
            words(EventKind::RenewalFailed {
                error: AuthError::OtherTabSilent,
                retry_at: Some(Timestamp(7)),
            }),
            "Renewal failed: Another tab has your session. Next try at 7"
        );
        assert_eq!(
            words(EventKind::RoleChanged(Some(
                "arn:aws:iam::1:role/a/reader".into()
            ))),
            "Role chosen: reader"
        );
        let corrected = EventKind::ClockCorrected {
            offset_seconds: -60,
        };
        assert_eq!(words(corrected), "This device's clock is 1 min ahead");
        assert_eq!(
            words(EventKind::SignedOut(SignedOutReason::Idle)),
            "Signed out: nobody used the page"
        );
    }

    #[test]
    fn a_failed_renewal_offers_the_way_out_that_there_is() {
        let renewal_error = |source| {
            let during = Step::TokenEndpoint;
            describe_renewal_error(&AuthError::Transport { during, source }, &setting())
        };
        let offline = renewal_error(TransportError::Offline);
        assert_eq!(offline.title, "You are offline");
        let unreachable = renewal_error(TransportError::Unreachable { host: "a".into() });
        assert_eq!(unreachable.title, "Your session could not be renewed");
        assert_eq!(unreachable.suggested_action, SuggestedAction::Retry);
        assert_eq!(unreachable.fix, None);
        let lost = describe_renewal_error(&AuthError::RenewalUncertain, &setting());
        assert_eq!(lost.suggested_action, SuggestedAction::SignIn);
    }
}
