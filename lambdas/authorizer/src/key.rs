//! The public keys that an issuer publishes (JSON Web Key, RFC 7517), and what they verify.

use std::{collections::HashMap, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

/// The accepted algorithms (RFC 7518 section 3.1). Those with a shared secret are left out for good:
/// a public key must never be taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 8192 bits.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// Reads the `alg` of a header.
    pub(crate) fn read(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// The keys of one issuer by their ids.
pub(crate) type KeySet = HashMap<String, Arc<Key>>;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// Modulus and exponent, big-endian (RFC 7518 section 6.3.1).
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// The uncompressed point on P-256 (RFC 7518 section 6.2.1).
    P256 { point: Vec<u8> },
}

impl Key {
    /// Reads one key that is meant for signatures by an accepted algorithm.
    pub(crate) fn read(jwk: &Value) -> Option<Self> {
        if jwk["use"].as_str().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let (key, algorithm) = match jwk["kty"].as_str()? {
            "RSA" => {
                let key = Self::Rsa {
                    modulus: integer(&jwk["n"])?,
                    exponent: integer(&jwk["e"])?,
                };
                (key, Algorithm::Rs256)
            }
            "EC" if jwk["crv"].as_str() == Some("P-256") => {
                let (x, y) = (bytes(&jwk["x"])?, bytes(&jwk["y"])?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                // SEC 1 section 2.3.3: an uncompressed point begins with 4.
                let point = [[4].as_slice(), &x, &y].concat();
                (Self::P256 { point }, Algorithm::Es256)
            }
            _ => return None,
        };
        match jwk["alg"].as_str() {
            Some(named) if Algorithm::read(named) != Some(algorithm) => None,
            _ => Some(key),
        }
    }

    /// The one algorithm that this key is for.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256 { .. } => Algorithm::Es256,
        }
    }

    /// Whether `signature` is by this key over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
            Self::P256 { point } => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// The usable keys of a JWK set (RFC 7517 section 5); those of other kinds are passed over, as it demands.
pub(crate) fn read_set(document: &Value) -> KeySet {
    let keys = document["keys"].as_array().into_iter().flatten();
    keys.filter_map(|jwk| Some((jwk["kid"].as_str()?.to_owned(), Arc::new(Key::read(jwk)?))))
        .collect()
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(value.as_str()?).ok()
}

/// A `Base64urlUInt`. Some issuers write a leading zero, which RFC 7518 section 2 forbids.
fn integer(value: &Value) -> Option<Vec<u8>> {
    let bytes = bytes(value)?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes.get(first..)?.to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7515 appendix A.2: key, message and signature of RS256.
    mod rs256 {
        pub(super) const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
        pub(super) const MESSAGE: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        pub(super) const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    }

    /// RFC 7515 appendix A.3: the same of ES256.
    mod es256 {
        pub(super) const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        pub(super) const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        pub(super) const MESSAGE: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        pub(super) const SIGNATURE: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    }

    fn rsa() -> Value {
        json!({ "kty": "RSA", "kid": "one", "n": rs256::N, "e": "AQAB" })
    }

    fn p256() -> Value {
        json!({ "kty": "EC", "crv": "P-256", "kid": "two", "x": es256::X, "y": es256::Y })
    }

    fn signature(text: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn verifies_the_examples_of_the_standard_and_nothing_else() {
        for (jwk, message, text) in [
            (rsa(), rs256::MESSAGE, rs256::SIGNATURE),
            (p256(), es256::MESSAGE, es256::SIGNATURE),
        ] {
            let key = Key::read(&jwk).unwrap();
            let mut signature = signature(text);
            assert!(key.verifies(message.as_bytes(), &signature));
            assert!(!key.verifies(&message.as_bytes()[1..], &signature));
            signature[7] ^= 1;
            assert!(!key.verifies(message.as_bytes(), &signature));
            assert!(!key.verifies(message.as_bytes(), &[]));
        }
    }

    #[test]
    fn a_leading_zero_of_the_modulus_does_no_harm() {
        let mut modulus = vec![0];
        modulus.extend(signature(rs256::N));
        let mut jwk = rsa();
        jwk["n"] = json!(BASE64_URL_SAFE_NO_PAD.encode(modulus));
        let key = Key::read(&jwk).unwrap();
        assert!(key.verifies(rs256::MESSAGE.as_bytes(), &signature(rs256::SIGNATURE)));
    }

    #[test]
    fn passes_over_keys_for_anything_else() {
        for (member, value) in [
            ("use", json!("enc")),
            ("alg", json!("RS512")),
            ("alg", json!("ES256")),
            ("kty", json!("oct")),
            ("kty", json!("OKP")),
            ("n", json!("!")),
            ("n", json!("AAAA")),
            ("e", json!(null)),
        ] {
            let mut jwk = rsa();
            jwk[member] = value;
            assert_eq!(Key::read(&jwk), None, "{member}");
        }
        for (member, value) in [("crv", json!("P-384")), ("x", json!("AA")), ("y", json!(1))] {
            let mut jwk = p256();
            jwk[member] = value;
            assert_eq!(Key::read(&jwk), None, "{member}");
        }
    }

    #[test]
    fn one_unusable_key_does_not_spoil_the_set() {
        let mut nameless = rsa();
        nameless.as_object_mut().unwrap().remove("kid");
        let set =
            read_set(&json!({ "keys": [{ "kty": "oct", "kid": "x" }, nameless, rsa(), p256()] }));
        let mut ids: Vec<_> = set.keys().cloned().collect();
        ids.sort();
        assert_eq!(ids, ["one", "two"]);
        assert!(read_set(&json!({ "error": "rate limited" })).is_empty());
    }
}
