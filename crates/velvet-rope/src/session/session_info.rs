//! The parts of a session that are not secret.
//!
//! It is a snapshot: [`Client::session_info`](super::Client::session_info) makes a new one from the session each time.

use super::state::SignedIn;
use super::state::User;
use crate::oauth::id_token::list_claims;
use crate::time::Timestamp;

/// A session without its tokens.
///
/// For a page that shows the session, and for an app that shows or hides parts by group or role. Times are by the
/// provider's clock; compare them with [`Client::now`](super::Client::now), not with the device's clock.
///
/// # Examples
///
/// ```
/// use velvet_rope::{SessionInfo, Timestamp};
///
/// /// The API must check the group too: a user can change what a page shows.
/// fn shows_admin_pages(session: &SessionInfo) -> bool {
///     session.groups.iter().any(|group| group == "admins")
/// }
///
/// fn minutes_left(session: &SessionInfo, now: Timestamp) -> u64 {
///     session.expires.since(now).as_secs() / 60
/// }
///
/// fn department(session: &SessionInfo) -> Option<&str> {
///     let claim = session.claims.iter().find(|(name, _)| name == "custom:department");
///     claim.map(|(_, value)| value.as_str())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// The user.
    pub user: User,
    /// Every claim of the ID token with its value.
    /// A text without quotes, anything else as JSON.
    pub claims: Vec<(String, String)>,
    /// The groups of the user pool that the user is in.
    /// The claim `cognito:groups`; empty for other providers.
    pub groups: Vec<String>,
    /// The roles that the user may choose from, as ARNs.
    /// [`Client::choose_role`](super::Client::choose_role) takes one of them.
    pub roles: Vec<String>,
    /// The role that the user chose; without one the identity pool chooses.
    pub role: Option<String>,
    /// The role that the identity pool gives without a choice.
    pub preferred_role: Option<String>,
    /// The identity in the identity pool, once it is known.
    pub identity_id: Option<String>,
    /// When the user signed in.
    /// A renewal and a reload do not change it.
    pub since: Timestamp,
    /// When the first of the tokens expires.
    /// A renewal moves it forward.
    pub expires: Timestamp,
    /// When the tokens are to be renewed, if they can be.
    /// `None` without a refresh token.
    pub renews_at: Option<Timestamp>,
    /// Whether this tab fetched the tokens that are in use.
    pub renewed_here: bool,
    /// Whether renewals replace the refresh token, if that is known.
    /// `None` before the first renewal.
    pub rotates: Option<bool>,
    /// When the AWS credentials expire, if there are any.
    /// Those of this tab; `None` before the first signed call.
    pub credentials_expire: Option<Timestamp>,
}

impl SessionInfo {
    /// Copies what is not secret out of a session.
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
