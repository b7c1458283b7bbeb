//! Files that were downloaded before: no configuration, no AWS.

use std::path::PathBuf;

use anyhow::Context;
use console::reconciliation::Reconciliation;
use console::reconciliation::offline::{self, Files};
use domain::inventory::InventoryAttributes;

use crate::cli::Reconcile;
use crate::config::GRACE;

pub async fn reconcile(report: PathBuf, arguments: &Reconcile) -> anyhow::Result<Reconciliation> {
    let authority = arguments.authority.as_ref().map(|arn| arn.parse()).transpose();
    let files = Files {
        report,
        inventory: arguments.inventory.clone(),
        authority: authority.context("--authority, together with --report")?,
        attributes: InventoryAttributes::default(),
        grace: arguments.grace.unwrap_or(GRACE),
        report_created_at: arguments.report_created_at,
    };
    Ok(tokio::task::spawn_blocking(move || offline::reconcile(&files)).await??)
}
