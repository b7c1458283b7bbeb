//! The whole log, followed from its first entry to its checkpoint.

use domain::views::{LedgerReport, LogHead};
use leptos::prelude::*;

use super::api::verify_ledger;
use super::witness::seen;
use crate::paths;
use crate::ui::{Crumb, Fact, Facts, Flash, PageHead, Tone, Utc, count, loaded, visible};

#[component]
pub fn VerificationPage() -> impl IntoView {
    let report = Resource::new(|| (), |()| verify_ledger());
    loaded(report, |report| view! { <Proof report /> })
}

/// The page once the log was followed.
#[component]
pub fn Proof(report: LedgerReport) -> impl IntoView {
    let LedgerReport { log, broken, verified_at } = report;
    let entries = log.as_ref().map(|log| count(log.size));
    let result = match (broken, entries) {
        (Some(why), _) => view! { <Broken why /> }.into_any(),
        (None, Some(entries)) => view! {
            <Flash tone=Tone::Ok title="The log is whole">
                <p>
                    {format!(
                        "All {entries} entries make the root that the checkpoint signs, and each file of the log is what they make it.",
                    )}
                </p>
            </Flash>
        }
        .into_any(),
        (None, None) => view! {
            <Flash tone=Tone::Medium title="There is no log to verify">
                <p>
                    "Without a checkpoint, nothing shows that the entries are as they were written. Configure [ledger], and see that a worker runs."
                </p>
            </Flash>
        }
        .into_any(),
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
        {log.map(|log| view! { <Head log /> })}
    }
}

#[component]
fn Head(log: LogHead) -> impl IntoView {
    let LogHead { size, root, witnesses } = log;
    let witness = |one: domain::views::Witnessed| view! { <Fact label="Witness">{seen(&one)}</Fact> };
    view! {
        <Facts>
            <Fact label="Entries">{count(size)}</Fact>
            {witnesses.into_iter().map(witness).collect_view()}
            <Fact label="Root" copy=root.clone() wide=true>
                <code>{root.clone()}</code>
            </Fact>
        </Facts>
        <p class="below muted">
            "This page believes the console, and looks at the log alone: whether the console's table has the same entries is looked at on each entry's page. To believe nobody, take a copy of the log's bucket, and verify it with countersign ledger verify, or with tools by others: it is a log as c2sp.org/tlog-tiles describes."
        </p>
    }
}

/// Where it is broken, and what to do.
#[component]
fn Broken(why: String) -> impl IntoView {
    view! {
        <Flash tone=Tone::Critical title="The log is broken">
            <p>{visible(&why)}</p>
            <p>
                "Nothing that stands behind this place is proven. Keep a copy of the bucket with all versions of its objects, and find out who could write there, or had the log's key."
            </p>
        </Flash>
    }
}
