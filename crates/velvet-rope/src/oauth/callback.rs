//! The authorization response: what Cognito appended to the callback address (RFC 6749, sections 4.1.2
//! and 4.1.2.1).
//!
//! Any site can make a browser open the callback address with any query. So nothing in it is trusted before its `state`
//! was found among the sign-ins that this browser has started.

use thiserror::Error;

use crate::secret::secret;

secret!(
    /// The authorization code: one use, five minutes.
    Code
);

/// The response at the callback address.
///
/// [`read`] returns it. Values are decoded and unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// A code for the sign-in that was started with `state`.
    /// The session exchanges it only if `state` is known.
    Code {
        /// The code.
        code: Code,
        /// The `state` of the request that it answers.
        state: String,
        /// The issuer of the response, if it names one (RFC 9207).
        /// It protects from mix-up attacks: it must be the issuer that the sign-in was started for.
        issuer: Option<String>,
    },
    /// The redirect from the hosted page that adds a passkey. It carries no `state`.
    Passkey(PasskeyResult),
    /// A refusal. Cognito often leaves `state` out, so it is shown but never acted on.
    /// It ends a pending sign-in only if `state` is known.
    Refused {
        /// The error code.
        error: AuthorizeError,
        /// The provider's description, if it sent one.
        /// Anyone can put text here: show it as a quotation, never as markup or as a message of the app.
        description: Option<String>,
        /// The `state` of the request that it answers, if Cognito sent it.
        state: Option<String>,
    },
}

/// The outcome of adding a passkey. Source: Amazon Cognito Developer Guide, "Passkey sign-in".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyResult {
    /// It was added.
    Success,
    /// The hosted UI's own session is older than an hour: sign in again first.
    /// That is the lifetime of the session cookie of managed login.
    InvalidSession,
    /// Something else.
    Unknown,
}

/// The error codes of the authorization endpoint (RFC 6749, section 4.1.2.1, and Cognito's).
///
/// The texts for users are in the app: a code says what the provider refused, not what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// `access_denied`: the user or the provider refused.
    /// Also after the user chose "Cancel".
    AccessDenied,
    /// `invalid_request`: a parameter is wrong, a trigger refused, or the provider behind failed.
    InvalidRequest,
    /// `unauthorized_client`: the app client may not use the code flow.
    UnauthorizedClient,
    /// `invalid_scope`: a scope that the app client does not have.
    InvalidScope,
    /// `login_required`: there was no session to sign in with silently.
    LoginRequired,
    /// `server_error` and `temporarily_unavailable`.
    ServerError,
    /// Any other code.
    /// Cut to 100 characters.
    Unknown(String),
}

impl AuthorizeError {
    /// Whether the provider needs user interaction, which the request did not allow (OpenID Connect Core, section 3.1.2.6).
    ///
    /// After a silent sign-in such an answer means that no user is signed in at the provider, and is no failure.
    #[must_use]
    pub fn requires_interaction(&self) -> bool {
        match self {
            Self::LoginRequired => true,
            Self::Unknown(code) => matches!(
                code.as_str(),
                "interaction_required" | "consent_required" | "account_selection_required"
            ),
            _ => false,
        }
    }

    /// Codes are case-sensitive.
    fn from_code(code: &str) -> Self {
        match code {
            "access_denied" => Self::AccessDenied,
            "invalid_request" => Self::InvalidRequest,
            "unauthorized_client" => Self::UnauthorizedClient,
            "invalid_scope" => Self::InvalidScope,
            "login_required" => Self::LoginRequired,
            "server_error" | "temporarily_unavailable" => Self::ServerError,
            other => Self::Unknown(other.chars().take(100).collect()),
        }
    }
}

/// Why a query is not an authorization response.
///
/// The app reports it as a failed sign-in and sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedCallback {
    /// A parameter is repeated, which RFC 6749, section 3.1, forbids.
    #[error("the parameter {0} came twice")]
    Duplicate(&'static str),
    /// A code came without the `state` that ties it to this browser.
    #[error("a code came without state")]
    StateMissing,
}

/// Reads the query of the callback address (without its question mark). `None` when nothing in it comes
/// from an authorization server, as after a reload of the cleaned address.
///
/// # Errors
/// [`MalformedCallback`] when there is an answer that must not be used.
///
/// ```
/// use velvet_rope::oauth::callback::{Callback, read};
/// assert!(matches!(read("code=abc&state=xyz"), Ok(Some(Callback::Code { .. }))));
/// assert_eq!(read(""), Ok(None));
/// ```
pub fn read(query: &str) -> Result<Option<Callback>, MalformedCallback> {
    let code = single(query, "code")?;
    let state = single(query, "state")?;
    let error = single(query, "error")?;
    let description = single(query, "error_description")?;
    if let Some(error) = error {
        let error = AuthorizeError::from_code(&error);
        return Ok(Some(Callback::Refused {
            error,
            description,
            state,
        }));
    }
    let issuer = single(query, "iss")?;
    // Auth0 sends users here after they confirmed their address: `?success=true&code=success`. It is no sign-in.
    let is_confirmation =
        code.as_deref() == Some("success") && single(query, "success")?.as_deref() == Some("true");
    if is_confirmation && state.is_none() {
        return Ok(None);
    }
    match (code, state) {
        (Some(code), Some(state)) => Ok(Some(Callback::Code {
            code: Code::new(code),
            state,
            issuer,
        })),
        (Some(_), None) => Err(MalformedCallback::StateMissing),
        (None, _) => Ok(single(query, "result")?.map(|result| {
            Callback::Passkey(match result.as_str() {
                "success" => PasskeyResult::Success,
                "invalid_session" => PasskeyResult::InvalidSession,
                _ => PasskeyResult::Unknown,
            })
        })),
    }
}

/// The value of a parameter that may occur once; an empty one counts as absent (RFC 6749, section 3.1).
fn single(query: &str, name: &'static str) -> Result<Option<String>, MalformedCallback> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = values.next();
    if values.next().is_some() {
        return Err(MalformedCallback::Duplicate(name));
    }
    Ok(first
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_page_after_a_confirmed_address_is_no_sign_in() {
        let confirmed = "email=a%40example.org&success=true&message=Your%20email%20was%20verified.&code=success";
        assert_eq!(read(confirmed), Ok(None));
        for other in ["code=success", "success=true&code=abc"] {
            assert_eq!(read(other), Err(MalformedCallback::StateMissing), "{other}");
        }
        let answer = read("success=true&code=success&state=s").unwrap();
        assert!(matches!(answer, Some(Callback::Code { .. })));
    }

    #[test]
    fn reads_a_code_with_its_state() {
        let expected = Callback::Code {
            code: Code::new("a-b"),
            state: "s+/".into(),
            issuer: Some("https://a.example".into()),
        };
        let query = "code=a-b&state=s%2B%2F&iss=https%3A%2F%2Fa.example";
        assert_eq!(read(query), Ok(Some(expected)));
    }

    #[test]
    fn reads_how_it_went_to_add_a_passkey() {
        for (query, expected) in [
            ("result=success", PasskeyResult::Success),
            ("result=invalid_session", PasskeyResult::InvalidSession),
            ("result=other", PasskeyResult::Unknown),
        ] {
            assert_eq!(read(query), Ok(Some(Callback::Passkey(expected))));
        }
    }

    #[test]
    fn reads_a_refusal_with_or_without_state() {
        let refused = |state: Option<&str>| Callback::Refused {
            error: AuthorizeError::InvalidRequest,
            description: Some("Timeout occurred in calling IdP token endpoint".into()),
            state: state.map(str::to_owned),
        };
        let query = "error=invalid_request&error_description=Timeout+occurred+in+calling+IdP+token+endpoint";
        assert_eq!(read(query), Ok(Some(refused(None))));
        assert_eq!(
            read(&format!("{query}&state=s")),
            Ok(Some(refused(Some("s"))))
        );
    }

    #[test]
    fn a_refusal_wins_over_a_code() {
        assert!(matches!(
            read("code=a&state=s&error=access_denied"),
            Ok(Some(Callback::Refused { .. }))
        ));
    }

    #[test]
    fn refuses_a_parameter_that_came_twice_and_a_code_without_state() {
        assert_eq!(
            read("code=a&code=b&state=s"),
            Err(MalformedCallback::Duplicate("code"))
        );
        assert_eq!(
            read("code=a&state=s&state=t"),
            Err(MalformedCallback::Duplicate("state"))
        );
        assert_eq!(read("code=a"), Err(MalformedCallback::StateMissing));
    }

    #[test]
    fn finds_nothing_in_a_clean_address() {
        for query in ["", "state=s", "code=&state=", "utm_source=mail"] {
            assert_eq!(read(query), Ok(None), "{query}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_any_query(query in ".{0,200}") {
            let _ = read(&query);
        }
    }
}
