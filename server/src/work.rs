//! `countersign work`: what Countersign does without anybody asking. It alone may hold the executor's credentials, and
//! has no pages.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use console::{PackMaker, Parts, Work};

use crate::config::{Config, PublicUrl};
use crate::operations::{self, Readiness};
use crate::parts;
use crate::process::{Kind, Process};

/// Where health and metrics are, if the configuration does not say.
const OPERATIONS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

/// Works until the process is asked to stop. `packs`: what makes packs of evidence.
///
/// # Errors
/// The configuration is wrong, or something that it names is not there.
pub async fn work(file: &Path, packs: PackMaker) -> anyhow::Result<()> {
    let process = Process::start(Config::read(file)?, Kind::Work)?;
    let listen = process.config.server.listen;
    let public_url = process.config.server.public_url.clone();
    let public_url = Arc::new(public_url.unwrap_or_else(|| PublicUrl::local(listen.port())));
    let work = prepare(&process, public_url, packs).await?;
    process.tell_configuration(work.aws().clone(), Kind::Work);
    let readiness = Readiness::new(work.aws().clone(), work.readiness(), None);
    let address = process.config.server.operations_listen.unwrap_or(OPERATIONS);
    operations::start(&process, address, readiness.into()).await?;
    process
        .until_stopped(async {
            work.run(process.stop.clone()).await;
            Ok(())
        })
        .await
}

/// All of the work, ready to begin. `public_url`: where people find the console; `packs`: what makes packs of evidence.
///
/// # Errors
/// A channel's secret is missing, or the data directory cannot be made.
pub async fn prepare(
    process: &Process,
    public_url: Arc<PublicUrl>,
    packs: PackMaker,
) -> anyhow::Result<Work> {
    let Process { config, clock, .. } = process;
    let mut parts: Parts = parts::parts(config, parts::worker(config).await, clock.clone(), "work.sqlite")?;
    parts.notify = parts::notify(config, public_url)?;
    Ok(Work::new(parts, parts::keys(config)?)?.with_packs(packs))
}
