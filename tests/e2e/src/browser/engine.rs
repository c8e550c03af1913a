//! The browser engines, and what each can do beside the WebDriver standard.

use std::path::PathBuf;

use serde::Deserialize;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Chromium, by ChromeDriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
    /// MiniBrowser of `WebKitGTK`, by WebKitWebDriver.
    Webkit,
}

/// The programs of a browser.
#[derive(Clone, Debug, Deserialize)]
pub struct Programs {
    /// Its engine.
    pub engine: Engine,
    /// The browser.
    pub browser: PathBuf,
    /// Its WebDriver server.
    pub driver: PathBuf,
    /// The X server for a browser without a headless mode.
    #[serde(default)]
    pub display: Option<PathBuf>,
    /// The browser without its interface, which starts faster: for tests that do not need the interface.
    #[serde(default)]
    pub shell: Option<PathBuf>,
}

/// What a test needs that WebDriver does not have, so that not every browser has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Messages that the browser itself writes to the console, not a script.
    BrowserMessages,
    /// Pages that a user leaves by a link are kept, and come back as they were.
    BackForwardCache,
    /// Going back to a page of another origin.
    BackAcrossOrigins,
    /// Files of an earlier page load are kept.
    HttpCache,
    /// A click may lead to an address where nothing answers.
    UnreachablePages,
    /// Choosing the color scheme while a page is open.
    ColorScheme,
    /// A page can be frozen, as browsers do with background pages.
    FrozenPages,
    /// Commands of the Chrome DevTools Protocol.
    DevTools,
    /// The performance timeline has layout shifts.
    LayoutShifts,
    /// Clock and network of one tab can differ from those of another.
    TabConditions,
    /// A profile can block site data.
    BlockedSiteData,
    /// The viewport can be as narrow as a phone.
    NarrowViewport,
    /// The viewport can be as narrow as 320 pixels.
    NarrowestViewport,
    /// A profile can have the tracking protection of Firefox.
    StrictTrackingProtection,
    /// The browser can act as a device with a touch screen.
    TouchScreen,
    /// Tabs can have a storage of their own, as the container tabs of Firefox.
    ContainerTabs,
    /// A profile can have no proxy server, as that of `cargo xtask smoke`.
    DirectConnection,
    /// The test is about the local cloud, not about a browser: one run is enough.
    LocalCloud,
}

impl Capability {
    /// Whether Chromium has it only with its interface.
    #[must_use]
    pub fn needs_interface(self) -> bool {
        matches!(
            self,
            Self::BackForwardCache
                | Self::BlockedSiteData
                | Self::FrozenPages
                | Self::TabConditions
        )
    }

    /// What is missing where a browser does not have it.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::BrowserMessages => "it reads what the browser itself writes to the console",
            Self::BackForwardCache => "it needs pages out of the back/forward cache",
            Self::BackAcrossOrigins => "it goes back to a page of another origin",
            Self::HttpCache => "it needs files that the browser keeps",
            Self::UnreachablePages => "it clicks what leads to an address where nothing answers",
            Self::ColorScheme => "it changes the color scheme of an open page",
            Self::FrozenPages => "it freezes a page",
            Self::DevTools => "it uses a command of the Chrome DevTools Protocol",
            Self::LayoutShifts => "it measures layout shifts",
            Self::TabConditions => "it gives one tab a clock or a network of its own",
            Self::BlockedSiteData => "it blocks site data",
            Self::NarrowViewport => "it makes the viewport as narrow as a phone",
            Self::NarrowestViewport => "it makes the viewport 320 pixels wide",
            Self::StrictTrackingProtection => "it switches Firefox to strict tracking protection",
            Self::TouchScreen => "it emulates a touch screen",
            Self::ContainerTabs => "it opens a container tab of Firefox",
            Self::DirectConnection => "it starts the browser as `cargo xtask smoke` does",
            Self::LocalCloud => "it tests the local cloud, which the run in Chromium does",
        }
    }
}

impl Engine {
    /// How often a page loads a file that it preloads for `fetch`. WebKit does not use such a preload and asks again.
    #[must_use]
    pub fn loads_of_a_preload(self) -> usize {
        if self == Self::Webkit { 2 } else { 1 }
    }

    /// Whether tests in this engine can use it.
    #[must_use]
    pub fn has(self, capability: Capability) -> bool {
        use Capability as C;
        match self {
            Self::Chromium => !matches!(capability, C::StrictTrackingProtection | C::ContainerTabs),
            Self::Firefox => matches!(
                capability,
                C::ColorScheme
                    | C::BackAcrossOrigins
                    | C::HttpCache
                    | C::BlockedSiteData
                    | C::NarrowViewport
                    | C::NarrowestViewport
                    | C::StrictTrackingProtection
                    | C::TouchScreen
                    | C::ContainerTabs
            ),
            Self::Webkit => matches!(
                capability,
                C::BlockedSiteData | C::NarrowViewport | C::BackForwardCache | C::UnreachablePages
            ),
        }
    }
}
