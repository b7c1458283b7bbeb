//! A run held against another one: what is new, what is gone, and what is still there.

use domain::found::{Difference, Differences};
use domain::views::{ComparedFinding, ComparisonQuery, ComparisonView};
use domain::{FindingKind, Run, RunId, Timestamp};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::compare_runs;
use crate::address::use_query;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::queries::read_comparison;
use crate::ui::{
    Badge, Chip, Chips, Choice, Column, Crumb, Empty, Flash, LinkButton, Numbered, PageHead, Section, Select,
    SerialText, Submit, Table, Tone, Utc, count, is_beyond, loaded,
};

#[component]
pub fn ComparisonPage() -> impl IntoView {
    let params = use_params_map();
    let address = move || {
        let params = params.read();
        let authority = params.get_str("authority").and_then(|text| text.parse().ok());
        authority.zip(params.get_str("run").and_then(|text| text.parse().ok()))
    };
    let asked = use_query(read_comparison);
    let comparison = Resource::new(
        move || (address(), asked.get()),
        |(address, asked)| async move {
            let (authority, run) = address.ok_or(AppError::NotFound { what: Noun::Run })?;
            let (with, only, kind, page) = asked?;
            let query = ComparisonQuery { authority, run, with, only, kind, page };
            Ok((query.clone(), compare_runs(query).await?))
        },
    );
    loaded(comparison, |(query, view)| view! { <Comparison query view /> })
}

/// The page once its data is there.
#[component]
pub fn Comparison(query: ComparisonQuery, view: ComparisonView) -> impl IntoView {
    let ComparisonView { authority, earlier, later, counts, kinds, lines, total, page, others } = view;
    let name = authority.name;
    let crumbs =
        vec![Crumb::new("Runs", paths::RUNS), Crumb::new("Run", paths::run(&query.authority, &query.run))];
    let run = |run: &Run| {
        let href = paths::run(&query.authority, &run.id);
        view! {
            // safe link: from crate::paths above
            <a href=href>
                <Utc at=run.started_at />
            </a>
        }
    };
    let (from, to) = (run(&earlier), run(&later));
    view! {
        <PageHead title=format!("Runs of {name} compared") crumbs>
            "From the run of "
            {from}
            " to that of "
            {to}
        </PageHead>
        <Unsure earlier=earlier.clone() later=later.clone() />
        <With query=query.clone() others with=if query.run == later.id { earlier.id } else { later.id } />
        <Kinds query=query.clone() counts kinds />
        <Lines query lines total page />
    }
}

/// What neither run may have seen.
#[component]
fn Unsure(earlier: Run, later: Run) -> impl IntoView {
    let said = |which: &'static str, run: &Run| {
        let unread = run.inputs.incomplete().into_iter().map(move |why| format!("The {which} run: {why}"));
        let kinds: Vec<&str> = run.inputs.not_judged().into_iter().map(FindingKind::label).collect();
        let kinds = (!kinds.is_empty())
            .then(|| format!("The {which} run could not tell of these kinds: {}.", kinds.join(", ")));
        unread.chain(kinds).collect::<Vec<_>>()
    };
    let said = [said("earlier", &earlier), said("later", &later)].concat();
    (!said.is_empty()).then(|| {
        view! {
            <Flash tone=Tone::Medium title="Not everything could be compared">
                <p>"What is gone may only not have been seen, and what is new may have been there before."</p>
                <ul class="list">{said.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}</ul>
            </Flash>
        }
    })
}

/// Chooses the other run.
#[component]
fn With(query: ComparisonQuery, others: Vec<(RunId, Timestamp)>, with: RunId) -> impl IntoView {
    let choices = others.into_iter().map(|(id, at)| Choice::new(id, format!("the run of {}", at.absolute())));
    let action = paths::comparison_form(&query);
    view! {
        // safe link: from crate::paths above
        <form method="get" action=action class="form-line">
            <Select name="with" label="Compare with" choices=choices.collect() chosen=with.to_string() />
            <Submit>"Compare"</Submit>
        </form>
    }
}

/// How many of each kind, each number leading to its lines.
#[component]
fn Kinds(
    query: ComparisonQuery,
    counts: Differences,
    kinds: Vec<(FindingKind, Differences)>,
) -> impl IntoView {
    let cells = move |kind: Option<FindingKind>, counts: Differences| {
        let cell = |difference: &Difference| {
            let only = Some(*difference);
            let href = paths::comparison(&ComparisonQuery { only, kind, page: 0, ..query.clone() });
            let number = counts.of(*difference);
            let shown = match number {
                0 => "0".into_any(),
                // safe link: from crate::paths above
                _ => view! { <a href=href>{count(number)}</a> }.into_any(),
            };
            view! { <td class="num">{shown}</td> }
        };
        Difference::ALL.iter().map(cell).collect_view()
    };
    let row = |(kind, counts): (FindingKind, Differences)| {
        view! {
            <tr>
                <th scope="row">{kind.label()}</th>
                <td>
                    <Badge of=kind.severity() />
                </td>
                {cells(Some(kind), counts)}
            </tr>
        }
    };
    let columns = [Column::text("Kind"), Column::text("Severity")].into_iter();
    let columns =
        columns.chain(Difference::ALL.iter().map(|one| Column::number(one.label()))).collect::<Vec<_>>();
    let all = cells(None, counts);
    let rows = kinds.into_iter().map(row).collect_view();
    view! {
        <Section title="In numbers">
            <Table caption="Findings by kind and what became of them" columns>
                {rows}
                <tr>
                    <th scope="row">"All"</th>
                    <td></td>
                    {all}
                </tr>
            </Table>
        </Section>
    }
}

#[component]
fn Lines(query: ComparisonQuery, lines: Vec<ComparedFinding>, total: u64, page: u32) -> impl IntoView {
    let chip = |label: String, query: ComparisonQuery| Chip { label, without: paths::comparison(&query) };
    let only = query.only.map(|only| {
        let without = ComparisonQuery { only: None, page: 0, ..query.clone() };
        chip(only.label().to_lowercase(), without)
    });
    let kind = query.kind.map(|kind| {
        let without = ComparisonQuery { kind: None, page: 0, ..query.clone() };
        chip(format!("kind: {}", kind.label()), without)
    });
    let chips = only.into_iter().chain(kind).collect();
    let files = [("Download as CSV", paths::COMPARISON_CSV), ("As JSON Lines", paths::COMPARISON_JSONL)];
    let files = files.map(|(label, file)| {
        view! { <LinkButton href=paths::comparison_file(file, &query)>{label}</LinkButton> }
    });
    let rows = lines.len();
    let row = |line: ComparedFinding| {
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::finding(&line.id)>
                        <SerialText serial=line.serial />
                    </a>
                </th>
                <td>{line.id.kind.label()}</td>
                <td>
                    <Badge of=line.id.kind.severity() />
                </td>
                <td>{line.difference.label()}</td>
                <td>{line.state.map(|state| view! { <Badge of=state.name() /> })}</td>
            </tr>
        }
    };
    let beyond = is_beyond(page, rows, total);
    let table = match rows {
        0 if !beyond => view! {
            <Empty title="Nothing here">
                <p>"Neither run found what is asked for."</p>
            </Empty>
        }
        .into_any(),
        _ => {
            let columns = ["Certificate", "Kind", "Severity", "Since the earlier run", "Finding now"];
            let columns = columns.map(Column::text).to_vec();
            let lines = lines.into_iter().map(row).collect_view();
            let to = move |page| paths::comparison(&ComparisonQuery { page, ..query.clone() });
            view! {
                <div class="list-actions">{files.into_iter().collect_view()}</div>
                <Table caption="Findings of both runs" columns>
                    {lines}
                </Table>
                <Numbered page rows total to />
            }
            .into_any()
        }
    };
    view! {
        <Section title="Findings">
            <Chips chips />
            {table}
        </Section>
    }
}
