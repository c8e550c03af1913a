//! The transport, against the server that serves this very page.

use velvet_rope::browser::fetch::FetchTransport;
use velvet_rope::browser::page;
use velvet_rope::http::{HttpRequest, Method, Transport as _, TransportError};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::replace;

#[wasm_bindgen_test]
async fn an_answer_comes_with_status_headers_and_body() {
    let request = HttpRequest::new(Method::Get, format!("{}/", page::origin()));
    let response = FetchTransport.send(request).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(
        response
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(response.text().contains("<html"));
}

#[wasm_bindgen_test]
async fn an_error_status_is_an_answer() {
    let request = HttpRequest::new(Method::Get, format!("{}/no-such-file", page::origin()));
    assert_eq!(FetchTransport.send(request).await.unwrap().status, 404);
}

#[wasm_bindgen_test]
async fn a_closed_port_is_unreachable_and_named() {
    // Port 9 is on the browsers' list of ports they never connect to.
    let request = HttpRequest::new(Method::Get, "http://localhost:9/?token=hidden");
    let error = FetchTransport.send(request).await.unwrap_err();
    assert_eq!(
        error,
        TransportError::Unreachable {
            host: "localhost:9".to_owned()
        }
    );
}

#[wasm_bindgen_test]
async fn a_header_that_cannot_be_sent_is_refused_before_sending() {
    let request = HttpRequest::new(Method::Get, page::origin()).header("x-api-key", "line\nbreak");
    let error = FetchTransport.send(request).await.unwrap_err();
    assert!(matches!(error, TransportError::Refused { .. }), "{error:?}");
}

/// The outcome of a request to a port that browsers never connect to.
async fn send_in_vain() -> TransportError {
    let request = HttpRequest::new(Method::Get, "http://localhost:9/");
    FetchTransport.send(request).await.unwrap_err()
}

#[wasm_bindgen_test]
async fn a_request_that_no_network_could_take_is_known_to_be_unsent() {
    let _replaced = replace("navigator", "onLine", "false");
    assert_eq!(send_in_vain().await, TransportError::Offline);
}

#[wasm_bindgen_test]
async fn a_request_that_the_network_left_with_may_have_arrived() {
    let (error, _replaced) = futures::future::join(send_in_vain(), async {
        replace("navigator", "onLine", "false")
    })
    .await;
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error:?}"
    );
}

#[wasm_bindgen_test]
async fn a_request_is_tried_even_if_the_browser_calls_itself_offline() {
    let _replaced = replace("navigator", "onLine", "false");
    let request = HttpRequest::new(Method::Get, format!("{}/", page::origin()));
    assert_eq!(FetchTransport.send(request).await.unwrap().status, 200);
}

#[wasm_bindgen_test]
async fn what_was_sent_is_not_called_unsent_even_if_the_browser_calls_itself_offline() {
    let _offline = replace("navigator", "onLine", "false");
    let late = "async () => { throw new DOMException('', 'TimeoutError'); }";
    let torn = "async () => new Response(new ReadableStream({ \
         start(body) { body.error(new TypeError('gone')); } }))";
    {
        let _replaced = replace("window", "fetch", late);
        let error = send_in_vain().await;
        assert!(
            matches!(error, TransportError::TimedOut { .. }),
            "{error:?}"
        );
    }
    let _replaced = replace("window", "fetch", torn);
    let error = send_in_vain().await;
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error:?}"
    );
}
