//! The page, its clock and its randomness.

use velvet_rope::browser::{clock, page, random};
use velvet_rope::time::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_clock_is_past_the_day_this_was_written() {
    assert!(clock::now() > Timestamp(1_760_000_000));
}

#[wasm_bindgen_test]
fn every_sign_in_gets_randomness_of_its_own() {
    let (first, second) = (random::entropy().unwrap(), random::entropy().unwrap());
    assert_ne!(first.state, second.state);
    assert_ne!(first.nonce, second.nonce);
    assert_ne!(first.code_verifier, second.code_verifier);
    assert_ne!(first.state, first.nonce);
    assert_ne!(first.code_verifier, [0; 32]);
}

#[wasm_bindgen_test]
fn the_address_is_read_and_replaced_without_a_load() {
    let before = page::path_query_fragment();
    page::replace_address("/authenticated?code=a&state=b#c");
    assert_eq!(page::path(), "/authenticated");
    assert_eq!(page::query(), "code=a&state=b");
    assert_eq!(
        page::path_query_fragment(),
        "/authenticated?code=a&state=b#c"
    );
    page::replace_address("/authenticated");
    assert_eq!(page::query(), "");
    page::replace_address(&before);
}

#[wasm_bindgen_test]
fn the_runner_serves_a_secure_context_with_an_origin() {
    assert!(page::origin().starts_with("http://"), "{}", page::origin());
    assert!(page::is_secure_context());
    assert!(page::is_online());
}
