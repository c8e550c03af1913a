//! Messages for calls that the gateway refuses, and for requests that cannot be signed.

mod explanations;
#[cfg(test)]
mod table;
mod values;

use self::explanations::explain;
use self::values::values;
use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::{Answer, RequestError, Route, SigningError, Timestamp};

/// A refusal as a message; `None` if the call was not refused. `now` is this device's time.
pub(crate) fn describe_refusal(
    answer: &Answer,
    route: &Route,
    context: &MessageContext,
    now: Timestamp,
) -> Option<Message> {
    let refusal = answer.refusal.as_ref()?;
    let explanation = explain(refusal, route.auth, answer.denial().as_ref());
    let suggested_action = match explanation.suggested_action {
        SuggestedAction::ChooseRole if !context.has_roles => SuggestedAction::CheckSetup,
        other => other,
    };
    let mut message =
        Message::new(explanation.title, explanation.detail, suggested_action).fix(explanation.fix);
    let values = values(answer, refusal, route, context, now).into_iter();
    message.values = values
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Some(message)
}

/// Why a request could not be signed, as a message.
pub(super) fn describe_signing_error(error: SigningError) -> Message {
    match error {
        SigningError::Unavailable => Message::new(
            "The module that signs requests could not be loaded",
            "This site serves it as signer.js, apart from the page.",
            SuggestedAction::Retry,
        )
        .fix("Serve signer.js and signer_bg.wasm from the same release as index.html."),
        SigningError::Invalid => Message::new(
            "The request could not be signed",
            "Its address or one of its headers is not valid.",
            SuggestedAction::None,
        )
        .fix("Check api.base_url, api.key and the route's path in config.json."),
    }
}

pub(super) fn request(error: &RequestError) -> Message {
    Message::new(
        "The request is not valid",
        format!("It was not sent: {error}."),
        SuggestedAction::None,
    )
}

pub(super) fn cancelled() -> Message {
    Message::new(
        "The call was cancelled",
        "The page ended the call before the answer came.",
        SuggestedAction::Retry,
    )
}
