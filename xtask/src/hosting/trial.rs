//! Publishing a release on the local cloud's S3 and CloudFront with the real template, and asking for every file of it:
//! each answer must be what the rules say.

use std::{fs, path::Path, time::SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use aws_types::SdkConfig;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

use super::{
    release::Release,
    s3::{self, Site},
    stack::Place,
};
use crate::{
    cache::Cache, cloud::ministack::MiniStack, dist, ports, report, tally::Count, tools,
    workspace::Workspace,
};

const SITE: Site<'_> = Site {
    stack: s3::STACK,
    chosen: &[],
};

/// A file of an earlier release that a tab may still ask for.
const OLD_FILE: &str = "/earlier-0123456789abcdef.js";

/// Tries out the release in `dist`. How many answers were as they should be, and how many were not.
///
/// # Errors
/// When there is no release, or the local cloud does not take it.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache, dist: &Path) -> Result<Count> {
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let folder = workspace.target.join("hosting/trial");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    let port = ports::free()?;
    let mut ministack = MiniStack::start(&program, port, &folder).await?;
    let sdk_config = ministack.sdk_config();
    let mut trial = Trial {
        workspace,
        sdk_config,
        port,
        count: Count::default(),
    };
    tokio::select! {
        played = trial.play(dist, &folder) => played?,
        failure = ministack.failure() => return Err(failure),
    }
    Ok(trial.count)
}

struct Trial<'a> {
    workspace: &'a Workspace,
    sdk_config: SdkConfig,
    port: u16,
    count: Count,
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    host: &'a str,
    path: &'a str,
    brotli: bool,
}

impl Trial<'_> {
    async fn play(&mut self, dist: &Path, folder: &Path) -> Result<()> {
        let config = self.workspace.file("public/config.example.json");
        let config = fs::read_to_string(&config)
            .with_context(|| format!("could not read {}", config.display()))?;
        let release = Release::read(dist, config.clone(), &[]).await?;
        let earlier = folder.join("earlier");
        earlier_release(&release, &earlier)?;
        let earlier = Release::read(&earlier, config, &[]).await?;

        let place = s3::prepare(&SITE, self.workspace, &self.sdk_config).await?;
        let closed = self.closed(&place).await;
        self.note("a site without a release", closed);
        for release in [&earlier, &release] {
            self.publish(&place, release, SystemTime::now()).await?;
            self.ask_for_everything(&place, release).await;
        }
        let kept = self.is_kept(&place, true).await;
        self.note("files of the release before", kept);
        self.publish(&place, &release, SystemTime::now() + s3::KEPT)
            .await?;
        let gone = self.is_kept(&place, false).await;
        self.note("files of the release before, a week later", gone);
        self.ask_for_everything(&place, &release).await;
        let private = self.private(&place).await;
        self.note("the bucket past CloudFront", private);
        Ok(())
    }

    async fn publish(&mut self, place: &Place, release: &Release, now: SystemTime) -> Result<()> {
        let published = s3::publish(&SITE, self.workspace, &self.sdk_config, release, now).await?;
        self.note("the place stays where it is", same(&published, place));
        Ok(())
    }

    /// Whether what only the earlier release has is still there.
    async fn is_kept(&self, place: &Place, expected: bool) -> Result<()> {
        let answer = self.answer(place, OLD_FILE, true).await?;
        if expected {
            return is_status(&answer, StatusCode::OK);
        }
        is_missing(&answer)
    }

    async fn ask_for_everything(&mut self, place: &Place, release: &Release) {
        for path in release.paths() {
            for brotli in [true, false] {
                let outcome = self.file(place, release, path, path, brotli).await;
                self.note(path, outcome);
            }
        }
        for path in ["/", "/authenticated", "/v1.2/any/page"] {
            let outcome = self
                .file(place, release, path, hosting_rules::INDEX, true)
                .await;
            self.note(path, outcome);
        }
        for path in [
            "/missing.js",
            "/velvet-rope-0000000000000000_bg.wasm",
            "/.env",
        ] {
            let outcome = self.missing(place, release, path).await;
            self.note(path, outcome);
        }
    }

    /// `path` must be answered with the file `answering`.
    async fn file(
        &self,
        place: &Place,
        release: &Release,
        path: &str,
        answering: &str,
        brotli: bool,
    ) -> Result<()> {
        let answer = self.answer(place, path, brotli).await?;
        is_status(&answer, StatusCode::OK)?;
        has_headers(&answer, release)?;
        has_header(
            &answer,
            header::CACHE_CONTROL.as_str(),
            hosting_rules::cache_control(answering),
        )?;
        has_header(
            &answer,
            header::CONTENT_TYPE.as_str(),
            hosting_rules::content_type(answering),
        )?;
        let content = release.content(answering)?;
        let compressed = content.brotli.filter(|_| brotli);
        let encoding = answer.headers().get(header::CONTENT_ENCODING);
        ensure!(
            encoding.is_some() == compressed.is_some(),
            "Content-Encoding is {encoding:?}"
        );
        let expected = compressed.unwrap_or(content.plain);
        ensure!(
            answer.body() == &expected,
            "{} bytes, expected {}",
            answer.body().len(),
            expected.len()
        );
        Ok(())
    }

    async fn missing(&self, place: &Place, release: &Release, path: &str) -> Result<()> {
        let answer = self.answer(place, path, true).await?;
        is_missing(&answer)?;
        has_headers(&answer, release)
    }

    /// Before anything is published, nothing may run.
    async fn closed(&self, place: &Place) -> Result<()> {
        let answer = self.answer(place, "/", true).await?;
        is_missing(&answer)?;
        let policy = "default-src 'none'; frame-ancestors 'none'";
        has_header(&answer, hosting_rules::CONTENT_SECURITY_POLICY, policy)
    }

    /// The bucket itself answers nobody who does not sign.
    async fn private(&self, place: &Place) -> Result<()> {
        let path = format!("/{}{}", place.bucket, hosting_rules::INDEX);
        let host = format!("127.0.0.1:{}", self.port);
        let asked = Asked {
            host: &host,
            path: &path,
            brotli: false,
        };
        is_status(&self.send(asked).await?, StatusCode::FORBIDDEN)
    }

    async fn answer(&self, place: &Place, path: &str, brotli: bool) -> Result<Response<Bytes>> {
        let host = place
            .site_url
            .strip_prefix("https://")
            .context("the site has no https address")?;
        self.send(Asked { host, path, brotli }).await
    }

    async fn send(&self, Asked { host, path, brotli }: Asked<'_>) -> Result<Response<Bytes>> {
        let encoding = if brotli {
            "gzip, deflate, br, zstd"
        } else {
            "identity"
        };
        let request = Request::get(format!("http://127.0.0.1:{}{path}", self.port))
            .header(header::HOST, host)
            .header(header::ACCEPT_ENCODING, encoding)
            // The local cloud speaks no TLS, and takes this for it.
            .header("x-forwarded-proto", "https")
            .body(Empty::<Bytes>::new())?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client
            .request(request)
            .await
            .context("no answer")?
            .into_parts();
        let body = body.collect().await.context("half an answer")?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }

    fn note(&mut self, what: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.count.passed += 1,
            Err(error) => {
                report::line(format_args!("    {what}: {error:#}"));
                self.count.failed += 1;
            }
        }
    }
}

/// A release with another page, and with a file that the one after it does not have.
fn earlier_release(release: &Release, folder: &Path) -> Result<()> {
    crate::cache::remove_folder(folder)?;
    let mut files = vec![(OLD_FILE, b"let earlier;".to_vec())];
    let page = String::from_utf8(release.content(hosting_rules::INDEX)?.plain)?;
    let (before, after) = page.split_once("</head>").context("the page has no head")?;
    let page = format!("{before}<script>let earlier;</script></head>{after}");
    files.push((hosting_rules::INDEX, page.into_bytes()));
    fs::create_dir_all(folder)?;
    for (path, content) in files {
        fs::write(folder.join(format!(".{path}")), &content)?;
        fs::write(folder.join(format!(".{path}.br")), dist::brotli(&content)?)?;
    }
    Ok(())
}

fn same(found: &Place, expected: &Place) -> Result<()> {
    ensure!(found == expected, "{found:?} instead of {expected:?}");
    Ok(())
}

fn is_status(answer: &Response<Bytes>, expected: StatusCode) -> Result<()> {
    ensure!(
        answer.status() == expected,
        "{} instead of {expected}",
        answer.status()
    );
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
    let values = Vec::from_iter(answer.headers().get_all(name));
    if values != [expected] {
        bail!("{name} is {values:?} instead of {expected:?}");
    }
    Ok(())
}
