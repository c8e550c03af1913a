//! The signer as a separate module, `signer.js`, which is loaded with the first signed call: users who call no signed
//! route never download it.

use std::cell::RefCell;
use std::rc::Rc;

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
    fetched: Rc<Fetched>,
}

/// The module, fetched once; again after that failed.
#[derive(Debug, Default)]
struct Fetched(RefCell<Option<Promise>>);

impl Fetched {
    async fn module(&self) -> Result<Module, SigningError> {
        let fetched = self.0.borrow().clone();
        let fetched = fetched.unwrap_or_else(|| import_module(MODULE));
        self.0.replace(Some(fetched.clone()));
        let Ok(module) = JsFuture::from(fetched).await else {
            self.0.replace(None);
            return Err(SigningError::Unavailable);
        };
        Ok(module.unchecked_into())
    }
}

impl Signer for ModuleSigner {
    fn sign<'a>(
        &'a self,
        request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Signing<'a> {
        let (region, service) = (scope.region.to_owned(), scope.service.to_owned());
        let (fetched, credentials) = (Rc::clone(&self.fetched), credentials.clone());
        async move {
            let signed = sign(fetched, request, credentials, region, service, now, form).await;
            signed.unwrap_or(Err(SigningError::Unavailable))
        }
        .boxed_local()
    }

    fn prepare(&self) {
        if self.fetched.0.borrow().is_none() {
            self.fetched.0.replace(Some(import_module(MODULE)));
        }
    }
}

crate::later! { session:
    /// Only pages that sign need it.
    async fn sign(
        fetched: Rc<Fetched>,
        request: HttpRequest,
        credentials: Credentials,
        region: String,
        service: String,
        now: Timestamp,
        form: SignatureForm,
    ) -> Result<HttpRequest, SigningError> {
        let module = fetched.module().await?;
        let scope = Scope { region: &region, service: &service };
        sign_with(&module, request, &credentials, scope, now, form)
    }
}

fn sign_with(
    module: &Module,
    mut request: HttpRequest,
    credentials: &Credentials,
    scope: Scope<'_>,
    now: Timestamp,
    form: SignatureForm,
) -> Result<HttpRequest, SigningError> {
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
