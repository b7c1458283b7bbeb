//! A run of a configured authority, as a person would start it, for a scheduler or a pipeline.

use std::path::{Path, PathBuf};

use anyhow::Context;
use console::reconciliation::Reconciliation;
use console::{Clock, Work};

use crate::config::{Authority, Config};
use crate::parts;

/// Runs, records the findings, and waits for the end.
pub async fn reconcile(file: &Path, authority: &str) -> anyhow::Result<Reconciliation> {
    let mut config = Config::read(file)?;
    let authority = named(&config.authorities, authority)?.arn.id();
    let keys = parts::keys(&config)?;
    let records = Records::beside(&config.server.data_dir);
    config.server.data_dir.clone_from(&records.0);
    let worker = parts::worker(&config).await;
    let work = Work::new(parts::parts(&config, worker, Clock::system(), "records.sqlite")?, keys)?;
    let (_, reconciliation) = work.reconcile(&authority).await?;
    Ok(reconciliation)
}

fn named<'a>(authorities: &'a [Authority], asked: &str) -> anyhow::Result<&'a Authority> {
    let mut all = authorities.iter();
    all.find(|authority| authority.name == asked || authority.arn.as_str() == asked).with_context(|| {
        let names: Vec<&str> = authorities.iter().map(|authority| authority.name.as_str()).collect();
        format!("--authority {asked:?} is not in the configuration. It has: {}.", names.join(", "))
    })
}

/// A directory for the records of this run alone: a server may be using its own. Goes with the run.
struct Records(PathBuf);

impl Records {
    fn beside(data_dir: &Path) -> Self {
        Self(data_dir.join(format!("reconcile-{}", std::process::id())))
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "could not remove {}", self.0.display());
        }
    }
}
