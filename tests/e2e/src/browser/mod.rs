//! A browser without anything from before, driven over WebDriver.

mod accessibility;
mod command;
mod devtools;
mod driver;
mod emulation;
mod engine;
mod locator;
mod network;
mod pool;
mod privileged;
mod process;
mod profile;
mod relay;
mod tabs;
mod time;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fantoccini::Client;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::{Value, json};
use url::Url;

use command::Command;
use devtools::BrowserContext;
use driver::Driver;
pub use emulation::ColorScheme;
pub use engine::{Capability, Engine, Programs};
pub use locator::{Locator, Role};
pub use network::NetworkConditions;
pub use pool::{Pool, SharedBrowser};
pub use profile::{Options, Route};
pub use relay::Relay;
pub use tabs::Tab;

use crate::page_scripts::PageScripts;
use crate::proxy::lock;
use crate::wait::eventually;

const PAGE_LOAD: Duration = Duration::from_secs(30);

/// What pages find where site data is blocked: a WebKit without a profile has no such setting.
const BLOCK_STORAGE: &str = "
    for (const name of ['localStorage', 'sessionStorage']) {
        const get = () => { throw new DOMException('The operation is insecure.', 'SecurityError'); };
        Object.defineProperty(window, name, { get });
    }";

/// The driver of WebKit does not scroll to an element that is below the viewport by less than `scroll-padding-top`, nor does it wait for
/// the end of animated scrolling.
const SCROLL_TO: &str = "arguments[0].scrollIntoView({ block: 'nearest', behavior: 'instant' });";

/// The processes of a browser.
#[derive(Debug)]
enum Host {
    /// They are those of this browser alone.
    Own(Box<Driver>),
    /// The next test uses them, too.
    Shared {
        shared: Box<SharedBrowser>,
        context: BrowserContext,
    },
}

/// A running browser. Commands go to the current tab: the first, until the test opens another or
/// switches.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    client: Client,
    host: Host,
    route: Route,
    /// What the site adds to its pages, where the driver cannot.
    page_scripts: PageScripts,
    console: Mutex<Vec<String>>,
}

impl Browser {
    /// Starts a browser with its driver. `page_scripts` are those that the site serves.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(
        programs: &Programs,
        options: Options,
        page_scripts: PageScripts,
    ) -> Result<Self> {
        if options.blocks_site_data && programs.engine == Engine::Webkit {
            page_scripts.add(BLOCK_STORAGE);
        }
        let driver = Driver::start(programs).await?;
        let client = driver
            .connect(profile::capabilities(programs, &options))
            .await
            .with_context(|| format!("{} did not start", programs.browser.display()))?;
        Ok(Self {
            engine: programs.engine,
            client,
            host: Host::Own(Box::new(driver)),
            route: options.route,
            page_scripts,
            console: Mutex::default(),
        })
    }

    /// Begins with a blank tab in a browser that other tests used before.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn share(shared: SharedBrowser) -> Result<Self> {
        let (client, context) = shared.new_session().await?;
        Ok(Self {
            engine: Engine::Chromium,
            client,
            host: Host::Shared {
                shared: Box::new(shared),
                context,
            },
            route: Route::Direct,
            page_scripts: PageScripts::default(),
            console: Mutex::default(),
        })
    }

    /// Closes browser and driver, or what this test has opened in a browser that others use as well, and returns that one.
    ///
    /// # Errors
    /// When the browser does not end.
    pub async fn close(self) -> Result<Option<SharedBrowser>> {
        let closed = self.client.close().await;
        let closed = closed.context("the browser did not close");
        match self.host {
            Host::Own(driver) => {
                driver.stop().await?;
                closed.map(|()| None)
            }
            Host::Shared { shared, context } => {
                closed?;
                shared.dispose(&context).await?;
                Ok(Some(*shared))
            }
        }
    }

    /// Waits until the current URL is `address`. A page may render before its URL changes.
    ///
    /// # Errors
    /// When it never is; the message has the current URL.
    pub async fn wait_for_url(&self, address: &str) -> Result<()> {
        eventually(&format!("the address {address}"), async || {
            let current = self.url().await?;
            ensure!(current.as_str() == address, "the address is {current}");
            Ok(Some(()))
        })
        .await
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The WebDriver client, for commands that only one test needs.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address and waits for the page to be loaded.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.client
            .goto(address)
            .await
            .with_context(|| format!("could not open {address}"))
    }

    /// The current URL.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn url(&self) -> Result<Url> {
        self.client.current_url().await.map_err(named)
    }

    /// Whether the browser, or the process of its page, has ended by itself: it answers nothing any more.
    pub async fn has_ended(&self) -> bool {
        self.url().await.is_err()
    }

    /// The element with this role and accessible name, wherever it is on the page.
    #[must_use]
    pub fn get_by_role(&self, role: Role, name: &str) -> Locator<'_> {
        Locator::new(self, role, Some(name))
    }

    /// The first element with this role.
    #[must_use]
    pub fn first_by_role(&self, role: Role) -> Locator<'_> {
        Locator::new(self, role, None)
    }

    /// Runs a script on the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn evaluate(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let outcome = self.client.execute(script, arguments).await;
        outcome.map_err(named)
    }

    /// Clicks an element, after scrolling to it.
    ///
    /// # Errors
    /// When it cannot be clicked.
    pub async fn click(&self, element: &Element) -> Result<()> {
        if self.engine == Engine::Webkit {
            let element = serde_json::to_value(element)?;
            self.evaluate(SCROLL_TO, vec![element]).await?;
        }
        element.click().await.map_err(named)
    }

    /// Types a text into an element, after what is in it. The driver of WebKit sometimes drops the end of a text, so it gets one
    /// character at a time.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        if self.engine == Engine::Webkit {
            for character in text.chars() {
                element.send_keys(&character.to_string()).await?;
            }
            return Ok(());
        }
        Ok(element.send_keys(text).await?)
    }

    /// Presses and releases a key, wherever the focus is.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn press(&self, key: Key) -> Result<()> {
        self.focus_page().await?;
        let value = char::from(key);
        let keyboard = KeyActions::new("keyboard".to_owned());
        let actions = keyboard
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// The accessible name of what has the keyboard focus.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn focused_name(&self) -> Result<String> {
        let element = self.client.active_element().await?;
        self.computed_name(&element).await
    }

    /// All console messages so far. Those of the browser itself are among them in Chromium only (`Capability::BrowserMessages`).
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn console(&self) -> Result<Vec<String>> {
        if self.engine != Engine::Chromium {
            return Ok(self.page_scripts.messages());
        }
        // The driver returns each message only once.
        let entries = self
            .command(Command::post("se/log", json!({ "type": "browser" })))
            .await?;
        let mut console = lock(&self.console);
        for entry in entries.as_array().into_iter().flatten() {
            let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            console.push(format!(
                "{} {} {}",
                part("level"),
                part("source"),
                part("message")
            ));
        }
        Ok(console.clone())
    }

    /// Saves a screenshot, the page source and the console messages.
    ///
    /// # Errors
    /// When the browser does not respond, or a file cannot be written.
    pub async fn save_to(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("console.log"), self.console().await?.join("\n"))?;
        let address = self.url().await?;
        let page = format!("<!-- {address} -->\n{}", self.client.source().await?);
        std::fs::write(folder.join("page.html"), page)?;
        std::fs::write(
            folder.join("screenshot.png"),
            self.client.screenshot().await?,
        )?;
        Ok(())
    }

    /// Runs a command of the Chrome DevTools Protocol in the current tab, and returns its result.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "cmd": method, "params": parameters });
        self.command(Command::post("goog/cdp/execute", body)).await
    }

    async fn command(&self, command: Command) -> Result<Value> {
        let description = format!("{command:?}");
        self.client
            .issue_cmd(command)
            .await
            .with_context(|| format!("the browser did not do {description}"))
    }
}

/// The error with its name in front: WebKit sends no message with it.
fn named(error: CmdError) -> anyhow::Error {
    match error {
        CmdError::Standard(error) => {
            let name = error.error.to_string();
            anyhow::Error::from(error).context(name)
        }
        other => other.into(),
    }
}
