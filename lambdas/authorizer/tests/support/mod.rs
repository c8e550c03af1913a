//! An issuer for tests: keys that sign, tokens, and the events that carry them.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary takes what it needs"
)]

pub(crate) mod server;

use authorizer::Timestamp;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);
pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/latest";
pub(crate) const CLIENT: &str = "1example23456789abcdefghij";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
/// A pool as Cognito names it; its documents are read somewhere else.
pub(crate) const COGNITO: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub(crate) const ACCOUNTS: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";
pub(crate) const AUTH0: &str = "https://example.eu.auth0.com/";

/// A key pair.
pub(crate) enum Signer {
    Rs256(Box<RsaKeyPair>),
    Es256(Box<EcdsaKeyPair>),
}

impl Signer {
    /// The private key of RFC 7515 appendix A.2, which everybody knows.
    pub(crate) fn rs256() -> Self {
        let part = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(rsa_member(name)).unwrap();
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
        Self::Rs256(Box::new(RsaKeyPair::from_components(&components).unwrap()))
    }

    /// A new key.
    pub(crate) fn es256() -> Self {
        let random = SystemRandom::new();
        let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        Self::Es256(Box::new(
            EcdsaKeyPair::from_pkcs8(curve, pkcs8.as_ref(), &random).unwrap(),
        ))
    }

    /// The public key as its issuer publishes it.
    pub(crate) fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rs256(_) => json!({
                "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256",
                "n": rsa_member("n"), "e": rsa_member("e")
            }),
            Self::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({
                    "kty": "EC", "kid": id, "use": "sig", "alg": "ES256", "crv": "P-256",
                    "x": encoded(x), "y": encoded(y)
                })
            }
        }
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rs256(_) => "RS256",
            Self::Es256(_) => "ES256",
        }
    }

    /// A token with these claims, signed with the key that is published as `id`.
    pub(crate) fn token(&self, id: &str, claims: &Value) -> String {
        self.token_with_header(&json!({ "alg": self.algorithm(), "kid": id }), claims)
    }

    pub(crate) fn token_with_header(&self, header: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            encoded(header.to_string().as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    message.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Es256(pair) => {
                let signature = pair.sign(&random, message.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
        };
        format!("{message}.{}", encoded(&signature))
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_member(name: &str) -> String {
    let jwk: Value = serde_json::from_str(include_str!("rfc7515-a2.json")).unwrap();
    jwk[name].as_str().unwrap().to_owned()
}

/// The claims of an access token of Cognito.
pub(crate) fn cognito_claims() -> Value {
    json!({
        "iss": COGNITO, "sub": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "client_id": CLIENT,
        "token_use": "access", "version": 2, "username": "demouser", "scope": "openid email",
        "auth_time": NOW.0 - 10, "iat": NOW.0 - 10, "exp": NOW.0 + 3600
    })
}

/// The claims of an access token of Auth0.
pub(crate) fn auth0_claims() -> Value {
    json!({
        "iss": AUTH0, "sub": "auth0|6161", "aud": [AUDIENCE, "https://example.eu.auth0.com/userinfo"],
        "azp": "abc", "scope": "openid profile email orders:read", "email": "user@example.com",
        "iat": NOW.0 - 10, "exp": NOW.0 + 86400
    })
}

/// The claims `base` with one of them changed.
pub(crate) fn with(mut base: Value, name: &str, value: Value) -> Value {
    base[name] = value;
    base
}

/// What the routes of the tests demand.
pub(crate) fn routes() -> Value {
    json!([
        { "method": "GET", "path": "/require-token", "scopes": "openid" },
        { "method": "GET", "path": "/require-request", "scopes": "openid email" },
        { "method": "GET", "path": "/orders", "scopes": "orders:read" }
    ])
}

pub(crate) fn token_event(path: &str, header: &str) -> Value {
    json!({
        "type": "TOKEN", "authorizationToken": header, "methodArn": format!("{STAGE}/GET{path}")
    })
}

pub(crate) fn request_event(path: &str, header: Option<&str>) -> Value {
    let (headers, multi) = match header {
        Some(value) => (
            json!({ "Authorization": value, "x-api-key": "key" }),
            json!({ "Authorization": [value], "x-api-key": ["key"] }),
        ),
        None => (
            json!({ "x-api-key": "key" }),
            json!({ "x-api-key": ["key"] }),
        ),
    };
    json!({
        "type": "REQUEST", "methodArn": format!("{STAGE}/GET{path}"), "resource": path, "path": path,
        "httpMethod": "GET", "headers": headers, "multiValueHeaders": multi,
        "queryStringParameters": {}, "pathParameters": {}, "stageVariables": {},
        "requestContext": {
            "path": format!("/latest{path}"), "accountId": "111122223333", "resourceId": "abc123",
            "stage": "latest", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": { "apiKey": "key", "sourceIp": "203.0.113.7" },
            "resourcePath": path, "httpMethod": "GET", "apiId": "a1b2c3d4e5"
        }
    })
}

pub(crate) fn http_api_event(path: &str, header: Option<&str>) -> Value {
    let mut headers = json!({ "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com" });
    if let Some(value) = header {
        headers["authorization"] = json!(value);
    }
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/GET{path}"),
        "identitySource": [header], "routeKey": format!("GET {path}"), "rawPath": path,
        "rawQueryString": "", "headers": headers,
        "requestContext": {
            "accountId": "111122223333", "apiId": "a1b2c3d4e5", "stage": "latest",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7" },
            "requestId": "c6af9ac6", "routeKey": format!("GET {path}"), "timeEpoch": 1
        }
    })
}
