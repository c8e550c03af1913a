//! `cargo xtask start`: the local cloud, and the application served from it with live reload.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Error, Result, bail};
use tokio::sync::oneshot;

use crate::{
    aws::{
        functions::lambda::Compiler,
        ministack,
        system::{
            config_file::ConfigFile,
            local::{LocalCloud, Plan},
            parts::{self, Content, Part},
            sign_up, user,
        },
    },
    release::{
        dev_page::{self, DevPage},
        examples::{self, Example},
    },
    support::{
        cache::Cache,
        http_probe,
        process::Group,
        report::{self, seconds},
        running::{Place, Running},
        tools,
        workspace::Workspace,
    },
};

const CLOUD_PORT_FLAG: &str = "--cloud-port";
const SITE_PORT_FLAG: &str = "--port";

/// What to start, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Start {
    /// The port that the application is served on
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port that the local cloud answers on
    #[arg(long, default_value_t = 4566)]
    cloud_port: u16,
    /// Open the application in the browser
    #[arg(long)]
    open: bool,
    /// Optional parts of the system, with commas between them
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = parts::named)]
    with: Vec<&'static Part>,
    /// An example to serve in place of the app, with the parts of the system that it calls
    #[arg(long, value_name = "NAME", value_parser = examples::named)]
    example: Option<&'static Example>,
}

impl Start {
    /// Installs what is missing, starts everything, and runs until something ends.
    ///
    /// # Errors
    /// When anything fails; all that was started is then stopped.
    pub(crate) async fn run(self) -> Result<()> {
        let started = Instant::now();
        let workspace = Workspace::find().await?;
        let _claim = Running::claim(&workspace, &self.place())?;
        self.require_free_ports(&workspace).await?;
        let cache = Cache::open()?;
        let config = ConfigFile::open(workspace.file("public/config.json"), &workspace)?;
        tools::wasm_target::ensure().await?;

        let step = report::step("Start Velvet Rope");
        let page = self.page(&workspace);
        let (functions_built, may_compile) = oneshot::channel();
        let (configured, may_open) = oneshot::channel();
        let cloud = async {
            let cloud = self.cloud(&workspace, &cache, functions_built).await?;
            config.write_to(&page.config, &cloud.config)?;
            let _ = configured.send(());
            Ok(cloud)
        };
        // Side by side, so that no processor waits for one crate or for the network.
        let page_is_served = self.serve(&workspace, &cache, &page, may_compile, may_open);
        let (mut cloud, mut trunk) = tokio::try_join!(cloud, page_is_served)?;
        // Trunk may have built the page before there was a configuration.
        config.write_to(&page.served_config(), &cloud.config)?;
        step.done();
        report::line(self.banner(started.elapsed(), cloud.ministack.log()));
        tokio::select! {
            ended = trunk.wait() => bail!("trunk ended by itself ({})", ended?),
            failure = cloud.ministack.failure() => Err(failure),
        }
    }

    /// Compiles the functions, and says so, and starts the local cloud with them.
    async fn cloud(
        &self,
        workspace: &Workspace,
        cache: &Cache,
        functions_built: oneshot::Sender<()>,
    ) -> Result<LocalCloud> {
        let parts = self.parts()?;
        let (ministack, content) = tokio::try_join!(
            tools::python::ensure(workspace, cache, "ministack"),
            Content::build(workspace, &Compiler::Native, &parts),
        )?;
        let _ = functions_built.send(());
        // Minutes may have gone by.
        self.require_free_port(self.cloud_port, CLOUD_PORT_FLAG, workspace)
            .await?;
        let plan = Plan {
            port: self.cloud_port,
            site_url: self.site_url(),
            folder: self.cloud_folder(workspace),
            parameters: vec![(sign_up::KEY_PARAMETER, sign_up::KEY.to_owned())],
        };
        let cloud = LocalCloud::start(workspace, &ministack, content, plan).await?;
        sign_up::report_demo_user(&cloud, self.cloud_port).await?;
        Ok(cloud)
    }

    /// Compiles the page after the functions, which the cloud waits for, and serves it. A browser that is to open it waits for
    /// the configuration.
    async fn serve(
        &self,
        workspace: &Workspace,
        cache: &Cache,
        page: &DevPage,
        may_compile: oneshot::Receiver<()>,
        may_open: oneshot::Receiver<()>,
    ) -> Result<Group> {
        let compiled = async {
            // An error here means that the cloud failed, which ends this too.
            let _ = may_compile.await;
            dev_page::compile(workspace, self.example).await
        };
        let web_tools = tools::cargo::web_tools(workspace, cache, tools::cargo::Page::Whole);
        let (web_tools, ()) = tokio::try_join!(web_tools, compiled)?;
        if self.open {
            let _ = may_open.await;
        }
        self.require_free_port(self.port, SITE_PORT_FLAG, workspace)
            .await?;
        let mut trunk = Group::spawn(page.serve(workspace, &web_tools)?)?;
        tokio::select! {
            served = self.wait_until_served() => served?,
            ended = trunk.wait() => bail!("trunk ended before it served anything ({})", ended?),
        }
        Ok(trunk)
    }

    fn place(&self) -> Place {
        Place {
            site_url: self.site_url(),
            site_port: self.port,
            cloud_port: self.cloud_port,
            process: std::process::id(),
        }
    }

    /// In a folder of its own: other commands build into `dist/`, or replace `public/config.json`.
    fn page(&self, workspace: &Workspace) -> DevPage {
        let folder = workspace.target.join("start");
        DevPage {
            port: self.port,
            open: self.open,
            dist: folder.join(self.port.to_string()),
            config: folder.join(format!("{}.config.json", self.port)),
            example: self.example,
        }
    }

    /// The parts that the command line names, and those that the example calls.
    fn parts(&self) -> Result<Vec<&'static Part>> {
        let mut parts = self.with.clone();
        for name in self.example.iter().flat_map(|example| example.parts) {
            let part = parts::named(name).map_err(Error::msg)?;
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Ok(parts)
    }

    async fn require_free_ports(&self, workspace: &Workspace) -> Result<()> {
        if self.port == self.cloud_port {
            bail!(
                "{SITE_PORT_FLAG} and {CLOUD_PORT_FLAG} must differ, but both are {}",
                self.port
            );
        }
        self.require_free_port(self.cloud_port, CLOUD_PORT_FLAG, workspace)
            .await?;
        self.require_free_port(self.port, SITE_PORT_FLAG, workspace)
            .await
    }

    async fn require_free_port(&self, port: u16, flag: &str, workspace: &Workspace) -> Result<()> {
        let folder = self.cloud_folder(workspace);
        ministack::require_free_port(port, flag, &folder).await
    }

    async fn wait_until_served(&self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/", self.port);
        loop {
            if http_probe::get(&url)
                .await
                .is_ok_and(|(status, _)| status.is_success())
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Apart from those of other local clouds that may run at the same time.
    fn cloud_folder(&self, workspace: &Workspace) -> PathBuf {
        workspace
            .target
            .join("local-cloud")
            .join(self.cloud_port.to_string())
    }

    fn site_url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn banner(&self, took: Duration, log: &Path) -> String {
        format!(
            "\n    Velvet Rope is at {}   (after {})\n    sign in as {} with the password {}\n    \
             the local cloud is at {}, its log in {}\n    Ctrl-C stops everything\n",
            self.site_url(),
            seconds(took),
            user::NAME,
            user::PASSWORD,
            ministack::url(self.cloud_port),
            log.display(),
        )
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Command {
        #[command(flatten)]
        start: Start,
    }

    fn parts(arguments: &[&str]) -> Vec<&'static str> {
        let arguments = ["start"].iter().chain(arguments);
        let parts = Command::try_parse_from(arguments).unwrap().start.parts();
        parts.unwrap().iter().map(|part| part.name).collect()
    }

    #[test]
    fn an_example_brings_the_parts_that_it_calls_once() {
        assert_eq!(parts(&[]), [""; 0]);
        assert_eq!(parts(&["--example", "todo"]), ["todo"]);
        assert_eq!(parts(&["--example", "minimal"]), [""; 0]);
        let both = ["--with", "ingestion,todo", "--example", "todo"];
        assert_eq!(parts(&both), ["ingestion", "todo"]);
        assert!(Command::try_parse_from(["start", "--example", "to-do"]).is_err());
    }
}
