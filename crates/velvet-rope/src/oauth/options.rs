//! What a sign-in may ask for beyond the usual.

/// What a sign-in may ask for beyond the usual. Parameters that a provider does not know it ignores.
/// Source: Amazon Cognito Developer Guide, "The redirect and authorization endpoint".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInOptions {
    /// The page to begin on.
    pub screen: Screen,
    /// The identity provider behind the user pool, by its name there; skips the choice of one.
    pub identity_provider: Option<String>,
    /// The identity provider by one of its identifiers, such as the domain of an e-mail address.
    pub idp_identifier: Option<String>,
    /// The user name to begin with.
    pub login_hint: Option<String>,
    /// The language of the hosted pages, like `de` or `zh-CN`.
    pub lang: Option<String>,
    /// Whether the person must, or must not, be asked.
    pub prompt: Option<Prompt>,
    /// The API that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// Scopes beyond the configured ones.
    pub scopes: Vec<String>,
    /// Whether the person who is signed in must prove again, just now, who they are; nobody else will do.
    pub step_up: bool,
}

impl SignInOptions {
    /// Asks whoever is signed in to sign in again, before something that matters.
    #[must_use]
    pub fn step_up() -> Self {
        Self {
            prompt: Some(Prompt::Login),
            step_up: true,
            ..Self::default()
        }
    }

    /// The prompt that is asked for: whoever steps up has to prove who they are.
    pub(super) fn effective_prompt(&self) -> Option<Prompt> {
        if self.step_up {
            Some(Prompt::Login)
        } else {
            self.prompt
        }
    }

    /// Takes up the provider's own session, without asking anybody anything.
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
    /// Making an account.
    SignUp,
    /// The form for a new password.
    ForgotPassword,
}

/// Whether the person is asked (OpenID Connect Core, section 3.1.2.1).
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
