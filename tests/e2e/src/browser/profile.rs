//! How a browser is started: command line, preferences and the way to the site, in the words of each driver.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::PAGE_LOAD;
use super::engine::{Engine, Programs};
use super::relay::Relay;

/// The width and height of the window, in CSS pixels.
const WIDTH: u32 = 1100;
const HEIGHT: u32 = 900;

/// Browser options of a test.
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings that have nothing to do with each other"
)]
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the browser reaches the site.
    pub route: Route,
    /// The profile blocks site data: storage and cookies.
    pub blocks_site_data: bool,
    /// The profile has the strict tracking protection of Firefox.
    pub strict_tracking_protection: bool,
    /// The device has a touch screen as its only pointer.
    pub touch_screen: bool,
    /// No preflights are sent, and pages read all answers. Chromium only.
    pub without_cors: bool,
    /// The browser has its interface: windows that are hidden behind others, settings of sites, a back/forward cache.
    pub with_interface: bool,
}

/// How a browser reaches a site that does not listen on the port in its origin.
#[derive(Clone, Debug, Default)]
pub enum Route {
    /// The site does listen on that port.
    #[default]
    Direct,
    /// By these rules, in the form of Chromium's `--host-resolver-rules`.
    HostRules(String),
    /// By this SOCKS server.
    Relay(Relay),
}

impl Options {
    /// Whether they need a browser that no other test uses.
    #[must_use]
    pub fn need_own_browser(&self) -> bool {
        // With all names, so that a new option is decided on here.
        let Self {
            route: _,
            with_interface: _,
            blocks_site_data,
            strict_tracking_protection,
            touch_screen,
            without_cors,
        } = *self;
        blocks_site_data || strict_tracking_protection || touch_screen || without_cors
    }
}

impl Route {
    /// The port of the SOCKS server.
    fn relay_port(&self) -> Option<u16> {
        match self {
            Self::Relay(relay) => Some(relay.port()),
            Self::Direct | Self::HostRules(_) => None,
        }
    }
}

/// The capabilities of a new WebDriver session that starts a browser.
pub(super) fn capabilities(programs: &Programs, options: &Options) -> Map<String, Value> {
    with_timeouts(match programs.engine {
        Engine::Chromium => chromium(programs, options),
        Engine::Firefox => firefox(programs, options),
        Engine::Webkit => webkit(programs, options),
    })
}

/// The capabilities of a new WebDriver session in the Chromium that listens at this host and port.
pub(super) fn attached(address: &str) -> Map<String, Value> {
    with_timeouts(chromium_session(&json!({ "debuggerAddress": address })))
}

fn with_timeouts(mut capabilities: Value) -> Map<String, Value> {
    capabilities["timeouts"] =
        json!({ "pageLoad": PAGE_LOAD.as_millis(), "script": PAGE_LOAD.as_millis() });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => Map::new(),
    }
}

fn chromium(programs: &Programs, options: &Options) -> Value {
    let mut preferences = json!({});
    if options.blocks_site_data {
        preferences["profile.default_content_setting_values.cookies"] = json!(2);
    }
    chromium_session(&json!({
        "binary": chromium_program(programs, options),
        "args": chromium_arguments(options),
        "prefs": preferences,
    }))
}

fn chromium_session(options: &Value) -> Value {
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

/// The program for these options.
pub(super) fn chromium_program<'a>(programs: &'a Programs, options: &Options) -> &'a Path {
    let shell = programs.shell.as_ref();
    let shell = shell.filter(|_| !options.with_interface);
    shell.unwrap_or(&programs.browser)
}

/// What the driver adds to `--disable-features`. Of two such arguments the last one counts.
const DISABLED_BY_DRIVER: &str = "IgnoreDuplicateNavs,Prewarm";

/// Features of Chromium's interface, which loads two pages for its address bar in each new window. No test looks at them, and they
/// took a fifth of the processor.
const PAGES_OF_THE_INTERFACE: &str =
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI";

/// The command line of Chromium, beside what its driver adds.
pub(super) fn chromium_arguments(options: &Options) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        // A page of a test is too short-lived to gain from an optimized module, and optimizing it takes a tenth of the processor.
        "--js-flags=--liftoff-only",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The driver clicks the final position of an element, so scrolling must not be animated.
        "--force-prefers-reduced-motion",
        // Scripts of the tests read roles and names.
        "--enable-blink-features=ComputedAccessibilityInfo",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--window-size={WIDTH},{HEIGHT}"));
    arguments.push(format!(
        "--disable-features={PAGES_OF_THE_INTERFACE},{DISABLED_BY_DRIVER}"
    ));
    if let Route::HostRules(rules) = &options.route {
        arguments.push(format!("--host-resolver-rules={rules}"));
    }
    if options.touch_screen {
        // `kPointerCoarseType` and `kHoverNone` of Blink.
        let settings =
            "primaryPointerType=2,availablePointerTypes=2,primaryHoverType=1,availableHoverTypes=1";
        arguments.push(format!("--blink-settings={settings}"));
    }
    if options.without_cors {
        arguments.push("--disable-web-security".to_owned());
    }
    arguments
}

/// What the driver adds to the command line of a Chromium that it starts, for one that is started without it.
pub(super) fn added_by_driver(profile: &Path) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--allow-pre-commit-input",
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-client-side-phishing-detection",
        "--disable-default-apps",
        "--disable-hang-monitor",
        "--disable-popup-blocking",
        "--disable-prompt-on-repost",
        "--enable-automation",
        "--no-service-autorun",
        "--password-store=basic",
        "--remote-debugging-port=0",
        "--test-type=webdriver",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}

fn firefox(programs: &Programs, options: &Options) -> Value {
    let mut preferences = json!({
        // As in Chromium.
        "ui.prefersReducedMotion": 1,
        // Addresses of other machines are not needed, and would be asked for at each start.
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        // Container tabs, which a user switches on in the settings.
        "privacy.userContext.enabled": true,
    });
    if let Some(port) = options.route.relay_port() {
        preferences["network.proxy.type"] = json!(1);
        preferences["network.proxy.socks"] = json!("127.0.0.1");
        preferences["network.proxy.socks_port"] = json!(port);
        preferences["network.proxy.socks_version"] = json!(5);
        // The relay must see the name of the host, and `localhost` too.
        preferences["network.proxy.socks_remote_dns"] = json!(true);
        preferences["network.proxy.allow_hijacking_localhost"] = json!(true);
        preferences["network.proxy.no_proxies_on"] = json!("");
        // Otherwise Firefox goes past a proxy that does not answer.
        preferences["network.proxy.failover_direct"] = json!(false);
    }
    if options.blocks_site_data {
        // `BEHAVIOR_REJECT` of nsICookieService.
        preferences["network.cookie.cookieBehavior"] = json!(2);
    }
    if options.strict_tracking_protection {
        preferences["browser.contentblocking.category"] = json!("strict");
    }
    if options.touch_screen {
        // `Coarse`, without `Fine` and `Hover`, of PointerCapabilities.
        preferences["ui.primaryPointerCapabilities"] = json!(1);
        preferences["ui.allPointerCapabilities"] = json!(1);
    }
    let size = [format!("--width={WIDTH}"), format!("--height={HEIGHT}")];
    let arguments: Vec<&str> = ["-headless"]
        .into_iter()
        .chain(size.iter().map(String::as_str))
        .collect();
    json!({
        "browserName": "firefox",
        "moz:firefoxOptions": { "binary": programs.browser, "args": arguments, "prefs": preferences },
    })
}

fn webkit(programs: &Programs, options: &Options) -> Value {
    let mut arguments = vec![
        "--automation".to_owned(),
        "--javascript-can-open-windows-automatically=true".to_owned(),
    ];
    if let Some(port) = options.route.relay_port() {
        arguments.push(format!("--proxy=socks5://127.0.0.1:{port}"));
    }
    json!({
        "browserName": "MiniBrowser",
        "webkitgtk:browserOptions": { "binary": programs.browser, "args": arguments },
    })
}
