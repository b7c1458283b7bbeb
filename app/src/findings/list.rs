//! The list of findings: narrowed, sorted and paged by the address alone.

use domain::finding::Bulk;
use domain::preferences::{ListColumn, ListSettings, OwnList};
use domain::views::{Authority, Days, FindingPage, FindingQuery, FindingSort, FindingStates};
use domain::{Finding, FindingKind, FindingState, Severity, Timestamp};
use leptos::prelude::*;

use super::api::list_findings;
use super::bulk::title;
use super::headline::{Headline, headline, is_over, place};
use crate::address::{Query, use_query};
use crate::authorities::{choices, name_of};
use crate::lists::{Files, ListForms, SavedFilters, SetUpList};
use crate::paths;
use crate::queries::{CHOSEN, Exported, ME, OVERDUE, read_findings, write_findings};
use crate::session::use_now;
use crate::ui::{
    Ago, Badge, Chip, Chips, Choice, Column, Empty, Filter, FilterDay, FilterSelect, Flash, Icon, LinkButton,
    Mark, Numbered, PageHead, Sort, Submit, Table, Tile, Tiles, Tone, count, is_beyond, loaded, visible,
};

#[component]
pub fn FindingsPage() -> impl IntoView {
    let query = use_query(read_findings);
    let list = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), list_findings(query).await?))
        },
    );
    let forms = ListForms::new();
    loaded(list, move |(query, (page, authorities, settings))| {
        view! { <Findings query page authorities settings forms /> }
    })
}

/// The page once its data is there.
#[component]
pub fn Findings(
    query: FindingQuery,
    page: FindingPage,
    authorities: Vec<Authority>,
    settings: ListSettings,
    forms: ListForms,
) -> impl IntoView {
    let narrowed = write_findings(&FindingQuery { page: 0, ..query.clone() }).text();
    let own = settings.clone();
    let beyond = is_beyond(page.page, page.findings.len(), page.total);
    let asked = query.clone();
    let to = move |number: u32| paths::findings(&FindingQuery { page: number, ..asked.clone() });
    let content = match (page.findings.is_empty(), query == FindingQuery::default()) {
        _ if beyond => view! { <Numbered page=page.page rows=0 total=page.total to /> }.into_any(),
        (false, _) => {
            view! { <Lines query=query.clone() page=page.clone() authorities=authorities.clone() settings=own /> }.into_any()
        }
        (true, true) => view! {
            <Empty title="No finding waits for anybody">
                <p>
                    "What a run finds stands here, the worst first. Without a recent run this list knows nothing: see when the last one was."
                </p>
                <LinkButton href=paths::runs(Query::new())>"See the runs"</LinkButton>
            </Empty>
        }
        .into_any(),
        (true, false) => view! {
            <Empty title="No finding matches">
                <p>"Take a part of the filter away, or go back to all that wait for somebody."</p>
                <LinkButton href=paths::findings(&FindingQuery::default())>"Show what waits"</LinkButton>
            </Empty>
        }
        .into_any(),
    };
    view! {
        <PageHead title="Findings">
            "Where the records disagree: what the CA signed against what was meant to be issued"
        </PageHead>
        <UnderWay bulks=page.under_way.clone() />
        <Waiting page=page.clone() />
        <SavedFilters list=OwnList::Findings settings=settings.clone() query=narrowed.clone() />
        <Narrow query page authorities />
        <SetUpList list=OwnList::Findings settings query=Some(narrowed) forms />
        {content}
    }
}

/// What is being done to many of them, with the way to how far it is.
#[component]
fn UnderWay(bulks: Vec<Bulk>) -> impl IntoView {
    let line = |bulk: Bulk| {
        view! {
            <Flash tone=Tone::Info title=title(&bulk)>
                <a href=paths::bulk(&bulk.id)>
                    {format!("See how far it is: {} of {}", count(bulk.reached), count(bulk.count))}
                </a>
            </Flash>
        }
    };
    bulks.into_iter().map(line).collect_view()
}

/// How many wait, by severity; nothing when none does.
#[component]
fn Waiting(page: FindingPage) -> impl IntoView {
    let number = move |severity: Severity| -> u64 {
        page.waiting.iter().filter(|(kind, _)| kind.severity() == severity).map(|(_, number)| number).sum()
    };
    let tile = |severity: Severity, number: u64| {
        let href = paths::findings(&FindingQuery { severity: Some(severity), ..FindingQuery::default() });
        let note = if number == 1 { "waits for somebody" } else { "wait for somebody" };
        // safe link: from crate::paths above
        view! { <Tile of=severity number note href=href /> }
    };
    let numbers = [Severity::Critical, Severity::High, Severity::Medium].map(|one| (one, number(one)));
    numbers.iter().any(|(_, number)| *number > 0).then(|| {
        let tiles = numbers.map(|(severity, number)| tile(severity, number));
        view! {
            <div class="above-filter">
                <Tiles>{tiles.into_iter().collect_view()}</Tiles>
            </div>
        }
    })
}

#[component]
fn Narrow(query: FindingQuery, page: FindingPage, authorities: Vec<Authority>) -> impl IntoView {
    let kinds = FindingKind::ALL.iter().map(|kind| match page.waiting.get(kind) {
        Some(number) => Choice::new(kind, format!("{} ({})", kind.label(), count(*number))),
        None => Choice::new(kind, kind.label()),
    });
    let kinds: Vec<Choice> = kinds.collect();
    let severities = Severity::ALL.iter().map(|one| Choice::new(one.name(), Mark::from(*one).word));
    let states = FindingStates::OTHERS.iter().map(|one| Choice::new(one.name(), state(*one)));
    let chips = chips(&query, &authorities);
    view! {
        <Filter action=paths::FINDINGS>
            <FilterSelect
                name="severity"
                label="Severity"
                choices=severities.collect()
                chosen=query.severity.map(Severity::name).unwrap_or_default()
            />
            <FilterSelect
                name="kind"
                label="Kind"
                choices=kinds
                chosen=query.kind.map(FindingKind::name).unwrap_or_default()
            />
            <FilterSelect
                name="state"
                label="State"
                all=state(FindingStates::Waiting)
                choices=states.collect()
                chosen=query.state.name()
            />
            <FilterSelect
                name="authority"
                label="Authority"
                choices=choices(&authorities)
                chosen=query.authority.map(|id| id.to_string()).unwrap_or_default()
            />
            <FilterSelect
                name="owner"
                label="Owner"
                all="Anybody"
                choices=vec![Choice::new(ME, "Me")]
                chosen=if query.mine { ME } else { "" }
            />
            <FilterSelect
                name="due"
                label="Due"
                choices=vec![Choice::new(OVERDUE, "Overdue")]
                chosen=if query.overdue { OVERDUE } else { "" }
            />
            <FilterDay name="opened_from" label="First seen from" value=query.opened.from />
            <FilterDay name="opened_to" label="First seen to" value=query.opened.to />
            <FilterDay name="ended_from" label="Ended from" value=query.ended.from />
            <FilterDay name="ended_to" label="Ended to" value=query.ended.to />
            {query.ended_by.map(|by| view! { <input type="hidden" name="ended_by" value=by.to_string() /> })}
            {query.open_for.map(|time| view! { <input type="hidden" name="open_for" value=time.name() /> })}
            {(query.sort != FindingSort::default())
                .then(|| view! { <input type="hidden" name="sort" value=query.sort.name() /> })}
        </Filter>
        <Chips chips />
    }
}

fn chips(query: &FindingQuery, authorities: &[Authority]) -> Vec<Chip> {
    let first = FindingQuery { page: 0, ..query.clone() };
    let chip = |label: String, without: FindingQuery| Chip { label, without: paths::findings(&without) };
    let severity = query.severity.map(|one| {
        chip(format!("severity: {}", one.name()), FindingQuery { severity: None, ..first.clone() })
    });
    let kind = query.kind.map(|one| {
        chip(format!("kind: {}", one.label().to_lowercase()), FindingQuery { kind: None, ..first.clone() })
    });
    let state = (query.state != FindingStates::Waiting).then(|| {
        let without = FindingQuery { state: FindingStates::Waiting, ..first.clone() };
        chip(format!("state: {}", query.state.words()), without)
    });
    let authority = query.authority.as_ref().map(|id| {
        chip(
            format!("authority: {}", name_of(authorities, id)),
            FindingQuery { authority: None, ..first.clone() },
        )
    });
    let mine =
        query.mine.then(|| chip("owner: me".to_owned(), FindingQuery { mine: false, ..first.clone() }));
    let overdue =
        query.overdue.then(|| chip("overdue".to_owned(), FindingQuery { overdue: false, ..first.clone() }));
    let opened = query.opened.words().map(|days| {
        chip(format!("first seen {days}"), FindingQuery { opened: Days::default(), ..first.clone() })
    });
    let ended = query
        .ended
        .words()
        .map(|days| chip(format!("ended {days}"), FindingQuery { ended: Days::default(), ..first.clone() }));
    let by = query.ended_by.as_ref().map(|by| {
        let label = format!("dismissed by {}", visible(by.as_str()));
        chip(label, FindingQuery { ended_by: None, ..first.clone() })
    });
    let open_for = query.open_for.map(|time| {
        let label = format!("stood open: {}", time.label().to_lowercase());
        chip(label, FindingQuery { open_for: None, ..first.clone() })
    });
    let all = [severity, kind, state, authority, mine, overdue, opened, ended, by, open_for];
    all.into_iter().flatten().collect()
}

fn state(of: FindingStates) -> &'static str {
    match of {
        FindingStates::Waiting => "Waiting (open, acknowledged)",
        FindingStates::Any => "Any",
        FindingStates::Settled => "Settled (closed, resolved)",
        FindingStates::Is(state) => Mark::from(state).word,
    }
}

#[component]
fn Lines(
    query: FindingQuery,
    page: FindingPage,
    authorities: Vec<Authority>,
    settings: ListSettings,
) -> impl IntoView {
    let shows = |column| settings.shows(column);
    let now = use_now();
    let page_of_them = paths::findings_together(page.findings.iter().map(|finding| &finding.id));
    let matching = paths::findings_matching(&query);
    let every = format!("Handle all {} that match", count(page.total));
    let columns = columns(&query, &settings);
    let (exported, chosen) = (Exported::Findings(query.clone()), settings.clone());
    let row = |finding: Finding| {
        let named = authorities.iter().find(|one| Some(&one.arn) == finding.authority.as_ref());
        let authority = named.map_or_else(|| place(&finding.id.scope), |one| one.name.clone());
        let device = finding.evidence.inventory.first().map(|item| visible(item.device.as_str()));
        let (whole, issued_at) = (device.clone(), finding.issued_at());
        let device = match (device, finding.id.kind.is_alert()) {
            (Some(device), _) => device.into_any(),
            (None, true) => view! { <span class="muted">"—"</span> }.into_any(),
            (None, false) => view! { <span class="muted">"not in the inventory"</span> }.into_any(),
        };
        view! {
            <tr>
                <td>
                    <input
                        type="checkbox"
                        name=CHOSEN
                        value=finding.id.to_string()
                        aria-label=format!("Choose: {}", headline(&finding.id))
                    />
                </td>
                {shows(ListColumn::Severity).then(|| view! { <td><Badge of=finding.id.kind.severity() /></td> })}
                <th scope="row" class="wrap">
                    <a href=paths::finding(&finding.id)>
                        <Headline
                            id=finding.id.clone()
                            evidence=finding.evidence.clone()
                            over=is_over(&finding)
                        />
                    </a>
                </th>
                {shows(ListColumn::Device)
                    .then(|| {
                        view! {
                            <td class="name" title=whole>
                                {device}
                                <div class="small muted">{authority}</div>
                            </td>
                        }
                    })}
                {shows(ListColumn::State)
                    .then(|| {
                        view! {
                            <td>
                                <Badge of=finding.state.name() />
                                {owner(finding.state, now)}
                            </td>
                        }
                    })}
                {shows(ListColumn::Issued)
                    .then(|| match issued_at {
                        Some(at) => view! { <td><Ago at /></td> }.into_any(),
                        None => view! { <td><span class="muted">"—"</span></td> }.into_any(),
                    })}
                {shows(ListColumn::FirstSeen).then(|| view! { <td><Ago at=finding.first_seen /></td> })}
            </tr>
        }
    };
    let rows = page.findings.len();
    let lines = page.findings.into_iter().map(row).collect_view();
    let density = settings.density;
    let caption = match query.sort {
        FindingSort::Worst => "Findings, the worst first",
        FindingSort::IssuedLast => "Findings, the newest certificate first",
        FindingSort::IssuedFirst => "Findings, the oldest certificate first",
    };
    let to = move |number: u32| paths::findings(&FindingQuery { page: number, ..query.clone() });
    view! {
        <form method="get" action=paths::TOGETHER>
            <div class="above-filter">
                <Submit>"Handle the chosen together"</Submit>
                // safe link: from crate::paths above
                <LinkButton href=page_of_them>"Handle this page together"</LinkButton>
                // safe link: from crate::paths above
                {(page.total > 1).then(|| view! { <LinkButton href=matching>{every}</LinkButton> })}
                <Files of=exported settings=chosen />
            </div>
            <Table caption columns density>
                {lines}
            </Table>
        </form>
        <Numbered page=page.page rows total=page.total to />
    }
}

fn columns(query: &FindingQuery, settings: &ListSettings) -> Vec<Column> {
    let sorted = |label, sort, order| {
        let to = FindingQuery { sort, page: 0, ..query.clone() };
        Column::text(label).sorted(paths::findings(&to), order)
    };
    let worst = (query.sort == FindingSort::Worst).then_some(Sort::Descending);
    let (issued, next) = match query.sort {
        FindingSort::IssuedLast => (Some(Sort::Descending), FindingSort::IssuedFirst),
        FindingSort::IssuedFirst => (Some(Sort::Ascending), FindingSort::IssuedLast),
        FindingSort::Worst => (None, FindingSort::IssuedLast),
    };
    let own = |column: ListColumn| settings.shows(column).then(|| column.label(OwnList::Findings));
    let all = [
        Some(Column::text("Choose")),
        own(ListColumn::Severity).map(|label| sorted(label, FindingSort::Worst, worst)),
        Some(Column::text("Finding")),
        own(ListColumn::Device).map(Column::text),
        own(ListColumn::State).map(Column::text),
        own(ListColumn::Issued).map(|label| sorted(label, next, issued)),
        own(ListColumn::FirstSeen).map(Column::text),
    ];
    all.into_iter().flatten().collect()
}

/// Who has taken it on, and by when; that it is overdue is said, not only coloured.
fn owner(state: FindingState, now: Timestamp) -> AnyView {
    match state {
        FindingState::Acknowledged { owner, due } => {
            let late = due.is_some_and(|due| due < now);
            view! {
                <div class="small">{owner.name} {due.map(|due| match late {
                    true => view! { " " <Badge of=Mark::new(Tone::Medium, Icon::Clock, "Overdue") /> }.into_any(),
                    false => view! { <span class="muted">{format!(" · due {}", due.date())}</span> }.into_any(),
                })}</div>
            }
            .into_any()
        }
        FindingState::Dismissed { by, .. } => view! { <div class="small">{by.name}</div> }.into_any(),
        _ => ().into_any(),
    }
}
