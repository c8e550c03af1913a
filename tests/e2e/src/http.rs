//! An HTTP client, for what the tests do past the browser and for the proxy's way to MiniStack.

use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::vec::IntoIter;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use tower_service::Service;
use url::Url;

/// Sends requests and follows no redirect; over plain HTTP, unless it is a [`TlsClient`].
#[derive(Clone, Debug)]
pub struct Client<C = HttpConnector<Resolver>>(HyperClient<C, Full<Bytes>>);

/// Sends requests over HTTPS, and over HTTP where the URL names it.
pub type TlsClient = Client<HttpsConnector<HttpConnector<Resolver>>>;

/// Resolves names below `localhost` to this machine (RFC 6761, section 6.3), as browsers do and not every system does.
#[derive(Clone, Debug)]
pub struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if name.as_str().ends_with(".localhost") {
            let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            return Box::pin(ready(Ok(vec![here].into_iter())));
        }
        let addresses = self.0.call(name);
        Box::pin(async { Ok(addresses.await?.collect::<Vec<_>>().into_iter()) })
    }
}

fn connector() -> HttpConnector<Resolver> {
    HttpConnector::new_with_resolver(Resolver(GaiResolver::new()))
}

impl TlsClient {
    /// A client that trusts the certificates that this machine trusts.
    ///
    /// # Errors
    /// When this machine has no such certificates.
    pub fn with_tls() -> Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .context("this machine has no root certificates")?
            .https_or_http()
            .enable_http1()
            .wrap_connector({
                let mut connector = connector();
                connector.enforce_http(false);
                connector
            });
        Ok(Self::over(connector))
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::over(connector())
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Client<C> {
    fn over(connector: C) -> Self {
        // Without a pool no request can meet a connection that the server is just closing.
        let mut builder = HyperClient::builder(TokioExecutor::new());
        Self(builder.pool_max_idle_per_host(0).build(connector))
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        let address = request.uri().to_string();
        let response = self
            .0
            .request(request)
            .await
            .with_context(|| format!("no answer from {address}"))?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .with_context(|| format!("half an answer from {address}"))?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    /// Posts a form and returns where it redirects to.
    ///
    /// # Errors
    /// When it does not redirect.
    pub async fn post_form(&self, address: &Url, form: &[(String, String)]) -> Result<Url> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(address.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body))?;
        let response = self.send(request).await?;
        let location = response
            .headers()
            .get(LOCATION)
            .with_context(|| format!("{address} did not redirect"))?;
        Ok(Url::parse(location.to_str()?)?)
    }
}
