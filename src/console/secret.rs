//! Which values are not stored and not shown.

/// Whether a header or parameter of this name usually has a secret value.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "auth",
        "token",
        "secret",
        "key",
        "cookie",
        "password",
        "session",
        "signature",
    ]
    .iter()
    .any(|part| name.contains(part))
}
