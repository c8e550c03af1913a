//! Keys read over real HTTP: how often an issuer is asked, and what happens while it does not answer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use authorizer::{Answer, Authorizer, Decision, Fetch, Reason, Settings};
use serde_json::json;
use support::{
    CLIENT, COGNITO, NOW, Signer, cognito_claims, later, now, routes,
    server::{DISCOVERY, JWKS, Server},
    token_event, with,
};
use time::Timestamp;
use tokio::task::JoinSet;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

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
        let claims = with(cognito_claims(), "exp", json!(NOW + 2 * DAY));
        let header = format!("Bearer {}", self.signer.token(id, &claims));
        let event = token_event("/require-token", &header);
        self.authorizer.decide(&event, now).await
    }
}

/// A thousand lookups that all have begun before the issuer answers the first.
async fn a_thousand_at_once(setup: &Setup, id: &str) -> Vec<Answer> {
    let header = format!("Bearer {}", setup.signer.token(id, &cognito_claims()));
    let event = Arc::new(token_event("/require-token", &header));
    let begun = Arc::new(AtomicUsize::new(0));
    setup.server.hold(true);
    let mut lookups = JoinSet::new();
    for _ in 0..1000 {
        let (authorizer, event) = (Arc::clone(&setup.authorizer), Arc::clone(&event));
        let begun = Arc::clone(&begun);
        lookups.spawn(async move {
            begun.fetch_add(1, Ordering::Relaxed);
            authorizer.decide(&event, now()).await.answer
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
    let answers = a_thousand_at_once(&setup, "one").await;
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
    let answers = a_thousand_at_once(&setup, "one").await;
    assert_eq!(answers, vec![Answer::Failed; 1000]);
    assert_eq!(setup.server.requests(DISCOVERY), 1);
}

#[tokio::test]
async fn prefetched_keys_are_not_read_again() {
    let setup = setup().await;
    setup.authorizer.prefetch(now()).await;
    setup.authorizer.prefetch(now()).await;
    assert_eq!(setup.server.requests(JWKS), 1);
    assert_eq!(setup.ask("one", later(HOUR - 1)).await.refusal, None);
    assert_eq!(setup.server.requests(JWKS), 1);
}

#[tokio::test]
async fn after_a_failed_prefetch_the_first_request_reads_the_keys() {
    let setup = setup().await;
    setup.server.fail(Some(503));
    setup.authorizer.prefetch(now()).await;
    setup.server.fail(None);
    assert_eq!(setup.ask("one", later(5)).await.refusal, None);
}

#[tokio::test]
async fn keys_are_read_again_after_their_lifetime_and_the_discovery_document_is_not() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    assert_eq!(setup.ask("one", later(HOUR)).await.refusal, None);
    assert_eq!(setup.server.requests(JWKS), 2);
    assert_eq!(setup.server.requests(DISCOVERY), 1);
}

#[tokio::test]
async fn keys_that_moved_are_found_through_the_discovery_document() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    setup.server.move_keys("/moved");
    setup.server.publish(vec![setup.signer.jwk("two")]);
    assert_eq!(setup.ask("two", later(1)).await.refusal, None);
}

#[tokio::test]
async fn a_rotated_key_is_found_and_the_old_one_is_gone() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    setup.server.publish(vec![setup.signer.jwk("two")]);
    assert_eq!(setup.ask("two", later(60)).await.refusal, None);
    assert_eq!(
        setup.ask("one", later(60)).await.refusal,
        Some(Reason::KeyId)
    );
    // One more for the old key, which is unknown now.
    assert_eq!(setup.server.requests(JWKS), 3);
}

#[tokio::test]
async fn a_key_that_was_replaced_under_the_same_id_is_read_again() {
    let mut setup = setup().await;
    setup.ask("one", now()).await;
    for (seconds, signer) in [(1, Signer::es256()), (2, Signer::rs256())] {
        setup.signer = signer;
        setup.server.publish(vec![setup.signer.jwk("one")]);
        let decision = setup.ask("one", later(seconds)).await;
        assert_eq!(decision.refusal, None, "{}", setup.signer.algorithm());
    }
    assert_eq!(setup.server.requests(JWKS), 3);
}

#[tokio::test]
async fn of_several_keys_with_one_id_the_one_that_fits_is_used() {
    let setup = setup().await;
    let others = [Signer::es256(), Signer::rs256()];
    let mut keys: Vec<_> = others.iter().map(|signer| signer.jwk("one")).collect();
    keys.push(setup.signer.jwk("one"));
    setup.server.publish(keys);
    assert_eq!(setup.ask("one", now()).await.refusal, None);
    assert_eq!(setup.server.requests(JWKS), 1);
}

#[tokio::test]
async fn tokens_that_no_key_fits_make_it_read_the_keys_once_a_minute_after_a_burst() {
    for id in ["one", "made-up"] {
        let mut setup = setup().await;
        setup.ask("one", now()).await;
        setup.signer = Signer::es256();
        let expected = match id {
            "one" => Reason::Signature,
            _ => Reason::KeyId,
        };
        for second in 0..180 {
            let decision = setup.ask(id, later(second)).await;
            assert_eq!(decision.refusal, Some(expected));
        }
        // Three at once, and one after each further minute.
        assert_eq!(setup.server.requests(JWKS), 5, "{id}");
    }
}

#[tokio::test]
async fn a_made_up_key_id_does_not_hide_a_rotation_that_follows() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    setup.ask("made-up", later(30)).await;
    setup.server.publish(vec![setup.signer.jwk("two")]);
    assert_eq!(setup.ask("two", later(31)).await.refusal, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_parallel_tokens_with_an_unknown_key_make_no_more_requests_than_the_burst() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    let answers = a_thousand_at_once(&setup, "two").await;
    assert_eq!(answers, vec![Answer::Unauthorized; 1000]);
    // Some of them may begin after the first request has been answered.
    assert!(setup.server.requests(JWKS) <= 3);
}

#[tokio::test]
async fn stale_keys_are_used_while_the_issuer_fails() {
    for status in [429, 500] {
        let setup = setup().await;
        setup.ask("one", now()).await;
        setup.server.fail(Some(status));
        for now in [later(HOUR), later(HOUR + 1), later(DAY - 1)] {
            assert_eq!(setup.ask("one", now).await.refusal, None);
        }
        // Not without end: a key that the issuer took back must stop working.
        assert_eq!(setup.ask("one", later(DAY)).await.answer, Answer::Failed);
        setup.server.fail(None);
        assert_eq!(setup.ask("one", later(DAY + 60)).await.refusal, None);
    }
}

#[tokio::test]
async fn a_new_key_that_cannot_be_read_is_an_error_and_not_a_bad_token() {
    let setup = setup().await;
    setup.ask("one", now()).await;
    setup.server.fail(Some(503));
    let decision = setup.ask("two", later(60)).await;
    assert_eq!(decision.refusal, Some(Reason::KeysUnavailable));
    assert_eq!(decision.answer, Answer::Failed);
}

#[tokio::test]
async fn an_issuer_that_is_gone_is_an_error_and_not_a_bad_token() {
    let setup = setup().await;
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = unused.local_addr().unwrap();
    drop(unused);
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
    assert_eq!(setup.ask("one", now()).await.answer, Answer::Failed);
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
    assert_eq!(setup.ask("one", now()).await.answer, Answer::Failed);
    assert_eq!(setup.server.requests(JWKS), 0);
}
