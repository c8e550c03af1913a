//! Fake tables and a fake key in memory, and requests as API Gateway sends them.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use accounts::{
    Account, AccountName, Accounts, Attempts, Entropy, Reply, Session, Settings, SigningKey,
    Tables, respond,
};
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_cloud::CloudError;
use lambda_testing::{Signer, json_body, proxy_event, proxy_request};
use serde_json::{Value, json};
use time::Timestamp;

pub(crate) const ISSUER: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";
pub(crate) const ADDRESS: &str = "203.0.113.7";

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) accounts: Mutex<HashMap<String, Account>>,
    pub(crate) attempts: Mutex<HashMap<String, Attempts>>,
    pub(crate) sessions: Mutex<HashMap<String, Session>>,
    pub(crate) hash_parameters: Mutex<Vec<String>>,
    pub(crate) fails: AtomicBool,
    /// How many more times another request counts an attempt first.
    pub(crate) conflicts: AtomicUsize,
    /// The calls, in order.
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

    async fn create_account(&self, account: &Account) -> Result<bool, CloudError> {
        self.call("create_account")?;
        let mut accounts = self.accounts.lock().unwrap();
        let name = account.name.as_str().to_owned();
        let is_new = !accounts.contains_key(&name);
        accounts.entry(name).or_insert_with(|| account.clone());
        Ok(is_new)
    }

    async fn replace_password_hash(
        &self,
        account: &Account,
        old_hash: &str,
    ) -> Result<(), CloudError> {
        self.call("replace_password_hash")?;
        let mut accounts = self.accounts.lock().unwrap();
        let stored = accounts.get_mut(account.name.as_str()).unwrap();
        if stored.password_hash == old_hash {
            *stored = account.clone();
        }
        Ok(())
    }

    async fn hash_parameters(&self) -> Result<Vec<String>, CloudError> {
        self.call("hash_parameters")?;
        Ok(self.hash_parameters.lock().unwrap().clone())
    }

    async fn set_hash_parameters(&self, parameters: &[String]) -> Result<(), CloudError> {
        self.call("set_hash_parameters")?;
        *self.hash_parameters.lock().unwrap() = parameters.to_vec();
        Ok(())
    }

    async fn attempts(&self, digest: &str) -> Result<Option<Attempts>, CloudError> {
        self.call("attempts")?;
        Ok(self.attempts.lock().unwrap().get(digest).copied())
    }

    async fn count_attempt(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> Result<bool, CloudError> {
        self.call("count_attempt")?;
        let conflicts = self
            .conflicts
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if conflicts.is_ok() {
            return Ok(false);
        }
        let mut attempts = self.attempts.lock().unwrap();
        let fits = attempts.get(digest).copied() == before;
        if fits {
            attempts.insert(digest.to_owned(), after);
        }
        Ok(fits)
    }

    async fn set_attempts(&self, digest: &str, attempts: Attempts) -> Result<(), CloudError> {
        self.call("set_attempts")?;
        let mut stored = self.attempts.lock().unwrap();
        stored.insert(digest.to_owned(), attempts);
        Ok(())
    }

    async fn delete_attempts(&self, digest: &str) -> Result<(), CloudError> {
        self.call("delete_attempts")?;
        self.attempts.lock().unwrap().remove(digest);
        Ok(())
    }

    async fn create_session(&self, session: &Session) -> Result<(), CloudError> {
        self.call("create_session")?;
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(session.digest.clone(), session.clone());
        Ok(())
    }

    async fn delete_session(&self, digest: &str) -> Result<(), CloudError> {
        self.call("delete_session")?;
        self.sessions.lock().unwrap().remove(digest);
        Ok(())
    }
}

/// A fake of the key in KMS.
#[derive(Debug)]
pub(crate) struct LocalKey(Signer);

impl SigningKey for LocalKey {
    async fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, CloudError> {
        // The signature covers the digest of the digest, because the library hashes its input.
        Ok(self.0.sign(digest))
    }

    async fn public_key(&self, _: Timestamp) -> Result<Vec<u8>, CloudError> {
        let head = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ];
        Ok([&head[..], &self.0.public_point()].concat())
    }
}

pub(crate) fn settings(tokens: &Value, memory_kib: u32) -> Settings {
    let settings = json!({
        "allowed_origin": "https://example.org",
        "accounts_table": "accounts", "attempts_table": "attempts", "scope": "openid profile",
        // As little work as argon2 supports: these tests are about the rest.
        "argon2": { "memory_kib": memory_kib, "passes": 1, "lanes": 1 },
        "tokens": tokens
    });
    Settings::read(&settings.to_string()).unwrap()
}

pub(crate) fn with_sessions(memory: &Memory) -> Accounts<&Memory, LocalKey> {
    with_hash_memory(memory, 8)
}

/// Accounts with sessions whose passwords are hashed with this memory.
pub(crate) fn with_hash_memory(memory: &Memory, kib: u32) -> Accounts<&Memory, LocalKey> {
    let tokens = json!({ "session": { "table": "sessions", "seconds": 3600 } });
    let key = LocalKey(Signer::es256_der());
    Accounts::new(settings(&tokens, kib), memory, key)
}

pub(crate) fn with_jwt(memory: &Memory) -> Accounts<&Memory, LocalKey> {
    let tokens = json!({ "jwt": { "issuer": ISSUER, "key_id": "key", "seconds": 900 } });
    let key = LocalKey(Signer::es256_der());
    Accounts::new(settings(&tokens, 8), memory, key)
}

pub(crate) fn event(
    method: &str,
    path: &str,
    header: Option<&str>,
    body: Option<&str>,
) -> ApiGatewayProxyRequest {
    let mut event = proxy_event(method, path);
    if let Some(header) = header {
        event["headers"]["Authorization"] = json!(header);
    }
    event["body"] = json!(body);
    proxy_request(event)
}

/// Random bytes that differ from call to call.
pub(crate) fn entropy() -> Entropy {
    static CALLS: AtomicUsize = AtomicUsize::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [7; Entropy::BYTES];
    for part in bytes.chunks_mut(16) {
        part[..8].copy_from_slice(&call.to_be_bytes());
    }
    Entropy(bytes)
}

pub(crate) async fn post(
    accounts: &Accounts<&Memory, LocalKey>,
    path: &str,
    body: &Value,
    now: Timestamp,
) -> Reply {
    post_from(ADDRESS, accounts, path, body, now).await
}

/// The same from another address.
pub(crate) async fn post_from(
    address: &str,
    accounts: &Accounts<&Memory, LocalKey>,
    path: &str,
    body: &Value,
    now: Timestamp,
) -> Reply {
    let mut request = event("POST", path, None, Some(&body.to_string()));
    request.request_context.identity.source_ip = Some(address.to_owned());
    respond(accounts, &request, entropy(), now).await
}

pub(crate) fn credentials(name: &str, password: &str) -> Value {
    json!({ "name": name, "password": password })
}

pub(crate) fn body(reply: &Reply) -> Value {
    json_body(&reply.response)
}

/// Everything that the caller can see.
pub(crate) fn seen(reply: &Reply) -> (i64, Value, Vec<(String, String)>) {
    let headers = reply.response.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.response.status_code, body(reply), headers.collect())
}
