//! Messages for tokens that the provider does not issue, or that the app does not accept.

use super::sign_in::unexpected_answer;
use super::time::duration;
use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::oauth::{IdTokenError, TokenError, TokenErrorCode};

pub(super) fn keys(status: u16, context: &MessageContext) -> Message {
    unexpected_answer(
        "The keys of the sign-in provider could not be read",
        "Without them the app cannot check the signature of the ID token, so the user was not signed in.",
        status,
        context,
    )
}

pub(super) fn token(error: &TokenError, context: &MessageContext) -> Message {
    let TokenError::Refused { error, description } = error else {
        return unexpected_tokens(error, context);
    };
    let said = description.as_ref().map_or_else(String::new, |text| {
        format!(" {} says: “{text}”.", context.provider)
    });
    let message = |title: &str, detail: &str, suggested_action| {
        Message::new(title, format!("{detail}{said}"), suggested_action)
    };
    match error {
        TokenErrorCode::InvalidGrant => message(
            "This sign-in has been used up",
            "Its code was used before, is older than five minutes, or belongs to another browser.",
            SuggestedAction::SignIn,
        ),
        TokenErrorCode::InvalidClient => message(
            &context.by_provider("does not accept this app client"),
            "There is no such client, or it has a client secret, which a page in a browser cannot protect.",
            SuggestedAction::None,
        )
        .fix(format!(
            "Set {} to an app client without a secret; it is {} now.",
            context.key("client_id"),
            context.client_id
        )),
        TokenErrorCode::UnauthorizedClient => message(
            "The app client may not exchange a code for tokens",
            "The authorization code grant is off, or the callback address differs from the registered one.",
            SuggestedAction::None,
        )
        .fix(format!("For app client {}, allow the code grant and the callback address {}.", context.client_id, context.redirect_uri)),
        TokenErrorCode::InvalidRequest | TokenErrorCode::UnsupportedGrantType => {
            message(&context.by_provider("did not understand the token request"), "A parameter is missing or wrong.", SuggestedAction::None)
                .fix(format!("Check that {}, {}, is right.", context.domain_key, context.domain))
        }
        TokenErrorCode::Unknown(code) => {
            message(&context.by_provider("issued no tokens"), &format!("The error code is {code}."), SuggestedAction::None)
        }
    }
}

fn unexpected_tokens(error: &TokenError, context: &MessageContext) -> Message {
    match error {
        TokenError::Unexpected {
            status: status @ (429 | 500..),
        } => Message::new(
            context.by_provider("had an internal error"),
            format!(
                "The token endpoint of {} answered {status}. Sign in again in a moment.",
                context.domain
            ),
            SuggestedAction::Retry,
        ),
        TokenError::TokenType(found) => Message::new(
            context.by_provider("sent an access token that this app cannot use"),
            format!("Its type is “{found}”; only Bearer is supported."),
            SuggestedAction::None,
        )
        .fix(format!(
            "Switch sender-constrained tokens (DPoP) off for client {}.",
            context.client_id
        )),
        TokenError::NoIdToken => Message::new(
            context.by_provider("sent no ID token"),
            "The app needs it to know the signed-in user.",
            SuggestedAction::None,
        )
        .fix(format!(
            "Allow the scope openid for the app client, and list it in {}.",
            context.key("scopes")
        )),
        TokenError::Unexpected { .. } | TokenError::Refused { .. } => Message::new(
            "The token endpoint sent an unexpected answer",
            format!("{} sent neither tokens nor an OAuth error.", context.domain),
            SuggestedAction::None,
        )
        .fix(format!("Check {} in config.json.", context.domain_key)),
    }
}

pub(super) fn id_token(error: &IdTokenError, context: &MessageContext) -> Message {
    let message = |detail: String| {
        Message::new(
            "The ID token cannot be trusted",
            detail,
            SuggestedAction::SignIn,
        )
    };
    match error {
        IdTokenError::Malformed(why) => message(format!("It cannot be read: {why}.")),
        IdTokenError::Issuer { expected, found } => {
            message(format!("It was issued by {found}, not by {expected}.")).fix(format!(
                "Check {} in config.json: it must belong to the same provider.",
                context.domain_key
            ))
        }
        IdTokenError::Audience { expected, found } => {
            message(format!("It is for app client {found}, not for {expected}.")).fix(format!(
                "Check {} in config.json.",
                context.key("client_id")
            ))
        }
        IdTokenError::TokenUse { .. } => message("It is not an ID token, but another kind of token.".to_owned()),
        IdTokenError::Nonce => message("It belongs to another sign-in.".to_owned()),
        IdTokenError::Subject => message("It belongs to another user.".to_owned()),
        IdTokenError::NotReauthenticated => {
            message("It does not confirm that you signed in again.".to_owned())
        }
        IdTokenError::Algorithm(algorithm) => message(format!(
            "It is signed with “{algorithm}”; only RS256 is accepted."
        )),
        IdTokenError::UnknownKey => {
            message("It is signed with a key that the provider does not publish.".to_owned())
        }
        IdTokenError::UnnamedKey => message(
            "It does not name the key that it is signed with (kid), and the provider publishes several."
                .to_owned(),
        ),
        IdTokenError::Signature => message("Its signature is wrong.".to_owned()),
        IdTokenError::AccessTokenHash => {
            message("Its hash (at_hash) does not match the access token.".to_owned())
        }
        IdTokenError::Expired { exp, now } => clock("ahead", now.since(*exp).as_secs()),
        IdTokenError::IssuedInFuture { iat, now } => clock("behind", iat.since(*now).as_secs()),
    }
}

fn clock(direction: &str, seconds: u64) -> Message {
    Message::new(
        "This device's clock is wrong",
        format!(
            "It is {} {direction}, so the tokens do not seem valid now.",
            duration(seconds)
        ),
        SuggestedAction::SignIn,
    )
    .fix("Set date and time of this device to automatic.")
}
