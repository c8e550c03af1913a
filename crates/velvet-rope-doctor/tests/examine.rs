//! The checks against systems with one mistake each. The answers are those that AWS gives, shortened.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use velvet_rope::{
    Config, HttpRequest, HttpResponse, Method, Timestamp, TransportError, parse_config,
};
use velvet_rope_doctor::{
    Check, Finding, Missing, NO_VALUE, Preflight, State, Surroundings, checks,
    missing_of_preflight, needed_headers, report,
};

const ORIGIN: &str = "https://app.example.com";
const KEYS: &str =
    r#"{"keys":[{"kid":"1","kty":"RSA","alg":"RS256","use":"sig","n":"AQAB","e":"AQAB"}]}"#;
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const NOW: Timestamp = Timestamp(784_111_777);

/// A system that is not there: it answers as told.
struct FakeSystem {
    keys: (u16, &'static str),
    token: (u16, &'static str),
    pool: (u16, &'static str),
    expose: &'static str,
    preflight: Preflight,
    now: Timestamp,
}

impl Default for FakeSystem {
    fn default() -> Self {
        Self {
            keys: (200, KEYS),
            token: (400, r#"{"error":"invalid_grant"}"#),
            pool: (
                400,
                r#"{"__type":"NotAuthorizedException","message":"Unauthenticated access is not supported for this identity pool."}"#,
            ),
            expose: "x-amzn-errortype,x-amzn-requestid,date",
            preflight: Preflight::Allowed,
            now: NOW,
        }
    }
}

impl Surroundings for FakeSystem {
    fn origin(&self) -> &str {
        ORIGIN
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer =
            |(status, body): (u16, &'static str)| HttpResponse::new(status, Vec::new(), body);
        if request.url.ends_with("/jwks.json") {
            return Ok(answer(self.keys));
        }
        if request.url.ends_with("/oauth2/token") {
            return Ok(answer(self.token));
        }
        if request.url.contains("cognito-identity") {
            return Ok(answer(self.pool));
        }
        // No valid key and no signature: the request must not reach the API.
        assert!(request.headers.iter().all(|(_, value)| value == NO_VALUE));
        let headers = [
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", self.expose),
            ("x-amzn-errortype", "ForbiddenException"),
            ("x-amzn-requestid", "r-1"),
            ("date", DATE),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(HttpResponse::new(
            403,
            headers.to_vec(),
            r#"{"message":"Forbidden"}"#,
        ))
    }

    async fn preflight(&self, _: HttpRequest) -> Preflight {
        self.preflight.clone()
    }
}

fn config() -> Config {
    parse_config(include_str!("../../../public/config.example.json")).unwrap()
}

async fn findings(system: &FakeSystem) -> Vec<Finding> {
    let config = config();
    let mut findings = Vec::new();
    for check in checks(&config) {
        findings.push(check.run(&config, system).await);
    }
    findings
}

async fn finding(check: Check, system: &FakeSystem) -> Finding {
    check.run(&config(), system).await
}

#[tokio::test]
async fn a_system_that_fits_its_configuration_has_nothing_to_change() {
    let findings = findings(&FakeSystem::default()).await;
    assert!(findings.len() >= 6);
    for finding in &findings {
        assert_eq!(finding.state, State::Ok, "{finding:?}");
        assert_eq!(finding.fix, "");
    }
    assert!(!report(&findings).contains("your-api-gateway-key-value"));
}

#[tokio::test]
async fn each_mistake_names_the_setting_to_change() {
    let pool_error =
        r#"{"__type":"ResourceNotFoundException","message":"IdentityPool 'x' not found."}"#;
    let cases: [(Check, FakeSystem, State, &str); 7] = [
        (
            Check::Keys,
            FakeSystem {
                keys: (404, ""),
                ..FakeSystem::default()
            },
            State::Failed,
            "user_pool.id",
        ),
        (
            Check::Client,
            FakeSystem {
                token: (400, r#"{"error":"invalid_client"}"#),
                ..FakeSystem::default()
            },
            State::Failed,
            "user_pool.client_id",
        ),
        (
            Check::Client,
            FakeSystem {
                token: (400, r#"{"error":"unauthorized_client"}"#),
                ..FakeSystem::default()
            },
            State::Failed,
            "authorization code grant",
        ),
        (
            Check::IdentityPool,
            FakeSystem {
                pool: (400, pool_error),
                ..FakeSystem::default()
            },
            State::Failed,
            "identity_pool.id",
        ),
        (
            Check::Route(1),
            FakeSystem {
                preflight: Preflight::Refused(vec![Missing::Header("x-amz-date".into())]),
                ..FakeSystem::default()
            },
            State::Failed,
            "header x-amz-date",
        ),
        (
            Check::Refusals,
            FakeSystem {
                expose: "date",
                ..FakeSystem::default()
            },
            State::Warning,
            "x-amzn-errortype",
        ),
        (
            Check::Clock,
            FakeSystem {
                now: Timestamp(NOW.0 - 400),
                ..FakeSystem::default()
            },
            State::Failed,
            "clock of this device",
        ),
    ];
    for (check, system, state, fix) in cases {
        let finding = finding(check, &system).await;
        assert_eq!(finding.state, state, "{finding:?}");
        assert!(finding.fix.contains(fix), "{finding:?}");
        assert!(
            !finding.found.is_empty() && !finding.expected.is_empty(),
            "{finding:?}"
        );
    }
}

#[test]
fn a_preflight_lacks_what_its_answer_does_not_allow() {
    let config = config();
    let iam = config
        .api
        .routes
        .iter()
        .find(|route| route.path == "/require-auth")
        .unwrap();
    let needed = needed_headers(&config, iam);
    assert_eq!(
        needed,
        [
            "authorization",
            "x-amz-date",
            "x-amz-security-token",
            "x-api-key"
        ]
    );
    let missing = |status: u16, origin: &str, methods: &str, headers: &str, method: Method| {
        let all = [
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", headers),
        ];
        let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let missing = missing_of_preflight(
            &HttpResponse::new(status, all.to_vec(), ""),
            ORIGIN,
            method,
            &needed,
        );
        missing.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let complete = "X-Api-Key, Authorization,x-amz-date,X-AMZ-Security-Token";
    assert_eq!(missing(204, ORIGIN, "GET", complete, Method::Get), [""; 0]);
    assert_eq!(missing(200, "*", "", complete, Method::Get), [""; 0]);
    assert_eq!(missing(200, "*", "get,put", complete, Method::Put), [""; 0]);
    assert_eq!(
        missing(200, "*", "GET", complete, Method::Put),
        ["method PUT"]
    );
    assert_eq!(
        missing(200, "https://other", "", "*", Method::Get),
        ["origin https://app.example.com", "header authorization"]
    );
    assert_eq!(
        missing(403, "*", "", complete, Method::Get),
        ["a status of 2xx in place of 403"]
    );
}
