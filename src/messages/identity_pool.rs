//! Messages for errors of the identity pool.

use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::IdentityPoolError;

pub(super) fn not_configured() -> Message {
    Message::new(
        "No identity pool is configured",
        "This route requires a signed request, and signing needs credentials from a Cognito identity pool.",
        SuggestedAction::None,
    )
    .fix("Set identity_pool.id in config.json.")
}

pub(super) fn describe(error: &IdentityPoolError, context: &MessageContext) -> Message {
    let pool = &context.identity_pool;
    let message =
        |title: &str, detail: &str, suggested_action| Message::new(title, detail, suggested_action);
    match error {
        IdentityPoolError::NotLinked | IdentityPoolError::IssuerMismatch => not_linked(context),
        IdentityPoolError::NoRole => no_role(pool),
        IdentityPoolError::PoolNotFound => {
            message("There is no such identity pool", "It was deleted, or is in another region.", SuggestedAction::None)
                .fix(format!("Check identity_pool.id in config.json; it is {pool} now."))
        }
        IdentityPoolError::GuestsNotAllowed => {
            message("The identity pool gives guests no credentials", "Sign in to get credentials.", SuggestedAction::None)
        }
        IdentityPoolError::RoleNotAllowed => role_not_allowed(pool),
        IdentityPoolError::TokenExpired => {
            message("Your sign-in has expired", "The identity pool no longer takes the ID token.", SuggestedAction::SignIn)
        }
        IdentityPoolError::TokenInactive => message(
            "Your sign-in was ended elsewhere",
            "The account was signed out everywhere, disabled or deleted.",
            SuggestedAction::SignIn,
        ),
        IdentityPoolError::InvalidToken(said) => Message::new(
            "The identity pool does not accept the ID token",
            format!("It says: “{said}”."),
            SuggestedAction::None,
        )
        .fix("Check that user_pool.id and identity_pool.id in config.json belong to the same system."),
        IdentityPoolError::IdentityForbidden => message(
            "The identity belongs to another sign-in",
            "The identity pool does not give it to this login.",
            SuggestedAction::None,
        )
        .fix(format!("Check that only one login provider of identity pool {pool} belongs to this user pool.")),
        IdentityPoolError::IdentityNotFound => message(
            "Your identity was deleted from the identity pool",
            "This app asked for a new one, and the identity pool does not find that one either.",
            SuggestedAction::Retry,
        ),
        IdentityPoolError::Throttled => {
            message("The identity pool is busy", "It has too many requests at the moment.", SuggestedAction::Retry)
        }
        IdentityPoolError::Refused { code, message: said } => Message::new(
            "The identity pool refused",
            format!("{code}: “{said}”."),
            SuggestedAction::None,
        )
        .fix(format!("Look up this error for identity pool {pool}.")),
        IdentityPoolError::Unexpected { status: status @ 500.. } => Message::new(
            "The identity pool had an internal error",
            format!("It answered {status}."),
            SuggestedAction::Retry,
        ),
        IdentityPoolError::Unexpected { status } => Message::new(
            "The identity pool sent an unexpected answer",
            format!("It answered {status}, which is not an answer of Cognito Identity."),
            SuggestedAction::None,
        )
        .fix("Check identity_pool.endpoint in config.json, if it is set."),
    }
}

fn not_linked(context: &MessageContext) -> Message {
    Message::new(
        context.either(
            "The identity pool is not linked to the user pool",
            "The identity pool is not linked to the sign-in provider",
        ),
        "It does not accept its ID tokens for this app client.",
        SuggestedAction::None,
    )
    .fix(format!(
        "In identity pool {}, User access, add the {} {} with app client {}.",
        context.identity_pool,
        context.either("Cognito user pool", "OpenID Connect provider"),
        context.user_pool,
        context.client_id
    ))
}

fn no_role(pool: &str) -> Message {
    Message::new(
        "The identity pool has no role for you",
        "No role is attached for signed-in users, or the role does not trust this identity pool.",
        SuggestedAction::None,
    )
    .fix(format!(
        "Attach an authenticated role to identity pool {pool}; its trust policy must allow \
         sts:AssumeRoleWithWebIdentity for cognito-identity.amazonaws.com with aud = {pool}."
    ))
}

fn role_not_allowed(pool: &str) -> Message {
    Message::new(
        "The identity pool does not give you that role",
        "It does not let users choose a role, or this role is not one of yours.",
        SuggestedAction::None,
    )
    .fix(format!(
        "In identity pool {pool}, User access, set the role of the identity provider to “Choose role with \
         preferred_role claim in tokens”."
    ))
}
