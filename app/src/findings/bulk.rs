//! How far it is with what was ordered to be done to many findings, and what came of it.

use domain::finding::{Bulk, BulkEnd, Triage};
use domain::{BulkId, Permission};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::{StopBulk, get_bulk};
use super::headline::headline;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::session::{use_now, use_viewer};
use crate::ui::{
    Ago, Column, Crumb, Fact, Facts, Flash, FormErrors, LinkButton, Live, Pace, PageHead, Progress, Refused,
    Section, Submit, Table, Tone, Utc, count, error_of, loaded, plural, visible,
};

#[component]
pub fn BulkPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("bulk").and_then(|text| text.parse::<BulkId>().ok());
    let stop = ServerAction::new();
    let bulk =
        Resource::new(
            id,
            |id| async move { get_bulk(id.ok_or(AppError::NotFound { what: Noun::Page })?).await },
        );
    loaded(bulk, move |bulk| view! { <OneBulk bulk stop /> })
}

/// "Dismissing 3,000 findings".
pub(super) fn title(bulk: &Bulk) -> String {
    let number = plural(bulk.count, "finding");
    match &bulk.what {
        Triage::Acknowledge { owner, .. } if owner.id != bulk.by.person.id => {
            format!("Giving {number} to {}", owner.name)
        }
        Triage::Acknowledge { .. } => format!("Acknowledging {number}"),
        Triage::Dismiss { .. } => format!("Dismissing {number}"),
    }
}

/// The page once its data is there.
#[component]
pub fn OneBulk(bulk: Bulk, stop: ServerAction<StopBulk>) -> impl IntoView {
    let (title, by, at) = (title(&bulk), bulk.by.person.name.clone(), bulk.asked_at);
    let standing = match bulk.end.clone() {
        Some(end) => view! { <Ended bulk=bulk.clone() end /> }.into_any(),
        None => view! { <UnderWay bulk=bulk.clone() stop /> }.into_any(),
    };
    view! {
        <PageHead title crumbs=vec![Crumb::new("Findings", paths::FINDINGS)]>
            "Ordered by " {by} " " <Ago at />
        </PageHead>
        {standing}
        <Ordered bulk=bulk.clone() />
        <Left bulk />
    }
}

#[component]
fn UnderWay(bulk: Bulk, stop: ServerAction<StopBulk>) -> impl IntoView {
    let elapsed = use_now().since(bulk.asked_at);
    let (here, id) = (paths::bulk(&bulk.id), bulk.id.to_string());
    let error = error_of(stop);
    let stop = match use_viewer().may(Permission::Operate) {
        false => view! { <Refused label="Stop it" why=Permission::Operate.refusal() /> }.into_any(),
        true => view! {
            <FormErrors error />
            <ActionForm action=stop attr:class="row">
                <input type="hidden" name="id" value=id />
                <Submit error>"Stop it"</Submit>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Live pace=Pace::Quick />
        <Section title="Under way">
            <Progress what=title(&bulk) unit="findings" done=bulk.reached total=Some(bulk.count) elapsed />
            <p class="muted">
                "You can leave this page: the work goes on, even when a server is restarted. What is done stays done when it is stopped."
            </p>
            <div class="row">
                // safe link: from crate::paths above
                <LinkButton href=here>"Look again"</LinkButton>
                {stop}
            </div>
        </Section>
    }
}

#[component]
fn Ended(bulk: Bulk, end: BulkEnd) -> impl IntoView {
    let left: u64 = bulk.left.values().sum();
    let (tone, title) = match &end.why {
        Some(_) => (Tone::High, format!("Ended after {} of {}", count(bulk.reached), count(bulk.count))),
        None if left > 0 => (Tone::Medium, format!("Done, but to {} it could not be done", count(left))),
        None => (Tone::Ok, "Done".to_owned()),
    };
    view! {
        <Flash tone title>
            {end.why.map(|why| view! { <p>{why}</p> })}
            <p>
                <Utc at=end.at />
                " · "
                <a href=paths::FINDINGS>"Back to the findings"</a>
            </p>
        </Flash>
    }
}

#[component]
fn Ordered(bulk: Bulk) -> impl IntoView {
    let (done, asked, left) = (bulk.done, bulk.asked, bulk.left.values().sum::<u64>());
    let what = match bulk.what {
        Triage::Acknowledge { owner, due } => {
            let due = due.map(|due| format!(", due {}", due.date())).unwrap_or_default();
            view! { {format!("In the hands of {}{due}", owner.name)} }.into_any()
        }
        Triage::Dismiss { reason } => view! { <p class="quote">{visible(&reason)}</p> }.into_any(),
    };
    view! {
        <Facts>
            <Fact label="Done">{count(done)}</Fact>
            <Fact label="Not done">{count(left)}</Fact>
            {(asked > 0)
                .then(|| {
                    view! { <Fact label="Wait for a second person to dismiss them">{count(asked)}</Fact> }
                })}
            <Fact label="Not reached yet">{count(bulk.count.saturating_sub(bulk.reached))}</Fact>
            <Fact label="Which findings">{bulk.matching}</Fact>
            <Fact label="What" wide=true>
                {what}
            </Fact>
        </Facts>
    }
}

/// To which it could not be done, and why.
#[component]
fn Left(bulk: Bulk) -> impl IntoView {
    let row = |(why, number): (String, u64)| {
        view! {
            <tr>
                <th scope="row" class="wrap">
                    {why}
                </th>
                <td class="num">{count(number)}</td>
            </tr>
        }
    };
    let first = bulk.first_left.iter().map(|id| {
        view! {
            <li>
                <a href=paths::finding(id)>{headline(id)}</a>
            </li>
        }
    });
    let first = first.collect_view();
    (!bulk.left.is_empty()).then(|| {
        view! {
            <Section title="What could not be done">
                <Table
                    caption="Findings to which it could not be done, by the reason"
                    columns=vec![Column::text("Reason"), Column::number("Findings")]
                >
                    {bulk.left.into_iter().map(row).collect_view()}
                </Table>
                <p>"The first of them:"</p>
                <ul class="list">{first}</ul>
            </Section>
        }
    })
}
