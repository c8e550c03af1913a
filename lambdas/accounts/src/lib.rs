//! `POST /register`, `POST /login` and `POST /logout`: API-managed accounts, without a user pool.
//!
//! ```text
//! respond.rs    from a request of API Gateway to an answer, with its log fields
//! accounts.rs   the use cases: register, sign in, sign out, publish the keys
//! credentials.rs PURE  the user name and the password of a request
//! password.rs   PURE  argon2id
//! lockout.rs    PURE  delays after wrong passwords
//! secret.rs     PURE  random tokens;  jwt.rs  PURE  signed tokens and the published key
//! tables.rs     a port: accounts, attempts, sessions;  dynamo.rs  in DynamoDB
//! key.rs        a port: the key that signs;  kms.rs  in KMS
//! settings.rs   leaf
//! ```
//!
//! Time and randomness are arguments. `main.rs` connects the parts.

mod accounts;
mod credentials;
mod dynamo;
mod jwt;
mod key;
mod kms;
mod lockout;
mod password;
mod respond;
mod secret;
mod settings;
mod tables;

pub use accounts::Accounts;
pub use credentials::{AccountName, Password};
pub use dynamo::DynamoTables;
pub use key::SigningKey;
pub use kms::KmsKey;
pub use password::{Comparison, HashError, PasswordHashing};
pub use respond::{Decision, Reply, respond};
pub use secret::Entropy;
pub use settings::{JwtSettings, SessionSettings, Settings, SettingsError, TokenKind};
pub use tables::{Account, Attempts, Session, Tables};
