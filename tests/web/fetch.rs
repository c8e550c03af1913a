//! The transport, against the server that serves this very page.

use velvet_rope::browser::fetch::FetchTransport;
use velvet_rope::browser::page;
use velvet_rope::http::{HttpRequest, Method, Transport as _, TransportError};
use wasm_bindgen_test::wasm_bindgen_test;

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
    assert!(response.body.contains("<html"));
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
