//! What single values of the configuration must look like. Each check answers the value as the
//! rest of the program wants it, or `None`.

/// What is expected where a region is configured.
pub(super) const REGION: &str = "an AWS region, like \"eu-west-1\"";

/// An address with its scheme and without a slash at the end. A bare host name gets `https://`.
/// Plain `http` is taken for this machine only: tokens must not cross a network unencrypted.
pub(super) fn address(text: &str) -> Option<String> {
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let (scheme, rest) = with_scheme.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    let local = host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1";
    let scheme_fits = scheme == "https" || (scheme == "http" && local);
    let host_fits = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let port_and_path = &rest[host.len()..];
    let port = port_and_path.split('/').next()?;
    let port_fits = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| digits.parse::<u16>().is_ok());
    let path = &port_and_path[port.len()..];
    let path_fits =
        path.is_empty() || path == "/" || (wire_path(path).is_some() && !path.contains('?'));
    (scheme_fits && host_fits && port_fits && path_fits)
        .then(|| with_scheme.trim_end_matches('/').to_owned())
}

/// Whether tokens may be sent to an address, or keys be read from it: https, or this machine.
#[must_use]
pub fn is_secure_address(text: &str) -> bool {
    let base = text.split(['?', '#']).next().unwrap_or_default();
    base.contains("://") && address(base).is_some()
}

/// The issuer of a provider: an address, exactly as its tokens spell it, with a slash at the end or without.
pub(super) fn issuer(text: &str) -> Option<String> {
    address(text).map(|plain| {
        if text.ends_with('/') {
            plain + "/"
        } else {
            plain
        }
    })
}

/// A path, and perhaps a query, that browsers send exactly as written: what is signed is then what
/// arrives. Double slashes and dot segments are refused because signers and gateways disagree on them.
pub(super) fn wire_path(text: &str) -> Option<String> {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let shape_fits = path.starts_with('/')
        && !path.contains("//")
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
pub(super) fn site_path(text: &str) -> Option<String> {
    wire_path(text).filter(|path| !path.ends_with('/') && !path.contains('?'))
}

/// A region name: `eu-west-1`, `us-gov-east-1`.
pub(super) fn region(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    let fits = parts.len() >= 3
        && parts.last()?.parse::<u8>().is_ok()
        && parts.iter().all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    fits.then(|| text.to_owned())
}

/// A user pool id: `<region>_<letters and digits>`.
pub(super) fn user_pool_id(text: &str) -> Option<String> {
    let (pool_region, name) = text.split_once('_')?;
    let fits = region(pool_region).is_some()
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
}

/// An identity pool id: `<region>:<uuid>`.
pub(super) fn identity_pool_id(text: &str) -> Option<String> {
    let (pool_region, uuid) = text.split_once(':')?;
    let fits = region(pool_region).is_some()
        && uuid.len() == 36
        && uuid
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
}

/// A word of the characters that may stand in a header or a client id.
pub(super) fn word(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned())
}

/// A name for people: something other than blanks, on one line.
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
        assert!(region("us-gov-east-1").is_some());
        assert!(region("Ireland").is_none());
    }
}
