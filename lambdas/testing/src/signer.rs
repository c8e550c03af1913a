//! Key pairs that sign tokens.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// A key pair that signs.
#[derive(Debug)]
pub enum Signer {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256(Box<RsaKeyPair>),
    /// ECDSA on P-256 with SHA-256; signatures as two numbers, or as DER.
    Es256(Box<EcdsaKeyPair>),
}

impl Signer {
    /// The private key of RFC 7515 appendix A.2, which is public.
    #[must_use]
    pub fn rs256() -> Self {
        let part = |name: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(rsa_member(name));
            bytes.expect("base64url")
        };
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: part("n"),
                e: part("e"),
            },
            d: part("d"),
            p: part("p"),
            q: part("q"),
            dP: part("dp"),
            dQ: part("dq"),
            qInv: part("qi"),
        };
        let pair = RsaKeyPair::from_components(&components).expect("a key pair");
        Self::Rs256(Box::new(pair))
    }

    /// A new key pair whose signatures have the form of JWTs (RFC 7518 section 3.4).
    #[must_use]
    pub fn es256() -> Self {
        Self::p256(&ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    /// A new key pair whose signatures are DER, as those of KMS are.
    #[must_use]
    pub fn es256_der() -> Self {
        Self::p256(&ECDSA_P256_SHA256_ASN1_SIGNING)
    }

    fn p256(algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key pair");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random);
        Self::Es256(Box::new(pair.expect("a key pair")))
    }

    /// The public key as its issuer publishes it.
    #[must_use]
    pub fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rs256(_) => json!({
                "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256",
                "n": rsa_member("n"), "e": rsa_member("e")
            }),
            Self::Es256(_) => {
                let point = self.public_point();
                let (x, y) = point.split_at(point.len() / 2);
                json!({
                    "kty": "EC", "kid": id, "use": "sig", "alg": "ES256", "crv": "P-256",
                    "x": encoded(x), "y": encoded(y)
                })
            }
        }
    }

    /// Both coordinates of the public key, 32 bytes each.
    #[must_use]
    pub fn public_point(&self) -> Vec<u8> {
        match self {
            Self::Rs256(_) => Vec::new(),
            Self::Es256(pair) => pair.public_key().as_ref().iter().skip(1).copied().collect(),
        }
    }

    /// The `alg` of its tokens.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rs256(_) => "RS256",
            Self::Es256(_) => "ES256",
        }
    }

    /// A token with these claims, signed with the key that is published as `id`.
    #[must_use]
    pub fn token(&self, id: &str, claims: &Value) -> String {
        self.token_with_header(&json!({ "alg": self.algorithm(), "kid": id }), claims)
    }

    /// A token with this header and these claims.
    #[must_use]
    pub fn token_with_header(&self, header: &Value, claims: &Value) -> String {
        self.token_of_texts(&header.to_string(), &claims.to_string())
    }

    /// A token of two texts that need not be JSON.
    #[must_use]
    pub fn token_of_texts(&self, header: &str, claims: &str) -> String {
        let message = format!(
            "{}.{}",
            encoded(header.as_bytes()),
            encoded(claims.as_bytes())
        );
        let signature = encoded(&self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// The signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("a signature");
                signature
            }
            Self::Es256(pair) => {
                let signature = pair.sign(&random, message).expect("a signature");
                signature.as_ref().to_vec()
            }
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_member(name: &str) -> String {
    let jwk: Value = serde_json::from_str(include_str!("rfc7515-a2.json")).expect("JSON");
    jwk[name].as_str().expect("a member").to_owned()
}
