//! Any input: no panic, and no access without a token that the key signed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use authorizer::{Answer, Authorizer, DocumentError, Documents, Settings};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{
    CLIENT, COGNITO, Signer, cognito_claims, http_api_event, now, request_event, routes,
    token_event,
};
use tokio::runtime::{Builder, Runtime};

/// The same document at every address.
struct Everywhere(Value);

impl Documents for Everywhere {
    async fn read(&self, _address: &str) -> Result<Vec<u8>, DocumentError> {
        Ok(self.0.to_string().into_bytes())
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn authorizer(document: Value) -> Authorizer<Everywhere> {
    let settings = json!({
        "issuers": [{
            "issuer": COGNITO, "client_ids": [CLIENT], "jwks_url": "https://issuer.example/keys"
        }],
        "routes": routes()
    });
    let settings = Settings::read(&settings.to_string()).unwrap();
    Authorizer::new(settings, Everywhere(document))
}

/// Any JSON, in which the names of known members are frequent.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "type",
        "version",
        "methodArn",
        "routeArn",
        "headers",
        "multiValueHeaders",
        "Authorization",
        "authorizationToken",
        "keys",
        "kty",
        "kid",
        "n",
        "e",
        "x",
        "y",
        "alg",
    ]);
    let name = prop_oneof![names.prop_map(str::to_owned), ".{0,5}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec![
            "TOKEN", "REQUEST", "2.0", "RSA", "EC", "RS256", "AQAB"
        ])
        .prop_map(Value::from),
        "Bearer [a-zA-Z0-9._-]{0,40}".prop_map(Value::from),
        "arn:aws:execute-api:(:|/|[a-z]){0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn is_allowed(answer: &Answer) -> bool {
    let Answer::Body(body) = answer else {
        return false;
    };
    body["isAuthorized"] == true || body["policyDocument"]["Statement"][0]["Effect"] == "Allow"
}

proptest! {
    #[test]
    fn no_event_makes_it_panic_or_grants_access(event in any_json()) {
        let decision = runtime().block_on(authorizer(json!({ "keys": [] })).decide(&event, now()));
        prop_assert!(!is_allowed(&decision.answer));
    }

    #[test]
    fn no_header_makes_it_panic_or_grants_access(header in ".{0,200}") {
        let authorizer = authorizer(json!({ "keys": [Signer::rs256().jwk("one")] }));
        for event in [
            token_event("/require-token", &header),
            request_event("/require-token", Some(&header)),
            http_api_event("/require-token", Some(&header)),
        ] {
            let decision = runtime().block_on(authorizer.decide(&event, now()));
            prop_assert!(!is_allowed(&decision.answer));
        }
    }

    #[test]
    fn no_header_and_claims_of_a_token_make_it_panic_or_grant_access(
        header in any_json(), claims in any_json(), document in any_json()
    ) {
        let token = Signer::es256().token_with_header(&header, &claims);
        let event = token_event("/require-token", &format!("Bearer {token}"));
        let decision = runtime().block_on(authorizer(document).decide(&event, now()));
        prop_assert!(!is_allowed(&decision.answer));
    }

    #[test]
    fn no_key_set_makes_it_panic_or_grants_access(document in any_json()) {
        let token = Signer::es256().token("one", &cognito_claims());
        let event = token_event("/require-token", &format!("Bearer {token}"));
        let decision = runtime().block_on(authorizer(document).decide(&event, now()));
        prop_assert!(!is_allowed(&decision.answer));
    }

    #[test]
    fn a_good_token_with_one_letter_changed_is_bad(
        position in any::<prop::sample::Index>(), letter in "[a-zA-Z0-9_.-]"
    ) {
        let signer = Signer::es256();
        let mut token = signer.token("one", &cognito_claims()).into_bytes();
        let position = position.index(token.len());
        let letter = letter.as_bytes()[0];
        prop_assume!(token[position] != letter);
        token[position] = letter;
        let header = format!("Bearer {}", String::from_utf8(token).unwrap());
        let authorizer = authorizer(json!({ "keys": [signer.jwk("one")] }));
        let event = token_event("/require-token", &header);
        let decision = runtime().block_on(authorizer.decide(&event, now()));
        prop_assert!(!is_allowed(&decision.answer));
    }
}
