//! The endpoints of the provider: known for a user pool, discovered for other providers (OpenID Connect Discovery 1.0,
//! section 4), and discovered again when they are old or no longer there.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::context::Context;
use super::error::AuthError;
use super::error::Step;
use super::keys;
use crate::host::Host;
use crate::http::{HttpResponse, Transport};
use crate::json;
use crate::oauth::discovery::{
    Endpoints, discovery_request, known_endpoints, parse_discovery, read_endpoints, record,
};
use crate::store::Store;
use crate::time::Timestamp;

/// How long discovered endpoints are used.
const LIFETIME: Duration = Duration::from_hours(24);

/// Endpoints and when they were requested, by this device's clock.
#[derive(Clone)]
struct Discovered {
    endpoints: Endpoints,
    fetched: Timestamp,
}

/// The endpoints of the provider.
pub(super) struct ProviderEndpoints<T, S, H> {
    context: Rc<Context<T, S, H>>,
    /// `None` until this page has requested them; always for a user pool.
    cached: RefCell<Option<Discovered>>,
}

impl<T: Transport, S: Store, H: Host> ProviderEndpoints<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self {
            context,
            cached: RefCell::default(),
        }
    }

    /// The endpoints: those at hand for a day, then new ones.
    pub(super) async fn get(&self) -> Result<Endpoints, AuthError> {
        if let Some(known) = known_endpoints(&self.context.config.provider) {
            return Ok(known);
        }
        let now = self.context.device_time();
        let recent = |discovered: &Discovered| {
            now.seconds_from(discovered.fetched).unsigned_abs() < LIFETIME.as_secs()
        };
        let cached = self.cached.borrow().clone().filter(recent);
        match cached.or_else(|| self.stored().filter(recent)) {
            Some(discovered) => Ok(discovered.endpoints),
            None => self.discover().await,
        }
    }

    /// The new endpoints, if the provider has moved: an endpoint answered that there is nothing at its address (404, 405 or
    /// 410), and a new discovery names other addresses. Such an answer means that the request was not processed, so the
    /// caller may send it again, to its new address.
    pub(super) async fn moved(
        &self,
        response: &HttpResponse,
        used: &Endpoints,
    ) -> Option<Endpoints> {
        let is_gone = matches!(response.status, 404 | 405 | 410);
        if !is_gone || known_endpoints(&self.context.config.provider).is_some() {
            return None;
        }
        let discovered = self.discover().await.ok();
        discovered.filter(|endpoints| endpoints != used)
    }

    /// Requests the discovery document, and uses its addresses from now on, also after a reload of this tab.
    async fn discover(&self) -> Result<Endpoints, AuthError> {
        let provider = &self.context.config.provider;
        let request = discovery_request(provider);
        let response = self.context.send(request, Step::Discovery).await?;
        let endpoints = parse_discovery(&response, provider)?;
        let fetched = self.context.device_time();
        let record = json::record([
            ("issuer", provider.issuer.as_str().into()),
            ("fetched", fetched.0.into()),
            ("document", record(&endpoints)),
        ]);
        let pending = &self.context.ports.pending;
        let _ = pending.set(keys::ENDPOINTS, &json::write(&record));
        *self.cached.borrow_mut() = Some(Discovered {
            endpoints: endpoints.clone(),
            fetched,
        });
        Ok(endpoints)
    }

    /// Stored beside the pending sign-in, so that the page that handles the callback needs no discovery request.
    fn stored(&self) -> Option<Discovered> {
        let provider = &self.context.config.provider;
        let stored = self.context.ports.pending.get(keys::ENDPOINTS).ok()??;
        let stored = json::object(&stored)?;
        let ours = json::text(&stored, "issuer")? == provider.issuer;
        let endpoints = read_endpoints(stored.get("document")?, provider).ok()?;
        let fetched = json::time(&stored, "fetched")?;
        ours.then_some(Discovered { endpoints, fetched })
    }
}
