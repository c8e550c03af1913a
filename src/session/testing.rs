//! What the tests of the use cases stand on: a scripted transport, memory stores, a clock that is set by
//! hand, and tokens made here.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, Ports};
use crate::config::parse;
use crate::http::{HttpRequest, HttpResponse, Transport, TransportError};
use crate::oauth::authorize::Entropy;
use crate::store::MemoryStore;
use crate::time::Timestamp;

pub(super) const START: Timestamp = Timestamp(1_700_000_000);
pub(super) const ENTROPY: Entropy = Entropy {
    state: [1; 16],
    nonce: [2; 16],
    code_verifier: [3; 32],
};
pub(super) const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQ";
pub(super) const NONCE: &str = "AgICAgICAgICAgICAgICAg";

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(START) };
}

pub(super) fn set_now(now: Timestamp) {
    NOW.set(now);
}

fn now() -> Timestamp {
    NOW.get()
}

type Step = Result<HttpResponse, TransportError>;

/// Answers requests in the order of its script and keeps what was asked. A request beyond the script
/// fails as unreachable.
#[derive(Clone)]
pub(super) struct Script {
    steps: Rc<RefCell<VecDeque<Step>>>,
    sent: Rc<RefCell<Vec<HttpRequest>>>,
}

impl Default for Script {
    /// An empty script; the clock goes back to [`START`], where every test begins.
    fn default() -> Self {
        set_now(START);
        Self {
            steps: Rc::default(),
            sent: Rc::default(),
        }
    }
}

impl Script {
    pub(super) fn then(self, status: u16, body: impl Display) -> Self {
        self.then_raw(Ok(HttpResponse {
            status,
            headers: vec![],
            body: body.to_string(),
            elapsed: Duration::ZERO,
        }))
    }

    pub(super) fn then_raw(self, step: Step) -> Self {
        self.steps.borrow_mut().push_back(step);
        self
    }

    pub(super) fn sent(&self) -> Vec<HttpRequest> {
        self.sent.borrow().clone()
    }

    /// What was asked, in short: the last part of the path, or the operation of the identity pool.
    pub(super) fn asked(&self) -> Vec<String> {
        let short = |request: &HttpRequest| {
            let target = request
                .headers
                .iter()
                .find(|(name, _)| name == "x-amz-target")
                .map(|(_, value)| value.as_str());
            target
                .unwrap_or(&request.url)
                .rsplit(['.', '/'])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        self.sent.borrow().iter().map(short).collect()
    }
}

impl Transport for Script {
    async fn send(&self, request: HttpRequest) -> Step {
        let host = crate::http::host_of(&request.url).to_owned();
        self.sent.borrow_mut().push(request);
        let step = self.steps.borrow_mut().pop_front();
        // Others get their turn, as they would while a real request is on its way.
        let mut waited = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        step.unwrap_or(Err(TransportError::Unreachable { host }))
    }
}

pub(super) type TestClient = Client<Script, Rc<MemoryStore>>;

/// A client on `store`, which stands for the browser's storage: a second one on the same store is the same
/// tab after a reload.
pub(super) fn client(script: &Script, store: &Rc<MemoryStore>) -> TestClient {
    let config = parse(include_str!("../../public/config.example.json")).unwrap();
    let ports = Ports {
        transport: script.clone(),
        sessions: Rc::clone(store),
        pending: Rc::clone(store),
        now,
    };
    Client::new(config, "https://app.example.com".to_owned(), ports)
}

/// An ID token as Cognito issues it, with `changes` on top.
pub(super) fn id_token(changes: &Value) -> String {
    let issued = now().0;
    let mut claims = json!({
        "sub": "user-1", "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
        "cognito:username": "demouser", "nonce": NONCE, "aud": "1example23456789abcdefghij", "token_use": "id",
        "exp": issued + 3_600, "iat": issued, "email": "demo@example.com"
    });
    for (key, value) in changes.as_object().unwrap() {
        claims[key] = value.clone();
    }
    let payload = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        claims.to_string(),
    );
    format!("e30.{payload}.c2ln")
}

pub(super) fn tokens(changes: &Value) -> Value {
    json!({
        "id_token": id_token(changes), "access_token": "access-1", "refresh_token": "refresh-1",
        "expires_in": 3600, "token_type": "Bearer"
    })
}

pub(super) fn credentials(access_key_id: &str) -> Value {
    json!({ "IdentityId": "eu-west-1:identity", "Credentials": {
        "AccessKeyId": access_key_id, "SecretKey": "secret", "SessionToken": "session", "Expiration": now().0 + 3_600
    } })
}
