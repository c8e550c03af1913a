//! Files: which one answers an address, how long it may be kept, and of what type it is.

/// The page itself, which answers every address of a page.
pub const INDEX: &str = "/index.html";

/// The configuration, which is read at run time.
pub const CONFIG: &str = "/config.json";

/// Addresses of pages as a regular expression (RE2): those whose last part has no dot.
pub const PAGE_ADDRESS: &str = "^/([^?]*/)?[^./]*$";

/// Trunk ends the names of files with a 64-bit hash of their content, without leading zeros. A file whose hash happens to
/// be shorter is only kept for less long.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 12..=16;

/// A year, the longest that caches care about (RFC 9111, section 5.2.2.1, and RFC 8246).
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked about each time: an answer without a body tells that nothing has changed.
pub(crate) const ASK_EACH_TIME: &str = "no-cache";

/// What `cargo xtask dist` compresses.
pub(crate) const COMPRESSED: [&str; 7] =
    ["html", "js", "wasm", "css", "json", "svg", "webmanifest"];

/// Whether `path` can be the address of a page: it does not end in something like the name of a file.
pub(crate) fn is_page_address(path: &str) -> bool {
    !file_name(path).contains('.')
}

/// The file that answers `path`, the path of an address without its query. `exists` tells whether there is such a file.
/// Nothing is an answer of 404: a page in place of a missing script would only fail later, and be kept as the script.
#[must_use]
pub fn answering_file(path: &str, exists: impl FnOnce(&str) -> bool) -> Option<&str> {
    if is_page_address(path) {
        return Some(INDEX);
    }
    exists(path).then_some(path)
}

/// Whether the name of the file at `path` changes with its content.
#[must_use]
pub fn is_hashed(path: &str) -> bool {
    let Some((stem, extension)) = file_name(path).rsplit_once('.') else {
        return false;
    };
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let is_hash = |digits: &str| {
        HASH_DIGITS.contains(&digits.len())
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !extension.is_empty()
        && extension.bytes().all(plain)
        && stem
            .rsplit_once('-')
            .is_some_and(|(name, digits)| !name.is_empty() && is_hash(digits))
}

/// The value of `Cache-Control` for the file at `path`.
#[must_use]
pub fn cache_control(path: &str) -> &'static str {
    if is_hashed(path) {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    }
}

/// The value of `Content-Type` for the file at `path`. With `nosniff`, browsers run and show only what has the right
/// one, and compile WebAssembly while it arrives only as `application/wasm`.
#[must_use]
pub fn content_type(path: &str) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether the file at `path` has a copy beside it that ends in `.br`, compressed with brotli (RFC 7932).
#[must_use]
pub fn has_compressed_copy(path: &str) -> bool {
    COMPRESSED.contains(&extension(path))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn extension(path: &str) -> &str {
    file_name(path)
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
}
