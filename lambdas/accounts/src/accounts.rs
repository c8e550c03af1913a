//! The use cases. Each takes the same steps whether or not there is an account of that name, so that neither the answer nor
//! its duration reveals it.

use lambda_cloud::CloudError;
use lambda_common::token_digest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::{
    credentials::{AccountName, Credentials},
    jwt::{self, Claims, PublicKey},
    key::SigningKey,
    lockout::{self, Counter, Verdict},
    password::{Comparison, HashError},
    secret::{Entropy, Token},
    settings::{JwtSettings, Settings, TokenKind},
    tables::{Account, Session, Tables},
};

/// How often counting an attempt is tried again when other requests count at the same moment.
const COUNT_TRIES: usize = 3;

/// The accounts of one system.
#[derive(Debug)]
pub struct Accounts<T, K> {
    pub(crate) settings: Settings,
    tables: T,
    key: K,
    /// The parameters of all stored password hashes, once they were read.
    hash_parameters: OnceCell<Vec<String>>,
}

/// The result of a sign-in.
#[derive(Debug)]
pub(crate) enum SignIn {
    /// The password is right.
    Granted(Granted),
    /// There is no account of that name, or the password is wrong.
    Wrong,
    /// Too many wrong passwords: no attempt is allowed before this time has passed.
    Locked(SignedDuration),
}

/// What a user gets for the right password.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) token: Token,
    pub(crate) lifetime: SignedDuration,
    pub(crate) subject: String,
    /// Identifies this device at the next sign-in. It grants nothing.
    pub(crate) device_token: Token,
}

/// Why a request failed that is valid in itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error("KMS returned no P-256 key, or no signature of one")]
    Key,
}

impl<T: Tables, K: SigningKey> Accounts<T, K> {
    /// Accounts stored in `tables`. With sessions, the key is not used.
    pub fn new(settings: Settings, tables: T, key: K) -> Self {
        Self {
            settings,
            tables,
            key,
            hash_parameters: OnceCell::new(),
        }
    }

    /// Creates an account, unless there is one of that name. Whether there was is for the log alone.
    pub(crate) async fn register(
        &self,
        credentials: &Credentials,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Option<String>, Failure> {
        self.hash_parameters().await?;
        let hashing = &self.settings.hashing;
        let account = Account {
            name: credentials.name.clone(),
            subject: entropy.id(),
            password_hash: hashing.hash(&credentials.password, entropy.salt())?,
            since: now,
        };
        let created = self.tables.create_account(&account).await?;
        Ok(created.then_some(account.subject))
    }

    /// Checks a password that was sent from `address`.
    pub(crate) async fn sign_in(
        &self,
        credentials: &Credentials,
        address: &str,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<SignIn, Failure> {
        let device = self.known_device(credentials, now).await?;
        let counters = match &device {
            Some((_, counter)) => vec![counter.clone()],
            None => vec![
                Counter::of_address(&credentials.name, address),
                Counter::of_account(&credentials.name),
            ],
        };
        for counter in &counters {
            if let Some(delay) = self.count_attempt(counter, now).await? {
                return Ok(SignIn::Locked(delay));
            }
        }
        let parameters = self.hash_parameters().await?;
        let account = self.tables.account(&credentials.name).await?;
        let hashing = &self.settings.hashing;
        let Some(account) = account else {
            let parameters = parameters_for(&credentials.name, parameters);
            let parameters = parameters.unwrap_or(hashing.parameters());
            hashing.compare_with_unknown(&credentials.password, parameters)?;
            return Ok(SignIn::Wrong);
        };
        match hashing.compare(&credentials.password, &account.password_hash)? {
            Comparison::Different => return Ok(SignIn::Wrong),
            Comparison::Equal => {}
            Comparison::EqualButOutdated => self.rehash(&account, credentials, entropy).await?,
        }
        let device_token = if let Some((token, _)) = device {
            token
        } else {
            for counter in &counters {
                self.tables.delete_attempts(&counter.digest).await?;
            }
            entropy.device_token()
        };
        let counter = Counter::of_device(&credentials.name, &device_token.0);
        let known = lockout::known_device(now);
        self.tables.set_attempts(&counter.digest, known).await?;
        let granted = self
            .grant(account.subject, device_token, entropy, now)
            .await?;
        Ok(SignIn::Granted(granted))
    }

    /// The device token of the request, if a sign-in with this name returned it before.
    async fn known_device(
        &self,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<(Token, Counter)>, CloudError> {
        let Some(token) = &credentials.device_token else {
            return Ok(None);
        };
        let counter = Counter::of_device(&credentials.name, &token.0);
        let known = self.tables.attempts(&counter.digest).await?;
        let is_known = known.is_some_and(|known| known.expires > now);
        Ok(is_known.then(|| (token.clone(), counter)))
    }

    /// Counts one more attempt, or returns how long none is allowed.
    async fn count_attempt(
        &self,
        counter: &Counter,
        now: Timestamp,
    ) -> Result<Option<SignedDuration>, CloudError> {
        for _ in 0..COUNT_TRIES {
            let before = self.tables.attempts(&counter.digest).await?;
            match counter.next(before, now) {
                Verdict::Locked(delay) => return Ok(Some(delay)),
                Verdict::Allowed(after) => {
                    let digest = &counter.digest;
                    if self.tables.count_attempt(digest, before, after).await? {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(SignedDuration::SECOND))
    }

    /// The parameters of all stored hashes, the current ones included: before the first hash with new parameters is
    /// stored, they are noted.
    async fn hash_parameters(&self) -> Result<&[String], CloudError> {
        let current = self.settings.hashing.parameters();
        let known = self.hash_parameters.get_or_try_init(async || {
            let mut known = self.tables.hash_parameters().await?;
            if !known.iter().any(|parameters| parameters == current) {
                known.push(current.to_owned());
                self.tables.set_hash_parameters(&known).await?;
            }
            Ok(known)
        });
        known.await.map(Vec::as_slice)
    }

    /// Replaces the hash of `account` by one with the current parameters. The old hash is still good, so a failure does
    /// not end the sign-in.
    async fn rehash(
        &self,
        account: &Account,
        credentials: &Credentials,
        entropy: Entropy,
    ) -> Result<(), HashError> {
        let hashing = &self.settings.hashing;
        let updated = Account {
            password_hash: hashing.hash(&credentials.password, entropy.salt())?,
            ..account.clone()
        };
        let replaced = self
            .tables
            .replace_password_hash(&updated, &account.password_hash);
        if let Err(error) = replaced.await {
            tracing::warn!(%error, sub = account.subject, "cannot replace an outdated password hash");
        }
        Ok(())
    }

    async fn grant(
        &self,
        subject: String,
        device_token: Token,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Granted, Failure> {
        let lifetime = self.settings.tokens.lifetime();
        let token = match &self.settings.tokens {
            TokenKind::Session(_) => {
                let token = entropy.session_token();
                let session = Session {
                    digest: token_digest(&token.0),
                    subject: subject.clone(),
                    scope: self.settings.scope.clone(),
                    since: now,
                    expires: now.saturating_add(lifetime),
                };
                self.tables.create_session(&session).await?;
                token
            }
            TokenKind::Jwt(settings) => self.sign(settings, &subject, entropy, now).await?,
        };
        Ok(Granted {
            token,
            lifetime,
            subject,
            device_token,
        })
    }

    async fn sign(
        &self,
        settings: &JwtSettings,
        subject: &str,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Token, Failure> {
        let key = self.public_key(now).await?;
        let claims = Claims {
            issuer: &settings.issuer,
            subject,
            scope: &self.settings.scope,
            id: &entropy.id(),
            issued: now,
            expires: now.saturating_add(self.settings.tokens.lifetime()),
        };
        let input = jwt::signing_input(&key.id(), claims);
        let signature = self.key.sign(&Sha256::digest(&input)).await?;
        let token = jwt::signed(&input, &signature).ok_or(Failure::Key)?;
        Ok(Token(token))
    }

    async fn public_key(&self, now: Timestamp) -> Result<PublicKey, Failure> {
        PublicKey::read(&self.key.public_key(now).await?).ok_or(Failure::Key)
    }

    /// Ends the session of a token. `false` for a signed token, which cannot be revoked.
    pub(crate) async fn sign_out(&self, token: &str) -> Result<bool, Failure> {
        match &self.settings.tokens {
            TokenKind::Session(_) => {
                self.tables.delete_session(&token_digest(token)).await?;
                Ok(true)
            }
            TokenKind::Jwt(_) => Ok(false),
        }
    }

    /// The JWK set that tokens are verified with; `None` with sessions.
    pub(crate) async fn keys(&self, now: Timestamp) -> Result<Option<Value>, Failure> {
        match &self.settings.tokens {
            TokenKind::Session(_) => Ok(None),
            TokenKind::Jwt(_) => Ok(Some(self.public_key(now).await?.set())),
        }
    }
}

/// The parameters that a name without an account is compared with: always the same for one name, and one of those that
/// stored hashes have. Otherwise a change of the parameters would show which names have older accounts.
fn parameters_for<'a>(name: &AccountName, stored: &'a [String]) -> Option<&'a str> {
    let digest = Sha256::digest(name.as_str());
    let first = digest.first().copied().map_or(0, usize::from);
    let index = first.checked_rem(stored.len())?;
    stored.get(index).map(String::as_str)
}
