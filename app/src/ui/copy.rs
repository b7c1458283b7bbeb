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
    let copied = RwSignal::new(false);
    let label = move || if copied.get() { "Copied".to_owned() } else { format!("Copy the {what}") };
    view! {
        <button
            type="button"
            class="copy needs-script"
            title=label.clone()
            aria-label=label
            data-copied=move || copied.get().then_some("true")
            on:click=move |_| {
                write(&value);
                copied.set(true);
                set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
            }
        >
            {move || if copied.get() { Icon::Check.draw() } else { Icon::Copy.draw() }}
        </button>
    }
}

/// The promise is dropped: a browser that refuses the clipboard leaves the value on the page to be selected.
fn write(value: &str) {
    #[cfg(feature = "hydrate")]
    drop(window().navigator().clipboard().write_text(value));
    #[cfg(not(feature = "hydrate"))]
    let _ = value;
}
