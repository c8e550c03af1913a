//! Why a caller was refused, for the log. The caller only learns the status.

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no `Authorization` header.
    NoHeader,
    /// The header is not `Bearer` and a token (RFC 6750 section 2.1), or there are several.
    Header,
    /// The token is not a signed JWT in compact form (RFC 7515 section 7.1).
    Format,
    /// The token demands an extension that is not understood (`crit`, RFC 7515 section 4.1.11).
    Extension,
    /// The algorithm is none of the accepted ones, or not that of the key.
    Algorithm,
    /// The token names no key.
    NoKeyId,
    /// The issuer is none of the configured ones.
    Issuer,
    /// The issuer publishes no key of this id.
    KeyId,
    /// The signature is not by that key.
    Signature,
    /// The token has expired or does not say when it will.
    Expired,
    /// The token does not hold yet.
    NotYetValid,
    /// The token is for another API.
    Audience,
    /// The token was issued to another client.
    Client,
    /// The token is no access token.
    TokenUse,
    /// The token does not say whose it is.
    Subject,
    /// The token is good, but its scopes do not open this route.
    Scope,
    /// The keys of the issuer cannot be had, so nothing can be told about the token.
    KeysUnavailable,
    /// There is no session of this token: it never began, or somebody signed out.
    Session,
    /// The sessions cannot be read, so nothing can be told about the token.
    SessionsUnavailable,
    /// The event has none of the shapes that API Gateway sends.
    Event,
}

impl Reason {
    /// The word for it in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoHeader => "no_header",
            Self::Header => "header",
            Self::Format => "format",
            Self::Extension => "extension",
            Self::Algorithm => "algorithm",
            Self::NoKeyId => "no_key_id",
            Self::Issuer => "issuer",
            Self::KeyId => "key_id",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Audience => "audience",
            Self::Client => "client",
            Self::TokenUse => "token_use",
            Self::Subject => "subject",
            Self::Scope => "scope",
            Self::KeysUnavailable => "keys_unavailable",
            Self::Session => "session",
            Self::SessionsUnavailable => "sessions_unavailable",
            Self::Event => "event",
        }
    }
}
