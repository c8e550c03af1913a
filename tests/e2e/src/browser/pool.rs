//! Browsers that one test after another uses, each test with cookies, storage and cache of its own: starting and closing one for each
//! test took an eighth of the suite.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, Weak};

use anyhow::{Context as _, Result};
use fantoccini::Client;
use fantoccini::wd::WindowHandle;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use super::devtools::{BrowserContext, DevTools};
use super::driver::Driver;
use super::engine::Programs;
use super::process::Process;
use super::profile::{self, Options, Route};
use crate::proxy::lock;
use crate::site::Destination;

/// The pool of this process, while a test holds it.
static POOL: Mutex<Weak<Pool>> = Mutex::new(Weak::new());

/// The browsers that no test uses at the moment. They end when the last test of this process drops the pool.
#[derive(Debug)]
pub struct Pool {
    idle: Mutex<Vec<SharedBrowser>>,
    /// Processes and connections of the browsers live longer than the runtime of a test. It is there until the pool is dropped.
    runtime: Option<Runtime>,
}

/// A Chromium that tests use one after another.
#[derive(Debug)]
pub struct SharedBrowser {
    with_interface: bool,
    devtools: DevTools,
    driver: Driver,
    browser: Process,
    /// Where it finds the site of the test that uses it.
    site: TcpListener,
    _profile: TempDir,
}

impl Pool {
    /// The pool of this process.
    ///
    /// # Errors
    /// When there is none and its runtime does not start.
    pub fn of_this_process() -> Result<Arc<Self>> {
        let mut current = lock(&POOL);
        if let Some(pool) = current.upgrade() {
            return Ok(pool);
        }
        let mut runtime = Builder::new_multi_thread();
        let pool = Arc::new(Self {
            idle: Mutex::default(),
            runtime: Some(runtime.worker_threads(1).enable_all().build()?),
        });
        *current = Arc::downgrade(&pool);
        Ok(pool)
    }

    /// A browser that no other test uses, started if there is none. It finds the site with the origin
    /// `http://localhost:SITE_PORT` at [`SharedBrowser::site_listener`].
    ///
    /// # Errors
    /// When it does not start.
    pub async fn take(
        &self,
        programs: &Programs,
        with_interface: bool,
        site_port: u16,
    ) -> Result<SharedBrowser> {
        let idle = {
            let mut idle = lock(&self.idle);
            let fitting = |browser: &SharedBrowser| browser.with_interface == with_interface;
            let index = idle.iter().position(fitting);
            index.map(|index| idle.swap_remove(index))
        };
        if let Some(browser) = idle {
            return Ok(browser);
        }
        let runtime = self.runtime.as_ref().context("the pool has ended")?;
        let (handle, programs) = (runtime.handle().clone(), programs.clone());
        // Its processes and connections are those of the runtime that runs this.
        let start =
            move || handle.block_on(SharedBrowser::start(&programs, with_interface, site_port));
        spawn_blocking(start).await?
    }

    /// Keeps a browser for the next test.
    pub fn give_back(&self, browser: SharedBrowser) {
        lock(&self.idle).push(browser);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut *lock(&self.idle));
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        let stop = move || {
            for browser in idle {
                // Dropping it kills it as well.
                let _ = runtime.block_on(browser.stop());
            }
        };
        // A thread of its own: a runtime cannot end within another.
        let _ = std::thread::spawn(stop).join();
    }
}

impl SharedBrowser {
    async fn start(programs: &Programs, with_interface: bool, site_port: u16) -> Result<Self> {
        let site = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        site.set_nonblocking(true)?;
        let destination = Destination::new(site_port, site.local_addr()?.port(), &[]);
        let options = Options {
            route: Route::HostRules(destination.host_resolver_rules()),
            with_interface,
            ..Options::default()
        };
        let profile = tempfile::tempdir().context("no folder for the browser's profile")?;
        let program = profile::chromium_program(programs, &options);
        let mut command = Command::new(program);
        command.args(profile::chromium_arguments(&options));
        command.args(profile::added_by_driver(profile.path()));
        command.env("TMPDIR", profile.path());
        let browser = Process::start(&mut command)?;
        let driver = Driver::start(programs).await?;
        let devtools = DevTools::connect(profile.path())
            .await
            .with_context(|| format!("{} did not start", program.display()))?;
        // What a test opens has a context, and a driver would count a tab without one among its tabs.
        devtools.close_tabs().await?;
        Ok(Self {
            with_interface,
            devtools,
            driver,
            browser,
            site,
            _profile: profile,
        })
    }

    /// Where the browser finds the site, for the runtime of the caller.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn site_listener(&self) -> Result<tokio::net::TcpListener> {
        Ok(tokio::net::TcpListener::from_std(self.site.try_clone()?)?)
    }

    /// A WebDriver session with a blank tab, which shares nothing with the sessions before.
    pub(super) async fn new_session(&self) -> Result<(Client, BrowserContext)> {
        let context = self.devtools.new_context().await?;
        let tab = self.devtools.open_tab(&context).await?;
        let capabilities = profile::attached(self.devtools.address());
        let client = self.driver.connect(capabilities).await?;
        client.switch_to_window(tab).await?;
        Ok((client, context))
    }

    /// Opens a blank tab. The driver would open one outside of the context.
    pub(super) async fn open_tab(&self, context: &BrowserContext) -> Result<WindowHandle> {
        self.devtools.open_tab(context).await
    }

    /// Deletes what a session leaves.
    pub(super) async fn dispose(&self, context: &BrowserContext) -> Result<()> {
        self.devtools.dispose(context).await
    }

    async fn stop(self) -> Result<()> {
        self.browser.stop().await?;
        self.driver.stop().await
    }
}
