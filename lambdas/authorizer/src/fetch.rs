//! Documents over HTTPS.

use std::{fmt, sync::Arc, time::Duration};

use http::{Request, StatusCode, header::ACCEPT};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::{
    documents::{DocumentError, Documents},
    settings::is_trustworthy_address,
};

/// An authorizer has 10 seconds in all, and may have to read two documents.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Issuers publish a handful of keys, about 1 kB each with its certificate.
const LARGEST_BODY: usize = 256 * 1024;

type Body = Empty<&'static [u8]>;

/// Reads documents from the network: HTTP/1.1, connections kept, redirects not followed.
#[derive(Clone)]
pub struct Fetch {
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

impl fmt::Debug for Fetch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetch").finish_non_exhaustive()
    }
}

impl Fetch {
    /// Uses the root certificates of this system. Without any, no `https` address can be read.
    ///
    /// # Errors
    /// When the cryptography library supports no version of TLS.
    pub fn new() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, DocumentError> {
        let request = Request::get(address)
            .header(ACCEPT, "application/json")
            .body(Body::new())
            .map_err(|_| DocumentError::Address)?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| DocumentError::Connection(causes(&error)))?;
        if response.status() != StatusCode::OK {
            return Err(DocumentError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), LARGEST_BODY);
        match body.collect().await {
            Ok(body) => Ok(body.to_bytes().into()),
            Err(error) if error.is::<LengthLimitError>() => Err(DocumentError::Size),
            Err(error) => Err(DocumentError::Connection(error.to_string())),
        }
    }
}

impl Documents for Fetch {
    async fn read(&self, address: &str) -> Result<Vec<u8>, DocumentError> {
        if !is_trustworthy_address(address) {
            return Err(DocumentError::Address);
        }
        tokio::time::timeout(TIMEOUT, self.get(address))
            .await
            .unwrap_or(Err(DocumentError::Timeout))
    }
}

/// An error with its causes, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
