//! Counts side by side, each leading to the list it counts.

use leptos::prelude::*;

use super::badge::{Badge, Mark};
use domain::count::count;

#[component]
pub fn Tiles(children: Children) -> impl IntoView {
    view! { <div class="tiles">{children()}</div> }
}

#[component]
pub fn Tile(
    #[prop(into)] of: Mark,
    number: u64,
    /// What is counted: "open findings".
    #[prop(into)]
    note: String,
    href: String,
) -> impl IntoView {
    view! {
        // safe link: the page's, from crate::paths
        <a class="tile" href=href>
            <span><Badge of /></span>
            <span class="tile-count" class:tile-none=number == 0>{count(number)}</span>
            <span class="tile-note">{note}</span>
        </a>
    }
}
