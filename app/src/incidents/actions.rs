//! What the forms of a case do.

use leptos::prelude::*;

use super::api::{AnswerIncident, CloseIncident, ExtendIncident, NoteIncident};

/// What its forms do.
#[derive(Clone, Copy)]
pub struct Actions {
    pub answer: ServerAction<AnswerIncident>,
    pub extend: ServerAction<ExtendIncident>,
    pub note: ServerAction<NoteIncident>,
    pub close: ServerAction<CloseIncident>,
}

impl Actions {
    pub fn new() -> Self {
        let (answer, extend) = (ServerAction::new(), ServerAction::new());
        Self { answer, extend, note: ServerAction::new(), close: ServerAction::new() }
    }
}

impl Default for Actions {
    fn default() -> Self {
        Self::new()
    }
}
