//! The frame around every page: skip link, bar, sandbox stripe, navigation, content.

use domain::revocation::Mode;
use domain::views::Settings;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Form;

use super::badge::{Badge, Mark, Tone};
use super::icon::Icon;
use super::nav::{NavLinks, get_waiting};
use super::worker::WorkerNotice;
use crate::browser::Browser;
use crate::browser::marks::NOTE;
use crate::paths;
use crate::queries;
use crate::session::{Viewer, use_viewer};
use crate::theme::{SetTheme, Theme};

#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let viewer = use_viewer();
    let now = viewer.now.to_string();
    let waiting = Resource::new(|| (), |()| get_waiting());
    let (sandbox, theme) = (viewer.settings.sandbox, viewer.theme);
    let printed = printed(&viewer);
    view! {
        <a class="skip" href="#content">
            "Skip to the content"
        </a>
        <div class="frame" data-now=now>
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
            <nav class="nav" id="nav" popover="auto" aria-label="Main">
                <NavLinks waiting />
                <div class="nav-foot">
                    <ThemeChoice theme />
                </div>
            </nav>
            <main class="content" id="content" tabindex="-1">
                <p class="print-only">{printed}</p>
                // Always there, so that a reader is told when something comes into it.
                <div role="status">
                    <Transition>
                        {move || Suspend::new(async move {
                            waiting.await.ok().map(|waiting| view! { <WorkerNotice state=waiting.worker /> })
                        })}
                    </Transition>
                </div>
                // Where the browser says that what is shown is not the newest.
                <div role="status" class="not-refreshed" id=NOTE></div>
                {children()}
            </main>
        </div>
        <Browser />
    }
}

/// What a page on paper says of itself: where, by whom and when it was printed.
fn printed(viewer: &Viewer) -> String {
    let Settings { environment, place, .. } = &viewer.settings;
    let at = environment.iter().chain([place]).cloned().collect::<Vec<_>>().join(" · ");
    let person = viewer.actor.as_ref().map(|actor| actor.person.name.as_str()).unwrap_or_default();
    format!("Countersign · {at} · printed by {person} from the page as it was at {}", viewer.now.absolute())
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
                                <a class="person-name" href=paths::ME title=actor.person.id.to_string()>
                                    {actor.person.name}
                                </a>
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
            {settings.environment.map(|name| view! { <span class="environment-name">{name}</span> })}
            <span class="place">{settings.place}</span>
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
