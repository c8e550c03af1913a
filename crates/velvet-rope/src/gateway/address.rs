//! The address of a call, in the form in which a browser sends it: what is signed is then what arrives.
//!
//! Browsers rewrite an address while they parse it (URL Standard, section 4.4): dot segments, the case of the host, the
//! default port, the fragment, characters that they percent-encode. Gateways and signers disagree on more: empty
//! segments, `+` and repeated `&` in a query. Here all of it is settled before a signature is made.

use super::error::RequestError;
use crate::http::normalize_url;

/// The address of `path` below `base_url`. `path` may have parameters in braces, and a query.
pub(crate) fn address(
    base_url: &str,
    path: &str,
    parameters: &[(String, String)],
    query: &[(String, String)],
) -> Result<String, RequestError> {
    let (path, own_query) = path.split_once('?').unwrap_or((path, ""));
    if !path.starts_with('/') {
        return Err(RequestError::Address);
    }
    let mut url = base_url.to_owned();
    fill(&mut url, path, parameters)?;
    let mut separator = '?';
    if !own_query.is_empty() {
        url.push(separator);
        url.push_str(own_query);
        separator = '&';
    }
    for (name, value) in query {
        url.push(separator);
        encode(&mut url, name.as_bytes(), b"");
        url.push('=');
        encode(&mut url, value.as_bytes(), b"");
        separator = '&';
    }
    wire_url(&url)
}

/// Appends the path with the values of its parameters.
fn fill(url: &mut String, path: &str, parameters: &[(String, String)]) -> Result<(), RequestError> {
    let mut unused: Vec<&str> = parameters.iter().map(|(name, _)| &**name).collect();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        url.push_str(before);
        let (name, after) = after.split_once('}').ok_or(RequestError::Address)?;
        let found = parameters.iter().find(|(known, _)| known == name);
        let (_, value) = found.ok_or_else(|| RequestError::MissingParameter(name.to_owned()))?;
        if matches!(&**value, "" | "." | "..") {
            return Err(RequestError::UnusableParameter(name.to_owned()));
        }
        encode(url, value.as_bytes(), b"");
        unused.retain(|unused| *unused != name);
        rest = after;
    }
    url.push_str(rest);
    match unused.first() {
        Some(name) => Err(RequestError::UnknownParameter((*name).to_owned())),
        None => Ok(()),
    }
}

/// An address of http or https as a browser sends it and as every signer reads it: see the module. A path keeps its
/// percent-encoding; the names and values of a query are encoded anew, with `+` taken for a space as forms write it.
///
/// # Errors
/// [`RequestError::Address`] for another scheme, a user name or a host outside of ASCII, and a query that is not UTF-8.
pub fn wire_url(url: &str) -> Result<String, RequestError> {
    let url = normalize_url(url.split('#').next().unwrap_or_default());
    let (scheme, rest) = url.split_once("://").ok_or(RequestError::Address)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let of_authority = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if !matches!(scheme, "http" | "https")
        || authority.is_empty()
        || !authority.bytes().all(of_authority)
    {
        return Err(RequestError::Address);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut wire = [scheme, "://", authority].concat();
    let mut segments: Vec<&str> = Vec::new();
    let mut ends_in_slash = false;
    for segment in path.split('/') {
        ends_in_slash = true;
        match &*segment.to_ascii_lowercase().replace("%2e", ".") {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => {
                segments.push(segment);
                ends_in_slash = false;
            }
        }
    }
    for segment in &segments {
        wire.push('/');
        encode(&mut wire, segment.as_bytes(), b"!$&'()*+,;=:@%");
    }
    if ends_in_slash {
        wire.push('/');
    }
    append_query(&mut wire, query)?;
    Ok(wire)
}

/// Pairs without a name and a value are left out, as servers do.
fn append_query(wire: &mut String, query: &str) -> Result<(), RequestError> {
    let mut separator = '?';
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        wire.push(separator);
        encode(wire, &decode(name)?, b"");
        wire.push('=');
        encode(wire, &decode(value)?, b"");
        separator = '&';
    }
    Ok(())
}

fn decode(text: &str) -> Result<Vec<u8>, RequestError> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (byte, length) = match (byte, escaped(bytes, at)) {
            (b'%', Some(escaped)) => (escaped, 3),
            (b'+', _) => (b' ', 1),
            (byte, _) => (*byte, 1),
        };
        decoded.push(byte);
        at += length;
    }
    match str::from_utf8(&decoded) {
        Ok(_) => Ok(decoded),
        Err(_) => Err(RequestError::Address),
    }
}

/// The byte that the two hexadecimal digits behind `at` stand for.
fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

/// Percent-encodes all but the unreserved characters of RFC 3986, section 2.3, and those in `kept`. With `%` among these,
/// what is encoded already stays so.
pub(crate) fn encode(text: &mut String, bytes: &[u8], kept: &[u8]) {
    const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";
    for (at, byte) in bytes.iter().enumerate() {
        let stays = byte.is_ascii_alphanumeric()
            || b"-._~".contains(byte)
            || kept.contains(byte) && (*byte != b'%' || escaped(bytes, at).is_some());
        if stays {
            text.push(char::from(*byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|digit| HEXADECIMAL[usize::from(digit)]);
            text.extend(['%', char::from(digits[0]), char::from(digits[1])]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://a1b2.execute-api.eu-west-1.amazonaws.com/latest";

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn built(path: &str, parameters: &[(&str, &str)]) -> Result<String, RequestError> {
        let url = address(BASE, path, &pairs(parameters), &[])?;
        Ok(url.strip_prefix(BASE).unwrap().to_owned())
    }

    #[test]
    fn parameters_are_encoded_as_one_segment_each() {
        for (value, segment) in [
            ("7", "7"),
            ("a b/c", "a%20b%2Fc"),
            ("50%", "50%25"),
            ("a+b?c#d", "a%2Bb%3Fc%23d"),
            ("€!'()*~", "%E2%82%AC%21%27%28%29%2A~"),
            ("...", "..."),
        ] {
            let built = built("/items/{id}/x", &[("id", value)]);
            assert_eq!(built, Ok(["/items/", segment, "/x"].concat()));
        }
        let twice = built("/{a}/{b}/{a}", &[("a", "1"), ("b", "2")]);
        assert_eq!(twice, Ok("/1/2/1".to_owned()));
    }

    #[test]
    fn a_parameter_without_a_value_or_without_a_place_is_an_error() {
        let id = || "id".to_owned();
        let missing = RequestError::MissingParameter(id());
        assert_eq!(built("/items/{id}", &[]), Err(missing));
        let unknown = RequestError::UnknownParameter(id());
        assert_eq!(built("/items", &[("id", "7")]), Err(unknown));
        for value in ["", ".", ".."] {
            let unusable = RequestError::UnusableParameter(id());
            assert_eq!(built("/items/{id}", &[("id", value)]), Err(unusable));
        }
        for path in ["items", "", "/items/{id"] {
            assert_eq!(built(path, &[("id", "7")]), Err(RequestError::Address));
        }
    }

    #[test]
    fn queries_are_repeated_in_their_order_and_follow_that_of_the_path() {
        let query = pairs(&[("b", "2"), ("a", "x y"), ("b", ""), ("ü", "1+1=2&")]);
        let url = address(BASE, "/things?q=it's", &[], &query);
        let expected = "/things?q=it%27s&b=2&a=x%20y&b=&%C3%BC=1%2B1%3D2%26";
        assert_eq!(url, Ok([BASE, expected].concat()));
    }

    #[test]
    fn an_address_is_what_a_browser_sends() {
        for (typed, sent) in [
            (
                "HTTPS://API.Example.COM:443/Ab#c",
                "https://api.example.com/Ab",
            ),
            ("http://localhost:4566", "http://localhost:4566/"),
            ("https://a.b/x/./y/../z", "https://a.b/x/z"),
            ("https://a.b/x/%2E%2e/y/%2e", "https://a.b/y/"),
            ("https://a.b//x///y//", "https://a.b/x/y/"),
            ("https://a.b/..", "https://a.b/"),
            (
                "https://a.b/a b\"<>`{}|\\^\u{e9}",
                "https://a.b/a%20b%22%3C%3E%60%7B%7D%7C%5C%5E%C3%A9",
            ),
            ("https://a.b/%2f%zz%", "https://a.b/%2f%25zz%25"),
            ("https://a.b/!$&'()*+,;=:@~", "https://a.b/!$&'()*+,;=:@~"),
            (
                "https://a.b?k&a=&&=v&b=1+1",
                "https://a.b/?k=&a=&=v&b=1%201",
            ),
            (
                "https://a.b/?a=%2f%c3%a9%2B!*",
                "https://a.b/?a=%2F%C3%A9%2B%21%2A",
            ),
            ("https://a.b/?a=b=c?d/e", "https://a.b/?a=b%3Dc%3Fd%2Fe"),
        ] {
            assert_eq!(wire_url(typed).as_deref(), Ok(sent), "{typed}");
            assert_eq!(wire_url(sent).as_deref(), Ok(sent), "{typed}");
        }
    }

    #[test]
    fn an_address_that_no_signature_fits_is_an_error() {
        for url in [
            "",
            "/a",
            "ftp://a.b/",
            "https:///a",
            "https://user:word@a.b/",
            "https://m\u{fc}nchen.example/",
            "https://a.b/?x=%FF",
        ] {
            assert_eq!(wire_url(url), Err(RequestError::Address), "{url}");
        }
    }
}
