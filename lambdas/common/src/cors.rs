//! The headers that let the page at one origin read an answer (Fetch standard, CORS protocol).
//!
//! Preflights and the gateway's own errors get theirs from the template; a proxied answer only has
//! what the function gives it.

use std::str::FromStr;

use aws_lambda_events::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, VARY,
};
use aws_lambda_events::http::{HeaderMap, HeaderValue};

/// The headers that a page may read besides the few that it always may. The template's gateway
/// responses expose the same.
const EXPOSED_HEADERS: &str = "Date,x-amzn-errortype,x-amzn-requestid,retry-after";

/// The origin of the site whose pages may read the answers, such as `https://example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin(HeaderValue);

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an origin: expected http:// or https:// and a host, with no path and no \
     trailing slash, such as https://example.org"
)]
pub struct AllowedOriginError(String);

impl FromStr for AllowedOrigin {
    type Err = AllowedOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || AllowedOriginError(text.to_owned());
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or_else(refused)?;
        if host.is_empty() || host.contains(['/', '?', '#', '*', ',', ' ']) {
            return Err(refused());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| refused())
    }
}

impl AllowedOrigin {
    /// The CORS headers of an answer.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([
            (ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone()),
            (
                ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(EXPOSED_HEADERS),
            ),
            (VARY, HeaderValue::from_static("Origin")),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_origins_with_and_without_a_port() {
        for origin in [
            "https://example.org",
            "http://localhost:8080",
            "http://127.0.0.1:4173",
        ] {
            assert!(origin.parse::<AllowedOrigin>().is_ok(), "{origin}");
        }
    }

    #[test]
    fn refuses_what_a_browser_would_never_match() {
        let texts = [
            "",
            "*",
            "example.org",
            "https://",
            "https://example.org/",
            "https://example.org/app",
            "https://a.example,https://b.example",
            "https://exam\nple.org",
            "ftp://example.org",
        ];
        for text in texts {
            assert_eq!(
                text.parse::<AllowedOrigin>(),
                Err(AllowedOriginError(text.to_owned()))
            );
        }
    }

    #[test]
    fn the_refusal_names_the_text_and_an_example() {
        let message = AllowedOriginError("https://example.org/".to_owned()).to_string();
        assert!(
            message.starts_with("`https://example.org/` is not an origin"),
            "{message}"
        );
        assert!(
            message.ends_with("such as https://example.org"),
            "{message}"
        );
    }
}
