//! The frame around every page: skip link, bar, sandbox stripe, navigation, content.

use domain::revocation::Mode;
use domain::views::Settings;
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Form;
use leptos_router::hooks::use_location;

use super::badge::{Badge, Mark, Tone};
use super::icon::Icon;
use super::nav::{NavLinks, get_waiting};
use super::worker::WorkerNotice;
use crate::paths;
use crate::queries;
use crate::session::Viewer;
use crate::theme::{SetTheme, Theme};

#[component]
pub fn Layout(viewer: Viewer, children: Children) -> impl IntoView {
    let (nav, content) = (NodeRef::<html::Nav>::new(), NodeRef::<html::Main>::new());
    follow_navigation(nav, content);
    let path = use_location().pathname;
    let waiting = Resource::new(move || path.get(), |_| get_waiting());
    let (sandbox, theme) = (viewer.settings.sandbox, viewer.theme);
    view! {
        // Not for the router, which would scroll there and leave the focus here.
        <a class="skip" href="#content" rel="external">
            "Skip to the content"
        </a>
        <div class="frame">
            <header class="top">
                <Bar viewer />
                {sandbox
                    .then(|| {
                        view! {
                            <p class="stripe">
                                <strong>"SANDBOX"</strong>
                                " Made-up devices, a make-believe AWS. Nothing here touches a real certificate."
                            </p>
                        }
                    })}
            </header>
            <nav class="nav" id="nav" popover="auto" aria-label="Main" node_ref=nav>
                <NavLinks waiting />
                <div class="nav-foot">
                    <ThemeChoice theme />
                </div>
            </nav>
            <main class="content" id="content" tabindex="-1" node_ref=content>
                // Always there, so that a reader is told when something comes into it.
                <div role="status">
                    <Transition>
                        {move || Suspend::new(async move {
                            waiting.await.ok().map(|waiting| view! { <WorkerNotice state=waiting.worker /> })
                        })}
                    </Transition>
                </div>
                {children()}
            </main>
        </div>
    }
}

/// After a link inside the console: the folded navigation closes, and reading goes on at the content, as after a load.
fn follow_navigation(nav: NodeRef<html::Nav>, content: NodeRef<html::Main>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            if let Some(nav) = nav.get_untracked() {
                // Refused when the navigation is not folded open, which is just as well.
                let _ = nav.hide_popover();
            }
            if let Some(content) = content.get_untracked() {
                let _ = content.focus();
            }
        }
        path
    });
}

#[component]
fn Bar(viewer: Viewer) -> impl IntoView {
    view! {
        <div class="bar">
            <button type="button" class="button nav-open" popovertarget="nav" aria-label="Sections">
                {Icon::Menu.draw()}
            </button>
            <a class="brand" href=paths::OVERVIEW>
                <BrandMark />
                <span class="brand-name">"Countersign"</span>
            </a>
            <Environment settings=viewer.settings />
            <div class="bar-end">
                <Form method="get" action=paths::CERTIFICATES attr:class="lookup" attr:role="search" attr:aria-label="Lookup">
                    {Icon::Search.draw()}
                    <input
                        type="search"
                        name=queries::LOOKUP
                        aria-label="Find a certificate by serial number, device or common name"
                        placeholder="Serial, device or common name"
                    />
                </Form>
                {viewer
                    .actor
                    .map(|actor| {
                        let roles: Vec<&str> = actor.roles.iter().map(|role| role.name()).collect();
                        view! {
                            <div class="person">
                                <span class="person-name" title=actor.person.id.to_string()>
                                    {actor.person.name}
                                </span>
                                <span class="person-roles small muted">{roles.join(", ")}</span>
                            </div>
                            <form method="post" action=paths::SIGN_OUT>
                                <button type="submit" class="button button-quiet nowrap">
                                    "Sign out"
                                </button>
                            </form>
                        }
                    })}
            </div>
        </div>
    }
}

/// Two ticks: one person asks, another countersigns.
#[component]
pub(crate) fn BrandMark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="m2 13 4.500 4.500L15 7M11.500 16l1.500 1.500L21.500 7"></path>
        </svg>
    }
}

#[component]
fn Environment(settings: Settings) -> impl IntoView {
    let drills = settings.mode == Mode::Drill;
    view! {
        <p class="environment">
            <span class="environment-name">{settings.environment}</span>
            {drills.then(|| view! { <Badge of=Mark::new(Tone::Pending, Icon::Eye, "Drills only") /> })}
        </p>
    }
}

/// A plain form, so that the server can set the document's theme: the page comes back in it.
#[component]
fn ThemeChoice(theme: Theme) -> impl IntoView {
    let choice = |choice: Theme| {
        view! {
            <button
                type="submit"
                name="theme"
                value=choice.name()
                aria-pressed=if choice == theme { "true" } else { "false" }
            >
                {choice.label()}
            </button>
        }
    };
    view! {
        <form class="theme" method="post" action=SetTheme::url()>
            <fieldset>
                <legend>"Theme"</legend>
                <div class="theme-choices">{Theme::ALL.iter().copied().map(choice).collect_view()}</div>
            </fieldset>
        </form>
    }
}
