//! The Lambda authorizer as a library: from an event of API Gateway to a decision.
//!
//! ```text
//! authorizer.rs   from event to decision
//! event.rs        PURE  the formats of event, the header, the route
//! token.rs        PURE  the signed token and its claims
//! jwks.rs         PURE  the public keys of an issuer
//! crypto.rs       PURE  signature checks for jsonwebtoken, by ring
//! policy.rs       PURE  the answers
//! known_keys.rs   PURE  when known keys are used and when the issuer is asked again
//! keys.rs         the keys of one issuer, kept between requests
//! documents.rs    a port: reading documents of issuers;  fetch.rs  over HTTPS
//! sessions.rs     a port: sessions of API-managed accounts;  dynamo.rs  in DynamoDB
//! settings.rs reason.rs   leaves
//! ```
//!
//! The time is an argument. `main.rs` connects the parts.

mod authorizer;
mod crypto;
mod documents;
mod dynamo;
mod event;
mod fetch;
mod jwks;
mod keys;
mod known_keys;
mod policy;
mod reason;
mod sessions;
mod settings;
mod token;

pub use authorizer::{Answer, Authorizer, Decision};
pub use documents::{DocumentError, Documents};
pub use dynamo::DynamoSessions;
pub use event::EventFormat;
pub use fetch::Fetch;
pub use reason::Reason;
pub use sessions::{NoSessions, SessionRecord, Sessions};
pub use settings::{Settings, SettingsError};
