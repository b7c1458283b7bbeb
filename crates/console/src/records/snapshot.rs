//! What readers see: complete tables that stay as they are while somebody holds on to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{AuthorityId, Timestamp};

use super::lines::LineTable;
use super::load::{InventoryTable, ReportTable};

/// The tables that are shown at one time.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(super) inventory: Option<Arc<InventoryTable>>,
    pub(super) reports: BTreeMap<AuthorityId, Arc<ReportTable>>,
    pub(super) lines: Option<Arc<LineTable>>,
    /// What kept the records from being read the last time.
    pub(super) problem: Option<String>,
    /// Until when the inventory is known by its stream.
    pub(super) followed: Option<Timestamp>,
}

impl Snapshot {
    /// Of when the inventory is: when its scan began, or until when it was followed since; `None`: no list is made of any yet.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        let scanned = self.scanned().filter(|_| self.lines.is_some())?;
        Some(self.followed.map_or(scanned, |followed| followed.max(scanned)))
    }

    /// When the scan of the inventory began.
    pub(super) fn scanned(&self) -> Option<Timestamp> {
        self.inventory.as_ref().map(|inventory| inventory.as_of)
    }

    pub(super) fn report_as_of(&self, authority: &AuthorityId) -> Option<Timestamp> {
        self.reports.get(authority).map(|report| report.created_at)
    }
}
