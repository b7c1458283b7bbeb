//! The pages: views made from records, one file for each page.

mod activity;
mod certificate;
mod certificates;
mod compliance;
mod coverage;
mod event;
mod evidence;
mod expiry;
mod finding;
mod findings;
mod identity;
mod indent;
mod ledger;
mod lists;
mod matching;
mod overview;
mod pack;
mod proposal;
mod request;
mod requests;
mod run;
mod runs;
mod together;
