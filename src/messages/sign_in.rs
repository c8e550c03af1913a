//! Words for what goes wrong while signing in.

use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::oauth::{
    AuthorizeError, DiscoveryError, IdTokenError, MalformedCallback, TokenError, TokenErrorCode,
};
use velvet_rope::{AuthError, PasskeyResult, StoreError};

pub(super) fn describe(error: &AuthError, setting: &MessageContext) -> Message {
    match error {
        AuthError::InsecureContext => Message::new(
            "Signing in needs a secure address",
            format!(
                "{} is neither https nor localhost. Open routes still work here.",
                setting.origin
            ),
            SuggestedAction::None,
        )
        .fix("Open the site over https, or on this machine as http://localhost."),
        AuthError::NoRandomness => Message::new(
            "This browser gave no random numbers",
            "Without them a sign-in cannot be protected against forgery.",
            SuggestedAction::None,
        ),
        AuthError::Store(error) => storage(*error),
        AuthError::MalformedCallback(error) => malformed(*error),
        AuthError::SignInRefused { error, description } => {
            refused(error, description.as_deref(), setting)
        }
        AuthError::StateUnknown => Message::new(
            "This sign-in was not started here",
            "The address carries a state that this tab does not know: it was opened from a bookmark or in another \
             tab, was used before, or was made by somebody else. Nobody was signed in by it.",
            SuggestedAction::SignIn,
        ),
        AuthError::OtherIssuer(issuer) => Message::new(
            "The configuration changed during the sign-in",
            format!(
                "It was started for {issuer} and is now set to {}.",
                setting.user_pool
            ),
            SuggestedAction::SignIn,
        ),
        AuthError::Token(error) => token(error, setting),
        AuthError::IdToken(error) => id_token(error, setting),
        AuthError::Discovery(error) => discovery(error, setting),
        AuthError::Keys(error) => unexpected_answer(
            "The keys of the sign-in provider could not be read",
            "Without them nobody can tell whether a token is genuine, so nobody was signed in by it.",
            error.status,
            setting,
        ),
        AuthError::RenewalUncertain => Message::new(
            "Your session will end soon",
            "The answer to the last renewal got lost on the way, and the provider takes each refresh token only once.",
            SuggestedAction::SignIn,
        ),
        AuthError::OtherTabSilent => Message::new(
            "Another tab has your session",
            "It holds newer tokens and did not hand them over. Close it, or try again.",
            SuggestedAction::Retry,
        ),
        AuthError::SessionChanged => Message::new(
            "The session changed meanwhile",
            "The user or the role changed while the request waited for AWS credentials, so it was not sent.",
            SuggestedAction::Retry,
        ),
        AuthError::NewerRelease => Message::new(
            "There is a newer version of this site",
            "Another tab has loaded it and now renews the session. Reload this page to use it here too.",
            SuggestedAction::None,
        ),
        AuthError::RoleNotOffered => Message::new(
            "This role is not yours to choose",
            "Your ID token does not list it under cognito:roles.",
            SuggestedAction::None,
        ),
        AuthError::NoPasskeys => Message::new(
            "Passkeys cannot be added here",
            "Only the managed login of a Cognito user pool has a page for that.",
            SuggestedAction::None,
        ),
        AuthError::SessionExpired => Message::new(
            "Your session has ended",
            "Its tokens have expired and cannot be renewed.",
            SuggestedAction::SignIn,
        ),
        _ => Message::new(
            "Sign in first",
            "This route is behind the velvet rope: only people who are signed in may call it. Nothing was sent.",
            SuggestedAction::SignIn,
        ),
    }
}

/// How it went to add a passkey, in words.
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
            "The sign-in page did not say why. Perhaps it was cancelled, or this device has nothing to keep a passkey \
             in.",
            SuggestedAction::None,
        ),
    }
}

fn storage(error: StoreError) -> Message {
    match error {
        StoreError::Blocked => Message::new(
            "This browser blocks site data",
            "A sign-in has to be remembered while you are on the sign-in page, and the browser keeps nothing for \
             this site.",
            SuggestedAction::None,
        )
        .fix("Allow cookies and site data for this site in the browser's settings, then reload the page."),
        StoreError::Full => Message::new(
            "This browser has no room left for site data",
            "A sign-in has to be remembered while you are on the sign-in page.",
            SuggestedAction::None,
        )
        .fix("Clear this site's data in the browser's settings, then reload the page."),
    }
}

fn malformed(error: MalformedCallback) -> Message {
    let detail = match error {
        MalformedCallback::Duplicate(name) => {
            format!("It carries the parameter {name} twice, so it is not used.")
        }
        MalformedCallback::StateMissing => {
            "It carries a code but no state that would tie it to this browser, so it is not used."
                .to_owned()
        }
    };
    Message::new(
        "The sign-in came back with a broken address",
        detail,
        SuggestedAction::SignIn,
    )
}

fn refused(error: &AuthorizeError, description: Option<&str>, setting: &MessageContext) -> Message {
    let said = description.map_or_else(String::new, |text| {
        format!(" {} says: “{text}”.", setting.provider)
    });
    let message = |title: &str, detail: &str| {
        Message::new(title, format!("{detail}{said}"), SuggestedAction::SignIn)
    };
    match error {
        AuthorizeError::AccessDenied => {
            message("The sign-in was cancelled", "You or the identity provider said no. Nothing has changed.")
        }
        AuthorizeError::InvalidRequest => message(
            &setting.by_provider("did not accept the sign-in"),
            "A parameter was wrong, a Lambda trigger refused, or the identity provider behind it \
             failed.",
        )
        .fix("Look at the triggers and identity providers there, and at the app client's callback addresses."),
        AuthorizeError::UnauthorizedClient => {
            message("The app client may not sign people in", "The authorization code grant is not switched on for it.")
                .fix(format!(
                    "For app client {}, allow the grant “Authorization code”; in a user pool it stands under Login pages.",
                    setting.client_id
                ))
        }
        AuthorizeError::InvalidScope => {
            message("The app client lacks a scope", "The sign-in asked for a scope that it may not have.").fix(format!(
                "Allow the scopes of {} in config.json for app client {}, or ask for fewer.",
                setting.key("scopes"),
                setting.client_id
            ))
        }
        AuthorizeError::LoginRequired => message("You are not signed in", "There was no earlier sign-in to take up."),
        AuthorizeError::ServerError => message(&setting.by_provider("has a problem of its own"), "Try again in a moment."),
        AuthorizeError::Unknown(code) => message("The sign-in was refused", &format!("The error code is {code}.")),
    }
}

fn token(error: &TokenError, setting: &MessageContext) -> Message {
    let TokenError::Refused { error, description } = error else {
        return unexpected_tokens(error, setting);
    };
    let said = description.as_ref().map_or_else(String::new, |text| {
        format!(" {} says: “{text}”.", setting.provider)
    });
    let message = |title: &str, detail: &str, suggested_action| {
        Message::new(title, format!("{detail}{said}"), suggested_action)
    };
    match error {
        TokenErrorCode::InvalidGrant => message(
            "This sign-in has been used up",
            "Its code was used before, is older than five minutes, or does not belong to this browser.",
            SuggestedAction::SignIn,
        ),
        TokenErrorCode::InvalidClient => message(
            &setting.by_provider("does not take this app client"),
            "There is no such client, or it has a secret, which a page in a browser cannot keep.",
            SuggestedAction::None,
        )
        .fix(format!(
            "Set {} to an app client without a secret; it is {} now.",
            setting.key("client_id"),
            setting.client_id
        )),
        TokenErrorCode::UnauthorizedClient => message(
            "The app client may not trade a code for tokens",
            "The authorization code grant is off, or the callback address differs from the registered one.",
            SuggestedAction::None,
        )
        .fix(format!("For app client {}, allow the code grant and the callback address {}.", setting.client_id, setting.redirect_uri)),
        TokenErrorCode::InvalidRequest | TokenErrorCode::UnsupportedGrantType => {
            message(&setting.by_provider("did not understand the token request"), "A parameter is missing or wrong.", SuggestedAction::None)
                .fix(format!("Check that {}, {}, is right.", setting.domain_key, setting.domain))
        }
        TokenErrorCode::Unknown(code) => {
            message(&setting.by_provider("gave no tokens"), &format!("The error code is {code}."), SuggestedAction::None)
        }
    }
}

fn unexpected_tokens(error: &TokenError, setting: &MessageContext) -> Message {
    match error {
        TokenError::Unexpected {
            status: status @ (429 | 500..),
        } => Message::new(
            setting.by_provider("has a problem of its own"),
            format!(
                "The token endpoint of {} answered {status}. Sign in again in a moment.",
                setting.domain
            ),
            SuggestedAction::Retry,
        ),
        TokenError::TokenType(found) => Message::new(
            setting.by_provider("sent an access token that this app cannot use"),
            format!("Its type is “{found}”; only Bearer is supported."),
            SuggestedAction::None,
        )
        .fix(format!(
            "Switch sender-constrained tokens (DPoP) off for client {}.",
            setting.client_id
        )),
        TokenError::NoIdToken => Message::new(
            setting.by_provider("sent no ID token"),
            "Without it nobody can tell who signed in.",
            SuggestedAction::None,
        )
        .fix(format!(
            "Allow the scope openid for the app client, and keep it in {}.",
            setting.key("scopes")
        )),
        _ => Message::new(
            "Something else answers in the token endpoint's place",
            format!(
                "{} sent neither tokens nor an error of OAuth.",
                setting.domain
            ),
            SuggestedAction::None,
        )
        .fix(format!("Check {} in config.json.", setting.domain_key)),
    }
}

fn id_token(error: &IdTokenError, setting: &MessageContext) -> Message {
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
                setting.domain_key
            ))
        }
        IdTokenError::Audience { expected, found } => {
            message(format!("It is for app client {found}, not for {expected}.")).fix(format!(
                "Check {} in config.json.",
                setting.key("client_id")
            ))
        }
        IdTokenError::TokenUse { .. } => message("It is a token of another kind.".to_owned()),
        IdTokenError::Nonce => message("It belongs to another sign-in.".to_owned()),
        IdTokenError::Subject => message("It belongs to another person.".to_owned()),
        IdTokenError::NotReauthenticated => {
            message("You were asked to sign in again, and it does not say that you did.".to_owned())
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
            message("The access token that came with it is not the one it names.".to_owned())
        }
        IdTokenError::Expired { exp, now } => clock("ahead", now.since(*exp).as_secs()),
        IdTokenError::IssuedInFuture { iat, now } => clock("behind", iat.since(*now).as_secs()),
    }
}

fn discovery(error: &DiscoveryError, setting: &MessageContext) -> Message {
    match error {
        DiscoveryError::Unexpected { status } => unexpected_answer(
            "The sign-in provider does not describe itself",
            "Below its issuer there should be a discovery document.",
            *status,
            setting,
        ),
        DiscoveryError::Issuer { expected, found } => Message::new(
            "The sign-in provider calls itself by another name",
            format!("Its discovery document says “{found}”, and the configuration “{expected}”."),
            SuggestedAction::None,
        )
        .fix("Set oidc.issuer in config.json to exactly what the provider says."),
        DiscoveryError::Address(key) => Message::new(
            "The sign-in provider leaves out an address",
            format!("Its discovery document has no https address for {key}."),
            SuggestedAction::None,
        )
        .fix("Check oidc.issuer in config.json."),
    }
}

fn unexpected_answer(title: &str, detail: &str, status: u16, setting: &MessageContext) -> Message {
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
        setting.domain_key, setting.domain
    ))
}

fn clock(direction: &str, seconds: u64) -> Message {
    Message::new(
        "This device's clock is wrong",
        format!(
            "It is {} {direction}, so the tokens do not seem to be valid now.",
            duration(seconds)
        ),
        SuggestedAction::SignIn,
    )
    .fix("Set date and time of this device to automatic.")
}

/// Seconds in words, in the largest unit that fits.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
