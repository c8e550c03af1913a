//! How the files of a release are to be served: which file answers an address, and with which headers.
//!
//! Every host takes the rules from here: the generated configuration of Firebase Hosting, the parameters of
//! `infra/hosting.yaml` with the metadata of each object in its bucket, and the end-to-end tests. What they need to know
//! of a site is the text of its `index.html` and of its `config.json`.

mod destinations;
mod files;
mod firebase;
mod page;
mod policy;

pub use destinations::{Destinations, Unusable};
pub use files::{
    CONFIG, INDEX, PAGE_ADDRESS, answering_file, cache_control, content_type, has_compressed_copy,
    is_hashed,
};
pub use firebase::{PLACEHOLDER_FILE, firebase_json};
pub use page::{Page, PageError};
pub use policy::{CONTENT_SECURITY_POLICY, HSTS_SECONDS, Headers};
