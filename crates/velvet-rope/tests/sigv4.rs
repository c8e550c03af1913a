//! Signature Version 4 against two oracles: the signing test suite of AWS, which the crate `aws-sigv4` carries
//! in its package, and signatures that botocore made (`tests/vectors/record_botocore.py`).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningSettings, sign as sign_by_the_crate,
};
use aws_sigv4::sign::v4;
use serde_json::Value;
use velvet_rope::aws::credentials::{Credentials, SecretAccessKey, SessionToken};
use velvet_rope::aws::sigv4::{Scope, SignatureForm, SigningError, SigningKeys, sign, sign_as};
use velvet_rope::gateway::{wire_headers, wire_url};
use velvet_rope::http::{Body, HttpRequest, Method};
use velvet_rope::time::Timestamp;

fn credentials(access_key_id: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials {
        identity_id: "eu-west-1:identity".to_owned(),
        access_key_id: access_key_id.to_owned(),
        secret_access_key: SecretAccessKey::new(secret),
        session_token: token.map(SessionToken::new),
        expiration: Timestamp(u64::MAX),
    }
}

fn authorization(request: &HttpRequest) -> &str {
    let header = request
        .headers
        .iter()
        .find(|(name, _)| name == "authorization");
    header.map(|(_, value)| value.as_str()).unwrap()
}

fn method(name: &str) -> Method {
    Method::ALL
        .into_iter()
        .find(|method| method.as_str() == name)
        .unwrap()
}

#[test]
fn agrees_with_botocore_on_paths_that_are_encoded_twice() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/botocore.json")).unwrap();
    let credentials = credentials(
        "ASIAEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        Some("session/token+example=="),
    );
    let scope = Scope {
        region: "eu-west-1",
        service: "execute-api",
    };
    assert!(cases.len() > 10);
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let request = HttpRequest::new(method(text("method")), text("url"))
            .header("x-api-key", "key-of-twenty-letters")
            .body(text("body"));
        let signed = sign(request, &credentials, scope, Timestamp(1_700_000_000)).unwrap();
        assert_eq!(
            authorization(&signed),
            text("authorization"),
            "{}",
            text("url")
        );
    }
}

fn recorded() -> (Credentials, Scope<'static>, Value) {
    let credentials = credentials(
        "ASIAEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        Some("session/token+example=="),
    );
    let scope = Scope {
        region: "eu-west-1",
        service: "execute-api",
    };
    let cases = serde_json::from_str(include_str!("vectors/calls.json")).unwrap();
    (credentials, scope, cases)
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_array().unwrap().iter();
    pairs
        .map(|pair| {
            let text = |at: usize| pair[at].as_str().unwrap().to_owned();
            (text(0), text(1))
        })
        .collect()
}

#[test]
fn a_call_is_sent_and_signed_as_botocore_signs_what_browsers_send() {
    use base64::Engine as _;
    let (credentials, scope, cases) = recorded();
    let cases = cases["calls"].as_array().unwrap();
    assert!(cases.len() >= 30);
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        assert_eq!(wire_url(text("typed_url")).as_deref(), Ok(text("url")));
        let headers = wire_headers(&pairs(&case["typed_headers"])).unwrap();
        assert_eq!(headers, pairs(&case["headers"]), "{}", text("name"));
        let body = base64::engine::general_purpose::STANDARD
            .decode(text("body"))
            .unwrap();
        let large = case["large_body"].as_u64().unwrap();
        let body = if large > 0 {
            (0..large).map(|index| (index % 251) as u8).collect()
        } else {
            body
        };
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&body);
        let mut request = HttpRequest::new(method(text("method")), text("url"));
        request.headers = headers;
        let known = Body::from(body.clone()).with_sha256(digest.into());
        for body in [Body::from(body), known] {
            let request = request.clone().body(body);
            let signed = sign(request, &credentials, scope, Timestamp(1_700_000_000)).unwrap();
            let expected = text("authorization");
            assert_eq!(authorization(&signed), expected, "{}", text("name"));
        }
    }
}

#[test]
fn a_presigned_address_is_that_of_botocore() {
    let (credentials, scope, cases) = recorded();
    for case in cases["presigned"].as_array().unwrap() {
        let url = case["url"].as_str().unwrap();
        let valid = Duration::from_secs(case["valid_seconds"].as_u64().unwrap());
        let request = HttpRequest::new(Method::Get, url);
        let (now, form) = (Timestamp(1_700_000_000), SignatureForm::Query(valid));
        let signed = sign_as(request, &credentials, scope, now, form).unwrap();
        assert_eq!(signed.url, case["presigned"].as_str().unwrap());
    }
}

#[test]
fn an_address_without_a_host_or_with_another_time_than_aws_takes_is_an_error() {
    let (credentials, scope, _) = recorded();
    let now = Timestamp(1_700_000_000);
    let invalid = Err(SigningError::Invalid);
    for url in [
        "",
        "/a",
        "nonsense",
        "https://",
        "https:///a",
        "https://:80/",
        "https://a b/",
    ] {
        let request = HttpRequest::new(Method::Get, url);
        assert_eq!(sign(request, &credentials, scope, now), invalid, "{url}");
    }
    for seconds in [0, 7 * 86_400 + 1] {
        let request = HttpRequest::new(Method::Get, "https://api.example.com/");
        let form = SignatureForm::Query(Duration::from_secs(seconds));
        let signed = sign_as(request, &credentials, scope, now, form);
        assert_eq!(signed, invalid, "{seconds}");
    }
}

#[test]
fn signs_the_host_as_browsers_send_it() {
    let credentials = credentials("ASIAEXAMPLE", "secret", None);
    let scope = Scope {
        region: "eu-west-1",
        service: "execute-api",
    };
    let signature = |url: &str| {
        let request = HttpRequest::new(Method::Get, url);
        let signed = sign(request, &credentials, scope, Timestamp(1_700_000_000)).unwrap();
        authorization(&signed).to_owned()
    };
    let expected = signature("https://a1b2.execute-api.eu-west-1.amazonaws.com/latest/A?b=C");
    for url in [
        "https://A1B2.execute-api.EU-WEST-1.amazonaws.com/latest/A?b=C",
        "HTTPS://a1b2.execute-api.eu-west-1.amazonaws.com:443/latest/A?b=C",
    ] {
        assert_eq!(signature(url), expected, "{url}");
    }
    for url in [
        "https://a1b2.execute-api.eu-west-1.amazonaws.com/latest/a?b=C",
        "https://a1b2.execute-api.eu-west-1.amazonaws.com:8443/latest/A?b=C",
        "http://a1b2.execute-api.eu-west-1.amazonaws.com:443/latest/A?b=C",
    ] {
        assert_ne!(signature(url), expected, "{url}");
    }
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Where cargo keeps the source of `aws-sigv4`, with the suite in it.
fn suite() -> PathBuf {
    let version = cargo(&["-vV"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    // Crates of other platforms may not be downloaded yet.
    let filter = [
        "metadata",
        "--format-version=1",
        "--offline",
        "--filter-platform",
    ];
    let metadata: Value = serde_json::from_str(&cargo(&[&filter[..], &[host]].concat())).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "aws-sigv4")
        .unwrap();
    Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap()
        .join("aws-signing-test-suite/v4")
}

/// What does not apply: this client normalises paths, encodes them twice (the suite's one encoded path is
/// encoded once, as for S3), hashes the whole body, and takes no address that a browser would rewrite or header
/// that `fetch` would not send as given.
fn applies(name: &str, context: &Value, target: &str) -> bool {
    let normalises = context["normalize"].as_bool().unwrap_or(true);
    let signs_body_header = context["sign_body"].as_bool().unwrap_or(false);
    let omits_token = context["omit_session_token"].as_bool().unwrap_or(false);
    let odd_header = name == "get-header-value-multiline";
    normalises
        && !signs_body_header
        && !omits_token
        && !odd_header
        && target.is_ascii()
        && !target.contains([' ', '%'])
}

fn read_request(text: &str) -> (HttpRequest, String) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap();
    let (verb, rest) = first.split_once(' ').unwrap();
    let target = rest.rsplit_once(' ').unwrap().0.to_owned();
    // Repeated headers are joined as the suite joins them; `fetch` would put a space after the comma.
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = name.to_ascii_lowercase();
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, joined)) => *joined = [joined, ",", value].concat(),
            None => headers.push((name, value.to_owned())),
        }
    }
    let host = headers
        .iter()
        .find(|(name, _)| name == "host")
        .map(|(_, value)| value.clone())
        .unwrap();
    let request = HttpRequest::new(method(verb), format!("https://{host}{target}")).body(body);
    let request = headers
        .iter()
        .filter(|(name, _)| {
            !["host", "x-amz-date", "x-amz-security-token"].contains(&name.as_str())
        })
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        });
    (request, target)
}

#[test]
fn agrees_with_the_signing_test_suite_of_aws() {
    let mut checked = Vec::new();
    for entry in fs::read_dir(suite()).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        // Two folders hold no context: they show an encoding and no signature.
        if !folder.join("context.json").exists() {
            continue;
        }
        let context: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("context.json")).unwrap())
                .unwrap();
        let (request, target) =
            read_request(&fs::read_to_string(folder.join("request.txt")).unwrap());
        if !applies(&name, &context, &target) {
            continue;
        }
        let key = &context["credentials"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let credentials = credentials(
            &text(&key["access_key_id"]),
            &text(&key["secret_access_key"]),
            key["token"].as_str(),
        );
        let (region, service) = (text(&context["region"]), text(&context["service"]));
        let timestamp = text(&context["timestamp"]).replace(['-', ':'], "");
        let now = Timestamp::from_iso8601_basic(&timestamp).unwrap();
        let signed = sign(
            request,
            &credentials,
            Scope {
                region: &region,
                service: &service,
            },
            now,
        )
        .unwrap();
        let expected = fs::read_to_string(folder.join("header-signature.txt")).unwrap();
        assert!(
            authorization(&signed).ends_with(&format!("Signature={}", expected.trim())),
            "{name}"
        );
        checked.push(name);
    }
    assert!(checked.len() >= 20, "only {checked:?} were checked");
}

/// The `authorization` that `aws-sigv4` gives a request: it writes the canonical request itself.
fn authorization_by_the_crate(request: &HttpRequest, now: Timestamp) -> String {
    let (credentials, scope, _) = recorded();
    let identity = SigningCredentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.secret(),
        credentials
            .session_token
            .as_ref()
            .map(|token| token.secret().to_owned()),
        None,
        "test",
    )
    .into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(UNIX_EPOCH + Duration::from_secs(now.0))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(
        request.method.as_str(),
        request.url.as_str(),
        headers,
        SignableBody::Bytes(&request.body),
    )
    .unwrap();
    let (instructions, _) = sign_by_the_crate(signable, &parameters)
        .unwrap()
        .into_parts();
    let (_, value) = instructions
        .headers()
        .find(|(name, _)| *name == "authorization")
        .unwrap();
    value.to_owned()
}

#[test]
fn signs_as_the_whole_crate_does() {
    let (credentials, scope, _) = recorded();
    let keys = SigningKeys::default();
    let paths = [
        "",
        "/",
        "/latest/a%20b/%2F/",
        "/latest//a/./b/../c",
        "/latest/$default/@connections/x=y",
        "/latest/!'()*+,;:&",
    ];
    let queries = ["", "?b=2&a=1", "?a&a=%C3%BC&a=b", "?a=b%2Bc&&=d"];
    let bodies: [&[u8]; 3] = [b"", b"{\"a\":1}", b"\xff\x00"];
    let mut now = Timestamp(1_700_000_000);
    for path in paths {
        for query in queries {
            for body in bodies {
                let url = format!("https://api.example.com:8443{path}{query}");
                let request = HttpRequest::new(Method::Post, url)
                    .header("content-type", "application/json; charset=utf-8")
                    .header("x-own", " a   b ")
                    .header("user-agent", "not signed")
                    .body(body.to_vec());
                let expected = authorization_by_the_crate(&request, now);
                let signed =
                    keys.sign_as(request, &credentials, scope, now, SignatureForm::Headers);
                assert_eq!(authorization(&signed.unwrap()), expected, "{path}{query}");
                // Also across midnight, when the key changes.
                now = Timestamp(now.0 + 40_000);
            }
        }
    }
}

#[test]
fn a_request_is_signed_in_the_form_in_which_browsers_send_it() {
    let (credentials, scope, _) = recorded();
    let now = Timestamp(1_700_000_000);
    let mut request = HttpRequest::new(
        Method::Get,
        "HTTPS://API.example.com:443/a//b/../c d?x=y+z#top",
    );
    request.headers = pairs(&serde_json::json!([["X-Own", " a  b "], ["x-own", "c"]]));
    let signed = sign(request, &credentials, scope, now).unwrap();
    assert_eq!(signed.url, "https://api.example.com/a/c%20d?x=y%20z");
    assert_eq!(signed.headers[0], ("x-own".to_owned(), "a b, c".to_owned()));
    let again = sign(signed.clone(), &credentials, scope, now).unwrap();
    assert_eq!(again, signed);
}

proptest::proptest! {
    #[test]
    fn signs_as_the_whole_crate_does_for_any_address(
        segments in proptest::collection::vec("[a-zA-Z0-9_~!$'()*,;:@=&+-]{1,6}|%[0-9A-F][0-9A-F]", 0..5),
        pairs in proptest::collection::vec(("[a-z~.]{0,3}(%2[0-9A-F])?", "[A-Z_-]{0,3}(%C3%BC)?"), 0..4),
        value in "[a-z ]{0,5}",
        body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
        seconds in 1_000_000_000_u64..2_000_000_000,
    ) {
        let (credentials, scope, _) = recorded();
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("https://api.example.com/{}?{}", segments.join("/"), query.join("&"));
        let Ok(url) = wire_url(&url) else {
            return Ok(());
        };
        let request = HttpRequest::new(Method::Put, url.as_str()).header("x-own", value).body(body);
        let now = Timestamp(seconds);
        let expected = authorization_by_the_crate(&request, now);
        let signed = sign(request, &credentials, scope, now).unwrap();
        proptest::prop_assert_eq!(authorization(&signed), expected, "{}", url);
    }
}
