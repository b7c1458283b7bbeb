//! Incidents: the list of them, and one case with the runbook's steps as they stand.

mod actions;
mod api;
mod case;
mod commands;
mod forms;
mod list;
mod parts;
mod steps;

pub use actions::Actions;
pub use api::{AnswerIncident, CloseIncident, ExtendIncident, NoteIncident, OpenIncident};
pub use case::{IncidentPage, OneIncident};
pub use list::{Incidents, IncidentsPage};
