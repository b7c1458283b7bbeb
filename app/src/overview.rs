//! The first page: what waits, and where to begin.

use leptos::prelude::*;

use crate::ui::PageHead;

#[component]
pub fn Overview() -> impl IntoView {
    view! { <PageHead title="Overview" /> }
}
