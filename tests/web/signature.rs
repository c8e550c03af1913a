//! The browser's signature check, with the example of RFC 7515, appendix A.2.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use velvet_rope::browser::host::BrowserHost;
use velvet_rope::host::{Host as _, RsaKey};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{replace, soon};

const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const MESSAGE: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

fn signature() -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap()
}

async fn check(modulus: &str, exponent: &str, message: &str, signature: &[u8]) -> Option<bool> {
    let key = RsaKey {
        modulus: modulus.to_owned(),
        exponent: exponent.to_owned(),
    };
    let host = BrowserHost::new("signature");
    soon("a check", host.verify_rs256(&key, message, signature)).await
}

#[wasm_bindgen_test]
async fn a_signature_is_good_for_its_message_and_no_other() {
    let mut signature = signature();
    assert_eq!(
        check(MODULUS, "AQAB", MESSAGE, &signature).await,
        Some(true)
    );
    let other = MESSAGE.replace("eyJpc3Mi", "eyJpc3Nj");
    assert_eq!(
        check(MODULUS, "AQAB", &other, &signature).await,
        Some(false)
    );
    assert_eq!(check(MODULUS, "AQAB", MESSAGE, &[]).await, Some(false));
    signature[100] ^= 1;
    assert_eq!(
        check(MODULUS, "AQAB", MESSAGE, &signature).await,
        Some(false)
    );
}

#[wasm_bindgen_test]
async fn another_key_does_not_vouch_for_it() {
    let other = MODULUS.replace("ofgWCuLj", "ofgWCuLk");
    assert_eq!(
        check(&other, "AQAB", MESSAGE, &signature()).await,
        Some(false)
    );
}

#[wasm_bindgen_test]
async fn a_key_that_is_none_gives_no_answer() {
    for (modulus, exponent) in [("", "AQAB"), (MODULUS, ""), ("not base64url!", "AQAB")] {
        assert_eq!(
            check(modulus, exponent, MESSAGE, &signature()).await,
            None,
            "{modulus:?} {exponent:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn without_web_cryptography_there_is_no_answer() {
    let _replaced = replace("crypto", "subtle", "undefined");
    assert_eq!(check(MODULUS, "AQAB", MESSAGE, &signature()).await, None);
}
