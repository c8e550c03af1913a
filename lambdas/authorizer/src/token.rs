//! A signed JWT in compact form (RFC 7515 section 7.1), and its claims once the signature is checked.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    key::{Algorithm, Key},
    reason::Reason,
    settings::Issuer,
    time::Timestamp,
};

/// How far the clock of an issuer may be ahead of this one. A token that has expired has expired.
const AHEAD_SECONDS: u64 = 60;

/// A token as it came, believed in nothing but in whom to ask about it.
pub(crate) struct UnverifiedToken<'a> {
    algorithm: Algorithm,
    key_id: String,
    /// What was signed (`JWS Signing Input`).
    message: &'a [u8],
    signature: Vec<u8>,
    claims: Claims,
}

/// The claims of a token whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims(Map<String, Value>);

/// Whose token it is and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer<'a> {
    pub(crate) subject: &'a str,
    pub(crate) scopes: Vec<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) issuer: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Reason> {
        let (message, signature) = text.rsplit_once('.').ok_or(Reason::Format)?;
        let (header, claims) = message.split_once('.').ok_or(Reason::Format)?;
        let header = object(header)?;
        let claims = object(claims)?;
        let signature = BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| Reason::Format)?;
        if header.contains_key("crit") {
            return Err(Reason::Extension);
        }
        let member = |name| header.get(name).and_then(Value::as_str);
        Ok(Self {
            algorithm: member("alg")
                .and_then(Algorithm::read)
                .ok_or(Reason::Algorithm)?,
            key_id: member("kid").ok_or(Reason::NoKeyId)?.to_owned(),
            message: message.as_bytes(),
            signature,
            claims: Claims(claims),
        })
    }

    /// Who claims to have issued it.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// The key that it claims to be signed with.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the signature.
    pub(crate) fn verify(self, key: &Key) -> Result<Claims, Reason> {
        if self.algorithm != key.algorithm() {
            return Err(Reason::Algorithm);
        }
        if !key.verifies(self.message, &self.signature) {
            return Err(Reason::Signature);
        }
        Ok(self.claims)
    }
}

impl Claims {
    /// Checks that the token is an access token of `issuer`, for this API, and that it holds `now`.
    pub(crate) fn check(&self, issuer: &Issuer, now: Timestamp) -> Result<Bearer<'_>, Reason> {
        if self.time("exp").is_none_or(|expires| expires <= now) {
            return Err(Reason::Expired);
        }
        let early = |starts| starts > now.plus_seconds(AHEAD_SECONDS);
        if self.0.contains_key("nbf") && self.time("nbf").is_none_or(early) {
            return Err(Reason::NotYetValid);
        }
        if !issuer.audiences.is_empty() && !self.is_for(&issuer.audiences) {
            return Err(Reason::Audience);
        }
        let client = self.text("client_id");
        if !issuer.client_ids.is_empty()
            && !issuer
                .client_ids
                .iter()
                .any(|id| client == Some(id.as_str()))
        {
            return Err(Reason::Client);
        }
        // Cognito's word for what a token is for; others do not have the claim.
        if self.0.contains_key("token_use") && self.text("token_use") != Some("access") {
            return Err(Reason::TokenUse);
        }
        Ok(Bearer {
            subject: self
                .text("sub")
                .filter(|subject| !subject.is_empty())
                .ok_or(Reason::Subject)?,
            scopes: self.scopes(),
            email: self.text("email"),
            issuer: self.text("iss").ok_or(Reason::Issuer)?,
        })
    }

    /// Whether `aud`, one or a list (RFC 7519 section 4.1.3), names one of `audiences`.
    fn is_for(&self, audiences: &[String]) -> bool {
        let named = |value: &Value| audiences.iter().any(|audience| value == audience.as_str());
        match self.0.get("aud") {
            Some(Value::Array(values)) => values.iter().any(named),
            Some(value) => named(value),
            None => false,
        }
    }

    /// The scopes, as one text (RFC 9068 section 2.2.3) or as a list, which some issuers write.
    fn scopes(&self) -> Vec<&str> {
        match self.0.get("scope") {
            Some(Value::String(text)) => text.split_ascii_whitespace().collect(),
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        self.0.get(name).and_then(Timestamp::read)
    }
}

/// The JSON object in one part of a token.
fn object(part: &str) -> Result<Map<String, Value>, Reason> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Reason::Format)?;
    serde_json::from_slice(&bytes).map_err(|_| Reason::Format)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::KeysAddress;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn issuer() -> Issuer {
        Issuer {
            name: "https://issuer.example".to_owned(),
            keys: KeysAddress::Jwks("https://issuer.example/keys".to_owned()),
            audiences: vec!["https://api.example".to_owned()],
            client_ids: vec!["client-1".to_owned()],
        }
    }

    fn good() -> Value {
        json!({
            "iss": "https://issuer.example", "sub": "user-1", "exp": NOW.0 + 1,
            "aud": ["https://other.example", "https://api.example"], "client_id": "client-1",
            "scope": "openid email", "email": "user@example.com"
        })
    }

    fn checked(claims: &Value) -> Result<(), Reason> {
        let claims = Claims(claims.as_object().unwrap().clone());
        claims.check(&issuer(), NOW).map(drop)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    fn encoded(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    fn parsed(text: &str) -> Result<(), Reason> {
        UnverifiedToken::parse(text).map(drop)
    }

    #[test]
    fn says_whose_token_it_is_and_what_it_opens() {
        let claims = Claims(good().as_object().unwrap().clone());
        let bearer = Bearer {
            subject: "user-1",
            scopes: vec!["openid", "email"],
            email: Some("user@example.com"),
            issuer: "https://issuer.example",
        };
        assert_eq!(claims.check(&issuer(), NOW), Ok(bearer));
    }

    #[test]
    fn a_token_expires_in_the_second_that_it_names() {
        assert_eq!(checked(&with("exp", json!(NOW.0 + 1))), Ok(()));
        for exp in [json!(NOW.0), json!(0), json!("9999999999"), json!(null)] {
            assert_eq!(checked(&with("exp", exp)), Err(Reason::Expired));
        }
    }

    #[test]
    fn a_token_may_begin_a_minute_ahead_of_this_clock() {
        assert_eq!(checked(&with("nbf", json!(NOW.0 + 60))), Ok(()));
        for nbf in [json!(NOW.0 + 61), json!("soon")] {
            assert_eq!(checked(&with("nbf", nbf)), Err(Reason::NotYetValid));
        }
    }

    #[test]
    fn the_audience_may_be_one_or_a_list() {
        assert_eq!(checked(&with("aud", json!("https://api.example"))), Ok(()));
        for aud in [
            json!("https://other.example"),
            json!([]),
            json!([1]),
            json!(null),
        ] {
            assert_eq!(checked(&with("aud", aud)), Err(Reason::Audience));
        }
    }

    #[test]
    fn a_token_of_another_client_is_refused() {
        for client in [json!("client-2"), json!(["client-1"]), json!(null)] {
            assert_eq!(checked(&with("client_id", client)), Err(Reason::Client));
        }
    }

    #[test]
    fn an_id_token_is_no_access_token() {
        assert_eq!(checked(&with("token_use", json!("access"))), Ok(()));
        for token_use in [json!("id"), json!(true)] {
            assert_eq!(
                checked(&with("token_use", token_use)),
                Err(Reason::TokenUse)
            );
        }
    }

    #[test]
    fn a_token_without_a_subject_is_nobodys() {
        for sub in [json!(""), json!(null), json!(7)] {
            assert_eq!(checked(&with("sub", sub)), Err(Reason::Subject));
        }
    }

    #[test]
    fn scopes_may_also_be_a_list_or_missing() {
        let scopes = |scope: Value| {
            let claims = Claims(with("scope", scope).as_object().unwrap().clone());
            claims.scopes().join("+")
        };
        assert_eq!(scopes(json!(["openid", 1, "email"])), "openid+email");
        assert_eq!(scopes(json!(null)), "");
    }

    #[test]
    fn takes_apart_only_what_has_three_parts_of_the_right_kind() {
        let header = json!({ "alg": "RS256", "kid": "one" });
        assert_eq!(parsed(&encoded(&header, &good())), Ok(()));
        for text in [
            "",
            ".",
            "..",
            "a.b.c",
            "e30.e30",
            "e30.e30.e30.e30",
            "e30.W10.",
            "e30.e30.!",
        ] {
            assert_eq!(parsed(text), Err(Reason::Format), "{text}");
        }
    }

    #[test]
    fn refuses_other_algorithms_and_unknown_extensions() {
        for alg in [json!("none"), json!("HS256"), json!("rs256"), json!(null)] {
            let header = json!({ "alg": alg, "kid": "one" });
            assert_eq!(parsed(&encoded(&header, &good())), Err(Reason::Algorithm));
        }
        let header = json!({ "alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false });
        assert_eq!(parsed(&encoded(&header, &good())), Err(Reason::Extension));
        let header = json!({ "alg": "RS256" });
        assert_eq!(parsed(&encoded(&header, &good())), Err(Reason::NoKeyId));
    }
}
