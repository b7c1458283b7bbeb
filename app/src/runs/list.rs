//! The list of runs and the form that starts one.

use domain::views::{Authority, ScheduleView};
use domain::{AuthorityId, Permission, Run};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{StartRun, list_runs};
use super::schedule::Schedules;
use crate::address::{Pairs, Query, use_query};
use crate::authorities::{choices, name_of};
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Ago, Badge, Chip, Chips, Column, Empty, FormErrors, PageHead, Refused, Section, Select, Submit, Table,
    Weight, count, error_of, loaded,
};

#[component]
pub fn RunsPage() -> impl IntoView {
    let authority = use_query(|pairs: &Pairs| pairs.get::<AuthorityId>("authority"));
    let list = Resource::new(
        move || authority.get(),
        |authority| async move {
            let authority = authority?;
            Ok((authority.clone(), list_runs(authority).await?))
        },
    );
    loaded(list, |(chosen, (runs, authorities, schedules))| {
        view! { <Runs chosen runs authorities schedules /> }
    })
}

/// The page once its data is there.
#[component]
pub fn Runs(
    chosen: Option<AuthorityId>,
    runs: Vec<Run>,
    authorities: Vec<Authority>,
    schedules: Vec<ScheduleView>,
) -> impl IntoView {
    let name = |id: &AuthorityId| name_of(&authorities, id);
    let chips = chosen
        .iter()
        .map(|id| Chip { label: format!("authority: {}", name(id)), without: paths::runs(Query::new()) })
        .collect();
    let columns = vec![
        Column::text("Run"),
        Column::text("Authority"),
        Column::text("State"),
        Column::text("Started by"),
        Column::text("Worst finding"),
        Column::number("Findings"),
        Column::number("New"),
        Column::number("Closed"),
    ];
    let row = |run: Run| {
        let id = run.authority.id();
        let found: u64 = run.counts.values().sum();
        let by = run.ordered_by().to_owned();
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::run(&id, &run.id)>
                        <Ago at=run.started_at />
                    </a>
                </th>
                <td>{name(&id)}</td>
                <td>
                    <Badge of=&run />
                </td>
                <td>{by}</td>
                <td>{run.worst().map(|severity| view! { <Badge of=severity /> })}</td>
                <td class="num">{count(found)}</td>
                <td class="num">{count(run.opened)}</td>
                <td class="num">{count(run.closed)}</td>
            </tr>
        }
    };
    let table = match runs.is_empty() {
        true => view! {
            <Empty title="No run yet">
                <p>"Until the first run nobody knows whether the CA issued more than was meant. Start one above."</p>
            </Empty>
        }
        .into_any(),
        false => {
            let rows = runs.into_iter().map(row).collect_view();
            view! { <Table caption="Runs, the newest first" columns>{rows}</Table> }.into_any()
        }
    };
    view! {
        <PageHead title="Runs">
            "A run asks an authority what it signed, reads what the inventory says, and lists where they disagree"
        </PageHead>
        <Start chosen authorities=authorities.clone() />
        <Schedules schedules authorities=authorities.clone() />
        <Section title="Newest runs">
            <Chips chips />
            {table}
        </Section>
    }
}

#[component]
fn Start(chosen: Option<AuthorityId>, authorities: Vec<Authority>) -> impl IntoView {
    let action = ServerAction::<StartRun>::new();
    let choices = choices(&authorities);
    let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
    match use_viewer().may(Permission::Operate) {
        false => view! { <Refused label="Start a run" why=Permission::Operate.refusal() /> }.into_any(),
        true => view! {
            <FormErrors error=error_of(action) />
            <ActionForm action attr:class="form-line">
                <Select name="authority" label="Authority" choices chosen />
                <Submit error=error_of(action) weight=Weight::Primary>
                    "Start a run"
                </Submit>
            </ActionForm>
        }
        .into_any(),
    }
}
