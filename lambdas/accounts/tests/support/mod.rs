//! Tables and a key in memory, and requests in the shape that API Gateway sends (payload format 1.0).

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use accounts::{
    Account, AccountName, Accounts, Attempts, Entropy, Reply, Session, Settings, SigningKey,
    Tables, Timestamp, respond,
};
use aws_lambda_events::{apigw::ApiGatewayProxyRequest, encodings::Body};
use lambda_cloud::CloudError;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);
pub(crate) const ISSUER: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) accounts: Mutex<HashMap<String, Account>>,
    pub(crate) attempts: Mutex<HashMap<String, Attempts>>,
    pub(crate) sessions: Mutex<HashMap<String, Session>>,
    pub(crate) fails: AtomicBool,
    /// How many more countings somebody else gets in before.
    pub(crate) overtaken: AtomicUsize,
    /// What was asked of the tables, in order.
    pub(crate) calls: Mutex<Vec<&'static str>>,
}

impl Memory {
    fn call(&self, name: &'static str) -> Result<(), CloudError> {
        self.calls.lock().unwrap().push(name);
        if self.fails.load(Ordering::Relaxed) {
            return Err(CloudError {
                service: "DynamoDB",
                reason: "no answer in time".to_owned(),
            });
        }
        Ok(())
    }
}

impl Tables for &Memory {
    async fn account(&self, name: &AccountName) -> Result<Option<Account>, CloudError> {
        self.call("account")?;
        Ok(self.accounts.lock().unwrap().get(name.as_str()).cloned())
    }

    async fn create(&self, account: &Account) -> Result<bool, CloudError> {
        self.call("create")?;
        let mut accounts = self.accounts.lock().unwrap();
        let name = account.name.as_str().to_owned();
        let is_new = !accounts.contains_key(&name);
        accounts.entry(name).or_insert_with(|| account.clone());
        Ok(is_new)
    }

    async fn attempts(&self, digest: &str) -> Result<Option<Attempts>, CloudError> {
        self.call("attempts")?;
        Ok(self.attempts.lock().unwrap().get(digest).copied())
    }

    async fn count(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> Result<bool, CloudError> {
        self.call("count")?;
        let overtaken = self
            .overtaken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if overtaken.is_ok() {
            return Ok(false);
        }
        let mut attempts = self.attempts.lock().unwrap();
        let fits = attempts.get(digest).copied() == before;
        if fits {
            attempts.insert(digest.to_owned(), after);
        }
        Ok(fits)
    }

    async fn forget(&self, digest: &str) -> Result<(), CloudError> {
        self.call("forget")?;
        self.attempts.lock().unwrap().remove(digest);
        Ok(())
    }

    async fn begin(&self, session: &Session) -> Result<(), CloudError> {
        self.call("begin")?;
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(session.digest.clone(), session.clone());
        Ok(())
    }

    async fn end(&self, digest: &str) -> Result<(), CloudError> {
        self.call("end")?;
        self.sessions.lock().unwrap().remove(digest);
        Ok(())
    }
}

/// A key that signs here, as KMS would there.
#[derive(Debug)]
pub(crate) struct LocalKey(EcdsaKeyPair);

impl LocalKey {
    pub(crate) fn new() -> Self {
        let (curve, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(curve, pkcs8.as_ref(), &random).unwrap())
    }
}

impl SigningKey for LocalKey {
    async fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, CloudError> {
        // ring hashes by itself, so this is over the digest of the digest: enough to see which key signed.
        let signature = self.0.sign(&SystemRandom::new(), digest).unwrap();
        Ok(signature.as_ref().to_vec())
    }

    async fn public_key(&self) -> Result<Vec<u8>, CloudError> {
        let algorithm = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        Ok([&algorithm[..], self.0.public_key().as_ref()].concat())
    }
}

pub(crate) fn settings(kept: &Value) -> Settings {
    let settings = json!({
        "allowed_origin": "https://example.org",
        "accounts_table": "accounts", "attempts_table": "attempts", "scope": "openid profile",
        // As little as argon2 takes: these tests are about what surrounds it.
        "argon2": { "memory_kib": 8, "passes": 1, "lanes": 1 },
        "kept": kept
    });
    Settings::read(&settings.to_string()).unwrap()
}

pub(crate) fn with_sessions(memory: &Memory) -> Accounts<&Memory, LocalKey> {
    let kept = json!({ "session": { "table": "sessions", "seconds": 3600 } });
    Accounts::new(settings(&kept), memory, LocalKey::new())
}

pub(crate) fn with_jwt(memory: &Memory) -> Accounts<&Memory, LocalKey> {
    let kept = json!({ "jwt": { "issuer": ISSUER, "key_id": "key", "seconds": 900 } });
    Accounts::new(settings(&kept), memory, LocalKey::new())
}

pub(crate) fn event(
    method: &str,
    path: &str,
    header: Option<&str>,
    body: Option<&str>,
) -> ApiGatewayProxyRequest {
    let mut headers = json!({ "x-api-key": "a-key" });
    if let Some(header) = header {
        headers["Authorization"] = json!(header);
    }
    let event = json!({
        "resource": path, "path": path, "httpMethod": method, "headers": headers,
        "multiValueHeaders": {}, "queryStringParameters": null,
        "requestContext": {
            "accountId": "111122223333", "apiId": "a1b2c3d4e5", "httpMethod": method,
            "identity": { "sourceIp": "203.0.113.7" }, "requestId": "c6af9ac6", "stage": "latest",
            "resourcePath": path
        },
        "body": body, "isBase64Encoded": false
    });
    serde_json::from_value(event).unwrap()
}

/// Random bytes that differ from call to call.
pub(crate) fn entropy() -> Entropy {
    static CALLS: AtomicUsize = AtomicUsize::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [7; 32];
    let (start, end) = bytes.split_at_mut(16);
    start[..8].copy_from_slice(&call.to_be_bytes());
    end[..8].copy_from_slice(&call.to_be_bytes());
    Entropy(bytes)
}

pub(crate) async fn post(
    accounts: &Accounts<&Memory, LocalKey>,
    path: &str,
    body: &Value,
    now: Timestamp,
) -> Reply {
    let request = event("POST", path, None, Some(&body.to_string()));
    respond(accounts, &request, entropy(), now).await
}

pub(crate) fn typed(name: &str, password: &str) -> Value {
    json!({ "name": name, "password": password })
}

pub(crate) fn body(reply: &Reply) -> Value {
    match &reply.response.body {
        Some(Body::Text(text)) => serde_json::from_str(text).unwrap(),
        other => panic!("expected a text body, got {other:?}"),
    }
}

/// Everything that the caller can see.
pub(crate) fn seen(reply: &Reply) -> (i64, Value, Vec<(String, String)>) {
    let headers = reply.response.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.response.status_code, body(reply), headers.collect())
}
