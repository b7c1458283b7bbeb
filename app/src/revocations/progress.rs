//! An approved request being carried out.

use std::time::Duration;

use domain::revocation::{Mode, ProvingRun, RequestState, Verdict};
use domain::views::RequestDetail;
use domain::{AuthorityId, RunId};
use leptos::prelude::*;

use crate::paths;
use crate::session::use_now;
use crate::ui::{LinkButton, Live, Pace, Progress, Section, Utc, count, plural};

/// Whether somebody works on it right now.
fn is_under_way(state: RequestState) -> bool {
    matches!(state, RequestState::Approved | RequestState::Executing)
}

/// How long after it was carried out a request's page is asked for again as quickly as before.
const FOLLOWS: Duration = Duration::from_secs(120);

/// How far the execution is. Without JavaScript the page stands still: it has a form in which somebody may be typing why it
/// must halt.
#[component]
pub fn UnderWay(detail: RequestDetail) -> impl IntoView {
    let (request, counts) = (detail.request, detail.counts);
    if request.state == RequestState::Halted {
        let [revoked, failed, waiting] = [counts.revoked, counts.failed, counts.waiting].map(u64::from);
        let text = format!(
            "{} of {} are revoked, {} failed, {} wait for whoever lets it go on or closes it.",
            count(revoked),
            plural(u64::from(request.target_count), "certificate"),
            count(failed),
            count(waiting),
        );
        return view! { <Section title="Halted"><p>{text}</p></Section> }.into_any();
    }
    let here = paths::revocation(&request.id);
    let total = u64::from(request.target_count);
    let done = match request.state {
        RequestState::Approved => 0,
        _ => total.saturating_sub(u64::from(counts.waiting)),
    };
    let approved =
        request.decisions.iter().filter(|one| one.verdict == Verdict::Approve).map(|one| one.at).max();
    let elapsed = use_now().since(approved.unwrap_or(request.requested_at));
    let what = match detail.mode {
        Mode::Drill => "Drill: playing",
        Mode::Live => "Revoking",
    };
    if request.state == RequestState::Executed
        && request.executed_at.is_some_and(|at| use_now().since(at) < FOLLOWS)
    {
        // The inventory is told, and lists and responders begin to show it.
        return view! { <Live pace=Pace::Quick /> }.into_any();
    }
    is_under_way(request.state).then(|| {
        view! {
            <Live pace=Pace::Quick />
            <Section title="Under way">
                <Progress what unit="certificates" done total=Some(total) elapsed />
                <p class="muted">"You can leave this page: the work goes on, even when a server is restarted."</p>
                <div>
                    // safe link: from crate::paths above
                    <LinkButton href=here>"Look again"</LinkButton>
                </div>
            </Section>
        }
    })
    .into_any()
}

/// The run that is to show in a report what was revoked.
#[component]
pub fn Proving(of: ProvingRun, authority: AuthorityId) -> impl IntoView {
    // safe link: from crate::paths
    let run =
        |id: RunId, words: &'static str| view! { <a href=paths::run(&authority, &id)>{words}</a> }.into_any();
    let text = match of {
        ProvingRun::Finished(id) => view! { "In " {run(id, "a run since")} " the report was read: what it shows is noted within a minute." }.into_any(),
        ProvingRun::UnderWay(id) => view! { {run(id, "A run")} " of this authority is under way. If its report is made late enough, it proves this." }.into_any(),
        ProvingRun::Tried(id) => view! { {run(id, "The run")} " that was to prove this did not come so far. Start another one when its reason is mended." }.into_any(),
        ProvingRun::Due(at) if at > use_now() => view! {
            "The run that shows this in a report starts by itself at " <Utc at />
            ": AWS makes one report of an authority in 30 minutes."
        }
        .into_any(),
        ProvingRun::Due(_) => "The run that shows this in a report starts by itself in a moment.".into_any(),
    };
    view! {
        <Section title="Proof in the report">
            <p>{text}</p>
        </Section>
    }
}
