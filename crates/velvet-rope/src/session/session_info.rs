//! The parts of a session that are not secret.

use super::state::SignedIn;
use super::state::User;
use crate::oauth::id_token::list_claims;
use crate::time::Timestamp;

/// A session without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// The user.
    pub user: User,
    /// Every claim of the ID token with its value.
    pub claims: Vec<(String, String)>,
    /// The groups of the user pool that the user is in.
    pub groups: Vec<String>,
    /// The roles that the user may choose from, as ARNs.
    pub roles: Vec<String>,
    /// The role that the user chose; without one the identity pool chooses.
    pub role: Option<String>,
    /// The role that the identity pool gives without a choice.
    pub preferred_role: Option<String>,
    /// The identity in the identity pool, once it is known.
    pub identity_id: Option<String>,
    /// When the user signed in.
    pub since: Timestamp,
    /// When the first of the tokens expires.
    pub expires: Timestamp,
    /// When the tokens are to be renewed, if they can be.
    pub renews_at: Option<Timestamp>,
    /// Whether this tab fetched the tokens that are in use.
    pub renewed_here: bool,
    /// Whether renewals replace the refresh token, if that is known.
    pub rotates: Option<bool>,
    /// When the AWS credentials expire, if there are any.
    pub credentials_expire: Option<Timestamp>,
}

impl SessionInfo {
    pub(super) fn new(signed_in: SignedIn, credentials_expire: Option<Timestamp>) -> Self {
        Self {
            user: signed_in.user(),
            claims: list_claims(&signed_in.tokens.id_token),
            renews_at: signed_in.renews_at(),
            groups: signed_in.claims.groups,
            roles: signed_in.claims.roles,
            role: signed_in.identity.role.value,
            preferred_role: signed_in.claims.preferred_role,
            identity_id: signed_in.identity.id.value,
            since: signed_in.since,
            expires: signed_in.expires,
            renewed_here: signed_in.renewed_here,
            rotates: signed_in.rotates,
            credentials_expire,
        }
    }
}
