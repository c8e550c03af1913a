//! Publishing a release where it can be tried: on the local cloud's S3 and CloudFront with the real template, and on the
//! server that Firebase's own CLI runs for trials. Every file is asked for, and each answer must be what the rules say.

mod server;

use std::{fs, path::Path, time::SystemTime};

use anyhow::{Context as _, Result, ensure};
use http::StatusCode;
use tokio::process::Command;

use self::server::{Copies, Server};
use super::tally::Count;
use crate::{
    aws::{
        LOCAL_REGION,
        cloudformation::approval::Approval,
        connection::{location::DEFAULT_STACK, target::Target},
        ministack::MiniStack,
    },
    hosting::{
        firebase,
        release::Release,
        s3,
        stack::{HostingStack, Place},
    },
    release::dist,
    support::{
        cache::{self, Cache},
        http_probe, ports,
        process::Group,
        report, tools,
        workspace::Workspace,
    },
};

/// A file of an earlier release that a tab may still ask for.
const OLD_FILE: &str = "/earlier-0123456789abcdef.js";

/// Serves a folder with its `firebase.json` by superstatic, the server in the Firebase CLI.
const SUPERSTATIC: &str = "
    const [folder, port] = process.argv.slice(1);
    const { hosting } = JSON.parse(require('fs').readFileSync(folder + '/firebase.json'));
    const { server } = require('superstatic');
    server({ port, cwd: folder, config: hosting, compression: true }).listen();";

/// What went as it should, and what did not.
#[derive(Default)]
struct Notes(Count);

impl Notes {
    fn add(&mut self, what: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.0.passed += 1,
            Err(error) => {
                report::line(format_args!("    {what}: {error:#}"));
                self.0.failed += 1;
            }
        }
    }

    async fn ask_for_everything(&mut self, server: &Server, release: &Release) {
        for path in release.paths() {
            for brotli in [true, false] {
                let outcome = server.file(release, path, path, brotli).await;
                self.add(path, outcome);
            }
        }
        for path in ["/", "/authenticated", "/v1.2/any/page"] {
            let outcome = server.file(release, path, hosting_rules::INDEX, true).await;
            self.add(path, outcome);
        }
        for path in [
            "/missing.js",
            "/velvet-rope-0000000000000000_bg.wasm",
            "/.env",
        ] {
            let outcome = server.missing(release, path).await;
            self.add(path, outcome);
        }
    }
}

/// Tries out the release in `dist` on both hosts. How many answers were as they should be, and how many were not.
///
/// # Errors
/// When there is no release, or a host does not take it.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache, dist: &Path) -> Result<Count> {
    let config = workspace.file("public/config.example.json");
    let config = fs::read_to_string(&config)
        .with_context(|| format!("could not read {}", config.display()))?;
    let release = Release::read(dist, config.clone(), &[]).await?;
    let mut notes = Notes::default();
    on_firebase(workspace, cache, &release, &mut notes).await?;
    on_the_local_cloud(workspace, cache, &release, config, &mut notes).await?;
    Ok(notes.0)
}

async fn on_firebase(
    workspace: &Workspace,
    cache: &Cache,
    release: &Release,
    notes: &mut Notes,
) -> Result<()> {
    let superstatic = tools::node::superstatic(workspace, cache).await?;
    let step = report::step("Serve the release as Firebase does");
    let folder = firebase::stage(&workspace.target.join("trial"), release)?;
    let port = ports::free()?;
    let mut command = Command::new(tools::node::node().await?);
    command
        .args(["--eval", SUPERSTATIC])
        .arg(&folder)
        .arg(port.to_string())
        .env("NODE_PATH", superstatic);
    let mut process = Group::spawn(command)?;
    let address = format!("http://127.0.0.1:{port}/");
    tokio::select! {
        () = answers(&address) => {}
        ended = process.wait() => anyhow::bail!("superstatic ended before it served anything ({})", ended?),
    }
    let server = Server {
        port,
        host: format!("127.0.0.1:{port}"),
        copies: Copies::ItsOwn,
    };
    notes.ask_for_everything(&server, release).await;
    step.done();
    Ok(())
}

async fn answers(address: &str) {
    while http_probe::get(address).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn on_the_local_cloud(
    workspace: &Workspace,
    cache: &Cache,
    release: &Release,
    config: String,
    notes: &mut Notes,
) -> Result<()> {
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let folder = workspace.target.join("hosting/trial");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    let earlier = folder.join("earlier");
    earlier_release(release, &earlier)?;
    let earlier = Release::read(&earlier, config, &[]).await?;
    let port = ports::free()?;
    let mut ministack = MiniStack::start(&program, port, &folder).await?;
    let target = Target::local(port, LOCAL_REGION).await?;
    let name = format!("{DEFAULT_STACK}-hosting");
    let stack = HostingStack::new(workspace, &target, name, Vec::new())?;
    let trial = CloudTrial { stack, port };
    tokio::select! {
        outcome = trial.run(&earlier, release, notes) => outcome,
        failure = ministack.failure() => Err(failure),
    }
}

struct CloudTrial<'a> {
    stack: HostingStack<'a>,
    port: u16,
}

impl CloudTrial<'_> {
    async fn run(&self, earlier: &Release, release: &Release, notes: &mut Notes) -> Result<()> {
        let place = s3::prepare(&self.stack, Approval::Given).await?;
        let place = place.context("the hosting stack was not created")?;
        let host = place.site_url.strip_prefix("https://");
        let server = Server {
            port: self.port,
            host: host.context("the site has no https address")?.to_owned(),
            copies: Copies::OfTheRelease,
        };
        notes.add("a site without a release", server.is_closed().await);
        for release in [earlier, release] {
            self.publish(&place, release, SystemTime::now()).await?;
            notes.ask_for_everything(&server, release).await;
        }
        let kept = server.has_status(OLD_FILE, StatusCode::OK).await;
        notes.add("files of the release before", kept);
        self.publish(&place, release, SystemTime::now() + s3::KEPT)
            .await?;
        let gone = server.has_no(OLD_FILE).await;
        notes.add("files of the release before, a week later", gone);
        notes.ask_for_everything(&server, release).await;
        let bucket = Server {
            host: format!("127.0.0.1:{}", self.port),
            ..server
        };
        let path = format!("/{}{}", place.bucket, hosting_rules::INDEX);
        let private = bucket.has_status(&path, StatusCode::FORBIDDEN).await;
        notes.add("the bucket past CloudFront", private);
        Ok(())
    }

    async fn publish(&self, place: &Place, release: &Release, now: SystemTime) -> Result<()> {
        let published = s3::publish(&self.stack, release, now, Approval::Given).await?;
        ensure!(published == *place, "{published:?} instead of {place:?}");
        Ok(())
    }
}

/// A release with another page, and with a file that the one after it does not have.
fn earlier_release(release: &Release, folder: &Path) -> Result<()> {
    cache::remove_folder(folder)?;
    let page = String::from_utf8(release.content(hosting_rules::INDEX)?.plain)?;
    let (before, after) = page.split_once("</head>").context("the page has no head")?;
    let page = format!("{before}<script>let earlier;</script></head>{after}");
    let files = [
        (OLD_FILE, b"let earlier;".to_vec()),
        (hosting_rules::INDEX, page.into_bytes()),
    ];
    fs::create_dir_all(folder)?;
    for (path, content) in files {
        fs::write(folder.join(format!(".{path}")), &content)?;
        fs::write(folder.join(format!(".{path}.br")), dist::brotli(&content)?)?;
    }
    Ok(())
}
