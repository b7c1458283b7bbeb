//! What stands where a list or a page would be: what would be here, why it is not, what to do.

use leptos::prelude::*;

#[component]
pub fn Empty(
    /// "No findings are open".
    #[prop(into)]
    title: String,
    /// The heading's level: 1 when it stands for the whole page.
    #[prop(default = 2)]
    level: u8,
    /// Why, and what to do: a sentence and at most one link or button.
    children: Children,
) -> impl IntoView {
    let heading = match level {
        1 => view! { <h1>{title}</h1> }.into_any(),
        _ => view! { <h2>{title}</h2> }.into_any(),
    };
    view! {
        <div class="empty">
            {heading}
            {children()}
        </div>
    }
}
