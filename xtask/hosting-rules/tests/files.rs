//! Which file answers, and how long it may be kept.

use hosting_rules::{answering_file, cache_control, content_type, has_compressed_copy, is_hashed};

const HASHED: [&str; 5] = [
    "/velvet-rope-7a43f12b6f273c88.js",
    "/velvet-rope-7a43f12b6f273c88_bg.wasm",
    // Trunk writes no leading zeros.
    "/tokens-4aac5d977897cea.css",
    "/favicon-948855c51d648166.svg",
    "/fonts/text-948855c51d648166.woff2",
];

const UNHASHED: [&str; 10] = [
    "/index.html",
    "/config.json",
    "/signer.js",
    "/signer_bg.wasm",
    "/favicon.svg",
    "/snippets/velvet-rope-f3bc1b7aa09fc1b7/inline0.js",
    "/facade-deadbeef.js",
    "/velvet-rope-7A43F12B6F273C88.js",
    "/-7a43f12b6f273c88.js",
    "/velvet-rope-7a43f12b6f273c88",
];

#[test]
fn keeps_what_is_named_after_its_content_and_asks_about_the_rest() {
    for path in HASHED {
        assert!(is_hashed(path), "{path}");
        assert_eq!(cache_control(path), "public, max-age=31536000, immutable");
    }
    for path in UNHASHED {
        assert!(!is_hashed(path), "{path}");
        assert_eq!(cache_control(path), "no-cache");
    }
}

#[test]
fn a_page_answers_every_address_of_a_page_and_no_missing_file() {
    for path in [
        "/",
        "/authenticated",
        "/signedout",
        "/any/page",
        "/v1.2/page",
        "/any/",
    ] {
        assert_eq!(
            answering_file(path, |_| false),
            Some("/index.html"),
            "{path}"
        );
    }
    assert_eq!(answering_file("/signer.js", |_| true), Some("/signer.js"));
    for path in [
        "/signer.js",
        "/velvet-rope-0000000000000000_bg.wasm",
        "/config.json",
        "/a/favicon.ico",
        "/.git",
    ] {
        assert_eq!(answering_file(path, |_| false), None, "{path}");
    }
}

#[test]
fn every_kind_of_file_in_a_release_has_a_type() {
    assert_eq!(
        content_type("/velvet-rope-7a43f12b6f273c88_bg.wasm"),
        "application/wasm"
    );
    assert_eq!(content_type("/signer.js"), "text/javascript; charset=utf-8");
    assert_eq!(content_type("/index.html"), "text/html; charset=utf-8");
    assert_eq!(content_type("/config.json"), "application/json");
    assert_eq!(content_type("/favicon.svg"), "image/svg+xml");
    assert_eq!(content_type("/LICENSE"), "application/octet-stream");
}

#[test]
fn images_that_are_compressed_already_have_no_copy() {
    assert!(has_compressed_copy("/signer_bg.wasm"));
    assert!(!has_compressed_copy("/logo.png"));
    assert!(!has_compressed_copy("/v1.js/logo"));
}
