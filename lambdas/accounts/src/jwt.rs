//! Signed tokens: a JWT access token (RFC 9068) with ES256 (RFC 7518 section 3.4), and the key as it is published
//! (RFC 7517). The signature itself comes from whoever keeps the key.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::time::Timestamp;

/// What a `SubjectPublicKeyInfo` of a P-256 key begins with: the algorithm, the curve, and the head of an
/// uncompressed point (RFC 5480 section 2, SEC 1 section 2.3.3).
const P256_SPKI: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

const COORDINATE_BYTES: usize = 32;

/// What a token says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claims<'a> {
    /// Who issues it, and for whom: the API itself.
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) id: &'a str,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// The client that all tokens are for: there is one, the site.
pub(crate) const CLIENT_ID: &str = "site";

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    x: String,
    y: String,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`; `None` if it is not of a P-256 key.
    pub(crate) fn read(spki: &[u8]) -> Option<Self> {
        let (x, y) = spki
            .strip_prefix(&P256_SPKI)?
            .split_at_checked(COORDINATE_BYTES)?;
        (y.len() == COORDINATE_BYTES).then(|| Self {
            x: encoded(x),
            y: encoded(y),
        })
    }

    /// Its thumbprint (RFC 7638 section 3), so that a key has one name wherever it is named.
    pub(crate) fn id(&self) -> String {
        let Self { x, y } = self;
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        encoded(&Sha256::digest(members))
    }

    /// The set of keys to publish, which is this one.
    pub(crate) fn set(&self) -> Value {
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y,
            "use": "sig", "alg": "ES256", "kid": self.id()
        }] })
    }
}

/// Header and claims, as they are signed (RFC 7515 section 5.1).
pub(crate) fn signing_input(key_id: &str, claims: Claims<'_>) -> String {
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": key_id });
    let claims = json!({
        "iss": claims.issuer, "aud": claims.issuer, "sub": claims.subject, "client_id": CLIENT_ID,
        "scope": claims.scope, "token_use": "access", "jti": claims.id,
        "iat": claims.issued.0, "exp": claims.expires.0
    });
    let part = |value: Value| encoded(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// The token: what was signed, and the signature over it, which comes in DER. `None` if it is no such signature.
pub(crate) fn signed(input: &str, signature: &[u8]) -> Option<String> {
    Some(format!("{input}.{}", encoded(&both_numbers(signature)?)))
}

/// The two numbers of an ECDSA signature, 32 bytes each, out of a DER `SEQUENCE` of two `INTEGER`s.
fn both_numbers(der: &[u8]) -> Option<[u8; 2 * COORDINATE_BYTES]> {
    let (sequence, rest) = element(der, 0x30)?;
    let (r, after) = element(sequence, 0x02)?;
    let (s, end) = element(after, 0x02)?;
    let mut both = [0; 2 * COORDINATE_BYTES];
    let (first, second) = both.split_at_mut(COORDINATE_BYTES);
    right_align(r, first)?;
    right_align(s, second)?;
    (rest.is_empty() && end.is_empty()).then_some(both)
}

/// The content of the first element, which must have that tag and a length of one byte, and what comes after it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = der else {
        return None;
    };
    (*found == tag && *length < 0x80)
        .then(|| rest.split_at_checked(usize::from(*length)))
        .flatten()
}

/// Writes a number without the zeros that DER puts before it, and with those that it leaves out.
fn right_align(number: &[u8], into: &mut [u8]) -> Option<()> {
    let first = number.iter().position(|byte| *byte != 0)?;
    let digits = number.get(first..)?;
    let start = into.len().checked_sub(digits.len())?;
    into.get_mut(start..)?.copy_from_slice(digits);
    Some(())
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, EcdsaKeyPair, KeyPair as _,
            UnparsedPublicKey,
        },
    };

    use super::*;

    fn pair() -> EcdsaKeyPair {
        let (curve, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(curve, pkcs8.as_ref(), &random).unwrap()
    }

    #[test]
    fn a_signature_in_der_becomes_one_that_verifies() {
        let pair = pair();
        // Numbers that begin with a zero or a set bit come once in a few signatures.
        for round in 0..64 {
            let input = format!("header.{round}");
            let der = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
            let token = signed(&input, der.as_ref()).unwrap();
            let signature = BASE64_URL_SAFE_NO_PAD
                .decode(token.rsplit('.').next().unwrap())
                .unwrap();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key())
                .verify(input.as_bytes(), &signature)
                .unwrap();
        }
    }

    #[test]
    fn numbers_are_aligned_to_the_right() {
        let der = [0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0xff];
        let both = both_numbers(&der).unwrap();
        assert_eq!((both[31], both[63]), (5, 0xff));
        assert_eq!(both.iter().filter(|byte| **byte != 0).count(), 2);
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x00],
            &[0x30, 0x06, 0x03, 0x01, 0x05, 0x02, 0x01, 0x05],
        ] {
            assert_eq!(both_numbers(der), None, "{der:?}");
        }
    }

    /// The key of RFC 7517 appendix A.1, whose thumbprint was computed by RFC 7638 section 3 with OpenSSL.
    #[test]
    fn the_published_key_is_named_by_its_thumbprint() {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
        let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
        let spki = [P256_SPKI.to_vec(), part(x), part(y)].concat();
        let key = PublicKey::read(&spki).unwrap();
        assert_eq!(key.id(), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
        assert_eq!(key.set()["keys"][0]["x"], x);
        assert_eq!(key.set()["keys"][0]["y"], y);
    }

    #[test]
    fn other_keys_are_refused() {
        let good = [P256_SPKI.to_vec(), vec![1; 64]].concat();
        assert!(PublicKey::read(&good).is_some());
        assert!(PublicKey::read(&good[..90]).is_none());
        assert!(PublicKey::read(&[good.clone(), vec![0]].concat()).is_none());
        assert!(PublicKey::read(&good[1..]).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_signature_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = both_numbers(&bytes);
            let _ = PublicKey::read(&bytes);
        }
    }
}
