//! The network as pages see it.

use anyhow::Result;
use serde_json::{Value, json};

use super::Browser;

/// How the network of the tab at hand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkConditions {
    /// Nothing gets through.
    Offline,
    /// Every answer takes this much longer, in milliseconds.
    Latency(u32),
    /// As it is.
    Usual,
}

impl NetworkConditions {
    fn described(self) -> Value {
        let latency = match self {
            Self::Latency(milliseconds) => milliseconds,
            Self::Offline | Self::Usual => 0,
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
    /// Makes the network of the tab at hand like this. Other tabs keep theirs.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn set_network(&self, conditions: NetworkConditions) -> Result<()> {
        // The driver's own command for this would have it so in every tab.
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", conditions.described())
            .await?;
        Ok(())
    }

    /// Takes the network of the tab at hand away, or gives it back.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn set_offline(&self, offline: bool) -> Result<()> {
        self.set_network(if offline {
            NetworkConditions::Offline
        } else {
            NetworkConditions::Usual
        })
        .await
    }
}
