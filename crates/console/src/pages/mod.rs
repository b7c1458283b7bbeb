//! The pages: views made from records, one file for each page.

mod activity;
mod certificate;
mod certificates;
mod channels;
pub(crate) mod comparison;
mod compliance;
mod coverage;
mod event;
mod evidence;
mod expiry;
mod finding;
mod findings;
mod identity;
mod incident;
mod indent;
mod ledger;
mod lists;
mod matching;
mod me;
mod overview;
mod pack;
mod packs;
mod proposal;
mod request;
mod requests;
mod run;
mod runs;
mod schedules;
mod together;

use domain::Timestamp;

/// As much of a list as a file is made of at a time.
#[derive(Clone, Debug)]
pub struct Piece<T, P> {
    pub lines: Vec<T>,
    /// Where the others begin; `None`: there are no more.
    pub next: Option<P>,
    /// When it was read.
    pub now: Timestamp,
    /// How fresh it is. `None`: nothing was read yet.
    pub as_of: Option<Timestamp>,
}
