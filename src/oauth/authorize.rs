//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1) and what
//! has to be remembered until its answer comes.

use std::fmt;

use serde::Serialize;

use super::encoding::{base64url, form};
use super::pkce::CodeVerifier;
use crate::config::UserPool;
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

/// A sign-in that has been started and waits for its callback. It is kept under its `state`, so that
/// several tabs can sign in at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingSignIn {
    /// Ties the callback to this browser (RFC 6749, section 10.12).
    pub state: String,
    /// Ties the ID token to this sign-in (OpenID Connect Core, section 15.5.2).
    pub nonce: String,
    /// Ties the token request to this sign-in (RFC 7636).
    pub code_verifier: CodeVerifier,
    /// The callback address that was asked for; the token request must repeat it.
    pub redirect_uri: String,
    /// Where on this site the person was: a path starting with one slash.
    pub return_to: String,
    /// The issuer that was asked, against mix-up (RFC 9700, section 4.4).
    pub issuer: String,
    /// When it was started.
    pub created: Timestamp,
}

impl PendingSignIn {
    /// Reads what `Serialize` wrote, if it is whole.
    #[must_use]
    pub fn read(record: &str) -> Option<Self> {
        let record = json::object(record)?;
        Some(Self {
            state: json::text(&record, "state")?,
            nonce: json::text(&record, "nonce")?,
            code_verifier: CodeVerifier::new(json::text(&record, "code_verifier")?),
            redirect_uri: json::text(&record, "redirect_uri")?,
            return_to: json::text(&record, "return_to")?,
            issuer: json::text(&record, "issuer")?,
            created: json::time(&record, "created")?,
        })
    }
}

/// Where to send the browser, and what to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizeRequest {
    /// The address of the authorization endpoint with all parameters.
    pub url: String,
    /// What the callback needs.
    pub pending: PendingSignIn,
}

/// Builds the authorization request for a sign-in that begins on the page `return_to` of the site `origin`
/// (`https://app.example.com`, no slash at the end).
#[must_use]
pub fn authorize(
    user_pool: &UserPool,
    origin: &str,
    return_to: &str,
    entropy: Entropy,
    now: Timestamp,
) -> AuthorizeRequest {
    let pending = PendingSignIn {
        state: base64url(&entropy.state),
        nonce: base64url(&entropy.nonce),
        code_verifier: CodeVerifier::from_entropy(entropy.code_verifier),
        redirect_uri: format!("{origin}{}", user_pool.sign_in_path),
        return_to: safe_return_to(return_to).to_owned(),
        issuer: user_pool.issuer.clone(),
        created: now,
    };
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &user_pool.client_id),
        ("redirect_uri", &pending.redirect_uri),
        ("scope", &user_pool.scopes.join(" ")),
        ("state", &pending.state),
        ("nonce", &pending.nonce),
        ("code_challenge", &pending.code_verifier.code_challenge()),
        ("code_challenge_method", "S256"),
    ]);
    AuthorizeRequest {
        url: format!("{}/oauth2/authorize?{query}", user_pool.domain),
        pending,
    }
}

/// A path that leads to this site and nowhere else; anything doubtful becomes `/`, so that a crafted
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

    const ENTROPY: Entropy = Entropy {
        state: [1; 16],
        nonce: [2; 16],
        code_verifier: [3; 32],
    };

    fn request(return_to: &str) -> AuthorizeRequest {
        let config = parse(include_str!("../../public/config.example.json")).unwrap();
        authorize(
            &config.user_pool,
            "https://app.example.com",
            return_to,
            ENTROPY,
            Timestamp(1_700_000_000),
        )
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
        assert_eq!(request("/routes?x=1#y").pending.return_to, "/routes?x=1#y");
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
        ] {
            assert_eq!(request(evil).pending.return_to, "/", "{evil:?}");
        }
    }
}
