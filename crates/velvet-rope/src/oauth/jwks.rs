//! The keys that a provider signs its tokens with, and the parts of a token that a signature covers
//! (RFC 7515, RFC 7517). Only RS256 is accepted, whatever a token or a key says of itself.
//!
//! A token that chose its own algorithm could choose `none`, or HS256 with the public key as secret (RFC 8725, section
//! 2.1). Cognito signs with RS256, and every OpenID Connect provider must support it (OpenID Connect Core, section
//! 15.1).

use serde_json::Value;
use thiserror::Error;

use super::encoding::from_base64url;
use super::id_token::IdTokenError;
use super::tokens::IdToken;
use crate::host::RsaKey;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;

/// A key of the set.
///
/// Only keys that can check an RS256 signature become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The key ID, which the header of a token repeats. A provider with one key may leave it out.
    pub kid: Option<String>,
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
/// No credentials and no headers: the key set is public.
#[must_use]
pub fn jwks_request(url: &str) -> HttpRequest {
    HttpRequest::new(Method::Get, url)
}

/// Reads a key set. Keys of other types and for other purposes are left out (RFC 7517, section 5).
///
/// # Errors
/// [`JwksError`] when the answer is not a key set.
pub fn parse_jwks(response: &HttpResponse) -> Result<Vec<SigningKey>, JwksError> {
    json::object(&response.text())
        .filter(|_| response.is_success())
        .and_then(|set| read_keys(&set))
        .ok_or(JwksError {
            status: response.status,
        })
}

/// Reads the keys in a JSON Web Key Set.
/// `None` if it is no key set; an empty list if no key in it fits.
#[must_use]
pub fn read_keys(set: &Value) -> Option<Vec<SigningKey>> {
    let keys = set.get("keys")?.as_array()?;
    Some(keys.iter().filter_map(read_key).collect())
}

/// A key that does not state its purpose fits (RFC 7517, sections 4.2 to 4.4, make these members optional).
fn read_key(key: &Value) -> Option<SigningKey> {
    let member = |name| key.get(name).filter(|value| !value.is_null());
    let unless_other = |name, expected| member(name).is_none_or(|value| value == expected);
    let verifies = member("key_ops").is_none() || has_operation(key, "verify");
    let fits = json::text(key, "kty").as_deref() == Some("RSA")
        && unless_other("use", "sig")
        && unless_other("alg", "RS256")
        && verifies;
    fits.then_some(SigningKey {
        kid: json::text(key, "kid"),
        key: RsaKey {
            modulus: json::text(key, "n")?,
            exponent: json::text(key, "e")?,
        },
    })
}

fn has_operation(key: &Value, operation: &str) -> bool {
    json::texts(key, "key_ops")
        .iter()
        .any(|found| found == operation)
}

/// The keys that may have signed a token whose header has this `kid`. More than one only where the provider publishes
/// several keys under the same ID; the signature then decides.
///
/// # Errors
/// [`IdTokenError::UnknownKey`] when there is none, [`IdTokenError::UnnamedKey`] when the token has no `kid` and several
/// keys fit (OpenID Connect Core, section 10.1).
pub fn fitting_keys<'a>(
    keys: &'a [SigningKey],
    kid: Option<&str>,
) -> Result<Vec<&'a RsaKey>, IdTokenError> {
    let is_candidate = |key: &&SigningKey| kid.is_none() || key.kid.as_deref() == kid;
    let mut fitting: Vec<&RsaKey> = Vec::new();
    for SigningKey { key, .. } in keys.iter().filter(is_candidate) {
        if !fitting.contains(&key) {
            fitting.push(key);
        }
    }
    match fitting.len() {
        0 => Err(IdTokenError::UnknownKey),
        2.. if kid.is_none() => Err(IdTokenError::UnnamedKey),
        _ => Ok(fitting),
    }
}

/// What a signature covers.
///
/// [`Host::verify_rs256`](crate::host::Host::verify_rs256) takes message and signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The ID of the key, if the header has one.
    pub kid: Option<String>,
    /// Header and payload as they stand in the token.
    /// With the dot between them: the JWS Signing Input (RFC 7515, section 5.1).
    pub message: &'a str,
    /// The signature.
    /// Decoded; 256 bytes for a key of 2048 bits.
    pub signature: Vec<u8>,
}

/// Takes a token apart for the check of its signature.
///
/// # Errors
/// [`IdTokenError`] when it is not signed with RS256, or its header demands an extension (RFC 7515, section 4.1.11).
/// Members of the header such as `jku`, `jwk` and `x5c` are ignored: a token must not bring its own key.
pub fn signed_parts(id_token: &IdToken) -> Result<Signed<'_>, IdTokenError> {
    let malformed = IdTokenError::Malformed;
    let (message, signature) = id_token
        .secret()
        .rsplit_once('.')
        .ok_or(malformed("it does not have three parts"))?;
    let header = message.split('.').next().unwrap_or_default();
    let header: Option<Value> = from_base64url(header).and_then(|bytes| json::bytes(&bytes));
    let header = header.ok_or(malformed("its header is not JSON"))?;
    if header.get("crit").is_some() {
        return Err(malformed("its header demands an extension (crit)"));
    }
    let algorithm = json::text(&header, "alg").unwrap_or_default();
    if algorithm != "RS256" {
        return Err(IdTokenError::Algorithm(
            algorithm.chars().take(20).collect(),
        ));
    }
    Ok(Signed {
        kid: json::text(&header, "kid"),
        message,
        signature: from_base64url(signature).ok_or(malformed("its signature is not base64url"))?,
    })
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use super::*;
    use crate::oauth::encoding::base64url;

    fn response(body: &str) -> HttpResponse {
        HttpResponse::new(200, vec![], body)
    }

    fn token(header: &str) -> IdToken {
        IdToken::new(format!("{}.e30.AQI", base64url(header.as_bytes())))
    }

    fn keys(set: &str) -> Vec<SigningKey> {
        parse_jwks(&response(&format!(r#"{{"keys":[{set}]}}"#))).unwrap()
    }

    #[test]
    fn leaves_out_keys_of_other_types_and_purposes() {
        for (member, used) in [
            (r#""use":"sig""#, true),
            (r#""use":null"#, true),
            (r#""use":"enc""#, false),
            (r#""use":["sig"]"#, false),
            (r#""alg":"RS256""#, true),
            (r#""alg":null"#, true),
            (r#""alg":"RS512""#, false),
            (r#""alg":"RSA-OAEP""#, false),
            (r#""alg":256"#, false),
            (r#""key_ops":["verify"]"#, true),
            (r#""key_ops":["encrypt","wrapKey"]"#, false),
            (r#""key_ops":7"#, false),
            (r#""kty":"EC""#, false),
            (r#""kty":null"#, false),
            (r#""n":"""#, false),
            (r#""n":null"#, false),
            (r#""e":65537"#, false),
            (r#""kid":7"#, true),
            (r#""x5c":[7],"x5t":{},"added later":null"#, true),
        ] {
            // The last one of two members with the same name counts.
            let key = format!(r#"{{"kty":"RSA","kid":"1","n":"AA","e":"AQAB",{member}}}"#);
            assert_eq!(keys(&key).len(), usize::from(used), "{member}");
        }
        assert_eq!(keys(r#"7, null, [], "key""#), []);
    }

    #[test]
    fn refuses_what_is_not_a_key_set() {
        for body in ["", "[]", "{}", r#"{"keys":null}"#, r#"{"keys":{}}"#] {
            let expected = Err(JwksError { status: 200 });
            assert_eq!(parse_jwks(&response(body)), expected, "{body}");
        }
        assert_eq!(keys(""), []);
    }

    fn key(kid: &str, modulus: &str) -> String {
        format!(r#"{{"kty":"RSA","n":"{modulus}","e":"AQAB","kid":{kid}}}"#)
    }

    #[test]
    fn a_token_without_key_id_is_accepted_where_one_key_fits() {
        let others = r#"{"kty":"RSA","n":"E","e":"AQAB","use":"enc"},{"kty":"EC","crv":"P-256"}"#;
        let named = key(r#""1""#, "A");
        let unnamed = key("null", "A");
        for set in [
            named.clone(),
            unnamed.clone(),
            format!("{named},{others}"),
            format!("{named},{named}"),
            format!("{named},{unnamed}"),
        ] {
            let keys = keys(&set);
            let fitting = fitting_keys(&keys, None).unwrap();
            assert_eq!(fitting[0].modulus, "A", "{set}");
            assert_eq!(fitting.len(), 1, "{set}");
        }
        let two = keys(&[named, key(r#""2""#, "B")].join(","));
        assert_eq!(fitting_keys(&two, None), Err(IdTokenError::UnnamedKey));
        assert_eq!(fitting_keys(&[], None), Err(IdTokenError::UnknownKey));
    }

    #[test]
    fn a_key_id_selects_every_key_that_has_it_and_no_other() {
        let set = [key(r#""1""#, "A"), key(r#""2""#, "B"), key(r#""2""#, "C")].join(",");
        let keys = keys(&[set, key("null", "D")].join(","));
        let moduli = |kid| {
            let fitting = fitting_keys(&keys, Some(kid))?;
            Ok(fitting
                .iter()
                .map(|key| key.modulus.as_str())
                .collect::<Vec<_>>())
        };
        assert_eq!(moduli("1"), Ok(vec!["A"]));
        assert_eq!(moduli("2"), Ok(vec!["B", "C"]));
        assert_eq!(moduli("3"), Err(IdTokenError::UnknownKey));
    }

    #[test]
    fn takes_a_token_apart() {
        let token = token(r#"{"alg":"RS256","kid":"1"}"#);
        let signed = signed_parts(&token).unwrap();
        assert_eq!(
            (signed.kid.as_deref(), signed.signature),
            (Some("1"), vec![1, 2])
        );
        assert_eq!(
            signed.message.split_once('.').map(|(_, payload)| payload),
            Some("e30")
        );
        for header in [
            "",
            r#","kid":null"#,
            r#","kid":"""#,
            r#","kid":7"#,
            r#","kid":["1"]"#,
        ] {
            let token = self::token(&format!(r#"{{"alg":"RS256"{header}}}"#));
            assert_eq!(signed_parts(&token).unwrap().kid, None, "{header}");
        }
    }

    #[test]
    fn refuses_every_other_algorithm() {
        for algorithm in ["none", "HS256", "RS512", "ES256", "rs256", "RS256 ", ""] {
            let header = format!(r#"{{"alg":"{algorithm}","kid":"1"}}"#);
            let expected = IdTokenError::Algorithm(algorithm.to_owned());
            assert_eq!(signed_parts(&token(&header)), Err(expected));
        }
        for header in [
            "{}",
            r#"{"alg":null}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":"RS256","alg":"none"}"#,
        ] {
            let token = self::token(header);
            let found = signed_parts(&token);
            assert!(matches!(found, Err(IdTokenError::Algorithm(_))), "{header}");
        }
    }

    #[test]
    fn refuses_a_header_with_critical_extensions() {
        for critical in [r#"["b64"]"#, r#"["exp"]"#, "[]", "null", "7"] {
            let header = format!(r#"{{"alg":"RS256","kid":"1","crit":{critical}}}"#);
            let token = self::token(&header);
            let found = signed_parts(&token);
            assert!(matches!(found, Err(IdTokenError::Malformed(_))), "{header}");
        }
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
