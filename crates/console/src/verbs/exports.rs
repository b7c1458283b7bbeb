//! What somebody takes along as a file: what the ledger says of that.

use domain::ledger::{Action, Body, DETAIL, Object};
use domain::{Actor, Permission};

use crate::{Console, Error};

/// The most of a filter that is told of, in bytes: no list needs more.
const LONGEST: usize = 16 * 1024;

/// A file that is being made.
#[derive(Clone, Debug)]
pub struct ExportUnderWay {
    id: String,
    object: Object,
}

impl Console {
    /// Records that the actor takes a file along, before anything of it leaves: with the filter, as its address says it, and
    /// the columns; without any, all that there are.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the filter is too long to be told of. Whatever the error is, nothing must be sent.
    pub async fn begin_export(
        &self,
        actor: &Actor,
        file: &str,
        filter: &str,
        columns: &str,
    ) -> Result<ExportUnderWay, Error> {
        let object = Object::Route(format!("exports/{file}"));
        self.allowed(actor, Permission::Read, object.clone()).await?;
        if filter.len() > LONGEST {
            return Err(Error::invalid(
                "filter",
                "The filter is too long for a file. Take a part of it away.",
            ));
        }
        let id = uuid::Uuid::now_v7().to_string();
        let body = self.told(actor, Action::ExportBegun, object.clone()).with("export", &id);
        let body = with_filter(body, filter);
        let body = if columns.is_empty() { body } else { body.with("columns", columns) };
        self.journal.commit(Vec::new(), &body).await?;
        Ok(ExportUnderWay { id, object })
    }

    /// Records how many rows of it were handed over, and why not all of them were, if they were not.
    pub async fn end_export(
        &self,
        actor: &Actor,
        export: &ExportUnderWay,
        rows: u64,
        broken_off: Option<&str>,
    ) -> Result<(), Error> {
        let ExportUnderWay { id, object } = export;
        let body =
            self.told(actor, Action::ExportEnded, object.clone()).with("export", id).with("rows", rows);
        let body = broken_off.map_or(body.clone(), |why| body.with("broken_off", why));
        Ok(self.journal.commit(Vec::new(), &body).await?)
    }
}

/// All of it, in as many values as it needs.
fn with_filter(body: Body, filter: &str) -> Body {
    let text: Vec<char> = filter.chars().collect();
    body.with_each("filter", text.chunks(DETAIL).map(|part| part.iter().collect()))
}
