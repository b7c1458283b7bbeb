//! Ways to go on from a page, side by side, each with what it means and its own form or button.

use leptos::prelude::*;

#[component]
pub fn Panels(children: Children) -> impl IntoView {
    view! { <div class="panels">{children()}</div> }
}

#[component]
pub fn Panel(
    #[prop(into)] title: String,
    /// What links to it say behind the `#`.
    #[prop(optional)]
    id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel" id=id>
            <h3>{title}</h3>
            {children()}
        </section>
    }
}
