//! The authorizer as a library: an event of API Gateway in, a decision out.
//!
//! ```text
//! authorizer.rs   from event to answer
//! event.rs        PURE  the shapes of event, the header, the route
//! token.rs        PURE  the token and its claims
//! policy.rs       PURE  the answers
//! freshness.rs    PURE  when keys are believed and when they are asked for again
//! key.rs          PURE  the public keys and what they verify
//! keys.rs         the keys of one issuer, kept between requests and asked for by one caller at a time
//! documents.rs    a port: how documents of issuers are read;  fetch.rs  over HTTPS
//! sessions.rs     a port: sessions of accounts of one's own;  dynamo.rs  in DynamoDB
//! settings.rs reason.rs time.rs   leaves
//! ```
//!
//! The time is an argument. `main.rs` does the wiring.

mod authorizer;
mod documents;
mod dynamo;
mod event;
mod fetch;
mod freshness;
mod key;
mod keys;
mod policy;
mod reason;
mod sessions;
mod settings;
mod time;
mod token;

pub use authorizer::{Answer, Authorizer, Decision};
pub use documents::{DocumentError, Documents};
pub use dynamo::DynamoSessions;
pub use event::Shape;
pub use fetch::Fetch;
pub use reason::Reason;
pub use sessions::{KeptSession, NoSessions, Sessions};
pub use settings::{Settings, SettingsError};
pub use time::Timestamp;
