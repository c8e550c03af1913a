//! Headless Chromium with a fresh profile, driven over WebDriver.

mod command;
mod driver;
mod locator;
mod network;
mod tabs;
mod time;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use url::Url;

use command::Command;
use driver::Driver;
pub use locator::{Locator, Role};
pub use network::NetworkConditions;
pub use tabs::Tab;

use crate::environment::Environment;
use crate::proxy::lock;
use crate::wait::eventually;

const PAGE_LOAD: Duration = Duration::from_secs(30);

/// The preferred color scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl ColorScheme {
    /// The opposite scheme.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }
}

/// Browser options of a test.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// More command line arguments.
    pub arguments: Vec<String>,
    /// Preferences of the profile.
    pub preferences: Map<String, Value>,
}

/// A running browser. Commands go to the current tab: the first, until the test opens another or
/// switches.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    driver: Driver,
    console: Mutex<Vec<String>>,
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(environment: &Environment, options: Options) -> Result<Self> {
        Self::launch(&environment.chromium, &environment.chromedriver, options).await
    }

    /// Starts the browser `chromium` with its driver.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn launch(chromium: &Path, chromedriver: &Path, options: Options) -> Result<Self> {
        let driver = Driver::start(chromedriver).await?;
        let capabilities = capabilities(chromium, options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver.url())
            .await
            .with_context(|| format!("{} did not start", chromium.display()))?;
        Ok(Self {
            client,
            driver,
            console: Mutex::default(),
        })
    }

    /// Closes browser and driver.
    ///
    /// # Errors
    /// When the browser does not end.
    pub async fn close(self) -> Result<()> {
        let closed = self
            .client
            .close()
            .await
            .context("the browser did not close");
        self.driver.stop().await?;
        closed
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
        Ok(self.client.current_url().await?)
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
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Presses and releases a key, wherever the focus is.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn press(&self, key: Key) -> Result<()> {
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
        self.accessibility_property("computedlabel", &element).await
    }

    /// Runs a script on every page before the page's own, from the next page of this tab on.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn add_init_script(&self, script: &str) -> Result<()> {
        self.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await?;
        Ok(())
    }

    /// Emulates the media feature `prefers-color-scheme`.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn emulate_color_scheme(&self, scheme: ColorScheme) -> Result<()> {
        let value = match scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// Sets the width of the viewport, which may be narrower than a window. The height is unchanged.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn set_viewport_width(&self, width: u32) -> Result<()> {
        let metrics =
            json!({ "width": width, "height": 0, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// All console messages so far.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn console(&self) -> Result<Vec<String>> {
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

    /// A property that the browser exposes to assistive technology.
    async fn accessibility_property(&self, property: &str, element: &Element) -> Result<String> {
        let id = element.element_id();
        let answer = self
            .command(Command::get(format!("element/{id}/{property}")))
            .await?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
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

fn capabilities(chromium: &Path, options: Options) -> Map<String, Value> {
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The driver clicks the final position of an element, so scrolling must not be animated.
        "--force-prefers-reduced-motion",
        "--window-size=1100,900",
    ];
    let arguments: Vec<String> = fixed
        .into_iter()
        .map(str::to_owned)
        .chain(options.arguments)
        .collect();
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": chromium, "args": arguments, "prefs": options.preferences },
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "pageLoad": PAGE_LOAD.as_millis(), "script": PAGE_LOAD.as_millis() },
    });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => Map::new(),
    }
}
