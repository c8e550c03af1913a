//! The public keys of an issuer: a JWK set (RFC 7517 section 5), read leniently.
//!
//! One key that cannot be used does not spoil the set, and a member that is not needed may have any content.

use std::sync::Arc;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde_json::{Map, Value};

/// The members of a JWK that decide whether it can be used. Certificates are left out: nothing here checks them.
const MEMBERS: [&str; 9] = ["kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n"];
const EXPONENT: &str = "e";

/// The length of an uncompressed point on P-256 (SEC 1 section 2.3.3).
const P256_POINT_BYTES: usize = 65;

/// A public key that checks signatures by one algorithm.
#[derive(Debug)]
pub(crate) struct VerificationKey {
    pub(crate) id: String,
    /// The one algorithm that this key is used with, so that a token cannot choose another.
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// The usable keys of one issuer.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeySet(Vec<Arc<VerificationKey>>);

impl KeySet {
    /// Reads the usable keys of a JWK set; the others are ignored, as RFC 7517 section 5 demands.
    pub(crate) fn read(document: &Value) -> Self {
        let keys = document["keys"].as_array().into_iter().flatten();
        Self(
            keys.filter_map(VerificationKey::read)
                .map(Arc::new)
                .collect(),
        )
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of the id `id`. An issuer may give several keys the same id.
    pub(crate) fn named(&self, id: &str) -> Vec<Arc<VerificationKey>> {
        let keys = self.0.iter().filter(|key| key.id == id);
        keys.map(Arc::clone).collect()
    }
}

impl VerificationKey {
    /// Reads one key that is meant for signatures by an accepted algorithm and has an id.
    fn read(jwk: &Value) -> Option<Self> {
        let members = MEMBERS.iter().chain([&EXPONENT]);
        let needed = members.filter_map(|name| Some(((*name).to_owned(), jwk.get(name)?.clone())));
        let jwk: Jwk = serde_json::from_value(needed.collect::<Map<_, _>>().into()).ok()?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let (algorithm, named) = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
            AlgorithmParameters::EllipticCurve(curve)
                if curve.curve == EllipticCurve::P256
                    && key.try_get_as_bytes().ok()?.len() == P256_POINT_BYTES =>
            {
                (Algorithm::ES256, KeyAlgorithm::ES256)
            }
            _ => return None,
        };
        let Jwk { common, .. } = jwk;
        let is_for_signatures = common
            .public_key_use
            .is_none_or(|purpose| purpose == PublicKeyUse::Signature)
            && common
                .key_operations
                .is_none_or(|operations| operations.contains(&KeyOperations::Verify))
            && common
                .key_algorithm
                .is_none_or(|algorithm| algorithm == named);
        let id = common.key_id?;
        is_for_signatures.then_some(Self { id, algorithm, key })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// The public keys of RFC 7515 appendix A.2 and A.3.
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    pub(crate) fn rsa(id: &str) -> Value {
        json!({ "kty": "RSA", "kid": id, "n": N, "e": "AQAB" })
    }

    pub(crate) fn p256(id: &str) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": X, "y": Y })
    }

    fn is_usable(jwk: &Value) -> bool {
        VerificationKey::read(jwk).is_some()
    }

    #[test]
    fn a_key_is_used_with_the_algorithm_of_its_kind_only() {
        for (jwk, algorithm) in [
            (rsa("one"), Algorithm::RS256),
            (p256("one"), Algorithm::ES256),
        ] {
            assert_eq!(VerificationKey::read(&jwk).unwrap().algorithm, algorithm);
        }
    }

    /// The values of a JSON list.
    fn values(list: &str) -> Vec<Value> {
        serde_json::from_str(list).unwrap()
    }

    /// Each member in turn: null, empty, of another type, of another meaning, and as it may be.
    #[test]
    fn every_member_of_a_key_decides_whether_it_is_used() {
        for (jwk, member, unusable, usable) in [
            (
                rsa("k"),
                "kty",
                r#"[null, "", 7, "oct", "OKP", "EC"]"#,
                "[]",
            ),
            (rsa("k"), "n", r#"[null, 7, "!", ["AQAB"]]"#, "[]"),
            (rsa("k"), "e", r#"[null, 65537, "!"]"#, "[]"),
            (rsa("k"), "kid", "[null, 7, {}]", r#"["", "é"]"#),
            (rsa("k"), "use", r#"["enc", "", 7]"#, r#"[null, "sig"]"#),
            (
                rsa("k"),
                "alg",
                r#"["RS512", "ES256", "HS256", "", 7]"#,
                r#"[null, "RS256"]"#,
            ),
            (
                rsa("k"),
                "key_ops",
                r#"[[], ["encrypt"], "verify"]"#,
                r#"[null, ["sign", "verify"]]"#,
            ),
            (rsa("k"), "x5c", "[]", r#"[null, 7, "MII", ["MII"]]"#),
            (rsa("k"), "x5t", "[]", r#"[null, {}, "a"]"#),
            (rsa("k"), "anything", "[]", "[null, [1]]"),
            (
                p256("k"),
                "crv",
                r#"[null, "", "P-384", "secp256k1"]"#,
                "[]",
            ),
            (p256("k"), "x", r#"[null, 1, "AA", ""]"#, "[]"),
            (p256("k"), "y", r#"[null, 1, "AA", ""]"#, "[]"),
            (p256("k"), "alg", r#"["RS256", "ES384"]"#, r#"["ES256"]"#),
        ] {
            for (list, expected) in [(unusable, false), (usable, true)] {
                for value in values(list) {
                    let mut changed = jwk.clone();
                    changed[member] = value.clone();
                    assert_eq!(is_usable(&changed), expected, "{member}: {value}");
                }
            }
        }
    }

    #[test]
    fn a_key_without_a_required_member_is_not_used() {
        for (jwk, members) in [
            (rsa("k"), ["kty", "n", "e", "kid"].as_slice()),
            (p256("k"), &["kty", "crv", "x", "y", "kid"]),
        ] {
            for member in members {
                let mut without = jwk.clone();
                without.as_object_mut().unwrap().remove(*member);
                assert!(!is_usable(&without), "{member}");
            }
        }
    }

    #[test]
    fn one_unusable_key_does_not_spoil_the_set() {
        let document = json!({ "keys": [
            { "kty": "oct", "kid": "x", "k": "AA" }, null, 7, [], { "kty": "RSA", "kid": "one", "n": 7, "e": "AQAB" },
            rsa("one"), p256("two")
        ] });
        let set = KeySet::read(&document);
        assert_eq!(
            (
                set.named("one").len(),
                set.named("two").len(),
                set.named("x").len()
            ),
            (1, 1, 0)
        );
    }

    #[test]
    fn keys_of_one_id_are_all_kept() {
        let set = KeySet::read(&json!({ "keys": [rsa("one"), p256("one")] }));
        let algorithms: Vec<_> = set.named("one").iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, [Algorithm::RS256, Algorithm::ES256]);
    }

    #[test]
    fn a_document_without_keys_is_an_empty_set() {
        for document in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "keys": null }),
            json!({ "keys": {} }),
            json!({ "keys": "none" }),
            json!({ "keys": [] }),
            json!({ "error": "rate limited" }),
        ] {
            assert!(KeySet::read(&document).is_empty(), "{document}");
        }
    }
}
