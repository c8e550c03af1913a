//! What may be shown of a session: everything but the secrets.

use super::Client;
use super::state::User;
use crate::host::Host;
use crate::http::Transport;
use crate::oauth::id_token::list_claims;
use crate::store::Store;
use crate::time::Timestamp;

/// A session as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Who is signed in.
    pub user: User,
    /// Every claim of the ID token with its value.
    pub claims: Vec<(String, String)>,
    /// The groups of the user pool that the user is in.
    pub groups: Vec<String>,
    /// The roles that the user may choose from, as ARNs.
    pub roles: Vec<String>,
    /// The role that was chosen; without one the identity pool takes its own choice.
    pub role: Option<String>,
    /// The role that the identity pool gives without a choice.
    pub preferred_role: Option<String>,
    /// The identity in the identity pool, once it is known.
    pub identity_id: Option<String>,
    /// When the person signed in.
    pub since: Timestamp,
    /// When the first of the tokens stops to be valid.
    pub expires: Timestamp,
    /// When the tokens are to be renewed, if they can be.
    pub renews_at: Option<Timestamp>,
    /// Whether this tab fetched the tokens that are in use.
    pub renewed_here: bool,
    /// Whether renewals replace the refresh token, as far as it is known.
    pub rotates: Option<bool>,
    /// When the AWS credentials stop to work, if there are any.
    pub credentials_expire: Option<Timestamp>,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// What may be shown of the session, if there is one.
    pub fn session_info(&self) -> Option<SessionInfo> {
        let signed_in = self.signed_in()?;
        Some(SessionInfo {
            user: signed_in.user(),
            claims: list_claims(&signed_in.tokens.id_token),
            renews_at: signed_in.renews_at(),
            groups: signed_in.claims.groups,
            roles: signed_in.claims.roles,
            role: signed_in.role,
            preferred_role: signed_in.claims.preferred_role,
            identity_id: signed_in.identity_id,
            since: signed_in.since,
            expires: signed_in.expires,
            renewed_here: signed_in.renewed_here,
            rotates: signed_in.rotates,
            credentials_expire: self.credentials.expiration(),
        })
    }
}
