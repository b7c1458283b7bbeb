//! How often an open page is asked for again. Without JavaScript a page says how to look again: give it a link to itself.

use std::time::Duration;

use leptos::prelude::*;

/// The attribute that says it, of any element of the page; the first one counts.
pub const LIVE: &str = "data-live";
/// Where a page says that it could not be refreshed.
pub const NOTE: &str = "not-refreshed";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Pace {
    /// Work is under way.
    Quick,
    #[default]
    Slow,
    /// What somebody is about to confirm must not change under their eyes.
    Never,
}

impl Pace {
    pub fn every(self) -> Option<Duration> {
        match self {
            Self::Quick => Some(Duration::from_secs(2)),
            Self::Slow => Some(Duration::from_secs(30)),
            Self::Never => None,
        }
    }
}

/// Says how often this page is asked for again, where that is not slowly.
#[component]
pub fn Live(pace: Pace) -> impl IntoView {
    let pace: &str = pace.into();
    view! { <span hidden data-live=pace></span> }
}
