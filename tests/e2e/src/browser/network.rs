//! The network as pages see it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Browser, Engine, Route};

/// Network conditions of the current tab, or of the browser where a driver cannot tell tabs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkConditions {
    /// No network.
    Offline,
    /// The normal network.
    Normal,
}

/// Lets the current page believe that its network is gone or back: taking the relay away is a network that leads nowhere, which
/// browsers notice only by failing requests.
const TELL_PAGE: &str = "
    const online = arguments[0];
    Object.defineProperty(window.navigator, 'onLine', { configurable: true, get: () => online });
    window.dispatchEvent(new window.Event(online ? 'online' : 'offline'));";

impl NetworkConditions {
    fn described(self) -> Value {
        json!({
            "offline": self == Self::Offline,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        })
    }
}

impl Browser {
    /// Sets the network conditions of the current tab only, in Chromium; else of the browser.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn set_network(&self, conditions: NetworkConditions) -> Result<()> {
        if self.engine != Engine::Chromium {
            return self
                .set_relay(conditions == NetworkConditions::Offline)
                .await;
        }
        // The driver's own command would apply to every tab.
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", conditions.described())
            .await?;
        Ok(())
    }

    /// Switches the network of the current tab off or on.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn set_offline(&self, offline: bool) -> Result<()> {
        self.set_network(if offline {
            NetworkConditions::Offline
        } else {
            NetworkConditions::Normal
        })
        .await
    }

    async fn set_relay(&self, offline: bool) -> Result<()> {
        let relay = match &self.route {
            Route::Relay(relay) => Some(relay),
            Route::Direct | Route::HostRules(_) => None,
        };
        relay
            .context("the browser has no relay")?
            .set_offline(offline);
        self.evaluate(TELL_PAGE, vec![json!(!offline)]).await?;
        Ok(())
    }
}
