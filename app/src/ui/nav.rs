//! The sections of the console.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::paths;

/// The navigation's links, in the order of the work: what there is, what disagrees, what is done about it, the record.
const SECTIONS: [(&str, &str); 6] = [
    ("Overview", paths::OVERVIEW),
    ("Certificates", paths::CERTIFICATES),
    ("Runs", paths::RUNS),
    ("Findings", paths::FINDINGS),
    ("Revocations", paths::REVOCATIONS),
    ("Ledger", paths::LEDGER),
];

#[component]
pub fn NavLinks() -> impl IntoView {
    let link = |(label, href): (&'static str, &'static str)| {
        view! {
            <li>
                <A href exact=href == paths::OVERVIEW>
                    {label}
                </A>
            </li>
        }
    };
    view! { <ul>{SECTIONS.map(link).into_iter().collect_view()}</ul> }
}
