//! One run: how far it is, what it found, what it read and what it could not read.

use domain::found::{Compared, Difference};
use domain::ledger::About;
use domain::run::{Stage, Unjudged};
use domain::views::{ComparisonQuery, FindingQuery, RunView};
use domain::{Run, RunState, Serial};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::get_run;
use super::inputs::{Inputs, Unread};
use crate::entries::EntriesOf;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::session::use_now;
use crate::ui::{
    Ago, Badge, Column, Crumb, Empty, Flash, Icon, Live, Mark, Pace, PageHead, Progress, Section, SerialText,
    Table, Tile, Tiles, Tone, count, loaded,
};

#[component]
pub fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let address = move || {
        let params = params.read();
        let authority = params.get_str("authority").and_then(|text| text.parse().ok());
        authority.zip(params.get_str("run").and_then(|text| text.parse().ok()))
    };
    let run = Resource::new(address, |address| async move {
        let (authority, id) = address.ok_or(AppError::NotFound { what: Noun::Run })?;
        get_run(authority, id).await
    });
    loaded(run, |view| view! { <OneRun view /> })
}

/// The page once its data is there.
#[component]
pub fn OneRun(view: RunView) -> impl IntoView {
    let RunView { run, authority } = view;
    let name = authority.name;
    let by = match (&run.started_by, run.scheduled, run.proves.clone()) {
        (Some(person), ..) => person.name.clone().into_any(),
        (None, Some(due), _) => format!("the schedule, for {}", due.absolute()).into_any(),
        (None, None, Some(id)) => {
            view! { <a href=paths::revocation(&id)>"a revocation, to prove it"</a> }.into_any()
        }
        (None, None, None) => "the command line".into_any(),
    };
    let result = match run.state {
        RunState::Running => view! { <UnderWay run=run.clone() /> }.into_any(),
        RunState::Failed => {
            let why = run.failure.clone().unwrap_or_else(|| "No reason was recorded.".to_owned());
            view! { <Flash tone=Tone::Critical title="The run could not finish">{why}</Flash> }.into_any()
        }
        RunState::Finished => view! {
            <Incomplete run=run.clone() />
            <Found run=run.clone() />
            <Since run=run.clone() />
        }
        .into_any(),
    };
    let (mark, begun) = (Mark::from(&run), run.stage != Stage::Waiting);
    view! {
        <PageHead title=format!("Run of {name}") crumbs=vec![Crumb::new("Runs", paths::RUNS)]>
            <Badge of=mark />
            " started "
            <Ago at=run.started_at />
            " by "
            {by}
            {run.finished_at.map(|at| view! { {format!(" · took {}", domain::timestamp::words(at.since(run.started_at)))} })}
            " · "
            <EntriesOf about=About::Run(run.id.clone()) since=Some(run.started_at) />
        </PageHead>
        {result}
        {begun
            .then(|| {
                view! {
                    <Unread inputs=run.inputs.clone() />
                    <Inputs inputs=run.inputs />
                }
            })}
    }
}

/// The stages, with the numbers of the one that is under way. Without JavaScript the page loads itself anew.
#[component]
fn UnderWay(run: Run) -> impl IntoView {
    let now = use_now();
    let waiting = run.stage == Stage::Waiting;
    let reached = run.stage;
    let here = paths::run(&run.authority.id(), &run.id);
    let stage = |stage: Stage| {
        let (mark, current) = match stage.cmp(&reached) {
            std::cmp::Ordering::Less => (Mark::new(Tone::Ok, Icon::Check, "Done"), None),
            std::cmp::Ordering::Equal if waiting => (Mark::from(&run), Some("step")),
            std::cmp::Ordering::Equal => (Mark::new(Tone::Info, Icon::Play, "Now"), Some("step")),
            std::cmp::Ordering::Greater => (Mark::new(Tone::Low, Icon::Clock, "To come"), None),
        };
        view! {
            <li aria-current=current>
                <Badge of=mark />
                " "
                {stage.label()}
            </li>
        }
    };
    let (what, unit, done) = match run.stage {
        Stage::ScanningInventory => ("Scanning the inventory", "items", run.inputs.inventory_items),
        _ => ("Reading the audit report", "rows", run.inputs.report_rows),
    };
    let began = |run: &Run| match run.stage {
        Stage::ScanningInventory => run.inputs.scan_started_at.unwrap_or(run.started_at),
        _ => run.started_at,
    };
    let elapsed = now.since(began(&run));
    let stages = Stage::ALL.iter().copied().map(stage).collect_view();
    let (title, words) = match waiting {
        true => (
            "Waiting for a worker",
            "A worker takes it up within seconds; if there is none, the run waits until there is. You can leave this page. ",
        ),
        false => ("Under way", "You can leave this page: the run goes on, even when a server is restarted. "),
    };
    view! {
        <Live pace=Pace::Quick />
        <noscript>
            <meta http-equiv="refresh" content="2" />
        </noscript>
        <Section title>
            <ol class="stages">{stages}</ol>
            {(done > 0).then(|| view! { <Progress what unit done elapsed /> })}
            <p class="muted">
                {words}
                // safe link: from crate::paths above
                <a href=here>"Look again"</a>
            </p>
        </Section>
    }
}

/// What it could not compare, and why; nothing when everything was compared.
#[component]
fn Incomplete(run: Run) -> impl IntoView {
    let authority = run.authority.id();
    let Unjudged { count: all, serials } = run.inputs.unjudged.clone();
    let more = all.saturating_sub(u64::try_from(serials.len()).unwrap_or(u64::MAX));
    let one = move |serial: Serial| {
        let href = paths::certificate(&authority, serial);
        view! {
            <li>
                // safe link: from crate::paths above
                <a href=href>
                    <SerialText serial />
                </a>
            </li>
        }
    };
    run.is_incomplete().then(|| {
        view! {
            <Flash tone=Tone::High title="Not everything could be compared">
                <ul class="list">
                    {run.inputs.incomplete().into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}
                </ul>
                <p>
                    "What cannot be read hides what it would say. Mend what is named below, and start another run."
                </p>
                {(all > 0)
                    .then(|| {
                        view! {
                            <p>"Could not be judged:"</p>
                            <ul class="list">
                                {serials.into_iter().map(one).collect_view()}
                                {(more > 0).then(|| view! { <li>{format!("and {} more", count(more))}</li> })}
                            </ul>
                        }
                    })}
            </Flash>
        }
    })
}

/// What it found, held against the run before.
#[component]
fn Since(run: Run) -> impl IntoView {
    let authority = run.authority.id();
    let compare = |with, only| {
        let (authority, run) = (authority.clone(), run.id.clone());
        paths::comparison(&ComparisonQuery { authority, run, with, only, kind: None, page: 0 })
    };
    let content = match (&run.compared, &run.found) {
        (Some(Compared { with, counts }), _) => {
            let tile = |difference: Difference| {
                let href = compare(Some(with.clone()), Some(difference));
                let number = counts.of(difference);
                // safe link: from crate::paths above
                view! { <Tile of=difference number note="since the run before" href=href /> }
            };
            let (tiles, href) =
                (Difference::ALL.iter().copied().map(tile).collect_view(), compare(None, None));
            view! {
                <Tiles>{tiles}</Tiles>
                <p>
                    // safe link: from crate::paths above
                    <a href=href>"Compare with the run before, or with another one"</a>
                </p>
            }
            .into_any()
        }
        (None, Some(_)) => {
            view! { <p class="muted">"No run before this one can be compared with it."</p> }.into_any()
        }
        (None, None) => view! {
            <p class="muted">"It kept no list of what it found, and cannot be compared."</p>
        }
        .into_any(),
    };
    view! { <Section title="Since the run before">{content}</Section> }
}

/// What it found, by kind, the worst first.
#[component]
fn Found(run: Run) -> impl IntoView {
    let authority = run.authority.id();
    let is_incomplete = run.is_incomplete();
    let mut counts: Vec<_> = run.counts.into_iter().filter(|(_, number)| *number > 0).collect();
    counts.sort_by_key(|(kind, _)| (kind.severity(), *kind));
    let row = |(kind, number): (domain::FindingKind, u64)| {
        let list =
            FindingQuery { kind: Some(kind), authority: Some(authority.clone()), ..FindingQuery::default() };
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::findings(&list)>{kind.label()}</a>
                </th>
                <td>
                    <Badge of=kind.severity() />
                </td>
                <td>{format!("A certificate {}", kind.sentence())}</td>
                <td class="num">{count(number)}</td>
            </tr>
        }
    };
    let columns = vec![
        Column::text("Kind"),
        Column::text("Severity"),
        Column::text("Meaning"),
        Column::number("Findings"),
    ];
    let content = match counts.is_empty() {
        true if is_incomplete => view! {
            <Empty title="Nothing was found in what could be compared">
                <p>"What could not be compared may still disagree."</p>
            </Empty>
        }
        .into_any(),
        true => view! {
            <Empty title="The records agree">
                <p>"Every certificate that the CA signed is in the inventory, and every item has its certificate."</p>
            </Empty>
        }
        .into_any(),
        false => {
            let rows = counts.into_iter().map(row).collect_view();
            view! { <Table caption="Findings by kind" columns>{rows}</Table> }.into_any()
        }
    };
    let news = format!("{} new, {} closed", count(run.opened), count(run.closed));
    view! {
        <Section title="What it found" aside=move || view! { <span class="muted">{news}</span> }>
            {content}
        </Section>
    }
}
