//! The use cases. Each takes the same steps whether or not there is an account of that name, so that neither the
//! answer nor the time that it takes tells.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use lambda_cloud::CloudError;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    credentials::Credentials,
    jwt::{self, Claims, PublicKey},
    key::SigningKey,
    lockout::{self, Verdict},
    password::{HashError, SALT_BYTES},
    settings::{JwtSettings, Kept, Settings},
    tables::{Account, Session, Tables},
    time::Timestamp,
    token::{self, AccessToken},
};

/// How often an attempt is counted anew when others are counted at the same moment.
const COUNTED_WITHIN: usize = 3;

/// Random bytes for one request.
#[derive(Clone, Copy)]
pub struct Entropy(pub [u8; 32]);

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy([redacted])")
    }
}

/// The accounts of one system.
#[derive(Debug)]
pub struct Accounts<T, K> {
    pub(crate) settings: Settings,
    tables: T,
    key: K,
}

/// What became of a sign-in.
#[derive(Debug)]
pub(crate) enum SignIn {
    /// It is one.
    Good(Granted),
    /// No such name, or another password.
    Wrong,
    /// The name rests for so many seconds.
    Rests(u64),
}

/// What a person gets.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) token: AccessToken,
    pub(crate) seconds: u64,
    pub(crate) subject: String,
}

/// Why something could not be done, although nothing is wrong with the request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error("the key is no P-256 key, or its signature is none")]
    Key,
}

impl<T: Tables, K: SigningKey> Accounts<T, K> {
    /// Accounts kept in `tables`. The key signs nothing where sessions are kept.
    pub fn new(settings: Settings, tables: T, key: K) -> Self {
        Self {
            settings,
            tables,
            key,
        }
    }

    /// Makes an account, unless there is one of that name. Whether there was is for the log alone.
    pub(crate) async fn register(
        &self,
        credentials: &Credentials,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Option<String>, Trouble> {
        let (salt, subject) = entropy.0.split_at(SALT_BYTES);
        let account = Account {
            name: credentials.name.clone(),
            subject: BASE64_URL_SAFE_NO_PAD.encode(subject),
            password_hash: self.settings.hashing.hash(&credentials.password, salt)?,
            since: now,
        };
        let created = self.tables.create(&account).await?;
        Ok(created.then_some(account.subject))
    }

    /// Checks a password.
    pub(crate) async fn sign_in(
        &self,
        credentials: &Credentials,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<SignIn, Trouble> {
        let digest = credentials.name.digest();
        if let Some(rest) = self.count_attempt(&digest, now).await? {
            return Ok(SignIn::Rests(rest));
        }
        let account = self.tables.account(&credentials.name).await?;
        let hash = account
            .as_ref()
            .map(|account| account.password_hash.as_str());
        let is_right = self.settings.hashing.verify(&credentials.password, hash)?;
        let Some(account) = account.filter(|_| is_right) else {
            return Ok(SignIn::Wrong);
        };
        self.tables.forget(&digest).await?;
        let granted = self.grant(account.subject, entropy, now).await?;
        Ok(SignIn::Good(granted))
    }

    /// Counts one more attempt, or says how long there may be none.
    async fn count_attempt(&self, digest: &str, now: Timestamp) -> Result<Option<u64>, CloudError> {
        for _ in 0..COUNTED_WITHIN {
            let before = self.tables.attempts(digest).await?;
            match lockout::judge(before, now) {
                Verdict::Rest(seconds) => return Ok(Some(seconds)),
                Verdict::Try(after) => {
                    if self.tables.count(digest, before, after).await? {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(1))
    }

    async fn grant(
        &self,
        subject: String,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Granted, Trouble> {
        let (token, seconds) = match &self.settings.kept {
            Kept::Session(settings) => {
                let token = token::opaque(&entropy.0);
                let session = Session {
                    digest: token::digest(&token.0),
                    subject: subject.clone(),
                    scope: self.settings.scope.clone(),
                    since: now,
                    expires: now.plus_seconds(settings.seconds),
                };
                self.tables.begin(&session).await?;
                (token, settings.seconds)
            }
            Kept::Jwt(settings) => {
                let token = self.sign(settings, &subject, entropy, now).await?;
                (token, settings.seconds)
            }
        };
        Ok(Granted {
            token,
            seconds,
            subject,
        })
    }

    async fn sign(
        &self,
        settings: &JwtSettings,
        subject: &str,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<AccessToken, Trouble> {
        let key = self.public_key().await?;
        let (id, _) = entropy.0.split_at(SALT_BYTES);
        let claims = Claims {
            issuer: &settings.issuer,
            subject,
            scope: &self.settings.scope,
            id: &BASE64_URL_SAFE_NO_PAD.encode(id),
            issued: now,
            expires: now.plus_seconds(settings.seconds),
        };
        let input = jwt::signing_input(&key.id(), claims);
        let signature = self.key.sign(&Sha256::digest(&input)).await?;
        let token = jwt::signed(&input, &signature).ok_or(Trouble::Key)?;
        Ok(AccessToken(token))
    }

    async fn public_key(&self) -> Result<PublicKey, Trouble> {
        PublicKey::read(&self.key.public_key().await?).ok_or(Trouble::Key)
    }

    /// Ends the session of a token. `false` where nothing is kept that could be ended.
    pub(crate) async fn sign_out(&self, token: &str) -> Result<bool, Trouble> {
        match &self.settings.kept {
            Kept::Session(_) => {
                self.tables.end(&token::digest(token)).await?;
                Ok(true)
            }
            Kept::Jwt(_) => Ok(false),
        }
    }

    /// The set of keys that tokens are verified with; `None` where none is signed.
    pub(crate) async fn keys(&self) -> Result<Option<Value>, Trouble> {
        match &self.settings.kept {
            Kept::Session(_) => Ok(None),
            Kept::Jwt(_) => Ok(Some(self.public_key().await?.set())),
        }
    }
}
