//! What led to a request: the approver sees it, and the hash covers it.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;

/// Where a request came from, beside the finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What its requester chose, in the words of [`Selection::words`](crate::views::Selection::words); foreign text in it is as it was typed. Empty: an
    /// earlier console did not keep it.
    pub chosen: String,
    /// The incident in the course of which it was asked for.
    pub incident: Option<IncidentId>,
}

impl Origin {
    /// Its part of the hash.
    pub(super) fn lines(&self, line: &mut impl FnMut(&str)) {
        line(&self.chosen);
        line(self.incident.as_ref().map(IncidentId::as_str).unwrap_or_default());
    }
}
