//! The signature check that the browser has built in (Web Cryptography API).
//!
//! The browser's own implementation is used: one in the bundle would make every download larger.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use super::body;
use super::js::object;
use crate::host::RsaKey;

/// The name of RFC 8017, section 8.2 (RSASSA-PKCS1-v1_5), in the Web Cryptography API, section 20.
const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

/// See [`crate::host::Host::verify_rs256`].
///
/// `None` outside of secure contexts and for a key that cannot be imported; the caller treats that as not verified.
pub(super) async fn verify_rs256(key: &RsaKey, message: &str, signature: &[u8]) -> Option<bool> {
    // Outside of secure contexts `subtle` is undefined, and calling it fails like a bad key does.
    let subtle = web_sys::window()?.crypto().ok()?.subtle();
    let imported = subtle
        .import_key_with_object(
            "jwk",
            &object(&[("kty", "RSA"), ("n", &key.modulus), ("e", &key.exponent)]),
            &object(&[("name", ALGORITHM), ("hash", "SHA-256")]),
            false,
            &Array::of1(&"verify".into()),
        )
        .ok()?;
    let imported: CryptoKey = JsFuture::from(imported).await.ok()?.unchecked_into();
    let checked = subtle
        .verify_with_str_and_u8_array_and_u8_array(
            ALGORITHM,
            &imported,
            signature,
            message.as_bytes(),
        )
        .ok()?;
    JsFuture::from(checked).await.ok()?.as_bool()
}

/// The SHA-256 digest of bytes, computed outside of the main thread. `None` outside of secure contexts.
pub(super) async fn sha256(bytes: &[u8]) -> Option<[u8; 32]> {
    body::give_way(bytes).await;
    let subtle = web_sys::window()?.crypto().ok()?.subtle();
    let digest = subtle.digest_with_str_and_u8_array("SHA-256", bytes).ok()?;
    let digest = Uint8Array::new(&JsFuture::from(digest).await.ok()?);
    digest.to_vec().try_into().ok()
}
