//! One plain `GET`, to see whether a server on this machine answers yet.

use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

const TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 1 << 20;

/// The status and the body at `url`.
///
/// # Errors
/// When there is no answer in time.
pub(crate) async fn get(url: &str) -> Result<(StatusCode, String)> {
    let uri: Uri = url
        .parse()
        .with_context(|| format!("`{url}` is not a URL"))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = async {
        let response = client.get(uri).await.context("no answer")?;
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
    tokio::time::timeout(TIMEOUT, answer)
        .await
        .context("no answer in time")?
}
