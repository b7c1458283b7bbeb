//! The list of documents, and one document with what is on it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use pulldown_cmark::HeadingLevel;

use super::documents::{DOCUMENTS, Document, Group};
use super::markdown::{headings, render};
use crate::error::{AppError, Noun};
use crate::paths;
use crate::ui::{Crumb, ErrorPanel, PageHead};

#[component]
pub fn HelpPage() -> impl IntoView {
    view! {
        <PageHead title="Help">"The documents that came with this version of Countersign"</PageHead>
        <div class="help-list">
            <Documents />
        </div>
    }
}

#[component]
pub fn HelpDocumentPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("document").unwrap_or_default();
    match Document::named(&slug) {
        Some(document) => view! { <Page document /> }.into_any(),
        None => view! { <ErrorPanel error=AppError::NotFound { what: Noun::Page } /> }.into_any(),
    }
}

/// One document.
#[component]
pub fn Page(document: &'static Document) -> impl IntoView {
    let body = document.body();
    let sections: Vec<_> =
        headings(&body).into_iter().filter(|heading| heading.level == HeadingLevel::H2).collect();
    let section = |heading: super::markdown::Heading| {
        // safe link: a place of this page
        view! { <li><a href=format!("#{}", heading.id)>{heading.text}</a></li> }
    };
    let contents = (!sections.is_empty()).then(|| {
        view! {
            <nav aria-labelledby="on-this-page">
                <p class="nav-group" id="on-this-page">
                    "On this page"
                </p>
                <ul>{sections.into_iter().map(section).collect_view()}</ul>
            </nav>
        }
    });
    view! {
        <PageHead title=document.title() crumbs=vec![Crumb::new("Help", paths::HELP)] />
        <div class="help">
            <div class="help-aside">{contents}</div>
            <article class="prose">{render(document, &body)}</article>
        </div>
    }
}

/// All of them, by what they are for.
#[component]
fn Documents() -> impl IntoView {
    let group = |group: Group| {
        let id = format!("help-{}", group.title().to_lowercase().replace(' ', "-"));
        let document = |document: &'static Document| {
            view! { <li><a href=paths::help(document.slug, None)>{document.title()}</a></li> }
        };
        let named = id.clone();
        let documents = DOCUMENTS.iter().filter(|document| document.group == group);
        view! {
            <nav aria-labelledby=named>
                <h2 id=id>{group.title()}</h2>
                <ul>{documents.map(document).collect_view()}</ul>
            </nav>
        }
    };
    Group::ALL.map(group).into_iter().collect_view()
}
