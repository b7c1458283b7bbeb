//! How often an open page is asked for again. Without JavaScript a page says how to look again: give it a link to itself.

use leptos::prelude::*;

pub use crate::browser::marks::Pace;

/// Says how often this page is asked for again, where that is not slowly.
#[component]
pub fn Live(pace: Pace) -> impl IntoView {
    let pace: &str = pace.into();
    view! { <span hidden data-live=pace></span> }
}
