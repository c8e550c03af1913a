//! Messages for requests without a readable answer.

use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::{Step, TransportError};

pub(super) fn describe(during: Step, error: &TransportError, context: &MessageContext) -> Message {
    let service = match during {
        Step::TokenEndpoint => "The token endpoint",
        Step::Discovery => "The sign-in provider",
        Step::Keys => "The list of the provider's keys",
        Step::IdentityPool => "The identity pool",
        Step::Api => "The API",
    };
    match error {
        TransportError::Offline => Message::new(
            "You are offline",
            "This device has no network. Try again when it is back.",
            SuggestedAction::Retry,
        ),
        TransportError::TimedOut { host, after } => Message::new(
            format!("{service} takes too long"),
            format!("{host} did not answer within {} seconds.", after.as_secs()),
            SuggestedAction::Retry,
        ),
        TransportError::Unreachable { host } => Message::new(
            format!("{service} cannot be reached, or its answer cannot be read"),
            format!(
                "The request to {host} ended without a readable answer: a network failure (connection, name or \
                 certificate), or an answer without CORS headers for {}. Browsers do not show a page which of the two.",
                context.origin
            ),
            SuggestedAction::Retry,
        )
        .fix(fix(during, context)),
        TransportError::Refused { host } => Message::new(
            "The browser refused to send the request",
            format!("The address at {host} or a header of the request is not valid."),
            SuggestedAction::None,
        )
        .fix("Check the addresses and the API key in config.json."),
    }
}

fn fix(during: Step, context: &MessageContext) -> String {
    match during {
        Step::TokenEndpoint | Step::Discovery | Step::Keys => format!(
            "Check that {}, {}, is right and answers.",
            context.domain_key, context.domain
        ),
        Step::IdentityPool => {
            "Check identity_pool.id (its region makes the address) and identity_pool.endpoint."
                .to_owned()
        }
        Step::Api => format!(
            "Check api.base_url, {}, and the route's path: a path that the API does not have looks the same. If it \
             answers outside a browser, CORS is missing: the API needs an OPTIONS method on each route and gateway \
             responses DEFAULT_4XX and DEFAULT_5XX with Access-Control-Allow-Origin {}.",
            context.api, context.origin
        ),
    }
}
