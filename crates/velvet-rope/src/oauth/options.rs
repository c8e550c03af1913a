//! The optional parameters of a sign-in.

/// The optional parameters of a sign-in. A provider ignores parameters that it does not know.
/// Source: Amazon Cognito Developer Guide, "The redirect and authorization endpoint".
///
/// The defaults request a usual sign-in. Each field adds one parameter to the authorization request, or chooses the
/// page.
///
/// # Examples
///
/// ```
/// use velvet_rope::{Screen, SignInOptions};
///
/// // Sign-up, in German, with the e-mail address filled in.
/// let options = SignInOptions {
///     screen: Screen::SignUp,
///     lang: Some("de".to_owned()),
///     login_hint: Some("ada@example.com".to_owned()),
///     ..SignInOptions::default()
/// };
/// assert_eq!(options.prompt, None);
///
/// // The signed-in user authenticates again before a sensitive action.
/// assert!(SignInOptions::step_up().step_up);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInOptions {
    /// The page to begin on.
    pub screen: Screen,
    /// The identity provider behind the user pool, by its name there; skips the choice of one.
    /// It takes precedence over the configured one. User pools only.
    pub identity_provider: Option<String>,
    /// The identity provider by one of its identifiers, such as the domain of an e-mail address.
    /// User pools only.
    pub idp_identifier: Option<String>,
    /// The user name that the form starts with.
    /// Part of the address of the provider's page, which ends up in the browser's history.
    pub login_hint: Option<String>,
    /// The language of the hosted pages, like `de` or `zh-CN`.
    /// The parameter `lang` at a user pool with managed login, `ui_locales` elsewhere.
    pub lang: Option<String>,
    /// Whether the provider must, or must not, prompt the user.
    pub prompt: Option<Prompt>,
    /// The API that the access token is for (RFC 8707).
    /// An address. Cognito needs a resource server with that identifier.
    pub resource: Option<String>,
    /// Scopes beyond the configured ones.
    /// The app client must allow each; otherwise the provider answers `invalid_scope`.
    pub scopes: Vec<String>,
    /// Whether the signed-in user, and no other, has to authenticate again now.
    /// It implies [`Prompt::Login`]. The callback fails if another user signs in, or if the provider did not
    /// authenticate the user again.
    pub step_up: bool,
}

impl SignInOptions {
    /// Requires the signed-in user to authenticate again, before a sensitive action (step-up).
    ///
    /// The action itself must be checked by the API, by the claim `auth_time` of the new token.
    #[must_use]
    pub fn step_up() -> Self {
        Self {
            prompt: Some(Prompt::Login),
            step_up: true,
            ..Self::default()
        }
    }

    /// The prompt of the request: a step-up always prompts for the credentials.
    pub(super) fn effective_prompt(&self) -> Option<Prompt> {
        if self.step_up {
            Some(Prompt::Login)
        } else {
            self.prompt
        }
    }

    /// Uses the provider's session without user interaction.
    ///
    /// A user without a session at the provider comes back with an unchanged auth state; the callback outcome is
    /// `Done`.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            prompt: Some(Prompt::None),
            ..Self::default()
        }
    }
}

/// The hosted page that a sign-in begins on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Signing in.
    #[default]
    SignIn,
    /// Creating an account.
    /// A user pool's `/signup`; `prompt=create` at other providers.
    SignUp,
    /// The form for a new password.
    /// A user pool's `/forgotPassword`; the usual page at other providers.
    ForgotPassword,
}

/// Whether the provider prompts the user (OpenID Connect Core, section 3.1.2.1).
///
/// Cognito supports it on managed login only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Never: without a session at the provider the answer is `login_required`.
    None,
    /// Always, also with a session at the provider.
    /// It does not prove that the user did: a step-up checks `auth_time` for that.
    Login,
    /// For the account to use.
    SelectAccount,
}

impl Prompt {
    /// The parameter's value.
    /// It is also written into the record of the pending sign-in.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
        }
    }
}
