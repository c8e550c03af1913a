//! Who signs requests. The code for it is large and seldom needed at once, so it may live outside the app and be
//! fetched by the first call that wants a signature.

use futures::future::{FutureExt as _, LocalBoxFuture, ready};

use super::credentials::Credentials;
use super::sigv4::{Scope, SigningError, sign};
use crate::http::HttpRequest;
use crate::time::Timestamp;

/// A signed request, when it is ready.
pub type Signing<'a> = LocalBoxFuture<'a, Result<HttpRequest, SigningError>>;

/// Signs requests.
pub trait Signer {
    /// Adds a Signature Version 4, as [`sign`] does.
    fn sign<'a>(
        &'a self,
        request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
    ) -> Signing<'a>;

    /// A signature will soon be wanted: what has to be fetched for it can be.
    fn prepare(&self) {}
}

/// Signs with the code that is part of the app.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltInSigner;

impl Signer for BuiltInSigner {
    fn sign<'a>(
        &'a self,
        request: HttpRequest,
        credentials: &'a Credentials,
        scope: Scope<'a>,
        now: Timestamp,
    ) -> Signing<'a> {
        ready(sign(request, credentials, scope, now)).boxed_local()
    }
}
