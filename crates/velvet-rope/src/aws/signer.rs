//! The port that signs requests. The code for signing is large and the first page load does not need it, so an app may
//! load it as a separate module with the first signed call.

use futures::future::{FutureExt as _, LocalBoxFuture, ready};

use super::credentials::Credentials;
use super::sigv4::{Scope, SignatureForm, SigningError, SigningKeys};
use crate::http::HttpRequest;
use crate::time::Timestamp;

/// The future of a signed request.
pub type Signing<'a> = LocalBoxFuture<'a, Result<HttpRequest, SigningError>>;

/// Signs requests.
pub trait Signer {
    /// Adds a Signature Version 4, as [`sign_as`](super::sign_as) does.
    fn sign<'a>(
        &'a self,
        request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Signing<'a>;

    /// Announces that a request will be signed soon, so that the module can start to load.
    fn prepare(&self) {}
}

/// Signs with code that is part of the app.
#[derive(Debug, Default)]
pub struct BuiltInSigner {
    keys: SigningKeys,
}

impl Signer for BuiltInSigner {
    fn sign<'a>(
        &'a self,
        request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Signing<'a> {
        ready(self.keys.sign_as(request, credentials, scope, now, form)).boxed_local()
    }
}
