//! The authorization request and the record of a pending sign-in.

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
    let asked = |options: SignInOptions| identity_provider(&provider, &options).map(str::to_owned);
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
