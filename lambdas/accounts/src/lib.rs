//! `POST /register`, `POST /login` and `POST /logout`: accounts of one's own, without a user pool.
//!
//! ```text
//! respond.rs    a request of API Gateway in, an answer out; what the log tells of it
//! accounts.rs   the use cases: register, sign in, sign out, publish the keys
//! credentials.rs PURE  the user name and the password that a person typed
//! password.rs   PURE  argon2id
//! lockout.rs    PURE  how long a name rests after wrong passwords
//! token.rs      PURE  the opaque token of a session;  jwt.rs  PURE  the signed one, and the published key
//! tables.rs     a port: accounts, attempts, sessions;  dynamo.rs  in DynamoDB
//! key.rs        a port: the key that signs;  kms.rs  in KMS
//! settings.rs time.rs   leaves
//! ```
//!
//! Time and randomness are arguments. `main.rs` does the wiring.

mod accounts;
mod credentials;
mod dynamo;
mod jwt;
mod key;
mod kms;
mod lockout;
mod password;
mod respond;
mod settings;
mod tables;
mod time;
mod token;

pub use accounts::{Accounts, Entropy};
pub use credentials::{AccountName, Password};
pub use dynamo::DynamoTables;
pub use key::SigningKey;
pub use kms::KmsKey;
pub use password::{HashError, PasswordHashing};
pub use respond::{Decision, Reply, respond};
pub use settings::{Kept, Settings, SettingsError};
pub use tables::{Account, Attempts, Session, Tables};
pub use time::Timestamp;
