//! Key facts: a description list, label muted, value strong.

use leptos::prelude::*;

use super::copy::CopyButton;

/// Holds [`Fact`]s, in two columns where the page is wide enough.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

#[component]
pub fn Fact(
    label: &'static str,
    /// What the copy button takes, for anything one would paste into a shell.
    #[prop(optional, into)]
    copy: Option<String>,
    /// Over both columns: ARNs, hashes, subjects.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact" class:fact-wide=wide>
            <dt>{label}</dt>
            <dd>
                {children()}
                {copy.map(|value| view! { " " <CopyButton value what=label /> })}
            </dd>
        </div>
    }
}
