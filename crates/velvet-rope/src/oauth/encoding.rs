//! The two encodings that OAuth is made of: base64url without padding and form data.

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// Bytes as base64url without padding (RFC 7515, section 2).
/// Tokens, challenges and random values are written in it.
pub(super) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes that a base64url text without padding stands for.
/// Padding and characters of plain base64 are refused, as RFC 7515 requires.
pub(super) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// An address with pairs behind the query that it may already have (RFC 6749, section 3.1).
pub(super) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let separator = if address.contains('?') { "&" } else { "?" };
    [address, separator, &form(pairs)].concat()
}

/// Pairs as `application/x-www-form-urlencoded`, for bodies and queries alike (RFC 6749, appendix B).
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
