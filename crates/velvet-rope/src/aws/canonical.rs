//! The texts that a signature covers: the canonical request and the string to sign.
//!
//! A page that explains a refused signature compares them with those in the answer of API Gateway. `aws-sigv4` makes them too, but
//! does not show them, and reads addresses and headers in all forms that there are; the tests compare with it. Source: AWS General
//! Reference, "Create a signed AWS API request".

use std::collections::BinaryHeap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::gateway::encode;
use crate::http::HttpRequest;

/// The algorithm of every signature of this library.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Headers that are never signed: the signature itself, and what proxies change.
const UNSIGNED: [&str; 4] = [
    "authorization",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// A canonical request.
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    /// The text: method, path, query, headers, signed headers and digest of the body, each on lines of its own. It has the
    /// session token if that is a header of the request.
    pub text: String,
    /// The names of the signed headers, in their order, with semicolons between them.
    pub signed_headers: String,
}

impl fmt::Debug for CanonicalRequest {
    /// The names of the headers; the text has the session token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CanonicalRequest({})", self.signed_headers)
    }
}

/// The canonical request of a request as it is sent: all its headers but those that proxies change, and the host.
///
/// `None` for a request that is not in the form in which this library sends it: an address that
/// [`wire_url`](crate::gateway::wire_url) would change, or header names with capitals or repeated.
#[must_use]
pub fn canonical_request(request: &HttpRequest) -> Option<CanonicalRequest> {
    let (scheme, rest) = request.url.split_once("://")?;
    let end = rest.find(['/', '?'])?;
    let (host, target) = rest.split_at(end);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let is_host = !host.is_empty() && !host.starts_with(':') && !host.ends_with(default_port);
    if !is_host
        || !host.bytes().all(is_of_host)
        || !is_plain_path(path)
        || !query.bytes().all(is_of_query)
    {
        return None;
    }
    let headers = signed_headers(request, host)?;
    let mut text = String::with_capacity(request.url.len() + 2_048);
    text.push_str(request.method.as_str());
    text.push('\n');
    // Once more percent-encoded, as all services but S3 expect.
    encode(&mut text, path.as_bytes(), b"/");
    text.push('\n');
    push_query(&mut text, query);
    text.push('\n');
    let mut names = String::with_capacity(128);
    for (name, value) in headers {
        for part in [name, ":", value, "\n"] {
            text.push_str(part);
        }
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name);
    }
    text.push('\n');
    text.push_str(&names);
    text.push('\n');
    match request.body.sha256() {
        Some(digest) => push_hexadecimal(&mut text, digest),
        None => push_hexadecimal(&mut text, &Sha256::digest(&*request.body)),
    }
    Some(CanonicalRequest {
        text,
        signed_headers: names,
    })
}

/// The string to sign. `date` is the value of `x-amz-date`; `scope` is date, region, service and `aws4_request`, with
/// slashes between them.
#[must_use]
pub fn string_to_sign(date: &str, scope: &str, canonical_request: &str) -> String {
    let mut text = [ALGORITHM, "\n", date, "\n", scope, "\n"].concat();
    push_hexadecimal(&mut text, &Sha256::digest(canonical_request.as_bytes()));
    text
}

/// Names and values in the order of the names; `None` if a browser would send something else.
fn signed_headers<'a>(request: &'a HttpRequest, host: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut headers: Vec<(&str, &str)> = Vec::with_capacity(request.headers.len() + 1);
    headers.push(("host", host));
    for (name, value) in &request.headers {
        let is_plain = value.trim() == value
            && !value.contains("  ")
            && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            && !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if !is_plain {
            return None;
        }
        if !UNSIGNED.contains(&name.as_str()) {
            headers.push((name, value));
        }
    }
    let headers = sorted(headers);
    let is_repeated = headers.windows(2).any(|pair| pair[0].0 == pair[1].0);
    (!is_repeated).then_some(headers)
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:[]".contains(&byte)
}

/// Whether no signer and no browser would change the path: no empty segments and none of dots.
fn is_plain_path(path: &str) -> bool {
    let is_graphic = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    let mut segments = path.split('/');
    // In front of the first slash there is nothing.
    segments.next() == Some("")
        && path.bytes().all(is_graphic)
        && segments.enumerate().all(|(at, segment)| match segment {
            // The slash at the end.
            "" => at + 2 == path.split('/').count(),
            "." | ".." => false,
            _ => !segment.to_ascii_lowercase().contains("%2e"),
        })
}

fn is_of_query(byte: u8) -> bool {
    is_unreserved(byte) || matches!(byte, b'%' | b'=' | b'&')
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The pairs in the order of their names, those with the same name in that of their values.
fn push_query(text: &mut String, query: &str) {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs: Vec<(&str, &str)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    for (at, (name, value)) in sorted(pairs).into_iter().enumerate() {
        if at > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
}

/// The pairs in the order of their names, those with the same name in that of their values. The code of `sort` is five kilobytes larger.
fn sorted<'a>(pairs: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    BinaryHeap::from(pairs).into_sorted_vec()
}

fn push_hexadecimal(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    const DATE: &str = "20150830T123600Z";

    /// The example of AWS: General Reference, "Create a signed AWS API request".
    #[test]
    fn writes_the_texts_of_the_example_of_aws() {
        let url = "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers";
        let request = HttpRequest::new(Method::Get, url)
            .header("x-amz-date", DATE)
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            );
        let canonical = canonical_request(&request).unwrap();
        let expected = "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
             content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n\
             x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(canonical.text, expected);
        assert_eq!(canonical.signed_headers, "content-type;host;x-amz-date");
        let printed = format!("{canonical:?}");
        assert_eq!(printed, "CanonicalRequest(content-type;host;x-amz-date)");
        let to_sign = string_to_sign(DATE, "20150830/us-east-1/iam/aws4_request", &canonical.text);
        let digest = "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        let expected =
            format!("{ALGORITHM}\n{DATE}\n20150830/us-east-1/iam/aws4_request\n{digest}");
        assert_eq!(to_sign, expected);
    }

    #[test]
    fn a_path_is_encoded_twice_and_a_query_is_sorted() {
        let request = HttpRequest::new(
            Method::Put,
            "https://a.example:8443/s/a%20b/$x/?b=2&a&b=1&a=%C3%BC",
        );
        let text = canonical_request(&request).unwrap().text;
        assert!(
            text.starts_with("PUT\n/s/a%2520b/%24x/\na=&a=%C3%BC&b=1&b=2\nhost:a.example:8443\n"),
            "{text}"
        );
    }

    #[test]
    fn a_request_that_would_be_sent_otherwise_has_no_canonical_request() {
        let refused = |url: &str| canonical_request(&HttpRequest::new(Method::Get, url)).is_none();
        for url in [
            "https://a.example",
            "https://A.example/",
            "HTTPS://a.example/",
            "https://a.example:443/",
            "https://:8443/",
            "https:///x",
            "https://a.example//x",
            "https://a.example/x/../y",
            "https://a.example/%2E/",
            "https://a.example/a b",
            "https://a.example/x?a=b+c",
            "https://a.example/x#y",
            "nowhere",
        ] {
            assert!(refused(url), "{url}");
        }
        assert!(!refused("https://a.example/x/"));
        let request = HttpRequest::new(Method::Get, "https://a.example/");
        for (name, value) in [
            ("X-Own", "a"),
            ("x-own", " a"),
            ("x-own", "a  b"),
            ("x-own", "ü"),
        ] {
            let mut request = request.clone();
            request.headers.push((name.into(), value.into()));
            assert!(canonical_request(&request).is_none(), "{name}: {value}");
        }
        let mut twice = request;
        twice.headers = vec![("x-own".into(), "a".into()), ("x-own".into(), "b".into())];
        assert!(canonical_request(&twice).is_none());
    }
}
