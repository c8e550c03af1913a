//! What the provider was asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A kind of request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// The discovery document (OpenID Connect Discovery 1.0, section 4).
    Discovery,
    /// The authorization endpoint: to sign in, with or without a page.
    Authorization,
    /// The token endpoint, whatever the grant.
    Token,
    /// The token endpoint: tokens for a code (RFC 6749, section 4.1.3).
    Code,
    /// The token endpoint: tokens for a refresh token (RFC 6749, section 6).
    Refresh,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The keys that tokens are signed with.
    Keys,
    /// The userinfo endpoint (OpenID Connect Core 1.0, section 5.3).
    UserInfo,
    /// The end session endpoint (OpenID Connect RP-Initiated Logout 1.0).
    EndSession,
}

impl RequestKind {
    /// What the script calls the endpoint.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Authorization => "authorization",
            Self::Token | Self::Code | Self::Refresh => "token",
            Self::Revocation => "revocation",
            Self::Keys => "jwks",
            Self::UserInfo => "userinfo",
            Self::EndSession => "end_session",
        }
    }

    /// The grant that makes out this kind of request, if it is one.
    pub(super) fn grant_type(self) -> Option<&'static str> {
        match self {
            Self::Code => Some("authorization_code"),
            Self::Refresh => Some("refresh_token"),
            _ => None,
        }
    }

    pub(super) fn matches(self, seen: &RecordedRequest) -> bool {
        let grant_type = self.grant_type();
        seen.endpoint == self.endpoint()
            && (grant_type.is_none() || seen.parameter("grant_type") == grant_type)
    }
}

/// A request that came to the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// What the script calls the endpoint.
    endpoint: String,
    method: String,
    /// When it came, in milliseconds since 1970.
    pub at: u64,
    /// What it said in query and form. Secrets are there by their hash.
    parameters: BTreeMap<String, String>,
    /// What the script calls the fault that it met, if any.
    pub fault: Option<String>,
    /// Whether the provider itself decided on it, so that a code or a refresh token is spent.
    pub processed: bool,
    /// What was decided: `ok`, an error code of OAuth, `http` and a status, `lost` when nothing was, and `pending`
    /// until then.
    pub outcome: String,
    /// The hash of the issued refresh token, if any, delivered or not.
    pub issued_refresh_token: Option<String>,
    /// Whether the answer was sent to the end.
    pub delivered: bool,
}

impl RecordedRequest {
    /// Whether it was granted.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.outcome == "ok"
    }

    /// Whether nothing was decided yet, as while it is held.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.outcome == "pending"
    }

    /// What it said, such as its `prompt` or its `scope`. Secrets are hashed: two are equal when their hashes are.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    pub(super) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS"
    }
}

/// The hashes of the refresh tokens that came more than once.
#[must_use]
pub fn sent_twice(seen: &[RecordedRequest]) -> BTreeSet<&str> {
    let mut once = BTreeSet::new();
    seen.iter()
        .filter_map(|seen| seen.parameter("refresh_token"))
        .filter(|token| !once.insert(*token))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(grant_type: &str, token: &str) -> RecordedRequest {
        let parameters = json!({ "grant_type": grant_type, "refresh_token": token });
        serde_json::from_value(json!({
            "endpoint": "token", "method": "POST", "at": 0, "parameters": parameters, "fault": null,
            "processed": true, "outcome": "ok", "issued_refresh_token": null, "delivered": true,
        }))
        .unwrap()
    }

    #[test]
    fn the_grants_of_the_token_endpoint_are_told_apart() {
        let refresh = seen("refresh_token", "a");
        assert!(RequestKind::Token.matches(&refresh));
        assert!(RequestKind::Refresh.matches(&refresh));
        assert!(!RequestKind::Code.matches(&refresh));
        assert!(!RequestKind::Revocation.matches(&refresh));
    }

    #[test]
    fn a_token_that_came_twice_is_named_and_one_that_came_once_is_not() {
        let seen = ["a", "b", "a"].map(|token| seen("refresh_token", token));
        assert_eq!(sent_twice(&seen), BTreeSet::from(["a"]));
        assert!(sent_twice(&seen[..2]).is_empty());
    }
}
