//! A button that puts a value on the clipboard. It needs the browser program, and is not there without it.

use leptos::prelude::*;

use super::icon::Icon;

#[component]
pub fn CopyButton(
    /// What lands on the clipboard, exactly.
    #[prop(into)]
    value: String,
    /// The noun in "Copy the …".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let label = format!("Copy the {what}");
    view! {
        <button type="button" class="copy needs-script" title=label.clone() aria-label=label data-copy=value>
            {Icon::Copy.draw()}
            {Icon::Check.draw()}
        </button>
    }
}
