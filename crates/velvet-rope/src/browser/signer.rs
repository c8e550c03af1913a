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
        request: &str,
        body: Vec<u8>,
        digest: Vec<u8>,
        credentials: &str,
        scope: &str,
        now: f64,
        valid_seconds: f64,
    ) -> Option<String>;
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
            let digest = request.body.sha256().map(|digest| digest.to_vec());
            let body = match &digest {
                Some(_) => Vec::new(),
                None => request.body.to_vec(),
            };
            let mut lines = vec![request.method.as_str(), &request.url];
            for (name, value) in &request.headers {
                lines.extend([name.as_str(), value]);
            }
            // A line break would shift the lines behind it.
            if lines.iter().any(|line| line.contains('\n')) {
                return Err(SigningError::Invalid);
            }
            let token = credentials.session_token.as_ref();
            let keys = [
                &*credentials.access_key_id,
                credentials.secret_access_key.secret(),
                token.map_or("", |token| token.secret()),
            ];
            let valid_seconds = match form {
                SignatureForm::Headers => 0.0,
                SignatureForm::Query(valid) => valid.as_secs_f64(),
            };
            #[expect(clippy::cast_precision_loss, reason = "good for 285 million years")]
            let signed = module.sign(
                &lines.join("\n"),
                body,
                digest.unwrap_or_default(),
                &keys.join("\n"),
                &[scope.region, "\n", scope.service].concat(),
                now.0 as f64,
                valid_seconds,
            );
            let signed = signed.ok_or(SigningError::Invalid)?;
            if form != SignatureForm::Headers {
                request.url = signed;
                return Ok(request);
            }
            let (date, authorization) = signed.split_once('\n').ok_or(SigningError::Invalid)?;
            request = request.header("x-amz-date", date);
            if let Some(token) = token {
                request = request.header("x-amz-security-token", token.secret());
            }
            request = request.header("authorization", authorization);
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
