//! The optional parameters of a sign-in.

/// The optional parameters of a sign-in. A provider ignores parameters that it does not know.
/// Source: Amazon Cognito Developer Guide, "The redirect and authorization endpoint".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInOptions {
    /// The page to begin on.
    pub screen: Screen,
    /// The identity provider behind the user pool, by its name there; skips the choice of one.
    pub identity_provider: Option<String>,
    /// The identity provider by one of its identifiers, such as the domain of an e-mail address.
    pub idp_identifier: Option<String>,
    /// The user name that the form starts with.
    pub login_hint: Option<String>,
    /// The language of the hosted pages, like `de` or `zh-CN`.
    pub lang: Option<String>,
    /// Whether the provider must, or must not, prompt the user.
    pub prompt: Option<Prompt>,
    /// The API that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// Scopes beyond the configured ones.
    pub scopes: Vec<String>,
    /// Whether the signed-in user, and no other, has to authenticate again now.
    pub step_up: bool,
}

impl SignInOptions {
    /// Requires the signed-in user to authenticate again, before a sensitive action (step-up).
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
    SignUp,
    /// The form for a new password.
    ForgotPassword,
}

/// Whether the provider prompts the user (OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Never: without a session at the provider the answer is `login_required`.
    None,
    /// Always, also with a session at the provider.
    Login,
    /// For the account to use.
    SelectAccount,
}

impl Prompt {
    /// The parameter's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
        }
    }
}
