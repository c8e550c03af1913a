//! A page without an interface: a script signs in and makes calls with the functions in `window.wasmBindings`, which Trunk
//! sets. The end-to-end tests send with it what no page of the app sends, and a benchmark measures a large body.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;
use velvet_rope::browser::{page, spawn};
use velvet_rope::{
    BrowserClient, BrowserGateway, CallbackOutcome, Method, SignInOptions, browser_client, client,
    load_config,
};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

thread_local! {
    static CLIENT: RefCell<Option<Rc<BrowserClient>>> = const { RefCell::new(None) };
}

fn main() {
    spawn(async {
        let Ok(config) = load_config().await else {
            return;
        };
        let client = browser_client(config);
        client::open(&client, |outcome| {
            if let CallbackOutcome::Done { return_to } = outcome {
                page::replace_address(&return_to);
            }
        });
        client::run(&client, || {});
        CLIENT.set(Some(client));
    });
}

fn client() -> Result<Rc<BrowserClient>, JsError> {
    let client = CLIENT.with_borrow(Clone::clone);
    client.ok_or_else(|| JsError::new("there is no config.json, or it is not loaded yet"))
}

/// Leaves for the provider.
///
/// # Errors
/// Why it is not possible.
#[wasm_bindgen(js_name = signIn)]
pub async fn sign_in() -> Result<(), JsError> {
    let sign_in = client::sign_in(&client()?, "/", &SignInOptions::default()).await;
    sign_in.map_err(|error| JsError::new(&error.to_string()))
}

/// Gets what the first signed call needs.
///
/// # Errors
/// Why there are no credentials.
#[wasm_bindgen]
pub async fn prepare() -> Result<(), JsError> {
    let prepared = client()?.gateway().prepare().await;
    prepared.map_err(|error| JsError::new(&error.to_string()))
}

/// Makes a call, and returns the answer as JSON. `url` is the address as an app writes it; `headers` are names and values
/// in turn.
///
/// # Errors
/// Why the request was not answered, or that there is no such method.
#[wasm_bindgen]
pub async fn call(
    method: &str,
    url: String,
    headers: Vec<String>,
    body: Vec<u8>,
) -> Result<String, JsError> {
    let method = Method::ALL
        .into_iter()
        .find(|known| known.as_str() == method)
        .ok_or_else(|| JsError::new("there is no such method"))?;
    let mut request = at_address(client()?.gateway(), url).request(method, "/");
    for pair in headers.chunks_exact(2) {
        request = request.header(&pair[0], &pair[1]);
    }
    if !body.is_empty() {
        request = request.bytes("application/octet-stream", body);
    }
    let answer = request.send().await;
    let answer = answer.map_err(|error| JsError::new(&error.to_string()))?;
    let refusal = answer
        .refusal
        .as_ref()
        .map(|refusal| format!("{refusal:?}"));
    let text = json!({ "status": answer.status, "text": answer.text(), "refusal": refusal });
    Ok(text.to_string())
}

/// Sends all requests to `url`, which has no parameters.
fn at_address(gateway: BrowserGateway, url: String) -> BrowserGateway {
    gateway.on_request(move |request| {
        request.url.clone_from(&url);
        Ok(())
    })
}
