//! What the viewer has just done, told once on the page that it led to.
//!
//! The address only asks for it to be told, and anybody can write an address: what is told comes from the records.

use leptos::prelude::*;
use strum::VariantArray;

use crate::address::use_query;

/// The name of the pair in an address.
pub const DONE: &str = "done";

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Done {
    Requested,
    Approved,
    Rejected,
    Cancelled,
    SteppedIn,
    Acknowledged,
    Dismissed,
}

impl Done {
    const ALL: &[Self] = Self::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What the address says was done; follows it. An unknown word says nothing.
pub fn use_done() -> Signal<Option<Done>> {
    let done = use_query(|pairs| pairs.one_of(DONE, Done::ALL, Done::name));
    Signal::derive(move || done.get().ok().flatten())
}
