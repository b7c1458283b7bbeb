//! The findings in one state, the worst first: their keys alone, so that thousands can be counted and paged.

use domain::finding::FindingStateName;
use domain::{FindingId, FindingKind, Severity};
use futures::{Stream, StreamExt};

use crate::item::{Item, text};
use crate::{Aws, Error, Thing, keys};

/// A finding's place in the list. Orders by severity, kind, then age: merge several states by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingKey {
    place: String,
    /// Says kind, authority and serial number; the rest is read by [`Aws::findings`].
    pub id: FindingId,
}

/// A part of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Narrow {
    #[default]
    All,
    Severity(Severity),
    Kind(FindingKind),
}

impl Aws {
    /// The keys of the findings in `state`, the worst first, as they were a moment ago.
    pub fn finding_keys(
        &self,
        state: FindingStateName,
        narrow: Narrow,
    ) -> impl Stream<Item = Result<FindingKey, Error>> + use<> {
        let prefix = match narrow {
            Narrow::All => String::new(),
            Narrow::Severity(severity) => keys::findings_list_severity(severity),
            Narrow::Kind(kind) => keys::findings_list_kind(kind),
        };
        let query = self.list(keys::findings_list(state), &prefix).projection_expression(keys::LIST_SK);
        self.all(query).map(|item| key(&item?))
    }
}

fn key(item: &Item) -> Result<FindingKey, Error> {
    let place = text(Thing::Finding, item, keys::LIST_SK)?;
    let id = place.splitn(4, '#').nth(3).and_then(|id| id.parse().ok());
    let id =
        id.ok_or_else(|| Error::invalid("reading", format!("the list key {place}"), "it names no finding"))?;
    Ok(FindingKey { place: place.to_owned(), id })
}
