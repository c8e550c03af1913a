//! The headers of a call, in the form in which a browser sends them.
//!
//! `fetch` trims values and joins repeated headers (Fetch Standard, section 2.2.2), and does not let a page set some
//! headers. A signature over what was typed would not fit what arrives.

use super::error::RequestError;

/// Headers that browsers set themselves (Fetch Standard, "forbidden request-header").
const FORBIDDEN: [&str; 20] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that this library sets.
const RESERVED: [&str; 4] = [
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-api-key",
];

/// The headers as a browser sends them: names in lower case, values trimmed and each run of blanks in them one space,
/// repeated headers joined by a comma and a space.
///
/// # Errors
/// [`RequestError::Header`], [`RequestError::ForbiddenHeader`] or [`RequestError::ReservedHeader`] with the name.
pub fn wire_headers(headers: &[(String, String)]) -> Result<Vec<(String, String)>, RequestError> {
    for (name, value) in headers {
        check(&name.to_ascii_lowercase(), value)?;
    }
    Ok(folded(headers))
}

/// As [`wire_headers`], without the checks.
pub(crate) fn folded(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut wire: Vec<(String, String)> = Vec::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        match wire.iter_mut().find(|(known, _)| *known == name) {
            Some((_, joined)) => {
                joined.push_str(", ");
                joined.push_str(&value);
            }
            None => wire.push((name, value)),
        }
    }
    wire
}

/// Checks the name in lower case and the value of a header.
pub(crate) fn check(name: &str, value: &str) -> Result<(), RequestError> {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let of_value = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    // Line breaks around a value are trimmed by browsers; one within it would begin another header.
    let value_fits = value
        .trim_matches(['\r', '\n', ' ', '\t'])
        .bytes()
        .all(of_value);
    if name.is_empty() || !name.bytes().all(of_token) || !value_fits {
        return Err(RequestError::Header(name.to_owned()));
    }
    if FORBIDDEN.contains(&name)
        || name == "via"
        || name.starts_with("sec-")
        || name.starts_with("proxy-")
    {
        return Err(RequestError::ForbiddenHeader(name.to_owned()));
    }
    if RESERVED.contains(&name) {
        return Err(RequestError::ReservedHeader(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(headers: &[(&str, &str)]) -> Result<Vec<(String, String)>, RequestError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        wire_headers(&headers.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn values_are_trimmed_folded_and_joined_as_fetch_sends_them() {
        let typed = [
            ("X-One", " \r\n a  b\t \tc \n"),
            ("x-two", ""),
            ("X-ONE", "d"),
        ];
        let sent = [("x-one", "a b c, d"), ("x-two", "")];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(wire(&typed), Ok(sent.to_vec()));
    }

    #[test]
    fn what_a_browser_does_not_send_is_an_error_with_its_name() {
        for name in [
            "Cookie",
            "Host",
            "Sec-Fetch-Mode",
            "Proxy-Authorization",
            "Via",
            "DNT",
        ] {
            let forbidden = RequestError::ForbiddenHeader(name.to_ascii_lowercase());
            assert_eq!(wire(&[(name, "x")]), Err(forbidden));
        }
        for name in ["Authorization", "X-Amz-Date", "X-Api-Key"] {
            let reserved = RequestError::ReservedHeader(name.to_ascii_lowercase());
            assert_eq!(wire(&[(name, "x")]), Err(reserved));
        }
        for (name, value) in [
            ("", "x"),
            ("a b", "x"),
            ("x-a", "a\nb"),
            ("x-a", "a\0"),
            ("x-a", "caf\u{e9}"),
        ] {
            let invalid = RequestError::Header(name.to_owned());
            assert_eq!(wire(&[(name, value)]), Err(invalid));
        }
    }
}
