//! The checks of the sign-in provider and of the identity pool.

use serde_json::Value;

use velvet_rope::aws::identity_pool::{IdentityPoolError, id_request, parse_id_response};
use velvet_rope::oauth::discovery::{
    Endpoints, discovery_request, known_endpoints, parse_discovery,
};
use velvet_rope::oauth::jwks::{jwks_request, parse_jwks};
use velvet_rope::{Config, HttpRequest, Method, ProviderKind, TransportError};

use crate::finding::{Finding, State};
use crate::surroundings::Surroundings;

/// The name of a setting of the provider in `config.json`.
fn key(config: &Config, name: &str) -> String {
    match config.provider.kind {
        ProviderKind::Cognito { .. } => ["user_pool.", name].concat(),
        ProviderKind::Oidc { .. } => ["oidc.", name].concat(),
    }
}

/// Where the setting that names the provider is.
fn address_key(config: &Config) -> &'static str {
    match config.provider.kind {
        ProviderKind::Cognito { .. } => "user_pool.id, user_pool.domain and region",
        ProviderKind::Oidc { .. } => "oidc.issuer",
    }
}

fn unreachable(title: String, config: &Config, error: &TransportError) -> Finding {
    let fix = format!(
        "Correct {} in config.json, allow the host in connect-src of the Content-Security-Policy, and CORS at the provider.",
        address_key(config)
    );
    Finding::failed(title, error.to_string(), "a readable answer", fix)
}

pub(crate) async fn discovery(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    let answer = match surroundings.send(discovery_request(&config.provider)).await {
        Ok(answer) => answer,
        Err(error) => return unreachable(title, config, &error),
    };
    match parse_discovery(&answer, &config.provider) {
        Ok(endpoints) => Finding::ok(title, endpoints.issuer),
        Err(error) => {
            let expected = config.provider.issuer.clone();
            let fix = "Correct oidc.issuer in config.json: exactly as the provider writes it.";
            Finding::failed(title, error.to_string(), expected, fix)
        }
    }
}

/// The endpoints, also of a provider that has to be asked for them.
async fn endpoints(config: &Config, surroundings: &impl Surroundings) -> Option<Endpoints> {
    if let Some(known) = known_endpoints(&config.provider) {
        return Some(known);
    }
    let answer = surroundings
        .send(discovery_request(&config.provider))
        .await
        .ok()?;
    parse_discovery(&answer, &config.provider).ok()
}

fn no_endpoints(title: String) -> Finding {
    Finding::failed(
        title,
        "no endpoints are known",
        "",
        "See the discovery document above.",
    )
    .with_state(State::Skipped)
}

pub(crate) async fn keys(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    let Some(endpoints) = endpoints(config, surroundings).await else {
        return no_endpoints(title);
    };
    let answer = match surroundings.send(jwks_request(&endpoints.jwks)).await {
        Ok(answer) => answer,
        Err(error) => return unreachable(title, config, &error),
    };
    let fix = format!("Correct {} in config.json.", address_key(config));
    let expected = "keys of the kind RS256";
    match parse_jwks(&answer) {
        Ok(keys) if keys.is_empty() => {
            Finding::failed(title, "no key that can be used", expected, fix)
        }
        Ok(keys) => Finding::ok(title, format!("{} keys at {}", keys.len(), endpoints.jwks)),
        Err(_) => {
            let found = format!("{} answered {}", endpoints.jwks, answer.status);
            Finding::failed(title, found, expected, fix)
        }
    }
}

/// Asks for tokens with a code that does not exist. A provider that knows the client refuses the code (`invalid_grant`, RFC
/// 6749, section 5.2), otherwise the client.
pub(crate) async fn client(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    let Some(endpoints) = endpoints(config, surroundings).await else {
        return no_endpoints(title);
    };
    let provider = &config.provider;
    let redirect_uri = [surroundings.origin(), &provider.sign_in_path].concat();
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("code", "velvet-rope-doctor")
        .append_pair("redirect_uri", &redirect_uri)
        .append_pair("code_verifier", &"velvet-rope-doctor-".repeat(3))
        .finish();
    let request = HttpRequest::new(Method::Post, endpoints.token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = match surroundings.send(request).await {
        Ok(answer) => answer,
        Err(error) => return unreachable(title, config, &error),
    };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = body
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let client_id = key(config, "client_id");
    let expected = "invalid_grant: the client is known, the code is not";
    match code {
        "invalid_grant" => {
            Finding::ok(title, ["the provider knows ", &provider.client_id].concat())
        }
        "invalid_client" => {
            let fix = format!(
                "Set {client_id} in config.json to the id of a public app client, one without a client secret."
            );
            Finding::failed(
                title,
                ["invalid_client for ", &provider.client_id].concat(),
                expected,
                fix,
            )
        }
        "unauthorized_client" | "unsupported_grant_type" => {
            let fix = "Allow the authorization code grant for this client at the provider.";
            Finding::failed(title, code, expected, fix)
        }
        _ => {
            let found = format!("status {} {code}", answer.status);
            let fix =
                format!("Compare {client_id} in config.json with the client at the provider.");
            Finding::failed(title, found, expected, fix).with_state(State::Warning)
        }
    }
}

/// Asks for an identity of a guest, which a pool without guests refuses.
pub(crate) async fn identity_pool(
    title: String,
    config: &Config,
    surroundings: &impl Surroundings,
) -> Finding {
    let Some(pool) = &config.identity_pool else {
        return Finding::ok(title, "none is configured").with_state(State::Skipped);
    };
    let answer = match surroundings.send(id_request(pool, None)).await {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "Correct identity_pool.id and region in config.json, and allow the host in connect-src.";
            return Finding::failed(title, error.to_string(), "a readable answer", fix);
        }
    };
    match parse_id_response(&answer) {
        Ok(_) if pool.guest_access => Finding::ok(title, "it exists and lets guests in"),
        Ok(_) => {
            let fix = "Set identity_pool.guest_access to true in config.json, or switch guest access of the pool off.";
            Finding::failed(title, "it lets guests in", "no guests, as configured", fix)
                .with_state(State::Warning)
        }
        Err(IdentityPoolError::GuestsNotAllowed) if pool.guest_access => {
            let fix = "Switch guest access of the identity pool on, or set identity_pool.guest_access to false in config.json.";
            Finding::failed(title, "it lets no guests in", "guests, as configured", fix)
        }
        Err(IdentityPoolError::GuestsNotAllowed) => {
            Finding::ok(title, "it exists and lets no guests in")
        }
        Err(error) => {
            let fix = "Correct identity_pool.id in config.json: it is in the same region, like eu-west-1:…";
            Finding::failed(title, error.to_string(), pool.id.clone(), fix)
        }
    }
}
