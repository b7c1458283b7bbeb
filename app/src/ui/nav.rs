//! The sections of the console.

use domain::views::Waiting;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use crate::error::AppError;
use crate::paths;
#[cfg(feature = "ssr")]
use crate::session;
use crate::what_is;
use domain::count::plural;

/// What waits for somebody, for the counts beside the links, and whether anything works in the background.
#[server(endpoint = "waiting", input = GetUrl)]
pub async fn get_waiting() -> Result<Waiting, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.waiting(&actor).await?)
}

type Section = (&'static str, Icon, &'static str);

/// The navigation's links, in the order of the work: what there is, what disagrees and what is done about it, who did
/// what at AWS, who did what here.
const GROUPS: [(&str, &[Section]); 4] = [
    (
        "Records",
        &[
            ("Overview", Icon::Grid, paths::OVERVIEW),
            ("Certificates", Icon::Card, paths::CERTIFICATES),
            ("Expiry", Icon::Clock, paths::EXPIRY),
        ],
    ),
    (
        "Work",
        &[
            ("My page", Icon::Check, paths::ME),
            ("Runs", Icon::Play, paths::RUNS),
            ("Findings", Icon::Alert, paths::FINDINGS),
            ("Revocations", Icon::Ban, paths::REVOCATIONS),
            ("Incidents", Icon::Pulse, paths::INCIDENTS),
        ],
    ),
    ("Trail", &[("Activity", Icon::Pulse, paths::ACTIVITY), ("Coverage", Icon::Calendar, paths::COVERAGE)]),
    (
        "Evidence",
        &[
            ("Ledger", Icon::Book, paths::LEDGER),
            ("Compliance", Icon::DoubleCheck, paths::COMPLIANCE),
            ("Channels", Icon::Info, paths::CHANNELS),
        ],
    ),
];

#[component]
pub fn NavLinks(waiting: Resource<Result<Waiting, AppError>>) -> impl IntoView {
    let link = move |&(label, icon, href): &Section| {
        view! {
            <li>
                <A href exact=href == paths::OVERVIEW>
                    {icon.draw()}
                    {label}
                    <Count waiting href />
                </A>
            </li>
        }
    };
    let group = move |(name, sections): (&'static str, &'static [Section])| {
        let id = format!("nav-{}", name.to_lowercase());
        view! {
            <p class="nav-group" id=id.clone()>
                {name}
            </p>
            <ul aria-labelledby=id>{sections.iter().map(link).collect_view()}</ul>
        }
    };
    view! {
        {GROUPS.map(group).into_iter().collect_view()}
        <HelpLinks />
    }
}

/// To the section about this page, and to all of the help.
#[component]
fn HelpLinks() -> impl IntoView {
    let about = what_is::section(&use_location().pathname.get_untracked());
    view! {
        <p class="nav-group" id="nav-help">
            "Help"
        </p>
        <ul aria-labelledby="nav-help">
            <li>
                // safe link: of the help, from crate::paths
                <a href=about>{Icon::Info.draw()} "What is this?"</a>
            </li>
            <li>
                <A href=paths::HELP>{Icon::Book.draw()} "All help"</A>
            </li>
        </ul>
    }
}

/// How many things wait behind the link; nothing when none do, or when nobody could say.
#[component]
fn Count(waiting: Resource<Result<Waiting, AppError>>, href: &'static str) -> impl IntoView {
    let count = move |waiting: Waiting| match href {
        paths::FINDINGS => Some((waiting.findings, "open finding")),
        paths::REVOCATIONS => Some((waiting.requests, "waiting request")),
        paths::INCIDENTS => Some((waiting.incidents, "open incident")),
        _ => None,
    };
    let shown = move |(number, noun): (u64, &str)| {
        let many = usize::try_from(number).is_ok_and(|number| number >= Waiting::COUNTED);
        let (brief, whole) = match many {
            true => ("999+".to_owned(), format!("more than 999 {noun}s")),
            false => (number.to_string(), plural(number, noun)),
        };
        view! {
            <span class="nav-count" aria-hidden="true">
                {brief}
            </span>
            <span class="visually-hidden">{format!(", {whole}")}</span>
        }
    };
    view! {
        <Transition>
            {move || Suspend::new(async move {
                waiting.await.ok().and_then(count).filter(|(number, _)| *number > 0).map(shown)
            })}
        </Transition>
    }
}
