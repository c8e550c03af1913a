//! How the files of a release are to be served: which file answers an address, and with which headers.
//!
//! Whoever serves a release takes the rules from here: the generated configuration of Firebase Hosting, the parameters of
//! `infra/hosting.yaml` with the metadata of each object in its bucket, and the end-to-end tests. What they need to know
//! of a site is the text of its `index.html` and of its `config.json`.

mod destinations;
mod files;
mod firebase;
mod page;
mod policy;

// Sources of the application, compiled a second time: `config.json` and discovery documents are read by the very code
// that reads them in the browser, and `cargo xtask` still builds when the rest of the application does not.
#[expect(unreachable_pub, reason = "the application shows it to others")]
#[path = "../../../src/config/mod.rs"]
mod config;
#[expect(unreachable_pub, reason = "the application shows it to others")]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the application uses more of it")
)]
#[path = "../../../src/oauth/discovery.rs"]
mod discovery;
#[expect(dead_code, unreachable_pub, reason = "the application uses more of it")]
#[path = "../../../src/http.rs"]
mod http;
#[expect(dead_code, reason = "the application uses more of it")]
#[path = "../../../src/json.rs"]
mod json;
#[expect(dead_code, unreachable_pub, reason = "the application uses more of it")]
#[path = "../../../src/time.rs"]
mod time;

pub use destinations::{Destinations, Unusable};
pub use files::{
    CONFIG, INDEX, PAGE_ADDRESS, answering_file, cache_control, content_type, has_compressed_copy,
    is_hashed,
};
pub use firebase::{PLACEHOLDER_FILE, firebase_json};
pub use page::{Page, PageError};
pub use policy::{CONTENT_SECURITY_POLICY, HSTS_SECONDS, Headers};
