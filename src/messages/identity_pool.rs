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
            message("There is no such identity pool", "It was deleted, or is in another region.", SuggestedAction::CheckSetup)
                .fix(format!("Check identity_pool.id in config.json; it is {pool} now."))
        }
        IdentityPoolError::GuestsNotAllowed => {
            message("The identity pool gives guests no credentials", "Sign in to get credentials.", SuggestedAction::SignIn)
                .fix("To call signed routes without a sign-in, set GuestAccess of the template and identity_pool.guest_access in config.json.")
        }
        IdentityPoolError::RoleNotAllowed => role_not_allowed(pool),
        IdentityPoolError::TokenExpired => {
            message("Your sign-in has expired", "The identity pool no longer takes the ID token.", SuggestedAction::SignIn)
                .fix("Sign in again. If that does not help, set date and time of this device to automatic.")
        }
        IdentityPoolError::TokenInactive => message(
            "Your sign-in was ended elsewhere",
            "The account was signed out everywhere, disabled or deleted.",
            SuggestedAction::SignIn,
        )
        .fix("Look up the user in the user pool: Cognito, User pools, Users."),
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
        )
        .fix(format!("Check that nothing deletes the identities of identity pool {pool}.")),
        IdentityPoolError::Throttled => {
            message("The identity pool is busy", "It has too many requests at the moment.", SuggestedAction::Retry)
                .fix("Wait and try again. The limits are in Service Quotas, Amazon Cognito Federated Identities.")
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
        SuggestedAction::CheckSetup,
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
        SuggestedAction::CheckSetup,
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
        SuggestedAction::ChooseRole,
    )
    .fix(format!(
        "In identity pool {pool}, User access, set the role of the identity provider to “Choose role with \
         preferred_role claim in tokens”."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::docs_table;
    use serde_json::Value;
    use velvet_rope::HttpResponse;
    use velvet_rope::aws::identity_pool::parse_id_response;

    /// Answers as AWS sends them, with their source.
    const RECORDED: &str = include_str!("../../tests/data/identity_pool.json");
    const HEAD: &str = "| Message of the identity pool | What happened | Why | What to change |\n| --- | --- | --- | --- |\n";

    /// A context with a mark in place of each value.
    fn placeholders() -> MessageContext {
        let text = include_str!("../../public/config.example.json");
        let config = velvet_rope::parse_config(text).unwrap();
        let mark = || "…".to_owned();
        MessageContext {
            identity_pool: mark(),
            user_pool: mark(),
            client_id: mark(),
            ..MessageContext::new(&config, "https://app.example.com")
        }
    }

    fn recorded() -> Vec<(String, IdentityPoolError)> {
        let list: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let read = |one: &Value| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            assert!(!text("source").is_empty());
            let (code, message) = (text("code"), text("message"));
            assert!(message.starts_with(text("starts").split('…').next().unwrap()));
            let body = serde_json::json!({ "__type": code, "message": message }).to_string();
            let error = parse_id_response(&HttpResponse::new(400, Vec::new(), body));
            (text("starts"), error.unwrap_err())
        };
        list.iter().map(read).collect()
    }

    #[test]
    fn the_table_in_the_documentation_has_the_words_of_the_app() {
        let context = placeholders();
        let mut rows: Vec<(Message, Vec<String>)> = Vec::new();
        for (starts, error) in recorded() {
            let message = describe(&error, &context);
            let start = ["`", &starts, "`"].concat();
            match rows.iter_mut().find(|(known, _)| *known == message) {
                Some((_, starts)) => starts.push(start),
                None => rows.push((message, vec![start])),
            }
        }
        let rows = rows.into_iter().map(|(message, starts)| {
            let (starts, fix) = (starts.join(", "), message.fix.unwrap());
            format!(
                "| {starts} | {} | {} | {fix} |\n",
                message.title, message.detail
            )
        });
        docs_table::check(HEAD, &rows.collect::<String>());
    }

    /// A number for each kind of error that has a message of AWS. A new one does not compile until it is here.
    fn kind(error: &IdentityPoolError) -> Option<usize> {
        Some(match error {
            IdentityPoolError::NotLinked => 0,
            IdentityPoolError::TokenExpired => 1,
            IdentityPoolError::IssuerMismatch => 2,
            IdentityPoolError::TokenInactive => 3,
            IdentityPoolError::InvalidToken(_) => 4,
            IdentityPoolError::IdentityNotFound => 5,
            IdentityPoolError::IdentityForbidden => 6,
            IdentityPoolError::RoleNotAllowed => 7,
            IdentityPoolError::GuestsNotAllowed => 8,
            IdentityPoolError::NoRole => 9,
            IdentityPoolError::PoolNotFound => 10,
            IdentityPoolError::Throttled => 11,
            IdentityPoolError::Refused { .. } => 12,
            IdentityPoolError::Unexpected { .. } => return None,
        })
    }

    #[test]
    fn every_kind_of_error_is_recorded() {
        let mut kinds: Vec<usize> = recorded()
            .iter()
            .filter_map(|(_, error)| kind(error))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds, (0..=12).collect::<Vec<_>>());
    }
}
