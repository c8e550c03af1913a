//! Single requests: to see whether a server on this machine answers yet, to call it, or to read a document of another server.

use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
#[cfg(feature = "aws")]
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};

const TIMEOUT: Duration = Duration::from_secs(5);
#[cfg(feature = "aws")]
const REMOTE_TIMEOUT: Duration = Duration::from_secs(20);
const LARGEST_ANSWER: usize = 1 << 20;

/// The status and the body at `url`, over plain HTTP.
///
/// # Errors
/// When there is no answer in time.
pub(crate) async fn get(url: &str) -> Result<(StatusCode, String)> {
    get_by(HttpConnector::new(), url, TIMEOUT).await
}

/// The status and the body at `url`, over HTTPS unless the URL says `http`. Trusts the certificates that this machine trusts.
///
/// # Errors
/// When no answer comes in time, or the server's certificate is not trusted.
#[cfg(feature = "aws")]
pub(crate) async fn get_with_tls(url: &str) -> Result<(StatusCode, String)> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .context("this machine has no root certificates")?
        .https_or_http()
        .enable_http1()
        .build();
    get_by(connector, url, REMOTE_TIMEOUT).await
}

/// Posts JSON over plain HTTP, with one more header, and returns the status.
///
/// # Errors
/// When there is no answer in time.
pub(crate) async fn post_json(url: &str, header: (&str, &str), json: String) -> Result<StatusCode> {
    let request = Request::post(url)
        .header("content-type", "application/json")
        .header(header.0, header.1)
        .body(Full::from(json))
        .with_context(|| format!("`{url}` is not a URL"))?;
    let (status, _) = send(request, TIMEOUT).await?;
    Ok(status)
}

/// Sends any request over plain HTTP, and returns the status and the body.
///
/// # Errors
/// When there is no answer within `limit`.
pub(crate) async fn send(
    request: Request<Full<Bytes>>,
    limit: Duration,
) -> Result<(StatusCode, String)> {
    send_by(HttpConnector::new(), request, limit).await
}

async fn get_by(
    connector: impl Connect + Clone + Send + Sync + 'static,
    url: &str,
    limit: Duration,
) -> Result<(StatusCode, String)> {
    let request = Request::get(url)
        .body(Full::default())
        .with_context(|| format!("`{url}` is not a URL"))?;
    send_by(connector, request, limit).await
}

async fn send_by(
    connector: impl Connect + Clone + Send + Sync + 'static,
    request: Request<Full<Bytes>>,
    limit: Duration,
) -> Result<(StatusCode, String)> {
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let answer = async {
        let response = client.request(request).await.context("no answer")?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST_ANSWER)
            .collect()
            .await;
        let body = body
            .map_err(|error| anyhow::anyhow!(error))
            .context("no complete answer")?;
        Ok((
            status,
            String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        ))
    };
    tokio::time::timeout(limit, answer)
        .await
        .context("no answer in time")?
}
