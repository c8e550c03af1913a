//! The format of single values in the configuration. Each check returns the value in its normal form, or `None`.
//!
//! A value in its normal form is compared, joined and sent without further checks. What is refused here cannot make a
//! browser and a server read the same address differently.

use crate::http::{normalize_url, split_scheme};

/// What is expected where a region is configured.
pub(super) const REGION: &str = "an AWS region, like \"eu-west-1\"";

/// What is expected where a host is written with other letters than those of ASCII.
pub(super) const ASCII_HOST: &str = "the host in its ASCII form, which starts with \"xn--\": browsers and certificates use that form";

/// A text without the blanks around it, also those that copying from a page adds and that are not visible.
/// Zero-width spaces, direction marks, the word joiner and the byte order mark are such characters.
pub(super) fn trimmed(text: &str) -> &str {
    let invisible =
        |character| matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.trim_matches(|character: char| character.is_whitespace() || invisible(character))
}

/// Whether a text is an address or a bare host name with an internationalized domain name (RFC 5890) in Unicode.
/// Used for a better message only.
pub(super) fn has_unicode_host(text: &str) -> bool {
    let rest = split_scheme(text).map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    !host.is_ascii() && host.contains('.') && !host.contains(' ')
}

/// An address with its scheme and without slashes at the end, as a browser sends it. A bare host name gets `https://`.
/// Plain `http` is accepted for this machine only: tokens must not cross a network unencrypted.
/// Query, fragment, user name and password are refused.
pub(super) fn address(text: &str) -> Option<String> {
    let with_scheme = if split_scheme(text).is_some() {
        normalize_url(text)
    } else {
        normalize_url(&["https://", text].concat())
    };
    let (scheme, rest) = split_scheme(&with_scheme)?;
    let rest = rest.trim_end_matches('/');
    let host = rest.split(['/', ':']).next()?;
    let local = host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1";
    let scheme_fits = scheme == "https" || (scheme == "http" && local);
    let host_fits = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let port_and_path = &rest[host.len()..];
    let port = port_and_path.split('/').next()?;
    let path = &port_and_path[port.len()..];
    let path_fits = path.is_empty() || (wire_path(path).is_some() && !path.contains('?'));
    (scheme_fits && host_fits && port_fits(port) && path_fits)
        .then(|| [scheme, "://", rest].concat())
}

/// Whether a text is a port behind its colon, or nothing. Browsers drop zeros before it, so those are refused.
fn port_fits(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(':') else {
        return text.is_empty();
    };
    let canonical = digits.starts_with(|first: char| matches!(first, '1'..='9'));
    canonical && digits.parse::<u16>().is_ok()
}

/// Whether tokens may be sent to an address, or keys be read from it: https, or this machine.
#[must_use]
pub fn is_secure_address(text: &str) -> bool {
    let base = text.split(['?', '#']).next().unwrap_or_default();
    split_scheme(base).is_some() && address(base).is_some()
}

/// Whether two addresses of an issuer mean the same one: one may be typed in another form than a browser sends, or
/// without the slash at its end that the other one has.
#[must_use]
pub fn is_same_issuer(one: &str, other: &str) -> bool {
    let normal = |issuer: &str| normalize_url(issuer.strip_suffix('/').unwrap_or(issuer));
    normal(one) == normal(other)
}

/// The issuer of a provider: an address, with a slash at the end or without.
/// The slash stays, because Auth0's issuers have one and `iss` is compared exactly.
pub(super) fn issuer(text: &str) -> Option<String> {
    let slash = if text.ends_with('/') { "/" } else { "" };
    address(text).map(|plain| plain + slash)
}

/// A path, and perhaps a query, that browsers send exactly as written: what is signed is then what
/// arrives. Double slashes and dot segments are refused because signers and gateways disagree on them.
/// The characters are those of RFC 3986, sections 3.3 and 3.4; a percent sign must have two hexadecimal digits behind
/// it.
pub(super) fn wire_path(text: &str) -> Option<String> {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let shape_fits = path.starts_with('/')
        && !path.as_bytes().windows(2).any(|pair| pair == b"//")
        && path
            .split('/')
            .all(|segment| !matches!(segment, "." | ".."));
    let encoded = |part: &str, extra: &[u8]| {
        let bytes = part.as_bytes();
        bytes.iter().enumerate().all(|(index, byte)| match byte {
            b'%' => bytes
                .get(index + 1..index + 3)
                .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit)),
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&()*+,;=:@/".contains(byte)
                    || extra.contains(byte)
            }
        })
    };
    (shape_fits && encoded(path, b"'") && encoded(query, b"?")).then(|| text.to_owned())
}

/// A path on this site without a query.
/// It has no slash at its end, because the callback page is recognized by comparing paths.
pub(super) fn site_path(text: &str) -> Option<String> {
    wire_path(text).filter(|path| !path.ends_with('/') && !path.contains('?'))
}

/// A region name: `eu-west-1`, `us-gov-east-1`.
/// At least three parts, the last of them a number. The names are not compared with a list: AWS adds regions.
pub(super) fn region(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let parts: Vec<&str> = text.split('-').collect();
    let is_word =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fits = parts.len() >= 3 && parts.iter().all(is_word) && parts.last()?.parse::<u8>().is_ok();
    fits.then_some(text)
}

/// A user pool id: `<region>_<letters and digits>`.
pub(super) fn user_pool_id(text: &str) -> Option<String> {
    let (pool_region, name) = text.split_once('_')?;
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let pool_region = region(pool_region).filter(|_| fits)?;
    Some([&pool_region, "_", name].concat())
}

/// An identity pool id: `<region>:<uuid>`.
pub(super) fn identity_pool_id(text: &str) -> Option<String> {
    let (pool_region, uuid) = text.split_once(':')?;
    let fits = uuid.len() == 36
        && uuid
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let pool_region = region(pool_region).filter(|_| fits)?;
    Some([&pool_region, ":", &uuid.to_ascii_lowercase()].concat())
}

/// A word of the characters that may stand in a header or a client id.
/// Printable ASCII without blanks (`VCHAR` of RFC 5234).
pub(super) fn word(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned())
}

/// A name for display: something other than blanks, on one line.
pub(super) fn name(text: &str) -> Option<String> {
    (!text.trim().is_empty() && !text.contains(char::is_control)).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_domain_with_or_without_its_scheme() {
        let expected = Some("https://demo.auth.eu-west-1.amazoncognito.com".to_owned());
        assert_eq!(address("demo.auth.eu-west-1.amazoncognito.com"), expected);
        assert_eq!(
            address("https://demo.auth.eu-west-1.amazoncognito.com/"),
            expected
        );
    }

    #[test]
    fn an_address_has_one_form_however_it_is_typed() {
        let expected = Some("https://api.example.com/Latest".to_owned());
        for text in [
            "https://api.example.com/Latest",
            "https://api.example.com/Latest/",
            "https://api.example.com/Latest//",
            "https://api.example.com:443/Latest",
            "HTTPS://API.Example.COM:443/Latest/",
            "API.example.com/Latest",
            "api.example.com:443/Latest",
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
        assert_eq!(
            address("http://LOCALHOST:80"),
            Some("http://localhost".to_owned())
        );
        assert_eq!(
            address("localhost:443"),
            Some("https://localhost".to_owned())
        );
        assert_eq!(
            address("localhost:4566"),
            Some("https://localhost:4566".to_owned())
        );
    }

    #[test]
    fn an_issuer_has_its_slash_or_not_and_is_the_same() {
        assert_eq!(
            issuer("https://A.example/"),
            Some("https://a.example/".to_owned())
        );
        assert_eq!(
            issuer("https://a.example"),
            Some("https://a.example".to_owned())
        );
        assert!(is_same_issuer(
            "https://a.example/x",
            "https://A.example:443/x/"
        ));
        for other in [
            "https://a.example/X",
            "https://a.example",
            "https://b.example/x",
            "http://a.example/x",
        ] {
            assert!(!is_same_issuer("https://a.example/x", other), "{other}");
        }
    }

    #[test]
    fn blanks_around_a_pasted_value_are_removed_and_those_inside_stay() {
        for text in [
            " a b ",
            "\ta b\r\n",
            "\u{a0}a b\u{3000}",
            "\u{feff}a b\u{200b}\u{200e}",
        ] {
            assert_eq!(trimmed(text), "a b");
        }
        assert_eq!(trimmed("\u{200b} \n"), "");
    }

    #[test]
    fn knows_an_international_host() {
        for text in [
            "https://bücher.example/a",
            "bu\u{308}cher.example",
            "例え.jp:8443",
        ] {
            assert!(has_unicode_host(text), "{text}");
            assert_eq!(address(text), None, "{text}");
        }
        for text in [
            "https://xn--bcher-kva.example",
            "/ä.html",
            "Bücher",
            "a.example/ä",
            "Über 1. Rang",
            "",
        ] {
            assert!(!has_unicode_host(text), "{text}");
        }
    }

    #[test]
    fn takes_plain_http_for_this_machine_only() {
        assert!(address("http://localhost:4566").is_some());
        assert!(address("http://abc.execute-api.localhost:4566/latest").is_some());
        assert!(address("http://example.com").is_none());
        assert!(address("http://localhost.example.com").is_none());
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "",
            "https://",
            "ftp://example.com",
            "https://a b",
            "https://a:99999",
            "https://u@h",
            "https://h/a?b",
            "https://h//x",
            "https://h:+443",
            "https://h:0443",
            "https://h:0",
            "https://h:",
            "https:///x",
            "https://h\\x",
            "https://[::1]",
            "https://h/ x",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn takes_only_paths_that_go_over_the_wire_as_written() {
        for text in ["/", "/a", "/a/b%20c?x=1&y=%2F", "/it's", "/a?b?c"] {
            assert!(wire_path(text).is_some(), "{text}");
        }
        for text in [
            "", "a", "/a b", "//a", "/a//b", "/a/../b", "/./a", "/ä", "/%zz", "/%2", "/a#b",
            "/a?b'c", "/\\a",
        ] {
            assert!(wire_path(text).is_none(), "{text}");
        }
    }

    #[test]
    fn knows_ids_by_their_shape() {
        assert!(user_pool_id("us-east-1_AbC123").is_some());
        assert!(user_pool_id("us-east-1:AbC123").is_none());
        assert!(identity_pool_id("us-east-1:00000000-1111-2222-3333-444444444444").is_some());
        assert!(identity_pool_id("us-east-1_AbC123").is_none());
        assert_eq!(
            user_pool_id("EU-West-1_AbC"),
            Some("eu-west-1_AbC".to_owned())
        );
        assert_eq!(region("EU-West-1"), Some("eu-west-1".to_owned()));
        let pool = identity_pool_id("US-east-1:AAAAAAAA-1111-2222-3333-444444444444");
        assert_eq!(
            pool.as_deref(),
            Some("us-east-1:aaaaaaaa-1111-2222-3333-444444444444")
        );
        assert!(region("us-gov-east-1").is_some());
        assert!(region("Ireland").is_none());
    }
}
