//! The whole chain, followed from its first entry to its head.

use domain::ledger::Break;
use domain::views::LedgerReport;
use leptos::prelude::*;

use super::api::verify_ledger;
use crate::paths;
use crate::ui::{Crumb, Fact, Facts, Flash, LinkButton, PageHead, Tone, Utc, count, loaded};

#[component]
pub fn VerificationPage() -> impl IntoView {
    let report = Resource::new(|| (), |()| verify_ledger());
    loaded(report, |report| view! { <Proof report /> })
}

/// The page once the chain was followed.
#[component]
pub fn Proof(report: LedgerReport) -> impl IntoView {
    let LedgerReport { entries, head, broken, verified_at } = report;
    let intact = broken.is_none();
    let result = match broken {
        None => view! {
            <Flash tone=Tone::Ok title="The chain is whole">
                <p>
                    {format!("All {} entries follow one another, and each hash fits its entry.", count(entries))}
                </p>
            </Flash>
        }
        .into_any(),
        Some(broken) => view! { <Broken broken /> }.into_any(),
    };
    view! {
        <PageHead
            title="Verification of the ledger"
            crumbs=vec![Crumb::new("Ledger", paths::LEDGER)]
            actions=|| view! {
                <a class="button" href=paths::LEDGER_VERIFICATION>
                    "Verify again"
                </a>
            }
        >
            "Verified at "
            <Utc at=verified_at />
        </PageHead>
        {result}
        <Facts>
            <Fact label="Entries">{count(entries)}</Fact>
            <Fact label="Verified at">
                <Utc at=verified_at />
            </Fact>
            <Fact label="Head" copy=head.0.clone() wide=true>
                <code>{head.0.clone()}</code>
            </Fact>
        </Facts>
        {intact
            .then(|| {
                view! {
                    <p class="below muted">
                        "The hash of the newest entry stands for all before it. Keep it outside of this console, together with the number of entries: whoever could write to the table could also write the chain anew, but not to this hash."
                    </p>
                }
            })}
    }
}

/// Exactly where it is broken, and what to do.
#[component]
fn Broken(broken: Break) -> impl IntoView {
    let near = match &broken {
        Break::Missing { found, .. } | Break::Cut { found, .. } => *found,
        Break::Unlinked { seq } | Break::Changed { seq } => *seq,
    };
    let why = broken.to_string();
    let why = why.split_at_checked(1).map(|(first, rest)| format!("{}{rest}.", first.to_uppercase()));
    view! {
        <Flash tone=Tone::Critical title="The chain is broken">
            <p>{why}</p>
            <p>
                "Nothing that stands behind this place is proven by the chain. Stop writing to the table, keep a copy of it, and find out who could write there."
            </p>
        </Flash>
        <p class="standing">
            <LinkButton href=paths::ledger_entry(near)>"See the entries around it"</LinkButton>
        </p>
    }
}
