//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1) and the record
//! that is stored until the response comes.

use std::fmt;

use serde::Serialize;

use super::discovery::Endpoints;
use super::encoding::{base64url, with_query};
use super::options::{Prompt, Screen, SignInOptions};
use super::pkce::CodeVerifier;
use crate::config::{Provider, ProviderKind};
use crate::json;
use crate::time::Timestamp;

/// The randomness of one sign-in, from a cryptographic source.
///
/// `browser::random` fills it. 128 bits are more than enough for `state` and `nonce`; RFC 7636, section 4.1, recommends
/// 256 bits for the verifier. Use one value for one sign-in only. `Debug` does not print it.
#[derive(Clone, Copy)]
pub struct Entropy {
    /// Becomes `state`.
    pub state: [u8; 16],
    /// Becomes `nonce`.
    pub nonce: [u8; 16],
    /// Becomes the `code_verifier`.
    pub code_verifier: [u8; 32],
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy([redacted])")
    }
}

/// A sign-in that was started and has no callback yet. It is stored under its `state`, so that several tabs can sign in
/// at the same time.
///
/// [`authorize`] creates it, the callback consumes it. The session accepts it for 15 minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingSignIn {
    /// Ties the callback to this browser (RFC 6749, section 10.12).
    /// It also becomes the id of the session.
    pub state: String,
    /// Ties the ID token to this sign-in (OpenID Connect Core, section 15.5.2).
    pub nonce: String,
    /// Ties the token request to this sign-in (RFC 7636).
    pub code_verifier: CodeVerifier,
    /// The callback address of the request; the token request must repeat it.
    pub redirect_uri: String,
    /// The page that the user left: a path starting with one slash.
    /// [`safe_return_to`] has checked it.
    pub return_to: String,
    /// The issuer of the authorization server, against mix-up attacks (RFC 9700, section 4.4).
    /// For `oidc` as the discovery document spells it.
    pub issuer: String,
    /// The time of the start, by this device's clock.
    pub created: Timestamp,
    /// The `prompt` of the request.
    pub prompt: Option<&'static str>,
    /// The user who has to sign in, if the sign-in is for that user only.
    /// The `sub` of the user who requested a step-up.
    pub subject: Option<String>,
}

impl PendingSignIn {
    /// Reads a record that `Serialize` wrote, if it is complete.
    ///
    /// Unknown members are ignored, so that a record of another release can be read.
    #[must_use]
    pub fn read(record: &str) -> Option<Self> {
        let record = json::object(record)?;
        let prompt = json::text(&record, "prompt");
        let prompts = [Prompt::None, Prompt::Login, Prompt::SelectAccount].map(Prompt::as_str);
        Some(Self {
            state: json::text(&record, "state")?,
            nonce: json::text(&record, "nonce")?,
            code_verifier: CodeVerifier::new(json::text(&record, "code_verifier")?),
            redirect_uri: json::text(&record, "redirect_uri")?,
            return_to: json::text(&record, "return_to")?,
            issuer: json::text(&record, "issuer")?,
            created: json::time(&record, "created")?,
            prompt: prompts
                .into_iter()
                .find(|known| prompt.as_deref() == Some(*known)),
            subject: json::text(&record, "subject"),
        })
    }

    /// Whether the sign-in uses the provider's session without user interaction.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.prompt == Some(Prompt::None.as_str())
    }
}

/// The address to navigate to, and the record to store.
///
/// Store the record before the browser leaves the page: without it the callback is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizeRequest {
    /// The address of the authorization endpoint with all parameters.
    pub url: String,
    /// The record that the callback needs.
    pub pending: PendingSignIn,
}

/// The page on which a sign-in begins.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// Scheme, host and port of the site, without a slash at the end.
    pub origin: &'a str,
    /// The page to come back to: a path of the site.
    pub return_to: &'a str,
    /// The user who has to sign in, if the sign-in is for that user only.
    pub subject: Option<&'a str>,
    /// The time by this device's clock.
    pub now: Timestamp,
}

/// Builds the authorization request for a sign-in.
///
/// The URL has no secret: the verifier stays in the browser, the URL has its hash only. `return_to` is replaced by `/`
/// if it leads to another site.
///
/// # Examples
///
/// ```
/// use velvet_rope::oauth::authorize::{Entropy, Start, authorize};
/// use velvet_rope::oauth::discovery::known_endpoints;
/// use velvet_rope::{SignInOptions, Timestamp, parse_config};
///
/// let config = parse_config(include_str!("../../../../public/config.example.json"))?;
/// let endpoints = known_endpoints(&config.provider).expect("a user pool has known endpoints");
/// let start = Start {
///     origin: "https://app.example.com",
///     return_to: "/orders",
///     subject: None,
///     now: Timestamp(1_700_000_000),
/// };
/// // In an app, these bytes come from a cryptographic source.
/// let entropy = Entropy { state: [1; 16], nonce: [2; 16], code_verifier: [3; 32] };
/// let request = authorize(&config.provider, &endpoints, start, &SignInOptions::default(), entropy);
/// assert!(request.url.contains("code_challenge_method=S256"));
/// assert_eq!(request.pending.return_to, "/orders");
/// # Ok::<(), velvet_rope::ConfigError>(())
/// ```
#[must_use]
pub fn authorize(
    provider: &Provider,
    endpoints: &Endpoints,
    start: Start<'_>,
    options: &SignInOptions,
    entropy: Entropy,
) -> AuthorizeRequest {
    let pending = PendingSignIn {
        state: base64url(&entropy.state),
        nonce: base64url(&entropy.nonce),
        code_verifier: CodeVerifier::from_entropy(entropy.code_verifier),
        redirect_uri: [start.origin, &provider.sign_in_path].concat(),
        return_to: safe_return_to(start.return_to).to_owned(),
        issuer: endpoints.issuer.clone(),
        created: start.now,
        prompt: options.effective_prompt().map(Prompt::as_str),
        subject: start.subject.map(str::to_owned),
    };
    let scopes = [&provider.scopes[..], &options.scopes].concat().join(" ");
    let challenge = pending.code_verifier.code_challenge();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &provider.client_id),
        ("redirect_uri", &pending.redirect_uri),
        ("scope", &scopes),
        ("state", &pending.state),
        ("nonce", &pending.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    add_options(&mut pairs, provider, options);
    let page = page(endpoints, provider, options.screen);
    AuthorizeRequest {
        url: with_query(&page, &pairs),
        pending,
    }
}

/// Adds the optional parameters that have a value. Their names differ between user pools and other providers.
fn add_options<'a>(
    pairs: &mut Vec<(&'a str, &'a str)>,
    provider: &'a Provider,
    options: &'a SignInOptions,
) {
    let (language, audience) = match &provider.kind {
        ProviderKind::Cognito { .. } => ("lang", None),
        ProviderKind::Oidc { audience, .. } => ("ui_locales", audience.as_deref()),
    };
    // Other providers have no page of their own for it (Initiating User Registration via OpenID Connect 1.0).
    let create = options.screen == Screen::SignUp && language == "ui_locales";
    let prompt = options.effective_prompt().map(Prompt::as_str);
    let optional = [
        ("identity_provider", identity_provider(provider, options)),
        ("idp_identifier", options.idp_identifier.as_deref()),
        ("login_hint", options.login_hint.as_deref()),
        (language, options.lang.as_deref()),
        ("prompt", if create { Some("create") } else { prompt }),
        ("resource", options.resource.as_deref()),
        ("audience", audience),
    ];
    for (name, value) in optional {
        pairs.extend(value.map(|value| (name, value)));
    }
}

/// The configured one only where nothing else chooses, and not for making an account in the user pool itself.
fn identity_provider<'a>(provider: &'a Provider, options: &'a SignInOptions) -> Option<&'a str> {
    let usual = options.idp_identifier.is_none() && options.screen == Screen::SignIn;
    let configured = provider.identity_provider_name.as_ref().filter(|_| usual);
    let chosen = options.identity_provider.as_ref().or(configured);
    chosen.map(String::as_str)
}

/// The page to begin on. Only user pools have addresses of their own for sign-up and for a new password.
fn page(endpoints: &Endpoints, provider: &Provider, screen: Screen) -> String {
    match (&provider.kind, screen) {
        (ProviderKind::Cognito { domain, .. }, Screen::SignUp) => [domain, "/signup"].concat(),
        (ProviderKind::Cognito { domain, .. }, Screen::ForgotPassword) => {
            [domain, "/forgotPassword"].concat()
        }
        _ => endpoints.authorization.clone(),
    }
}

/// The address of the hosted page that adds a passkey for the signed-in user, if the provider is a user pool. Source: Amazon Cognito Developer Guide, "Passkey sign-in".
#[must_use]
pub fn passkey_url(provider: &Provider, origin: &str) -> Option<String> {
    let ProviderKind::Cognito { domain, .. } = &provider.kind else {
        return None;
    };
    let back = [origin, &provider.sign_in_path].concat();
    let pairs = [
        ("client_id", provider.client_id.as_str()),
        ("redirect_uri", &back),
    ];
    Some(with_query(&[domain, "/passkeys/add"].concat(), &pairs))
}

/// A path that leads to this site and nowhere else; any other value becomes `/`, so that a crafted
/// link cannot use the sign-in as an open redirector (RFC 9700, section 4.11).
#[must_use]
pub fn safe_return_to(path: &str) -> &str {
    let mut characters = path.chars();
    let starts_like_a_path =
        characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    // Browsers drop tabs and line ends from addresses, which can turn "/\t/evil" into "//evil".
    let plain = !path.contains(|character: char| character.is_control() || character == '\\');
    if starts_like_a_path && plain {
        path
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests;
