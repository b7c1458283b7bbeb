//! What the viewer has just done, told once on the page that it led to.
//!
//! The address only asks for it to be told, and anybody can write an address: what is told comes from the records.

use leptos::prelude::*;

use crate::address::use_query;

/// The name of the pair in an address.
pub const DONE: &str = "done";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Requested,
    Approved,
    Rejected,
    Cancelled,
    Acknowledged,
    Dismissed,
}

impl Done {
    const ALL: [Self; 6] = [
        Self::Requested,
        Self::Approved,
        Self::Rejected,
        Self::Cancelled,
        Self::Acknowledged,
        Self::Dismissed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Acknowledged => "acknowledged",
            Self::Dismissed => "dismissed",
        }
    }
}

/// What the address says was done; follows it. An unknown word says nothing.
pub fn use_done() -> Signal<Option<Done>> {
    let done = use_query(|pairs| pairs.one_of(DONE, &Done::ALL, Done::name));
    Signal::derive(move || done.get().ok().flatten())
}
