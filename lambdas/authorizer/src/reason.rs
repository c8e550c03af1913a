//! Why access was denied, for the log. The caller only sees the status.

/// Why access was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no `Authorization` header.
    NoHeader,
    /// The header is not `Bearer` and a token (RFC 6750 section 2.1), or there are several.
    Header,
    /// The token is not a signed JWT in compact form (RFC 7515 section 7.1).
    Format,
    /// The token requires an extension that is not supported (`crit`, RFC 7515 section 4.1.11).
    Extension,
    /// The token has the type of a token for another purpose (`typ`, RFC 8725 section 3.11).
    Type,
    /// The algorithm is not accepted, or not that of the key.
    Algorithm,
    /// The token has no key id.
    NoKeyId,
    /// The issuer is not configured.
    Issuer,
    /// The issuer publishes no key with this id.
    KeyId,
    /// The signature is not valid for the key.
    Signature,
    /// The token has expired, or has no usable expiry time.
    Expired,
    /// The token is not valid yet.
    NotYetValid,
    /// The token is for another API.
    Audience,
    /// The token was issued to another client.
    Client,
    /// The token is not an access token.
    TokenUse,
    /// The token has no subject.
    Subject,
    /// The token is valid, but lacks a scope of this route.
    Scope,
    /// The keys of the issuer cannot be read, so the token cannot be checked.
    KeysUnavailable,
    /// There is no session for this token: it never existed, or the user signed out.
    Session,
    /// The sessions cannot be read, so the token cannot be checked.
    SessionsUnavailable,
    /// The event has none of the formats of API Gateway.
    Event,
}

impl Reason {
    /// The value in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoHeader => "no_header",
            Self::Header => "header",
            Self::Format => "format",
            Self::Extension => "extension",
            Self::Type => "type",
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
