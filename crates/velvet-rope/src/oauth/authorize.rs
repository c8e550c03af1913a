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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingSignIn {
    /// Ties the callback to this browser (RFC 6749, section 10.12).
    pub state: String,
    /// Ties the ID token to this sign-in (OpenID Connect Core, section 15.5.2).
    pub nonce: String,
    /// Ties the token request to this sign-in (RFC 7636).
    pub code_verifier: CodeVerifier,
    /// The callback address of the request; the token request must repeat it.
    pub redirect_uri: String,
    /// The page that the user left: a path starting with one slash.
    pub return_to: String,
    /// The issuer of the authorization server, against mix-up attacks (RFC 9700, section 4.4).
    pub issuer: String,
    /// The time of the start, by this device's clock.
    pub created: Timestamp,
    /// The `prompt` of the request.
    pub prompt: Option<&'static str>,
    /// The user who has to sign in, if the sign-in is for that user only.
    pub subject: Option<String>,
}

impl PendingSignIn {
    /// Reads a record that `Serialize` wrote, if it is complete.
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
mod tests {
    use super::*;
    use crate::config::parse;
    use crate::oauth::discovery::known_endpoints;

    const ENTROPY: Entropy = Entropy {
        state: [1; 16],
        nonce: [2; 16],
        code_verifier: [3; 32],
    };

    fn request_with(return_to: &str, options: &SignInOptions) -> AuthorizeRequest {
        let config = parse(crate::config::EXAMPLE).unwrap();
        let start = Start {
            origin: "https://app.example.com",
            return_to,
            subject: None,
            now: Timestamp(1_700_000_000),
        };
        let endpoints = known_endpoints(&config.provider).unwrap();
        authorize(&config.provider, &endpoints, start, options, ENTROPY)
    }

    fn request(return_to: &str) -> AuthorizeRequest {
        request_with(return_to, &SignInOptions::default())
    }

    #[test]
    fn asks_for_everything_that_the_options_name() {
        let text = |text: &str| Some(text.to_owned());
        let options = SignInOptions {
            screen: Screen::SignUp,
            identity_provider: text("Google"),
            idp_identifier: text("example.com"),
            login_hint: text("a@example.com"),
            lang: text("de"),
            prompt: Some(Prompt::SelectAccount),
            resource: text("https://api.example.com"),
            scopes: vec!["phone".to_owned()],
            step_up: false,
        };
        let url = request_with("/", &options).url;
        assert!(url.starts_with("https://your-prefix.auth.eu-west-1.amazoncognito.com/signup?"));
        for part in [
            "&scope=openid+email+profile+phone&",
            "&identity_provider=Google&",
            "&idp_identifier=example.com&",
            "&login_hint=a%40example.com&",
            "&lang=de&",
            "&prompt=select_account&",
            "&resource=https%3A%2F%2Fapi.example.com",
        ] {
            assert!(url.contains(part), "{part} is not in {url}");
        }
        let forgotten = SignInOptions {
            screen: Screen::ForgotPassword,
            ..SignInOptions::default()
        };
        let url = request_with("/", &forgotten).url;
        assert!(url.contains(".com/forgotPassword?"), "{url}");
        let silent = request_with("/", &SignInOptions::silent());
        assert!(silent.url.contains("&prompt=none"), "{}", silent.url);
        assert!(silent.pending.is_silent());
    }

    #[test]
    fn the_configured_identity_provider_is_asked_for_where_nothing_else_chooses() {
        let mut provider = parse(crate::config::EXAMPLE).unwrap().provider;
        provider.identity_provider_name = Some("Auth0".to_owned());
        let asked =
            |options: SignInOptions| identity_provider(&provider, &options).map(str::to_owned);
        assert_eq!(asked(SignInOptions::default()).as_deref(), Some("Auth0"));
        assert_eq!(asked(SignInOptions::step_up()).as_deref(), Some("Auth0"));
        let google = SignInOptions {
            identity_provider: Some("Google".to_owned()),
            ..SignInOptions::default()
        };
        assert_eq!(asked(google).as_deref(), Some("Google"));
        let by_domain = SignInOptions {
            idp_identifier: Some("example.com".to_owned()),
            ..SignInOptions::default()
        };
        assert_eq!(asked(by_domain), None);
        let sign_up = SignInOptions {
            screen: Screen::SignUp,
            ..SignInOptions::default()
        };
        assert_eq!(asked(sign_up), None);
    }

    #[test]
    fn asks_other_providers_in_their_own_words() {
        let mut provider = parse(crate::config::EXAMPLE).unwrap().provider;
        let endpoints = known_endpoints(&provider).unwrap();
        provider.kind = ProviderKind::Oidc {
            logout: crate::config::LogoutStyle::Auth0,
            audience: Some("api".to_owned()),
        };
        let start = Start {
            origin: "https://app.example.com",
            return_to: "/",
            subject: None,
            now: Timestamp(0),
        };
        let options = SignInOptions {
            screen: Screen::SignUp,
            lang: Some("de".to_owned()),
            ..SignInOptions::default()
        };
        let url = authorize(&provider, &endpoints, start, &options, ENTROPY).url;
        assert!(url.starts_with(&endpoints.authorization), "{url}");
        assert!(
            url.ends_with("&ui_locales=de&prompt=create&audience=api"),
            "{url}"
        );
        assert_eq!(passkey_url(&provider, "https://app.example.com"), None);
    }

    #[test]
    fn the_way_to_a_new_passkey_leads_back_to_the_callback() {
        let provider = parse(crate::config::EXAMPLE).unwrap().provider;
        assert_eq!(
            passkey_url(&provider, "https://app.example.com").as_deref(),
            Some(
                "https://your-prefix.auth.eu-west-1.amazoncognito.com/passkeys/add?client_id=\
                 1example23456789abcdefghij&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauthenticated"
            )
        );
    }

    #[test]
    fn asks_for_a_code_with_state_nonce_and_s256() {
        let AuthorizeRequest { url, pending } = request("/");
        let (endpoint, query) = url.split_once('?').unwrap();
        assert_eq!(
            endpoint,
            "https://your-prefix.auth.eu-west-1.amazoncognito.com/oauth2/authorize"
        );
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("response_type"), Some("code"));
        assert_eq!(value("client_id"), Some("1example23456789abcdefghij"));
        assert_eq!(
            value("redirect_uri"),
            Some("https://app.example.com/authenticated")
        );
        assert_eq!(value("scope"), Some("openid email profile"));
        assert_eq!(value("state"), Some(pending.state.as_str()));
        assert_eq!(value("nonce"), Some(pending.nonce.as_str()));
        assert_eq!(
            value("code_challenge"),
            Some(pending.code_verifier.code_challenge().as_str())
        );
        assert_eq!(value("code_challenge_method"), Some("S256"));
        assert!(!url.contains(pending.code_verifier.secret()));
    }

    #[test]
    fn what_was_remembered_can_be_read_back_and_half_of_it_cannot() {
        let pending = request("/a").pending;
        let record = serde_json::to_string(&pending).unwrap();
        assert_eq!(PendingSignIn::read(&record), Some(pending));
        assert_eq!(PendingSignIn::read(&record.replace("nonce", "once")), None);
    }

    #[test]
    fn remembers_a_path_of_this_site() {
        // Encoded slashes are part of a path, wherever they stand.
        for path in [
            "/routes?x=1#y",
            "/%2F%2Fevil.example",
            "/%5C%5Cevil.example",
        ] {
            assert_eq!(request(path).pending.return_to, path);
        }
    }

    #[test]
    fn never_remembers_a_way_off_this_site() {
        for evil in [
            "//evil.example",
            "\\\\evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "",
            "evil",
            "/a\\b",
            "/\r/evil.example",
            " //evil.example",
            "%2F%2Fevil.example",
            "data:text/html,x",
        ] {
            assert_eq!(request(evil).pending.return_to, "/", "{evil:?}");
        }
    }
}
