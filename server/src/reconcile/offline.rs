//! Files that were downloaded before: no AWS, and no configuration but for who may issue.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use console::reconciliation::Reconciliation;
use console::reconciliation::offline::{self, Files, TrailFiles};
use domain::Serial;
use domain::inventory::InventoryAttributes;
use domain::trail::{Issuer, Issuers};

use crate::cli::Reconcile;
use crate::config::{Config, GRACE};
use crate::trail::limits;

/// An event that is not there this long after it happened is not coming; the same as without `trail.delay`.
const DELAY: Duration = Duration::from_secs(60 * 60);

pub async fn reconcile(report: PathBuf, arguments: &Reconcile) -> anyhow::Result<Reconciliation> {
    let authority = arguments.authority.as_ref().map(|arn| arn.parse()).transpose();
    let files = Files {
        report,
        inventory: arguments.inventory.clone(),
        authority: authority.context("--authority, together with --report")?,
        attributes: InventoryAttributes::default(),
        grace: arguments.grace.unwrap_or(GRACE),
        known: arguments.ca_certificate.iter().map(|path| serial_of(path)).collect::<Result<_, _>>()?,
        expired_after: arguments.expired_after,
        report_created_at: arguments.report_created_at,
        trail: arguments.trail.clone().map(|folder| trail(folder, arguments)).transpose()?,
    };
    Ok(tokio::task::spawn_blocking(move || offline::reconcile(&files)).await??)
}

/// The serial number of the certificate in a file.
fn serial_of(path: &Path) -> anyhow::Result<Serial> {
    let name = || format!("--ca-certificate {}", path.display());
    let bytes = std::fs::read(path).with_context(name)?;
    Ok(feeds::x509::read(&bytes).with_context(name)?.serial)
}

/// The issuers are those that the command line names, or else those of the configuration.
fn trail(folder: PathBuf, arguments: &Reconcile) -> anyhow::Result<TrailFiles> {
    let public_keys = arguments.public_keys.clone();
    let limits = limits(arguments.from, arguments.to, arguments.logs_expire_after);
    if arguments.issuer.is_empty() {
        let config = Config::read(&arguments.file.config).context(
            "the authorised issuers: name them with --issuer ARN, or a configuration that has them with --config",
        )?;
        let delay = config.trail.map_or(DELAY, |trail| trail.delay);
        return Ok(TrailFiles { folder, public_keys, issuers: config.issuers, delay, limits });
    }
    let issuer = |arn: &String| Issuer::new(arn).with_context(|| format!("--issuer {arn}"));
    let issuers = arguments.issuer.iter().map(issuer).collect::<Result<_, _>>()?;
    Ok(TrailFiles { folder, public_keys, issuers: Issuers::new(issuers), delay: DELAY, limits })
}
