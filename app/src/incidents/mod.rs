//! Incidents: the list of them, and one case with the runbook's steps as they stand.

mod api;
mod case;
mod commands;
mod forms;
mod list;
mod steps;

pub use api::{AnswerIncident, CloseIncident, ExtendIncident, NoteIncident, OpenIncident};
pub use case::{Actions, IncidentPage, OneIncident};
pub use list::{Incidents, IncidentsPage};
