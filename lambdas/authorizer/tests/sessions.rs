//! Opaque tokens of sessions, beside signed tokens.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Mutex;

use authorizer::{
    Answer, Authorizer, Decision, DocumentError, Documents, Reason, SessionRecord, Sessions,
    Settings,
};
use lambda_cloud::CloudError;
use serde_json::{Value, json};
use support::{
    ACCOUNTS, CLIENT, COGNITO, STAGE, Signer, cognito_claims, http_api_event, later, now,
    request_event, routes, token_event,
};
use time::Timestamp;

/// `printf vr_abc | openssl dgst -sha256 -binary | base64`, in the alphabet for addresses.
const DIGEST_OF_VR_ABC: &str = "_5Jxnd7QmGrr98EAfMWVIK54F0TRmatJz-mVc1dl89I";

struct Published(Value);

impl Documents for Published {
    async fn read(&self, _: &str) -> Result<Vec<u8>, DocumentError> {
        Ok(self.0.to_string().into_bytes())
    }
}

/// A fake table with one session, or one that fails. Records the requested digests.
#[derive(Default)]
struct Table {
    session: Option<SessionRecord>,
    is_down: bool,
    asked: Mutex<Vec<String>>,
}

impl Sessions for &Table {
    async fn find(&self, digest: &str) -> Result<Option<SessionRecord>, CloudError> {
        self.asked.lock().unwrap().push(digest.to_owned());
        if self.is_down {
            return Err(CloudError {
                service: "DynamoDB",
                reason: "no answer in time".to_owned(),
            });
        }
        let known = self.session.clone();
        Ok(known.filter(|_| digest == DIGEST_OF_VR_ABC))
    }
}

fn with_session(scope: &str) -> Table {
    Table {
        session: Some(SessionRecord {
            subject: "user-1".to_owned(),
            scope: scope.to_owned(),
            expires: later(1),
        }),
        ..Table::default()
    }
}

fn authorizer<'a>(
    signer: &Signer,
    table: &'a Table,
    is_configured: bool,
) -> Authorizer<Published, &'a Table> {
    let mut settings = json!({
        "issuers": [{ "issuer": COGNITO, "client_ids": [CLIENT], "jwks_url": "https://c.example/k" }],
        "routes": routes()
    });
    if is_configured {
        settings["sessions"] = json!({ "table": "sessions", "issuer": ACCOUNTS });
    }
    let settings = Settings::read(&settings.to_string()).unwrap();
    let documents = Published(json!({ "keys": [signer.jwk("one")] }));
    Authorizer::with_sessions(settings, documents, table)
}

async fn ask(table: &Table, header: &str, now: Timestamp) -> Decision {
    let authorizer = authorizer(&Signer::es256(), table, true);
    authorizer
        .decide(&token_event("/require-token", header), now)
        .await
}

fn body(decision: &Decision) -> &Value {
    match &decision.answer {
        Answer::Body(body) => body,
        other => panic!("expected a body, got {other:?}"),
    }
}

#[tokio::test]
async fn the_token_of_a_session_opens_the_routes_of_its_scopes() {
    let table = with_session("openid email");
    let authorizer = authorizer(&Signer::es256(), &table, true);
    for event in [
        token_event("/require-token", "Bearer vr_abc"),
        request_event("/require-request", Some("Bearer vr_abc")),
    ] {
        let decision = authorizer.decide(&event, now()).await;
        assert_eq!(decision.refusal, None);
        assert_eq!(decision.issuer.as_deref(), Some(ACCOUNTS));
        assert_eq!(decision.subject.as_deref(), Some("user-1"));
        let answer = body(&decision);
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(
            statement["Resource"],
            json!([
                format!("{STAGE}/GET/require-token"),
                format!("{STAGE}/GET/require-request")
            ])
        );
        assert_eq!(answer["principalId"], "user-1");
        assert_eq!(
            answer["context"],
            json!({ "scope": "openid email", "issuer": ACCOUNTS })
        );
    }
    assert!(
        table
            .asked
            .lock()
            .unwrap()
            .iter()
            .all(|digest| digest == DIGEST_OF_VR_ABC)
    );
}

#[tokio::test]
async fn an_http_api_is_answered_in_its_own_form() {
    let table = with_session("openid");
    let authorizer = authorizer(&Signer::es256(), &table, true);
    let event = http_api_event("/require-token", Some("Bearer vr_abc"));
    let decision = authorizer.decide(&event, now()).await;
    assert_eq!(body(&decision)["isAuthorized"], true);
    let event = http_api_event("/require-token", Some("Bearer vr_other"));
    let decision = authorizer.decide(&event, now()).await;
    assert_eq!(body(&decision), &json!({ "isAuthorized": false }));
}

#[tokio::test]
async fn a_session_without_the_scope_is_denied_the_route() {
    let decision = ask(&with_session("profile"), "Bearer vr_abc", now()).await;
    assert_eq!(decision.refusal, Some(Reason::Scope));
    assert_eq!(
        body(&decision)["policyDocument"]["Statement"][0]["Effect"],
        "Deny"
    );
}

#[tokio::test]
async fn an_unknown_token_an_ended_session_and_a_table_that_fails_have_different_reasons_in_the_log()
 {
    let table = with_session("openid");
    let unknown = ask(&table, "Bearer vr_other", now()).await;
    let ended = ask(&table, "Bearer vr_abc", later(1)).await;
    let silent = ask(
        &Table {
            is_down: true,
            ..Table::default()
        },
        "Bearer vr_abc",
        now(),
    )
    .await;
    for (decision, answer, reason) in [
        (unknown, Answer::Unauthorized, Reason::Session),
        (ended, Answer::Unauthorized, Reason::Expired),
        (silent, Answer::Failed, Reason::SessionsUnavailable),
    ] {
        assert_eq!(decision.answer, answer);
        assert_eq!(decision.refusal, Some(reason));
        assert_eq!(decision.subject, None);
    }
}

#[tokio::test]
async fn signed_tokens_are_accepted_beside_sessions_and_never_looked_up() {
    let (signer, table) = (Signer::es256(), with_session("openid"));
    let authorizer = authorizer(&signer, &table, true);
    let header = format!("Bearer {}", signer.token("one", &cognito_claims()));
    let decision = authorizer
        .decide(&token_event("/require-token", &header), now())
        .await;
    assert_eq!(decision.refusal, None);
    let decision = authorizer
        .decide(&token_event("/require-token", "Bearer a.b.c"), now())
        .await;
    assert_eq!(decision.refusal, Some(Reason::Format));
    assert!(table.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_configured_sessions_no_table_is_read() {
    let table = with_session("openid");
    let authorizer = authorizer(&Signer::es256(), &table, false);
    let event = token_event("/require-token", "Bearer vr_abc");
    let decision = authorizer.decide(&event, now()).await;
    assert_eq!(decision.refusal, Some(Reason::Format));
    assert!(table.asked.lock().unwrap().is_empty());
}
