//! A server on this machine, and what its answers must be.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use crate::hosting::release::Release;

/// Which compressed copies a server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copies {
    /// Those of the release, and to those alone who take brotli.
    OfTheRelease,
    /// Those that it makes, of what it finds large enough.
    ItsOwn,
}

/// A server that serves a site.
pub(super) struct Server {
    /// Its port on this machine.
    pub(super) port: u16,
    /// The host that it is asked for.
    pub(super) host: String,
    /// Which compressed copies it sends.
    pub(super) copies: Copies,
}

impl Server {
    /// `path` must be answered with the file `answering` of `release`.
    pub(super) async fn file(
        &self,
        release: &Release,
        path: &str,
        answering: &str,
        brotli: bool,
    ) -> Result<()> {
        let answer = self.get(path, brotli).await?;
        is_status(&answer, StatusCode::OK)?;
        has_headers(&answer, release)?;
        let cache_control = hosting_rules::cache_control(answering);
        has_header(&answer, header::CACHE_CONTROL.as_str(), cache_control)?;
        let content_type = hosting_rules::content_type(answering);
        has_header(&answer, header::CONTENT_TYPE.as_str(), content_type)?;
        self.has_content(&answer, release, answering, brotli)
    }

    fn has_content(
        &self,
        answer: &Response<Bytes>,
        release: &Release,
        path: &str,
        brotli: bool,
    ) -> Result<()> {
        let content = release.content(path)?;
        let is_compressed = answer.headers().get(header::CONTENT_ENCODING).is_some();
        if self.copies == Copies::OfTheRelease {
            let expected = content.brotli.filter(|_| brotli);
            ensure!(
                is_compressed == expected.is_some(),
                "compressed: {is_compressed}"
            );
            let is_copy = expected.is_none_or(|copy| answer.body() == &copy);
            ensure!(is_copy, "another compressed copy");
        }
        let mut found = Vec::new();
        if is_compressed {
            has_header(answer, header::CONTENT_ENCODING.as_str(), "br")?;
            brotli::BrotliDecompress(&mut answer.body().as_ref(), &mut found)
                .context("what it sends is not brotli")?;
        } else {
            found.extend_from_slice(answer.body());
        }
        ensure!(found == content.plain, "another content");
        Ok(())
    }

    /// There must be nothing at `path`, and no cache may keep that for long: the file may be there tomorrow.
    pub(super) async fn missing(&self, release: &Release, path: &str) -> Result<()> {
        let answer = self.get(path, true).await?;
        is_missing(&answer)?;
        let cached = answer.headers().get(header::CACHE_CONTROL);
        let is_kept = cached.is_some_and(|value| value != "no-cache");
        ensure!(!is_kept, "what is missing has Cache-Control {cached:?}");
        has_headers(&answer, release)
    }

    /// Before anything is published, nothing may run.
    pub(super) async fn is_closed(&self) -> Result<()> {
        let answer = self.get("/", true).await?;
        is_missing(&answer)?;
        let policy = "default-src 'none'; frame-ancestors 'none'";
        has_header(&answer, hosting_rules::CONTENT_SECURITY_POLICY, policy)
    }

    /// `path` must be answered with this status.
    pub(super) async fn has_status(&self, path: &str, expected: StatusCode) -> Result<()> {
        is_status(&self.get(path, true).await?, expected)
    }

    /// There must be nothing at `path`.
    pub(super) async fn has_no(&self, path: &str) -> Result<()> {
        is_missing(&self.get(path, true).await?)
    }

    async fn get(&self, path: &str, brotli: bool) -> Result<Response<Bytes>> {
        let encoding = if brotli { "br" } else { "identity" };
        let request = Request::get(format!("http://127.0.0.1:{}{path}", self.port))
            .header(header::HOST, &self.host)
            .header(header::ACCEPT_ENCODING, encoding)
            // The local cloud speaks no TLS, and takes this for it.
            .header("x-forwarded-proto", "https")
            .body(Empty::<Bytes>::new())?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.context("no answer")?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.context("half an answer")?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

fn is_status(answer: &Response<Bytes>, expected: StatusCode) -> Result<()> {
    let status = answer.status();
    ensure!(status == expected, "{status} instead of {expected}");
    Ok(())
}

/// AWS answers 404, because the bucket's policy lets the distribution see what is missing; the local cloud does not look
/// at that permission and answers 403.
fn is_missing(answer: &Response<Bytes>) -> Result<()> {
    let status = answer.status();
    let is_missing = status == StatusCode::NOT_FOUND || status == StatusCode::FORBIDDEN;
    ensure!(is_missing, "{status}, where there is no file");
    Ok(())
}

fn has_headers(answer: &Response<Bytes>, release: &Release) -> Result<()> {
    for (name, value) in release.headers().all() {
        has_header(answer, name, value)?;
    }
    Ok(())
}

fn has_header(answer: &Response<Bytes>, name: &str, expected: &str) -> Result<()> {
    let values: Vec<_> = answer.headers().get_all(name).iter().collect();
    if values != [expected] {
        bail!("{name} is {values:?} instead of {expected:?}");
    }
    Ok(())
}
