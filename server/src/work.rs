//! `countersign work`: what Countersign does without anybody asking. It alone may hold the executor's credentials, and
//! has no pages.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use console::Console;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config, PublicUrl};
use crate::notify::Notifier;
use crate::operations::{self, Readiness};
use crate::process::{Kind, Process};

/// Where health and metrics are, if the configuration does not say.
const OPERATIONS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

/// Works until the process is asked to stop.
///
/// # Errors
/// The configuration is wrong, or something that it names is not there.
pub async fn work(file: &Path) -> anyhow::Result<()> {
    let process = Process::start(Config::read(file)?, Kind::Work).await?;
    let listen = process.config.server.listen;
    let public_url = process.config.server.public_url.clone();
    let public_url = Arc::new(public_url.unwrap_or_else(|| PublicUrl::local(listen.port())));
    let work = Work::new(&process, public_url)?;
    let readiness = Readiness::new(process.aws.clone(), process.console.clone(), None);
    let address = process.config.server.operations_listen.unwrap_or(OPERATIONS);
    operations::start(&process, address, readiness.into()).await?;
    process.until_stopped(work.run(process.stop.clone())).await
}

/// All of the work, ready to begin.
pub struct Work {
    console: Console,
    notifier: Option<Notifier>,
}

impl Work {
    /// # Errors
    /// The webhook's secret is missing.
    pub fn new(process: &Process, public_url: Arc<PublicUrl>) -> anyhow::Result<Self> {
        let notifier = match &process.config.alerts.webhook {
            Some(url) => {
                let (aws, clock) = (process.aws.clone(), process.clock.clone());
                Some(Notifier::new(aws, clock, url.clone(), config::webhook_secret()?, public_url)?)
            }
            None => None,
        };
        Ok(Self { console: process.console.clone(), notifier })
    }

    /// Works until `stop`.
    ///
    /// # Errors
    /// It ended by a fault of ours.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        if let Some(notifier) = self.notifier {
            // Whatever is not delivered at the end is delivered after the next start.
            tokio::spawn(notifier.work(stop.clone()));
        }
        tokio::spawn(self.console.work(stop)).await.context("the background work ended by a fault")
    }
}
