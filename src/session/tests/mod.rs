//! The use cases against scripted answers.

mod calls;
mod lifetime;
mod sign_in;

use std::rc::Rc;

use futures::executor::block_on;
use serde_json::json;

use super::testing::{ENTROPY, STATE, Script, TestClient, client, tokens};
use crate::oauth::callback::{Callback, Code};
use crate::session::state::SignedIn;
use crate::store::MemoryStore;

fn callback(state: &str) -> Callback {
    Callback::Code {
        code: Code::new("code-1"),
        state: state.to_owned(),
    }
}

/// Somebody who has signed in, on a client whose further answers are `script`'s.
fn signed_in(script: Script) -> (TestClient, SignedIn, Script, Rc<MemoryStore>) {
    let store = Rc::new(MemoryStore::default());
    let before = Script::default().then(200, tokens(&json!({})));
    let client_before = client(&before, &store);
    client_before.begin_sign_in("/", ENTROPY).unwrap();
    let completed = block_on(client_before.complete_sign_in(callback(STATE))).unwrap();
    (client(&script, &store), completed.signed_in, script, store)
}
