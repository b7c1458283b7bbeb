//! Moments on screen: relative where one glances, absolute UTC where one testifies.

use domain::Timestamp;
use leptos::prelude::*;

use crate::session::use_now;

/// "2 minutes ago" of what has happened, with the absolute UTC in the title; counts on while the page is open.
#[component]
pub fn Ago(at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=at.absolute() data-ago="">
            {at.ago(use_now())}
        </time>
    }
}

/// The same of what is to come, and may have come: "in 3 days".
#[component]
pub fn Due(at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=at.absolute() data-ago="due">
            {at.relative(use_now())}
        </time>
    }
}

/// `2026-02-26 18:39:57 UTC`: the form of the ledger, of evidence and of activity.
#[component]
pub fn Utc(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.to_string()>{at.absolute()}</time> }
}
