//! Messages for a sign-in that cannot begin or does not succeed.

use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::oauth::{AuthorizeError, DiscoveryError, MalformedCallback};
use velvet_rope::{PasskeyResult, StoreError};

pub(super) fn insecure_context(context: &MessageContext) -> Message {
    Message::new(
        "Signing in needs a secure address",
        format!(
            "{} is neither https nor localhost. Open routes still work here.",
            context.origin
        ),
        SuggestedAction::None,
    )
    .fix("Open the site over https, or on this machine as http://localhost.")
}

pub(super) fn no_randomness() -> Message {
    Message::new(
        "This browser gave no random numbers",
        "Without them a sign-in cannot be protected against forgery.",
        SuggestedAction::None,
    )
}

pub(super) fn state_unknown() -> Message {
    Message::new(
        "This sign-in was not started here",
        "This tab does not know the state in the address: the address was opened from a bookmark or in another tab, was \
         used before, or was forged. No user was signed in by it.",
        SuggestedAction::SignIn,
    )
}

pub(super) fn other_issuer(issuer: &str, context: &MessageContext) -> Message {
    Message::new(
        "The configuration changed during the sign-in",
        format!(
            "The sign-in was started for {issuer}; the configuration now has {}.",
            context.user_pool
        ),
        SuggestedAction::SignIn,
    )
}

/// The result of adding a passkey as a message.
pub(crate) fn describe_passkey(result: PasskeyResult) -> Message {
    match result {
        PasskeyResult::Success => Message::new(
            "Passkey added",
            "From now on you can sign in with it, without a password.",
            SuggestedAction::None,
        ),
        PasskeyResult::InvalidSession => Message::new(
            "Your sign-in is older than an hour",
            "A passkey can be added only soon after signing in. Sign in again, then add it.",
            SuggestedAction::SignIn,
        ),
        PasskeyResult::Unknown => Message::new(
            "No passkey was added",
            "The sign-in page did not say why. Perhaps it was cancelled, or this device cannot store a \
             passkey.",
            SuggestedAction::None,
        ),
    }
}

pub(super) fn storage(error: StoreError) -> Message {
    match error {
        StoreError::Blocked => Message::new(
            "This browser blocks site data",
            "The app has to store a pending sign-in while you are on the sign-in page, and the browser stores \
             nothing for this site.",
            SuggestedAction::None,
        )
        .fix("Allow cookies and site data for this site in the browser's settings, then reload the page."),
        StoreError::Full => Message::new(
            "This browser has no room left for site data",
            "The app has to store a pending sign-in while you are on the sign-in page.",
            SuggestedAction::None,
        )
        .fix("Clear this site's data in the browser's settings, then reload the page."),
    }
}

pub(super) fn malformed(error: MalformedCallback) -> Message {
    let detail = match error {
        MalformedCallback::Duplicate(name) => {
            format!("It has the parameter {name} twice, so it is not used.")
        }
        MalformedCallback::StateMissing => {
            "It has a code but no state that belongs to this browser, so it is not used.".to_owned()
        }
    };
    Message::new(
        "The sign-in came back with a broken address",
        detail,
        SuggestedAction::SignIn,
    )
}

pub(super) fn refused(
    error: &AuthorizeError,
    description: Option<&str>,
    context: &MessageContext,
) -> Message {
    let said = description.map_or_else(String::new, |text| {
        format!(" {} says: “{text}”.", context.provider)
    });
    let message = |title: &str, detail: &str| {
        Message::new(title, format!("{detail}{said}"), SuggestedAction::SignIn)
    };
    match error {
        AuthorizeError::AccessDenied => {
            message("The sign-in was cancelled", "You or the identity provider cancelled it. Nothing has changed.")
        }
        AuthorizeError::InvalidRequest => message(
            &context.by_provider("did not accept the sign-in"),
            "A parameter was wrong, a Lambda trigger refused, or the identity provider behind the user pool \
             failed.",
        )
        .fix("Look at the triggers and identity providers there, and at the app client's callback addresses."),
        AuthorizeError::UnauthorizedClient => {
            message("The app client may not sign users in", "The authorization code grant is not switched on for it.")
                .fix(format!(
                    "For app client {}, allow the grant “Authorization code”; in a user pool it is under Login pages.",
                    context.client_id
                ))
        }
        AuthorizeError::InvalidScope => {
            message("The app client lacks a scope", "The sign-in asked for a scope that it may not have.").fix(format!(
                "Allow the scopes of {} in config.json for app client {}, or ask for fewer.",
                context.key("scopes"),
                context.client_id
            ))
        }
        AuthorizeError::LoginRequired => message("You are not signed in", "There is no earlier sign-in to resume."),
        AuthorizeError::ServerError => message(&context.by_provider("had an internal error"), "Try again in a moment."),
        AuthorizeError::Unknown(code) => message("The sign-in was refused", &format!("The error code is {code}.")),
    }
}

pub(super) fn discovery(error: &DiscoveryError, context: &MessageContext) -> Message {
    match error {
        DiscoveryError::Unexpected { status } => unexpected_answer(
            "The sign-in provider has no discovery document",
            "There should be one below its issuer.",
            *status,
            context,
        ),
        DiscoveryError::Issuer { expected, found } => Message::new(
            "The sign-in provider has another issuer",
            format!("Its discovery document says “{found}”, and the configuration “{expected}”."),
            SuggestedAction::None,
        )
        .fix("Set oidc.issuer in config.json to exactly what the provider says."),
        DiscoveryError::Address(key) => Message::new(
            "The discovery document is incomplete",
            format!("It has no https address for {key}."),
            SuggestedAction::None,
        )
        .fix("Check oidc.issuer in config.json."),
    }
}

pub(super) fn unexpected_answer(
    title: &str,
    detail: &str,
    status: u16,
    context: &MessageContext,
) -> Message {
    let busy = matches!(status, 429 | 500..);
    let message = Message::new(
        title,
        format!("{detail} The answer was {status}."),
        if busy {
            SuggestedAction::Retry
        } else {
            SuggestedAction::None
        },
    );
    if busy {
        return message;
    }
    message.fix(format!(
        "Check {} in config.json; it is {} now.",
        context.domain_key, context.domain
    ))
}
