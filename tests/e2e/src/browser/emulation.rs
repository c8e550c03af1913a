//! What a page finds: the scripts before its own, the color scheme, the size and the touch screen of the device.

use anyhow::{Result, bail, ensure};
use serde_json::json;

use super::{Browser, Engine};
use crate::wait::eventually;

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

    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The height of a narrow window, unless a test wants another, in CSS pixels.
const HEIGHT: u32 = 900;

/// The element of the window of Firefox that shows the page. The window itself cannot be that narrow.
const RESIZE_ELEMENT: &str = "
    const { style } = gBrowser.selectedBrowser;
    const [width, height] = arguments;
    style.minWidth = '0';
    style.width = `${width}px`;
    style.minHeight = '0';
    style.height = style.maxHeight = `${height}px`;";

/// A window without a toolbar can be narrower than one with it.
const OPEN_NARROW: &str =
    "window.open('about:blank', '', `popup,width=${arguments[0]},height=${arguments[1]}`);";

impl Browser {
    /// Runs a script on every page before the page's own, from the next page of this tab on. Where the driver cannot, the site adds it
    /// to the pages of all tabs.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn add_init_script(&self, script: &str) -> Result<()> {
        if self.engine != Engine::Chromium {
            self.page_scripts.add(script);
            return Ok(());
        }
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source)
            .await?;
        Ok(())
    }

    /// Emulates the media feature `prefers-color-scheme` (`Capability::ColorScheme`).
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn emulate_color_scheme(&self, scheme: ColorScheme) -> Result<()> {
        let value = scheme.name();
        match self.engine {
            Engine::Chromium => {
                let feature = json!({ "name": "prefers-color-scheme", "value": value });
                let features = json!({ "features": [feature] });
                self.devtools("Emulation.setEmulatedMedia", features)
                    .await?;
            }
            Engine::Firefox => {
                // Not the setting of a tab: that ends when a page of another site replaces the page.
                let script = "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0]);";
                let number = i32::from(scheme == ColorScheme::Light);
                self.privileged(script, vec![json!(number)]).await?;
            }
            Engine::Webkit => bail!("the driver of WebKit cannot choose a color scheme"),
        }
        Ok(())
    }

    /// Sets the width of the viewport, which may be narrower than a window (`Capability::NarrowViewport`).
    ///
    /// In WebKit the current tab becomes a blank one.
    ///
    /// # Errors
    /// When the WebDriver command fails, or the browser cannot be that narrow.
    pub async fn set_viewport_width(&self, width: u32) -> Result<()> {
        self.set_viewport(width, HEIGHT).await
    }

    /// Sets the size of the viewport (`Capability::NarrowViewport`), as [`Browser::set_viewport_width`] does.
    ///
    /// # Errors
    /// When the WebDriver command fails, or the browser cannot be that small.
    pub async fn set_viewport(&self, width: u32, height: u32) -> Result<()> {
        match self.engine {
            Engine::Chromium => {
                let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                self.devtools("Emulation.setDeviceMetricsOverride", metrics)
                    .await?;
                return Ok(());
            }
            Engine::Firefox => {
                let size = vec![json!(width), json!(height)];
                self.privileged(RESIZE_ELEMENT, size).await?;
            }
            Engine::Webkit => {
                let old = self.tab().await?;
                let size = vec![json!(width), json!(height)];
                self.wait_for_new_tab(OPEN_NARROW, size).await?;
                let new = self.tab().await?;
                self.switch_to(&old).await?;
                self.close_tab(&new).await?;
                self.client.set_window_rect(0, 0, width, height).await?;
            }
        }
        eventually(&format!("a width of {width}"), async || {
            let found = self.evaluate("return window.innerWidth;", vec![]).await?;
            ensure!(found == json!(width), "the width is {found}");
            Ok(Some(()))
        })
        .await
    }
}
