//! The signer as a separate module, `signer.js`, which is loaded with the first signed call: users who call no signed
//! route never download it.

use std::cell::RefCell;

use futures::FutureExt as _;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::aws::credentials::Credentials;
use crate::aws::signer::{Signer, Signing};
use crate::aws::sigv4::{Scope, SignatureForm, SigningError};
use crate::http::HttpRequest;
use crate::time::Timestamp;

/// The path of the module on this site.
const MODULE: &str = "/signer.js";

#[wasm_bindgen(inline_js = "
    export const import_module = address => import(address).then(module => module.default().then(() => module));
")]
extern "C" {
    fn import_module(address: &str) -> Promise;

    /// The module.
    #[derive(Clone)]
    type Module;

    #[wasm_bindgen(method)]
    fn sign(
        this: &Module,
        request: Vec<String>,
        body: Vec<u8>,
        digest: Vec<u8>,
        credentials: Vec<String>,
        scope: Vec<String>,
        now: f64,
        valid_seconds: f64,
    ) -> Option<Vec<String>>;
}

/// Signs with the module.
#[derive(Debug, Default)]
pub struct ModuleSigner {
    fetched: RefCell<Option<Promise>>,
}

impl ModuleSigner {
    /// The module, fetched once; again after that failed.
    async fn module(&self) -> Result<Module, SigningError> {
        let fetched = self.fetched.borrow().clone();
        let fetched = fetched.unwrap_or_else(|| import_module(MODULE));
        self.fetched.replace(Some(fetched.clone()));
        let Ok(module) = JsFuture::from(fetched).await else {
            self.fetched.replace(None);
            return Err(SigningError::Unavailable);
        };
        Ok(module.unchecked_into())
    }
}

impl Signer for ModuleSigner {
    fn sign<'a>(
        &'a self,
        mut request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Signing<'a> {
        async move {
            let module = self.module().await?;
            let mut parts = vec![request.method.as_str().to_owned(), request.url.clone()];
            let digest = request.body.sha256().map(|digest| digest.to_vec());
            let body = match &digest {
                Some(_) => Vec::new(),
                None => request.body.to_vec(),
            };
            for (name, value) in &request.headers {
                parts.extend([name.clone(), value.clone()]);
            }
            let token = credentials.session_token.as_ref();
            let keys = vec![
                credentials.access_key_id.clone(),
                credentials.secret_access_key.secret().to_owned(),
                token.map_or_else(String::new, |token| token.secret().to_owned()),
            ];
            let scope = vec![scope.region.to_owned(), scope.service.to_owned()];
            let valid_seconds = match form {
                SignatureForm::Headers => 0.0,
                SignatureForm::Query(valid) => valid.as_secs_f64(),
            };
            #[expect(clippy::cast_precision_loss, reason = "good for 285 million years")]
            let signed = module.sign(
                parts,
                body,
                digest.unwrap_or_default(),
                keys,
                scope,
                now.0 as f64,
                valid_seconds,
            );
            let headers = signed.ok_or(SigningError::Invalid)?;
            for pair in headers.chunks_exact(2) {
                // A signature in the query is part of the address, which has no name.
                if pair[0].is_empty() {
                    request.url.clone_from(&pair[1]);
                    continue;
                }
                request = request.header(&pair[0], pair[1].as_str());
            }
            Ok(request)
        }
        .boxed_local()
    }

    fn prepare(&self) {
        if self.fetched.borrow().is_none() {
            self.fetched.replace(Some(import_module(MODULE)));
        }
    }
}
