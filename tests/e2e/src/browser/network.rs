//! The network as pages see it.

use anyhow::Result;
use serde_json::{Value, json};

use super::Browser;

/// Network conditions of the current tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkConditions {
    /// No network.
    Offline,
    /// Added latency, in milliseconds.
    Latency(u32),
    /// The normal network.
    Normal,
}

impl NetworkConditions {
    fn described(self) -> Value {
        let latency = match self {
            Self::Latency(milliseconds) => milliseconds,
            Self::Offline | Self::Normal => 0,
        };
        json!({
            "offline": self == Self::Offline,
            "latency": latency,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        })
    }
}

impl Browser {
    /// Sets the network conditions of the current tab only.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn set_network(&self, conditions: NetworkConditions) -> Result<()> {
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
}
