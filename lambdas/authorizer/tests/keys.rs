//! Keys read over real HTTP: how often an issuer is asked, and what happens while it does not answer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use authorizer::{Answer, Authorizer, Decision, Fetch, Reason, Settings, Timestamp};
use serde_json::json;
use support::{
    CLIENT, COGNITO, NOW, Signer, cognito_claims, routes,
    server::{DISCOVERY, JWKS, Server},
    token_event, with,
};
use tokio::task::JoinSet;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

struct Setup {
    server: Server,
    signer: Signer,
    authorizer: Arc<Authorizer<Fetch>>,
}

async fn setup() -> Setup {
    let signer = Signer::es256();
    let server = Server::start(COGNITO, vec![signer.jwk("one")]).await;
    Setup {
        authorizer: Arc::new(authorizer(&server)),
        server,
        signer,
    }
}

fn authorizer(server: &Server) -> Authorizer<Fetch> {
    let settings = json!({
        "issuers": [{
            "issuer": COGNITO, "client_ids": [CLIENT],
            "discovery_url": format!("{}{DISCOVERY}", server.address)
        }],
        "routes": routes()
    });
    Authorizer::new(
        Settings::read(&settings.to_string()).unwrap(),
        Fetch::new().unwrap(),
    )
}

impl Setup {
    /// Asks with a token that holds for two days and names the key `id`.
    async fn ask(&self, id: &str, now: Timestamp) -> Decision {
        let claims = with(cognito_claims(), "exp", json!(NOW.0 + 2 * DAY));
        let header = format!("Bearer {}", self.signer.token(id, &claims));
        let event = token_event("/require-token", &header);
        self.authorizer.decide(&event, now).await
    }
}

fn later(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

/// A thousand lookups that all have begun before the issuer answers the first.
async fn a_thousand_at_once(setup: &Setup) -> Vec<Answer> {
    let header = format!("Bearer {}", setup.signer.token("one", &cognito_claims()));
    let event = Arc::new(token_event("/require-token", &header));
    let begun = Arc::new(AtomicUsize::new(0));
    setup.server.hold(true);
    let mut lookups = JoinSet::new();
    for _ in 0..1000 {
        let (authorizer, event) = (Arc::clone(&setup.authorizer), Arc::clone(&event));
        let begun = Arc::clone(&begun);
        lookups.spawn(async move {
            begun.fetch_add(1, Ordering::Relaxed);
            authorizer.decide(&event, NOW).await.answer
        });
    }
    while begun.load(Ordering::Relaxed) < 1000 {
        tokio::task::yield_now().await;
    }
    setup.server.hold(false);
    lookups.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_parallel_cold_lookups_make_one_request() {
    let setup = setup().await;
    let answers = a_thousand_at_once(&setup).await;
    assert_eq!(answers.len(), 1000);
    for answer in answers {
        assert!(matches!(answer, Answer::Body(_)), "{answer:?}");
    }
    assert_eq!(setup.server.requests(JWKS), 1);
    assert_eq!(setup.server.requests(DISCOVERY), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_parallel_lookups_of_a_broken_issuer_make_one_request() {
    let setup = setup().await;
    setup.server.fail(Some(429));
    let answers = a_thousand_at_once(&setup).await;
    assert_eq!(answers, vec![Answer::Failed; 1000]);
    assert_eq!(setup.server.requests(DISCOVERY), 1);
}

#[tokio::test]
async fn keys_that_were_prefetched_are_not_asked_for_again() {
    let setup = setup().await;
    setup.authorizer.prefetch(NOW).await;
    setup.authorizer.prefetch(NOW).await;
    assert_eq!(setup.server.requests(JWKS), 1);
    assert_eq!(setup.ask("one", later(HOUR - 1)).await.refusal, None);
    assert_eq!(setup.server.requests(JWKS), 1);
}

#[tokio::test]
async fn a_prefetch_that_fails_is_made_up_for_by_the_first_request() {
    let setup = setup().await;
    setup.server.fail(Some(503));
    setup.authorizer.prefetch(NOW).await;
    setup.server.fail(None);
    assert_eq!(setup.ask("one", later(5)).await.refusal, None);
}

#[tokio::test]
async fn keys_are_read_again_after_their_lifetime_and_the_discovery_document_is_not() {
    let setup = setup().await;
    setup.ask("one", NOW).await;
    assert_eq!(setup.ask("one", later(HOUR)).await.refusal, None);
    assert_eq!(setup.server.requests(JWKS), 2);
    assert_eq!(setup.server.requests(DISCOVERY), 1);
}

#[tokio::test]
async fn keys_that_moved_are_found_through_the_discovery_document() {
    let setup = setup().await;
    setup.ask("one", NOW).await;
    setup.server.move_keys("/moved");
    setup.server.publish(vec![setup.signer.jwk("two")]);
    assert_eq!(
        setup.ask("two", later(60)).await.refusal,
        Some(Reason::KeysUnavailable)
    );
    assert_eq!(setup.ask("two", later(120)).await.refusal, None);
}

#[tokio::test]
async fn a_rotated_key_is_found_and_the_old_one_is_gone() {
    let setup = setup().await;
    setup.ask("one", NOW).await;
    setup.server.publish(vec![setup.signer.jwk("two")]);
    assert_eq!(setup.ask("two", later(60)).await.refusal, None);
    assert_eq!(
        setup.ask("one", later(60)).await.refusal,
        Some(Reason::KeyId)
    );
    assert_eq!(setup.server.requests(JWKS), 2);
}

#[tokio::test]
async fn unknown_keys_make_ask_at_most_once_a_minute() {
    let setup = setup().await;
    setup.ask("one", NOW).await;
    for second in 0..180 {
        let decision = setup.ask(&format!("made-up-{second}"), later(second)).await;
        assert_eq!(decision.refusal, Some(Reason::KeyId));
    }
    assert_eq!(setup.server.requests(JWKS), 3);
}

#[tokio::test]
async fn stale_keys_serve_while_the_issuer_limits_or_fails() {
    for status in [429, 500] {
        let setup = setup().await;
        setup.ask("one", NOW).await;
        setup.server.fail(Some(status));
        for now in [later(HOUR), later(HOUR + 1), later(DAY - 1)] {
            assert_eq!(setup.ask("one", now).await.refusal, None);
        }
        // Not for ever: a key that was taken back must stop working some day.
        assert_eq!(setup.ask("one", later(DAY)).await.answer, Answer::Failed);
        setup.server.fail(None);
        assert_eq!(setup.ask("one", later(DAY + 60)).await.refusal, None);
    }
}

#[tokio::test]
async fn a_new_key_that_cannot_be_looked_up_is_not_called_bad() {
    let setup = setup().await;
    setup.ask("one", NOW).await;
    setup.server.fail(Some(503));
    let decision = setup.ask("two", later(60)).await;
    assert_eq!(decision.refusal, Some(Reason::KeysUnavailable));
    assert_eq!(decision.answer, Answer::Failed);
}

#[tokio::test]
async fn an_issuer_that_is_gone_is_an_error_and_not_a_bad_token() {
    let setup = setup().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let settings = json!({
        "issuers": [{
            "issuer": COGNITO, "client_ids": [CLIENT], "jwks_url": format!("http://{address}/keys")
        }],
        "routes": routes()
    });
    let settings = Settings::read(&settings.to_string()).unwrap();
    let setup = Setup {
        authorizer: Arc::new(Authorizer::new(settings, Fetch::new().unwrap())),
        ..setup
    };
    assert_eq!(setup.ask("one", NOW).await.answer, Answer::Failed);
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    let signer = Signer::es256();
    let server = Server::start("https://evil.example", vec![signer.jwk("one")]).await;
    let setup = Setup {
        authorizer: Arc::new(authorizer(&server)),
        server,
        signer,
    };
    assert_eq!(setup.ask("one", NOW).await.answer, Answer::Failed);
    assert_eq!(setup.server.requests(JWKS), 0);
}
