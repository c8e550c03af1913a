//! What protects an operation.

use velvet_rope::RouteAuth;
use velvet_rope_openapi as openapi;

/// What protects an operation, as the list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Protection {
    Open,
    ApiKey,
    Iam,
    UserPool,
    Jwt,
    Authorizer,
    Bearer,
    OAuth,
    Http,
    Unknown,
}

/// What a request proves the caller with, as the form offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum AuthKind {
    Open,
    Iam,
    Bearer,
    Header,
}

impl Protection {
    /// All kinds, in the order of the filter.
    pub(in crate::console) const ALL: [Self; 10] = [
        Self::Open,
        Self::ApiKey,
        Self::Iam,
        Self::UserPool,
        Self::Jwt,
        Self::Authorizer,
        Self::Bearer,
        Self::OAuth,
        Self::Http,
        Self::Unknown,
    ];

    pub(in crate::console) fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::ApiKey => "API key",
            Self::Iam => "IAM",
            Self::UserPool => "User pool",
            Self::Jwt => "JWT",
            Self::Authorizer => "Lambda authorizer",
            Self::Bearer => "Bearer token",
            Self::OAuth => "OAuth 2.0",
            Self::Http => "HTTP",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether a caller needs more than the API key of the configuration.
    pub(in crate::console) fn is_guarded(self) -> bool {
        !matches!(self, Self::Open | Self::ApiKey)
    }

    /// What a request to such an operation has at first.
    pub(in crate::console) fn auth(self) -> AuthKind {
        match self {
            Self::Open | Self::ApiKey | Self::Unknown => AuthKind::Open,
            Self::Iam => AuthKind::Iam,
            Self::UserPool | Self::Jwt | Self::Authorizer | Self::Bearer | Self::OAuth => {
                AuthKind::Bearer
            }
            Self::Http => AuthKind::Header,
        }
    }
}

impl From<RouteAuth> for Protection {
    fn from(auth: RouteAuth) -> Self {
        match auth {
            RouteAuth::Open => Self::Open,
            RouteAuth::Iam => Self::Iam,
            RouteAuth::Bearer => Self::Bearer,
        }
    }
}

impl From<&openapi::Protection> for Protection {
    fn from(protection: &openapi::Protection) -> Self {
        use openapi::Protection as Described;
        match protection {
            Described::Open => Self::Open,
            Described::ApiKey(_) => Self::ApiKey,
            Described::Iam => Self::Iam,
            Described::CognitoUserPool => Self::UserPool,
            Described::Jwt => Self::Jwt,
            Described::LambdaAuthorizer(_) => Self::Authorizer,
            Described::OAuth2 | Described::OpenIdConnect => Self::OAuth,
            Described::Http(scheme) if scheme.eq_ignore_ascii_case("bearer") => Self::Bearer,
            Described::Http(_) => Self::Http,
            _ => Self::Unknown,
        }
    }
}
