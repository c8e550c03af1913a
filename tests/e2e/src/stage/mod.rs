//! What every scenario plays on: the site, the stand-in and a browser, and what is left behind when it fails.

mod setup;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use futures::FutureExt as _;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::browser::Browser;
use crate::cloud::Cloud;
use crate::oidc::{Provider, Settings};
use crate::pages::{
    AccountPage, Callback, Header, Home, HostedUi, NotFound, ProviderPages, SessionPage, SetupPage,
    SignedOut,
};
use crate::proxy::Proxy;
use crate::site::{Site, SiteConfig};

pub use setup::{Setup, Wiring};

/// Hardly anything that a scenario does takes this long; a scenario that does has come to a standstill.
const SCENARIO_LIMIT: Duration = Duration::from_mins(2);

/// What the OpenID provider of the scenario complains about.
const PROVIDER_LOG: &str = "provider.log";

/// The user pool's client at the provider, and its secret there.
pub const FEDERATED_CLIENT: &str = "user-pool";
/// Its secret.
pub const FEDERATED_CLIENT_SECRET: &str = "a secret between the user pool and the provider";

/// How messages on the console that are about a policy call it.
const POLICY: &str = "Content Security Policy";

/// What the provider calls the user `alice`.
pub const ALICE: &str = "Alice";

/// The name of the test function that this is written in, with its module.
#[macro_export]
macro_rules! here {
    () => {{
        fn here() {}
        let path = std::any::type_name_of_val(&here);
        path.trim_end_matches("::here")
    }};
}

/// What a scenario plays on.
#[derive(Debug)]
pub struct Stage {
    /// What the runner prepared.
    pub cloud: Cloud,
    /// The site.
    pub site: Site,
    /// The stand-in in front of MiniStack.
    pub proxy: Proxy,
    /// The OpenID provider, where the scenario asked for one.
    pub provider: Option<Provider>,
    /// The browser.
    pub browser: Browser,
    /// The configuration that the site began with.
    pub config: Value,
}

/// How a scenario ended.
pub type Verdict = Result<(), Failure>;

/// Why a scenario failed, in words: the test harness shows errors as `Debug` does, and a backtrace into the
/// waiting for a page tells nobody anything.
pub struct Failure(anyhow::Error);

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, cause) in self.0.chain().enumerate() {
            let separator = if index == 0 { "" } else { "\n  because " };
            write!(formatter, "{separator}{cause}")?;
        }
        Ok(())
    }
}

/// Plays one scenario in a browser of its own.
///
/// # Errors
/// When the scenario fails, or what it left on the console must not be there. The message names the folder
/// with the traces.
pub fn play(name: &str, setup: Setup, scenario: impl AsyncFnOnce(&Stage) -> Result<()>) -> Verdict {
    play_out(name, setup, scenario).map_err(Failure)
}

fn play_out(
    name: &str,
    setup: Setup,
    scenario: impl AsyncFnOnce(&Stage) -> Result<()>,
) -> Result<()> {
    let cloud = Cloud::from_environment()?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let limit = setup.limit.unwrap_or(SCENARIO_LIMIT);
    runtime.block_on(async {
        let stage = Stage::set(cloud, setup).await?;
        let scenario = async {
            scenario(&stage).await?;
            stage.check_console().await
        };
        let outcome = AssertUnwindSafe(timeout(limit, scenario))
            .catch_unwind()
            .await;
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(anyhow!(
                "the scenario did not end within {} s",
                limit.as_secs()
            )),
            Err(_) => Err(anyhow!("the scenario panicked")),
        };
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(stage.leave_traces(name, error).await),
        };
        // A browser that does not end in time must not hide what failed before.
        let closed = timeout(SCENARIO_LIMIT, stage.browser.close()).await;
        outcome.and(closed.context("the browser did not close in time")?)
    })
}

/// The provider is where the system looks for it, and its access tokens are for the API.
fn trusted(settings: Settings, cloud: &Cloud) -> Settings {
    settings.port(cloud.provider_port).audience(&cloud.audience)
}

/// The provider knows the user pool.
fn federated(settings: Settings, cloud: &Cloud) -> Result<Settings> {
    Ok(settings.federation(
        FEDERATED_CLIENT,
        FEDERATED_CLIENT_SECRET,
        &cloud.federation_callback()?,
    ))
}

/// Plays a scenario that needs the local cloud and no browser, within `limit`.
///
/// # Errors
/// When it fails.
pub fn rehearse(
    name: &str,
    limit: Duration,
    scenario: impl AsyncFnOnce(&Cloud) -> Result<()>,
) -> Verdict {
    let played = || {
        let cloud = Cloud::from_environment()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let outcome = runtime.block_on(async { timeout(limit, scenario(&cloud)).await });
        let standstill = || format!("{name} did not end within {} s", limit.as_secs());
        outcome.with_context(standstill)?
    };
    played().map_err(Failure)
}

impl Stage {
    async fn set(cloud: Cloud, setup: Setup) -> Result<Self> {
        let proxy = Proxy::start(&cloud.cloud_url).await?;
        let provider = match setup.wiring {
            Wiring::WithProvider => Some(setup.provider),
            Wiring::WithTrustedProvider => Some(trusted(setup.provider, &cloud)),
            Wiring::WithFederation => Some(federated(setup.provider, &cloud)?),
            Wiring::Direct | Wiring::ThroughStandIn => None,
        };
        let provider = match provider {
            Some(settings) => {
                let log = cloud.artifacts.join(PROVIDER_LOG);
                Some(Provider::start(&cloud, &settings, &log).await?)
            }
            None => None,
        };
        let mut config = match (setup.wiring, &provider) {
            (Wiring::Direct, _) => cloud.config.clone(),
            (Wiring::WithProvider | Wiring::WithTrustedProvider, Some(provider)) => {
                cloud.config_with_provider(proxy.port(), provider.issuer())
            }
            _ => cloud.config_through(proxy.port()),
        };
        if setup.parts
            && let Some(routes) = config["api"]["routes"].as_array_mut()
        {
            routes.extend_from_slice(&cloud.routes_of_parts);
        }
        for edit in setup.edits {
            edit(&mut config);
        }
        let site = Site::start(
            cloud.site_port,
            &cloud.dist,
            SiteConfig::Json(config.clone()),
            setup.policy,
        )
        .await?;
        let browser = Browser::start(&cloud, setup.browser).await?;
        Ok(Self {
            cloud,
            site,
            proxy,
            provider,
            browser,
            config,
        })
    }

    /// The OpenID provider.
    ///
    /// # Errors
    /// When the scenario did not ask for one.
    pub fn provider(&self) -> Result<&Provider> {
        self.provider
            .as_ref()
            .context("there is no provider: play this with `Setup::with_provider`")
    }

    /// Opens a path of the site.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.browser.open(&self.site.url(path)).await
    }

    /// Signs the demo user in, from the start page.
    ///
    /// # Errors
    /// When that does not end with the demo user signed in.
    pub async fn sign_in(&self) -> Result<()> {
        self.open("/").await?;
        self.sign_in_from_here().await
    }

    /// Signs the demo user in with the button in the header.
    ///
    /// # Errors
    /// When that does not end with the demo user signed in.
    pub async fn sign_in_from_here(&self) -> Result<()> {
        self.header().start_sign_in().await?;
        self.hosted_ui()
            .sign_in(&self.cloud.demo_user, &self.cloud.demo_password)
            .await?;
        self.header().wait_for_user(&self.cloud.demo_user).await
    }

    /// Signs `user` in at the OpenID provider, with the button in the header. What the site makes of it is to come.
    ///
    /// # Errors
    /// When the provider does not ask who it is.
    pub async fn sign_in_at_provider(&self, user: &str) -> Result<()> {
        self.header().sign_in().click().await?;
        self.provider_pages().sign_in(user, "any password").await
    }

    /// Signs Alice in at the OpenID provider, from the start page.
    ///
    /// # Errors
    /// When that does not end with her signed in.
    pub async fn sign_in_alice(&self) -> Result<()> {
        self.open("/").await?;
        self.sign_in_at_provider("alice").await?;
        self.header().wait_for_user(ALICE).await
    }

    /// The bar on top of every page.
    #[must_use]
    pub fn header(&self) -> Header<'_> {
        Header::new(&self.browser)
    }

    /// The start page.
    #[must_use]
    pub fn home(&self) -> Home<'_> {
        Home::new(&self.browser)
    }

    /// The hosted UI of the user pool.
    #[must_use]
    pub fn hosted_ui(&self) -> HostedUi<'_> {
        HostedUi::new(&self.browser)
    }

    /// The pages of the OpenID provider.
    #[must_use]
    pub fn provider_pages(&self) -> ProviderPages<'_> {
        ProviderPages::new(&self.browser)
    }

    /// The page that answers the callback.
    #[must_use]
    pub fn callback(&self) -> Callback<'_> {
        Callback::new(&self.browser)
    }

    /// The page of an account of the API's own.
    #[must_use]
    pub fn account_page(&self) -> AccountPage<'_> {
        AccountPage::new(&self.browser)
    }

    /// The page that shows the session.
    #[must_use]
    pub fn session_page(&self) -> SessionPage<'_> {
        SessionPage::new(&self.browser)
    }

    /// The page after signing out.
    #[must_use]
    pub fn signed_out(&self) -> SignedOut<'_> {
        SignedOut::new(&self.browser)
    }

    /// The page for addresses that lead nowhere.
    #[must_use]
    pub fn not_found(&self) -> NotFound<'_> {
        NotFound::new(&self.browser)
    }

    /// The page for sites without a configuration.
    #[must_use]
    pub fn setup_page(&self) -> SetupPage<'_> {
        SetupPage::new(&self.browser)
    }

    /// Fails when the policy kept a page from something, or the console tells of a panic or an exception, or shows a
    /// token, a key or a password. The code is not among them: the browser itself puts the address of the page into front of its messages.
    ///
    /// # Errors
    /// When it does. The message does not repeat the secret.
    pub async fn check_console(&self) -> Result<()> {
        let console = self.browser.console().await?.join("\n");
        self.check_policy(&console)?;
        for trouble in ["panicked", "Uncaught"] {
            ensure!(!console.contains(trouble), "the client broke:\n{console}");
        }
        // Every JSON Web Token starts like this.
        ensure!(!console.contains("eyJ"), "the console shows a token");
        let mut secrets = self.proxy.secrets();
        if let Some(provider) = &self.provider {
            secrets.extend(provider.secrets().await?);
        }
        secrets.push(self.cloud.demo_password.clone());
        ensure!(
            !secrets.iter().any(|secret| console.contains(secret)),
            "the console shows a secret"
        );
        Ok(())
    }

    /// Browsers report in their own time, and say it on the console at once.
    fn check_policy(&self, console: &str) -> Result<()> {
        let mut blocked = self.site.reports();
        let said = console.lines().filter(|line| line.contains(POLICY));
        blocked.extend(said.map(str::to_owned));
        ensure!(
            blocked.is_empty() || self.site.blocks_its_page(),
            "the policy kept a page from something:\n{}",
            blocked.join("\n")
        );
        Ok(())
    }

    async fn leave_traces(&self, name: &str, error: anyhow::Error) -> anyhow::Error {
        let folder = self.cloud.artifacts.join(name.replace("::", "-"));
        match self.save_to(&folder).await {
            Ok(()) => error.context(format!(
                "{name} failed; its traces are in {}",
                folder.display()
            )),
            Err(trouble) => error.context(format!("{name} failed and left no traces: {trouble:#}")),
        }
    }

    async fn save_to(&self, folder: &PathBuf) -> Result<()> {
        // What an earlier failure left would mislead.
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder)?;
        let seen: Vec<String> = self.proxy.seen().iter().map(ToString::to_string).collect();
        std::fs::write(folder.join("requests.log"), seen.join("\n"))?;
        if let Some(provider) = &self.provider {
            std::fs::copy(
                self.cloud.artifacts.join(PROVIDER_LOG),
                folder.join(PROVIDER_LOG),
            )?;
            let seen = serde_json::to_string_pretty(&provider.log().await?)?;
            std::fs::write(folder.join("provider-requests.json"), seen)?;
        }
        timeout(SCENARIO_LIMIT, self.browser.save_to(folder))
            .await
            .context("the browser does not answer")?
    }
}
