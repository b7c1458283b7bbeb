//! The pages: views made from records, one file for each page.

mod activity;
pub(crate) mod certificate;
mod certificates;
mod coverage;
mod event;
mod findings;
mod identity;
mod indent;
mod ledger;
mod overview;
mod revocation;
mod runs;
