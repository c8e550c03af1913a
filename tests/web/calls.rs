//! Calls in a real browser: addresses and headers as it sends them, bodies of bytes, streams, uploads, and the resource of
//! a component.

use std::cell::RefCell;
use std::rc::Rc;

use futures::StreamExt as _;
use leptos::prelude::*;
use velvet_rope::browser::fetch::FetchTransport;
use velvet_rope::browser::host::BrowserHost;
use velvet_rope::browser::page;
use velvet_rope::client::SocketEvent;
use velvet_rope::http::{HttpRequest, Method, Transport as _};
use velvet_rope::{AuthProvider, CallAuth, CallError, Host as _, Loaded, gateway_resource};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::components::{broadcast, config, root, store_session};
use crate::help::{js, replace, until};

#[wasm_bindgen_test]
fn the_addresses_that_are_signed_are_those_that_the_browser_sends() {
    let cases = include_str!("../../crates/velvet-rope/tests/vectors/calls.json");
    let changed = js(&format!(
        "{cases}.calls.filter(({{ url, headers }}) => {{
            const request = new Request(url, {{ headers }});
            const sent = JSON.stringify([...request.headers].filter(([name]) => name.startsWith('x-')));
            return new URL(url).href !== url || request.url !== url || sent !== JSON.stringify(headers);
        }}).map(({{ name }}) => name).join()"
    ));
    assert_eq!(changed.as_string().as_deref(), Some(""));
}

#[wasm_bindgen_test]
async fn bytes_arrive_as_they_are_in_both_directions() {
    let echo = "async request => new Response(await request.arrayBuffer())";
    let _fetch = replace("window", "fetch", echo);
    let bytes: Vec<u8> = (0..=255).collect();
    let request = HttpRequest::new(Method::Put, "https://api.example.com/a").body(bytes.clone());
    let response = FetchTransport.send(request).await.unwrap();
    assert_eq!(*response.body, bytes);
}

#[wasm_bindgen_test]
async fn a_body_is_read_while_it_arrives_and_given_up_when_it_is_dropped() {
    let slow = "async request => {
        request.signal.addEventListener('abort', () => { window.aborted = true; });
        return new Response(new ReadableStream({
            start(body) { window.pieces = body; body.enqueue(new Uint8Array([1, 2])); },
        }));
    }";
    js("window.aborted = false");
    let _fetch = replace("window", "fetch", slow);
    let request = HttpRequest::new(Method::Get, "https://api.example.com/a");
    let mut response = FetchTransport.open(request).await.unwrap();
    assert_eq!(response.body.next().await, Some(Ok(vec![1, 2])));
    js("window.pieces.enqueue(new Uint8Array([255]))");
    assert_eq!(response.body.next().await, Some(Ok(vec![255])));
    assert_eq!(js("window.aborted").as_bool(), Some(false));
    drop(response);
    assert_eq!(js("window.aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn a_request_that_is_dropped_is_aborted() {
    let never = "request => new Promise(() => {
        request.signal.addEventListener('abort', () => { window.aborted = true; });
    })";
    js("window.aborted = false");
    let _fetch = replace("window", "fetch", never);
    let request = HttpRequest::new(Method::Get, "https://api.example.com/a");
    let sent = Box::pin(FetchTransport.send(request));
    let ((), sent) = match futures::future::select(sent, futures::future::ready(())).await {
        futures::future::Either::Left(_) => panic!("answered"),
        futures::future::Either::Right(right) => right,
    };
    drop(sent);
    assert_eq!(js("window.aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn an_upload_reports_how_far_it_is() {
    let reports = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&reports);
    let request = HttpRequest::new(Method::Post, format!("{}/no-such-file", page::origin()))
        .header("content-type", "application/octet-stream")
        .body(vec![7; 300_000]);
    let sent = FetchTransport.send_reporting(request, Rc::new(move |at| log.borrow_mut().push(at)));
    let response = sent.await.unwrap();
    assert!(response.status >= 400, "{response:?}");
    let last = reports.borrow().last().copied().unwrap();
    assert_eq!((last.sent, last.total), (300_000, 300_000));
}

#[wasm_bindgen_test]
async fn the_browser_computes_the_digest_of_a_body() {
    let digest = BrowserHost::new("digest").sha256(b"abc").await.unwrap();
    // FIPS 180-2, appendix B.1.
    assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);
}

#[component]
fn Names() -> impl IntoView {
    let names =
        gateway_resource::<Vec<String>>(|gateway| gateway.get("/names").auth(CallAuth::Open));
    move || match names.get() {
        Loaded::Loading => "loading".to_owned(),
        Loaded::Value(names) => names.join(" and "),
        Loaded::Refused(answer) => format!("refused {}", answer.status),
        Loaded::Unexpected(error) => error.place,
        Loaded::Failed(error) => error.to_string(),
    }
}

#[wasm_bindgen_test]
async fn a_resource_follows_the_user_and_ends_with_its_component() {
    js("window.calls = 0");
    let answers = "async request => {
        if (!request.url.endsWith('/names')) { return new Response('{}'); }
        window.calls += 1;
        window.aborted = false;
        if (window.calls === 3) {
            request.signal.addEventListener('abort', () => { window.aborted = true; });
            return new Promise(() => {});
        }
        const answer = window.calls === 1 ? ['Ada', 'Bob'] : [1];
        return new Response(JSON.stringify(answer));
    }";
    let _fetch = replace("window", "fetch", answers);
    store_session("1names");
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        view! { <AuthProvider config=config("1names")><Names/></AuthProvider> }
    });
    until("the names", || root.inner_text().contains("Ada and Bob")).await;
    broadcast(
        "1names",
        "{ version: 1, kind: 'signed_out', id: '1names', idle: false }",
    );
    until("the place of the mistake", || {
        root.inner_text().contains("$[0]")
    })
    .await;
    drop(mounted);
    root.remove();
    store_session("1again");
    let again = crate::components::root();
    let mounted = leptos::mount::mount_to(again.clone(), || {
        view! { <AuthProvider config=config("1again")><Names/></AuthProvider> }
    });
    until("the third call", || {
        js("window.calls").as_f64() == Some(3.0)
    })
    .await;
    drop(mounted);
    until("the end of the call", || {
        js("window.aborted").as_bool() == Some(true)
    })
    .await;
    again.remove();
    js("sessionStorage.clear()");
}

#[wasm_bindgen_test]
async fn a_socket_opens_again_and_closes_when_the_user_signs_out() {
    let fake = "class extends EventTarget {
        static OPEN = 1;
        constructor(url) {
            super();
            (window.sockets ??= []).push(this);
            Object.assign(this, { url, readyState: 1, sent: [] });
            queueMicrotask(() => this.dispatchEvent(new Event('open')));
        }
        send(data) { this.sent.push(data); }
        close() { this.readyState = 3; }
    }";
    js("window.sockets = []");
    let _socket = replace("window", "WebSocket", fake);
    let credentials = "async request => new Response(JSON.stringify({
        IdentityId: 'eu-west-1:i',
        Credentials: { AccessKeyId: 'ASIA', SecretKey: 's', SessionToken: 't', Expiration: 4e9 },
    }))";
    let _fetch = replace("window", "fetch", credentials);
    store_session("1socket");
    let client = velvet_rope::browser_client(config("1socket"));
    velvet_rope::client::open(&client, |_| {});
    velvet_rope::client::run(&client, || {});
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&events);
    let url = "wss://a1b2.execute-api.eu-west-1.amazonaws.com/production";
    let socket = velvet_rope::client::open_socket(&client, url, move |event| {
        log.borrow_mut().push(event);
    });
    let happened = |wanted: &SocketEvent| {
        events
            .borrow()
            .iter()
            .filter(|event| *event == wanted)
            .count()
    };
    until("an open socket", || happened(&SocketEvent::Open) == 1).await;
    assert!(socket.send_text("hello"));
    let sent = js("window.sockets[0].sent[0] + ' ' + window.sockets[0].url")
        .as_string()
        .unwrap();
    assert!(
        sent.starts_with(&format!("hello {url}?X-Amz-Algorithm=AWS4-HMAC-SHA256")),
        "{sent}"
    );
    js("window.sockets[0].dispatchEvent(new MessageEvent('message', { data: 'hi' }))");
    let text = SocketEvent::Text("hi".to_owned());
    until("a message", || happened(&text) == 1).await;
    js("window.sockets[0].dispatchEvent(new CloseEvent('close', { code: 1006 }))");
    until("a second socket", || happened(&SocketEvent::Open) == 2).await;
    broadcast(
        "1socket",
        "{ version: 1, kind: 'signed_out', id: '1socket', idle: false }",
    );
    let closed = SocketEvent::Closed(CallError::SessionChanged);
    until("the closed socket", || happened(&closed) == 1).await;
    assert_eq!(js("window.sockets[1].readyState").as_f64(), Some(3.0));
    assert!(!socket.send_text("late"));
    js("sessionStorage.clear()");
}
