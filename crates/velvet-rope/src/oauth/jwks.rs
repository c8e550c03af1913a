//! The keys that a provider signs its tokens with, and the parts of a token that a signature covers
//! (RFC 7515, RFC 7517). Only RS256 is accepted, whatever a token or a key says of itself.

use serde_json::Value;
use thiserror::Error;

use super::encoding::from_base64url;
use super::id_token::IdTokenError;
use super::tokens::IdToken;
use crate::host::RsaKey;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;

/// A key of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name, which the header of a token gives.
    pub kid: String,
    /// The key itself.
    pub key: RsaKey,
}

/// The answer holds no key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the key set could not be read: status {status}")]
pub struct JwksError {
    /// The status code.
    pub status: u16,
}

/// Asks for the key set.
#[must_use]
pub fn jwks_request(url: &str) -> HttpRequest {
    HttpRequest::new(Method::Get, url)
}

/// Reads a key set. Keys of other kinds and for other purposes are left out.
///
/// # Errors
/// [`JwksError`] when it is none.
pub fn parse_jwks(response: &HttpResponse) -> Result<Vec<SigningKey>, JwksError> {
    json::object(&response.body)
        .filter(|_| response.is_success())
        .and_then(|set| read_keys(&set))
        .ok_or(JwksError {
            status: response.status,
        })
}

/// Reads the keys in a JSON Web Key Set.
#[must_use]
pub fn read_keys(set: &Value) -> Option<Vec<SigningKey>> {
    let keys = set.get("keys")?.as_array()?;
    Some(keys.iter().filter_map(read_key).collect())
}

fn read_key(key: &Value) -> Option<SigningKey> {
    let is = |name, expected| json::text(key, name).is_none_or(|found: String| found == expected);
    let fits =
        json::text(key, "kty").as_deref() == Some("RSA") && is("use", "sig") && is("alg", "RS256");
    fits.then_some(SigningKey {
        kid: json::text(key, "kid")?,
        key: RsaKey {
            modulus: json::text(key, "n")?,
            exponent: json::text(key, "e")?,
        },
    })
}

/// What a signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The name of the key.
    pub kid: String,
    /// Header and payload as they stand in the token.
    pub message: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Takes a token apart for the check of its signature.
///
/// # Errors
/// [`IdTokenError`] when it is not signed with RS256, or does not name its key.
pub fn signed_parts(id_token: &IdToken) -> Result<Signed<'_>, IdTokenError> {
    let malformed = IdTokenError::Malformed;
    let (message, signature) = id_token
        .secret()
        .rsplit_once('.')
        .ok_or(malformed("it does not have three parts"))?;
    let header = message.split('.').next().unwrap_or_default();
    let header: Option<Value> = from_base64url(header).and_then(|bytes| json::bytes(&bytes));
    let header = header.ok_or(malformed("its header is not JSON"))?;
    let algorithm = json::text(&header, "alg").unwrap_or_default();
    if algorithm != "RS256" {
        return Err(IdTokenError::Algorithm(
            algorithm.chars().take(20).collect(),
        ));
    }
    Ok(Signed {
        kid: json::text(&header, "kid").ok_or(malformed("its header names no key"))?,
        message,
        signature: from_base64url(signature).ok_or(malformed("its signature is not base64url"))?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::oauth::encoding::base64url;

    fn response(body: &str) -> HttpResponse {
        HttpResponse {
            status: 200,
            headers: vec![],
            body: body.to_owned(),
            elapsed: Duration::ZERO,
        }
    }

    fn token(header: &str) -> IdToken {
        IdToken::new(format!("{}.e30.AQI", base64url(header.as_bytes())))
    }

    #[test]
    fn reads_the_rsa_signing_keys_and_leaves_out_the_others() {
        let body = r#"{"keys":[{"kty":"RSA","kid":"1","n":"AA","e":"AQAB","alg":"RS256","use":"sig"},
            {"kty":"RSA","kid":"2","n":"BB","e":"AQAB"},
            {"kty":"RSA","kid":"3","n":"CC","e":"AQAB","use":"enc"},
            {"kty":"RSA","kid":"4","n":"CC","e":"AQAB","alg":"RS512"},
            {"kty":"EC","kid":"5","crv":"P-256"}, 7, {"kty":"RSA"}]}"#;
        let keys = parse_jwks(&response(body)).unwrap();
        let kids: Vec<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(kids, ["1", "2"]);
        assert_eq!(keys[0].key.modulus, "AA");
        assert_eq!(parse_jwks(&response("{}")), Err(JwksError { status: 200 }));
    }

    #[test]
    fn takes_a_token_apart() {
        let token = token(r#"{"alg":"RS256","kid":"1"}"#);
        let signed = signed_parts(&token).unwrap();
        assert_eq!((signed.kid.as_str(), signed.signature), ("1", vec![1, 2]));
        assert_eq!(
            signed.message.split_once('.').map(|(_, payload)| payload),
            Some("e30")
        );
    }

    #[test]
    fn refuses_every_other_algorithm() {
        for algorithm in ["none", "HS256", "RS512", "ES256", ""] {
            let header = format!(r#"{{"alg":"{algorithm}","kid":"1"}}"#);
            let expected = IdTokenError::Algorithm(algorithm.to_owned());
            assert_eq!(signed_parts(&token(&header)), Err(expected));
        }
        assert!(matches!(
            signed_parts(&token(r#"{"alg":"RS256"}"#)),
            Err(IdTokenError::Malformed(_))
        ));
    }

    proptest! {
        #[test]
        fn never_panics_on_any_set_or_token(body in ".{0,200}", header in ".{0,80}") {
            let _ = parse_jwks(&response(&body));
            let _ = parse_jwks(&response(&format!(r#"{{"keys":[{body}]}}"#)));
            let _ = signed_parts(&token(&header));
            let _ = signed_parts(&IdToken::new(body));
        }
    }
}
