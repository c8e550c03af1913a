//! How long a decision takes when the keys are there: `cargo bench -p authorizer`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;

use authorizer::{Authorizer, DocumentError, Documents, Settings};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use support::{CLIENT, COGNITO, Signer, cognito_claims, now, request_event, routes};
use tokio::runtime::Builder;

struct Published(Value);

impl Documents for Published {
    async fn read(&self, _address: &str) -> Result<Vec<u8>, DocumentError> {
        Ok(self.0.to_string().into_bytes())
    }
}

fn warm_decision(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().unwrap();
    for signer in [Signer::rs256(), Signer::es256()] {
        let settings = json!({
            "issuers": [{
                "issuer": COGNITO, "client_ids": [CLIENT], "jwks_url": "https://issuer.example/keys"
            }],
            "routes": routes()
        });
        let authorizer = Authorizer::new(
            Settings::read(&settings.to_string()).unwrap(),
            Published(json!({ "keys": [signer.jwk("one")] })),
        );
        let header = format!("Bearer {}", signer.token("one", &cognito_claims()));
        let event = request_event("/require-token", Some(&header));
        assert_eq!(
            runtime.block_on(authorizer.decide(&event, now())).refusal,
            None
        );
        criterion.bench_function(
            &format!("warm decision, {}", signer.algorithm()),
            |bencher| {
                bencher.iter(|| runtime.block_on(authorizer.decide(black_box(&event), now())));
            },
        );
    }
}

criterion_group!(benches, warm_decision);
criterion_main!(benches);
