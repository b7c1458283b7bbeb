//! AWS and sign-in on loopback, for trying and testing the console: DynamoDB, S3, a Private CA, a CloudTrail, an OIDC
//! provider, and a provisioning service that issues certificates to a simulated fleet.
//!
//! The server program never links this crate; the console meets it over the network only.

mod authorities;
mod certificate;
mod clients;
pub mod clock;
mod config;
mod console;
mod description;
mod dynamodb;
mod files;
mod fill;
mod fleet;
mod http;
mod incident;
mod issue;
mod keys;
mod kms;
mod load;
mod oidc;
mod options;
pub mod pca;
mod people;
mod planted;
mod ports;
mod provisioning;
mod s3;
mod schedule;
mod secret;
mod servers;
mod sns;
mod stages;
mod start;
mod state;
#[cfg(test)]
mod testing;
mod told;
mod trail;
mod until;

use std::time::Duration;

use anyhow::anyhow;
use tokio::time::timeout;

pub use authorities::Authority;
pub use clients::Endpoints;
pub use console::Console;
pub use description::{Description, Notifications, Oidc, Person, PublishedKey};
pub use dynamodb::Tables;
pub use fleet::{PlantedCertificate, Trouble};
pub use options::Options;
pub use planted::Planted;
pub use s3::Buckets;
pub use until::{PATIENCE, until, until_within};

use servers::Servers;
use start::Up;

/// How long the provisioning service may take to finish its device, and the trail to be delivered.
const STOPPING: Duration = Duration::from_secs(10);

/// A running sandbox. Dropping it cuts everything short; [`Sandbox::shutdown`] lets it finish.
pub struct Sandbox {
    up: Up,
    servers: Servers,
}

impl Sandbox {
    /// Starts everything, filling a new sandbox with its fleet, and returns when all of it is ready.
    ///
    /// # Errors
    /// The data directory is somebody else's, a port is taken, or a part does not start.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        start::start(options).await
    }

    /// The content of `sandbox.json`.
    pub fn description(&self) -> &Description {
        &self.up.description
    }

    /// Waits until a part of the sandbox ends that should not, and says which.
    pub async fn failure(&mut self) -> anyhow::Error {
        let console = &mut self.up.console;
        let ended = async move {
            match console {
                Some(console) => console.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = ended => match ended {
                Ok(status) => anyhow!("the console ended ({status}); its own message is above"),
                Err(error) => anyhow!("the console cannot be watched: {error}"),
            },
            failure = self.servers.failure() => failure,
        }
    }

    /// Stops the console, lets the provisioning service finish its device, delivers the trail, and closes the
    /// endpoints.
    pub async fn shutdown(self) {
        let Up { announcement, console, provisioning, provisioning_stop, trail, trail_stop, .. } = self.up;
        if let Err(error) = std::fs::remove_file(&announcement) {
            tracing::warn!(%error, "could not remove {}", announcement.display());
        }
        if let Some(mut console) = console {
            console.stop().await;
        }
        provisioning_stop.cancel();
        match timeout(STOPPING, provisioning).await {
            Ok(Ok(Ok(()))) => {}
            other => tracing::warn!("the provisioning service did not finish: {other:?}"),
        }
        trail_stop.cancel();
        if timeout(STOPPING, trail).await.is_err() {
            tracing::warn!("the trail is not delivered to its end; the next start goes on with it");
        }
        self.servers.stop().await;
    }
}
