//! Signed tokens: a JWT access token (RFC 9068) with ES256 (RFC 7518 section 3.4), and the published key (RFC 7517). KMS
//! makes the signature.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use p256::{ecdsa::Signature, elliptic_curve::sec1::ToSec1Point as _, pkcs8::DecodePublicKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::Timestamp;

/// The claims of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claims<'a> {
    /// Issuer and audience: the API itself.
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) id: &'a str,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

/// The `client_id` of all tokens. The site is the only client.
pub(crate) const CLIENT_ID: &str = "site";

/// A public key on P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    x: String,
    y: String,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5480 section 2); `None` if it is not that of a P-256 key.
    pub(crate) fn read(spki: &[u8]) -> Option<Self> {
        let point = p256::PublicKey::from_public_key_der(spki)
            .ok()?
            .to_sec1_point(false);
        Some(Self {
            x: encoded(point.x()?),
            y: encoded(point.y()?),
        })
    }

    /// Its thumbprint (RFC 7638 section 3), which is its `kid`.
    pub(crate) fn id(&self) -> String {
        let Self { x, y } = self;
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        encoded(&Sha256::digest(members))
    }

    /// The JWK set with this key.
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
        "iat": claims.issued.as_seconds(), "exp": claims.expires.as_seconds()
    });
    let part = |value: Value| encoded(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// The token: the signing input and the signature, which is given as DER (RFC 3279 section 2.2.3). `None` if the signature
/// cannot be read.
pub(crate) fn signed(input: &str, signature: &[u8]) -> Option<String> {
    let signature = Signature::from_der(signature).ok()?;
    Some(format!("{input}.{}", encoded(&signature.to_bytes())))
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use lambda_testing::Signer;
    use p256::ecdsa::{VerifyingKey, signature::Verifier as _};
    use proptest::prelude::*;

    use super::*;

    /// The head of the `SubjectPublicKeyInfo` of a P-256 key, up to the coordinates.
    const SPKI: [u8; 27] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    #[test]
    fn a_signature_in_der_becomes_one_that_verifies() {
        let signer = Signer::es256_der();
        let point = [vec![4], signer.public_point()].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
        // In DER, a number with a leading zero or a set first bit has another length. Each is in a few signatures of 64.
        for round in 0..64 {
            let input = format!("header.{round}");
            let token = signed(&input, &signer.sign(input.as_bytes())).unwrap();
            let signature = token.rsplit('.').next().unwrap();
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
            let signature = Signature::from_slice(&signature).unwrap();
            key.verify(input.as_bytes(), &signature).unwrap();
        }
    }

    #[test]
    fn numbers_of_a_signature_are_padded_to_32_bytes() {
        let der = [0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0xff];
        let token = signed("a.b", &der).unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD
            .decode(&token["a.b.".len()..])
            .unwrap();
        assert_eq!(
            (signature.len(), signature[31], signature[63]),
            (64, 5, 0xff)
        );
    }

    #[test]
    fn other_signatures_are_refused() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x00],
            &[0x30, 0x06, 0x03, 0x01, 0x05, 0x02, 0x01, 0x05],
        ] {
            assert_eq!(signed("a.b", der), None, "{der:?}");
        }
    }

    /// The key of RFC 7517 appendix A.1; its thumbprint was computed by RFC 7638 section 3 with OpenSSL.
    #[test]
    fn the_id_of_a_key_is_its_thumbprint() {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
        let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
        let spki = [SPKI.to_vec(), part(x), part(y)].concat();
        let key = PublicKey::read(&spki).unwrap();
        assert_eq!(key.id(), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
        assert_eq!(key.set()["keys"][0]["x"], x);
        assert_eq!(key.set()["keys"][0]["y"], y);
    }

    #[test]
    fn other_keys_are_refused() {
        let good = [SPKI.to_vec(), Signer::es256().public_point()].concat();
        assert!(PublicKey::read(&good).is_some());
        assert!(PublicKey::read(&good[..90]).is_none());
        assert!(PublicKey::read(&[good.clone(), vec![0]].concat()).is_none());
        assert!(PublicKey::read(&good[1..]).is_none());
        let not_on_the_curve = [SPKI.to_vec(), vec![1; 64]].concat();
        assert!(PublicKey::read(&not_on_the_curve).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = signed("a.b", &bytes);
            let _ = PublicKey::read(&bytes);
        }
    }
}
