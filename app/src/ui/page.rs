//! The head of a page and its sections. Every page has exactly one [`PageHead`], which holds the one `<h1>`.

use leptos::prelude::*;

use super::title::Title;

/// A step on the way to the page.
#[derive(Clone, Debug)]
pub struct Crumb {
    pub label: &'static str,
    pub href: String,
}

impl Crumb {
    pub fn new(label: &'static str, href: impl Into<String>) -> Self {
        Self { label, href: href.into() }
    }
}

#[component]
pub fn PageHead(
    /// The noun and its name; also the document's title.
    #[prop(into)]
    title: String,
    /// The pages above this one.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Buttons, the primary one first.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// One line: state badge, key facts, "as of …".
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let way = (!crumbs.is_empty()).then(|| {
        // safe link: the page's, from crate::paths
        let crumb = |crumb: Crumb| view! { <li><a href=crumb.href>{crumb.label}</a></li> };
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>{crumbs.into_iter().map(crumb).collect_view()}</ol>
            </nav>
        }
    });
    view! {
        <Title text=title.clone() />
        <div class="page-head">
            {way}
            <div class="page-title">
                <h1>{title}</h1>
                <div class="row">{actions.run()}</div>
            </div>
            {children.map(|children| view! { <div class="page-status">{children()}</div> })}
        </div>
    }
}

/// A part of a page under a heading of its own.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    /// To the right of the heading.
    #[prop(optional, into)]
    aside: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{title}</h2>
                {aside.run()}
            </div>
            {children()}
        </section>
    }
}

/// Something long, and what is to be done with it: beside it and in sight all along, or below it in a narrow window.
#[component]
pub fn Beside(
    #[prop(into)] long: ViewFnOnce,
    /// Whether it is long.
    is_long: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=is_long.then_some("beside")>
            <div>{long.run()}</div>
            <div>{children()}</div>
        </div>
    }
}

/// Details that most people do not need.
#[component]
pub fn Disclosure(
    #[prop(into)] summary: String,
    /// Whether it is open at first.
    #[prop(optional, into)]
    open: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=move || open.get()>
            <summary>{summary}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
