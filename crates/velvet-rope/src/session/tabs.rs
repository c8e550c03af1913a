//! The other tabs of this site. Each tab has a session of its own in memory; they tell one another what changes
//! in it, and show by a claim which session and which revision of it they hold. A claim is seen at once,
//! a message may be late: whoever holds the renewal lock knows from the claims what it still has to hear.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::AuthError;
use super::event::EventKind;
use super::state::{Session, SignedIn, SignedOutReason};
use super::{Client, record};
use crate::host::Host;
use crate::http::Transport;
use crate::json;
use crate::store::Store;
use crate::time::Timestamp;

/// How long another tab may take to say what it claims to know.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often is looked whether it has.
const GLANCE: Duration = Duration::from_millis(50);

/// What tabs tell one another.
pub(super) enum Message {
    /// A tab that has just opened, or has missed something, asks for the session.
    Ask,
    /// The session, as its record.
    Session(Value),
    /// The session `id` has ended.
    SignedOut { id: String, idle: bool },
    /// The refresh token of this revision is on its way to the provider, or, without a time, it is known to have
    /// stayed here.
    Sending {
        id: String,
        revision: u64,
        tag: u64,
        at: Option<Timestamp>,
    },
    /// Role and identity of the session `id`.
    Identity {
        id: String,
        role: Option<String>,
        identity_id: Option<String>,
    },
    /// What has to be added to the clock of this device, in seconds.
    Clock(i64),
    /// Somebody touched a page.
    Active,
}

impl Message {
    fn write(&self) -> String {
        let value = match self {
            Self::Ask => json!({ "kind": "ask" }),
            Self::Session(record) => json!({ "kind": "session", "record": record }),
            Self::SignedOut { id, idle } => {
                json!({ "kind": "signed_out", "id": id, "idle": idle })
            }
            Self::Sending {
                id,
                revision,
                tag,
                at,
            } => {
                let at = at.map(|time| time.0);
                json!({ "kind": "sending", "id": id, "revision": revision, "tag": tag, "at": at })
            }
            Self::Identity {
                id,
                role,
                identity_id,
            } => json!({ "kind": "identity", "id": id, "role": role, "identity_id": identity_id }),
            Self::Clock(offset) => json!({ "kind": "clock", "offset": offset }),
            Self::Active => json!({ "kind": "active" }),
        };
        value.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let value = json::object(text)?;
        let id = || json::text(&value, "id");
        Some(match value.get("kind")?.as_str()? {
            "ask" => Self::Ask,
            "session" => Self::Session(value.get("record")?.clone()),
            "signed_out" => Self::SignedOut {
                id: id()?,
                idle: value.get("idle")?.as_bool()?,
            },
            "sending" => Self::Sending {
                id: id()?,
                revision: value.get("revision")?.as_u64()?,
                tag: value.get("tag")?.as_u64()?,
                at: json::time(&value, "at"),
            },
            "identity" => Self::Identity {
                id: id()?,
                role: json::text(&value, "role"),
                identity_id: json::text(&value, "identity_id"),
            },
            "clock" => Self::Clock(value.get("offset")?.as_i64()?),
            "active" => Self::Active,
            _ => return None,
        })
    }
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    pub(super) fn broadcast(&self, message: &Message) {
        self.host.broadcast(&message.write());
    }

    pub(super) fn broadcast_session(&self, signed_in: &SignedIn) {
        let record = record::write(&self.config.provider, signed_in);
        self.broadcast(&Message::Session(record));
    }

    /// Shows the other tabs which session this tab holds, and which revision of it.
    pub(super) async fn claim(&self) {
        let name = self
            .signed_in()
            .map(|signed_in| [&signed_in.id, ".", &signed_in.revision.to_string()].concat());
        self.host.claim(name.as_deref()).await;
    }

    /// How many tabs hold the session, this one among them.
    pub async fn tab_count(&self) -> usize {
        let Some(signed_in) = self.signed_in() else {
            return 0;
        };
        let claims = self.host.claims().await;
        let same = |claim: &&String| revision_of(claim, &signed_in.id).is_some();
        claims.iter().filter(same).count()
    }

    /// Takes in what another tab told. Whatever is no message is left alone.
    pub async fn on_message(&self, text: &str) {
        let Some(message) = Message::read(text) else {
            return;
        };
        match message {
            Message::Ask => {
                if let Some(signed_in) = self.signed_in() {
                    // Without it, the tab that asks might take good tokens for old ones.
                    if self.offset_seconds() != 0 {
                        self.broadcast(&Message::Clock(self.offset_seconds()));
                    }
                    self.broadcast_session(&signed_in);
                }
            }
            Message::Session(record) => {
                if let Some(signed_in) = record::read(&self.config.provider, &record)
                    && self.adopt(signed_in)
                {
                    self.claim().await;
                }
            }
            Message::SignedOut { id, idle } => {
                if self.is_session(&id) {
                    let reason = if idle {
                        SignedOutReason::Idle
                    } else {
                        SignedOutReason::SignedOut
                    };
                    self.forget(reason);
                    self.claim().await;
                } else if !self.has_ended(&id) {
                    self.note_ended(id);
                }
            }
            Message::Sending {
                id,
                revision,
                tag,
                at,
            } => {
                self.renewal.note(&id, revision, tag, at);
                self.note_sending(&id, revision);
            }
            Message::Identity {
                id,
                role,
                identity_id,
            } => self.note_identity(&id, role, identity_id),
            Message::Clock(offset) => self.correct_clock(offset),
            Message::Active => {
                self.rest_unless_over();
            }
        }
    }

    /// Takes over a session from another tab or from the store, unless this tab knows better. Whether it did.
    pub(super) fn adopt(&self, mut signed_in: SignedIn) -> bool {
        if self.has_ended(&signed_in.id) {
            // The other tab was away when that happened.
            self.broadcast(&Message::SignedOut {
                id: signed_in.id,
                idle: false,
            });
            return false;
        }
        let current = self.session();
        let (newer, same) = match &current {
            // A sign-in that is under way here decides for itself.
            Session::SigningIn => (false, false),
            Session::SignedIn(current) if current.id == signed_in.id => {
                (signed_in.revision > current.revision, true)
            }
            Session::SignedIn(current) => (order(&signed_in) > order(current), false),
            Session::Restoring(Some(current)) => {
                let same = current.id == signed_in.id;
                let newer = if same {
                    signed_in.revision > current.revision
                } else {
                    order(&signed_in) > order(current)
                };
                (newer, same)
            }
            Session::Restoring(None) | Session::SignedOut(_) => (true, false),
        };
        self.renewal.keep_note(&signed_in);
        self.renewal.add_note(&mut signed_in);
        if !newer {
            if let Session::SignedIn(current) = &current
                && (!same || signed_in.revision < current.revision)
            {
                // The other tab was away: it has missed a later sign-in, or a renewal.
                self.broadcast_session(current);
            }
            return false;
        }
        if !same {
            self.credentials.forget();
        }
        self.renewal.reset();
        self.begin(&signed_in);
        if !same {
            self.emit(EventKind::SignedIn(signed_in.user()));
        } else if !current.has_token(&signed_in.tokens.access_token) {
            self.emit(EventKind::TokenRenewed {
                here: false,
                expires: signed_in.expires,
            });
        }
        true
    }

    fn note_sending(&self, id: &str, revision: u64) {
        if let Some(mut signed_in) = self.signed_in()
            && signed_in.id == id
            && signed_in.revision == revision
        {
            self.renewal.add_note(&mut signed_in);
            self.persist(&signed_in);
        }
    }

    fn note_identity(&self, id: &str, role: Option<String>, identity_id: Option<String>) {
        if let Some(mut signed_in) = self.signed_in()
            && signed_in.id == id
        {
            if signed_in.role != role {
                self.credentials.forget();
                self.emit(EventKind::RoleChanged(role.clone()));
            }
            signed_in.role = role;
            signed_in.identity_id = identity_id;
            self.persist(&signed_in);
        }
    }

    /// Learns what other tabs did to the session of `seen`. To be called with the renewal lock held: then
    /// nobody changes the tokens any more, and what was changed before is claimed by who did it.
    pub(super) async fn sync_from_tabs(&self, seen: &SignedIn) -> Result<(), AuthError> {
        if let Some(kept) = record::load(&self.sessions, &self.config.provider)
            && kept.id == seen.id
        {
            self.adopt(kept);
        }
        let newest = newest_claim(&self.host.claims().await, &seen.id);
        let mut waited = Duration::ZERO;
        while self.holds_less_than(&seen.id, newest) {
            if waited >= PATIENCE {
                return Err(AuthError::OtherTabSilent);
            }
            if waited.is_zero() {
                self.broadcast(&Message::Ask);
            }
            self.host.pause(GLANCE).await;
            waited += GLANCE;
        }
        Ok(())
    }

    fn holds_less_than(&self, id: &str, revision: u64) -> bool {
        self.signed_in()
            .is_some_and(|signed_in| signed_in.id == id && signed_in.revision < revision)
    }

    /// Asks the other tabs for a session, if one of them claims to have any. Whether this tab has one then.
    pub(super) async fn ask_other_tabs(&self) -> bool {
        if self.host.claims().await.is_empty() {
            return false;
        }
        self.broadcast(&Message::Ask);
        self.settled().await;
        self.signed_in().is_some()
    }
}

/// Of two sessions the later one holds, and in every tab the same one.
fn order(signed_in: &SignedIn) -> (Timestamp, &str) {
    (signed_in.since, &signed_in.id)
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Waits until it is known who is signed in, but not for ever.
    pub(super) async fn settled(&self) {
        let mut waited = Duration::ZERO;
        while waited < PATIENCE && matches!(self.session(), Session::Restoring(None)) {
            self.host.pause(GLANCE).await;
            waited += GLANCE;
        }
    }
}

fn revision_of(claim: &str, id: &str) -> Option<u64> {
    let revision = claim.strip_prefix(id)?.strip_prefix('.')?;
    revision.parse().ok()
}

fn newest_claim(claims: &[String], id: &str) -> u64 {
    let revisions = claims.iter().filter_map(|claim| revision_of(claim, id));
    revisions.max().unwrap_or_default()
}
