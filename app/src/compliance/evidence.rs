//! Evidence to take along: the form that asks for a pack, those of late, and how far one is.

use domain::PackId;
use domain::views::{Authority, Pack, PackFile, PackOf, PackQuery, PackState, PackView, PacksView};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::{OrderPack, get_pack, get_packs};
use crate::address::use_query;
use crate::authorities::name_of;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::queries::read_pack;
use crate::session::use_now;
use crate::ui::{
    Ago, Column, CopyButton, Crumb, Fact, Facts, Flash, FormErrors, LinkButton, Live, Pace, PageHead,
    Progress, Section, Submit, Table, TextField, Tone, Utc, count, error_of, loaded, plural,
};

#[component]
pub fn EvidencePage() -> impl IntoView {
    let query = use_query(read_pack);
    let order = ServerAction::new();
    let view = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_packs(query).await?))
        },
    );
    loaded(view, move |(query, view)| view! { <Evidence query view order /> })
}

/// The page once its data is there.
#[component]
pub fn Evidence(query: PackQuery, view: PacksView, order: ServerAction<OrderPack>) -> impl IntoView {
    let PacksView { of, authorities, packs } = view;
    let is_any = packs.iter().any(Pack::is_under_way);
    view! {
        {is_any.then(|| view! { <Live pace=Pace::Quick /> })}
        <PageHead title="Evidence to take along" crumbs=vec![crumb()]>
            "One ZIP file with lists, decisions and their ID tokens, the ledger's entries with their proofs, and how to check all of it"
        </PageHead>
        <Ask query of authorities=authorities.clone() order />
        <Late packs authorities />
    }
}

fn crumb() -> Crumb {
    Crumb::new("Compliance", paths::COMPLIANCE)
}

#[component]
fn Ask(
    query: PackQuery,
    of: PackOf,
    authorities: Vec<Authority>,
    order: ServerAction<OrderPack>,
) -> impl IntoView {
    let error = error_of(order);
    let fields = match of {
        PackOf::Request(id) => view! {
            <p>
                "All about one request: " <a href=paths::revocation(&id)>{id.to_string()}</a> ". "
                <a href=paths::PACKS>"Of a time instead"</a>
            </p>
            <input type="hidden" name="request" value=id.to_string() />
        }
        .into_any(),
        PackOf::Incident(id) => view! {
            <p>
                "All about one incident: " <a href=paths::incident(&id)>{id.to_string()}</a> ". "
                <a href=paths::PACKS>"Of a time instead"</a>
            </p>
            <input type="hidden" name="incident" value=id.to_string() />
        }
        .into_any(),
        PackOf::Period { period, .. } => {
            let check = |one: Authority| {
                let id = one.arn.id();
                let checked = query.authorities.contains(&id);
                view! {
                    <label class="check">
                        <input type="checkbox" name="authorities[]" value=id.to_string() checked=checked />
                        {one.name}
                    </label>
                }
            };
            view! {
                <TextField
                    name="from"
                    label="From"
                    kind="date"
                    value=period.from().date()
                    hint="The first day, UTC, whole"
                    error
                />
                <TextField
                    name="to"
                    label="To"
                    kind="date"
                    value=period.last().date()
                    hint="The last day, UTC, whole"
                    error
                />
                <fieldset class="checks">
                    <legend>"Authorities (none chosen: all)"</legend>
                    {authorities.into_iter().map(check).collect_view()}
                </fieldset>
            }
            .into_any()
        }
    };
    view! {
        <Section title="Ask for a pack">
            <FormErrors error />
            <ActionForm action=order attr:class="form">
                {fields}
                <p class="muted">
                    "A worker makes the file. You can leave the page meanwhile; it is kept for seven days, for everybody who may read here."
                </p>
                <Submit>"Make the file"</Submit>
            </ActionForm>
        </Section>
    }
}

/// What it is about, in words.
fn words(of: &PackOf, authorities: &[Authority]) -> String {
    match of {
        PackOf::Request(id) => format!("Request {id}"),
        PackOf::Incident(id) => format!("Incident {id}"),
        PackOf::Period { period, authorities: chosen } => {
            let names: Vec<String> = chosen.iter().map(|id| name_of(authorities, id)).collect();
            let names = if names.is_empty() { "all authorities".to_owned() } else { names.join(", ") };
            format!("{} to {} UTC, {names}", period.from().date(), period.last().date())
        }
    }
}

fn size(bytes: u64) -> String {
    format!("{} KB", count(bytes.div_ceil(1024)))
}

#[component]
fn Late(packs: Vec<Pack>, authorities: Vec<Authority>) -> impl IntoView {
    let now = use_now();
    let row = move |pack: Pack| {
        let what = words(&pack.of, &authorities);
        let state = match (pack.file(now), &pack.state) {
            (Some(file), _) => view! {
                <a href=paths::pack_file(&pack.id) download="">
                    {format!("Download, {}", size(file.bytes))}
                </a>
            }
            .into_any(),
            (None, PackState::UnderWay) => {
                view! { {format!("Being made, {} so far", size(pack.bytes))} }.into_any()
            }
            (None, PackState::Failed { .. }) => view! { "Not made" }.into_any(),
            (None, PackState::Ready(_)) => view! { "Not kept any more" }.into_any(),
        };
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a href=paths::pack(&pack.id)>{what}</a>
                </th>
                <td>{pack.by.person.name}</td>
                <td>
                    <Ago at=pack.asked_at />
                </td>
                <td>{state}</td>
            </tr>
        }
    };
    let columns = ["About", "Asked for by", "When", "File"].map(Column::text).to_vec();
    (!packs.is_empty()).then(move || {
        view! {
            <Section title="Packs of late">
                <Table caption="Packs of evidence that were asked for last" columns>
                    {packs.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    })
}

#[component]
pub fn PackPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("pack").and_then(|text| text.parse::<PackId>().ok());
    let pack =
        Resource::new(
            id,
            |id| async move { get_pack(id.ok_or(AppError::NotFound { what: Noun::Page })?).await },
        );
    loaded(pack, move |view| view! { <OnePack view /> })
}

/// The page once its data is there.
#[component]
pub fn OnePack(view: PackView) -> impl IntoView {
    let PackView { pack, authorities } = view;
    let now = use_now();
    let (here, again, by) =
        (paths::pack(&pack.id), paths::packs(&asked(&pack.of)), pack.by.person.name.clone());
    let standing = match (pack.file(now).cloned(), pack.state.clone()) {
        (Some(file), _) => view! { <Ready pack=pack.clone() file /> }.into_any(),
        (None, PackState::UnderWay) => {
            let (elapsed, done) = (now.since(pack.asked_at), pack.bytes.div_ceil(1024));
            let tries = (pack.begun > 1)
                .then(|| format!("Begun {} times: a worker ended before it was whole.", pack.begun));
            view! {
                <Live pace=Pace::Quick />
                <Section title="Being made">
                    <Progress what="Making the file" unit="KB" done total=None elapsed />
                    <p class="muted">
                        "You can leave this page: the work goes on, even when a worker is restarted. Nothing can be downloaded before all of it is there."
                    </p>
                    {tries.map(|tries| view! { <p>{tries}</p> })}
                    // safe link: from crate::paths above
                    <LinkButton href=here>"Look again"</LinkButton>
                </Section>
            }
            .into_any()
        }
        (None, PackState::Failed { at, why }) => view! {
            <Flash tone=Tone::High title="Not made">
                <p>{why}</p>
                <p>
                    <Utc at />
                </p>
            </Flash>
            // safe link: from crate::paths above
            <LinkButton href=again>"Ask again"</LinkButton>
        }
        .into_any(),
        (None, PackState::Ready(_)) => view! {
            <Flash tone=Tone::Info title="The file is not kept any more">
                <p>"Its hash is in the ledger. One that is made now may have other times and later changes in it."</p>
            </Flash>
            // safe link: from crate::paths above
            <LinkButton href=again>"Ask again"</LinkButton>
        }
        .into_any(),
    };
    view! {
        <PageHead
            title="Evidence to take along"
            crumbs=vec![crumb(), Crumb::new("Evidence", paths::PACKS)]
        >
            {words(&pack.of, &authorities)}
            " · asked for by "
            {by}
            " "
            <Ago at=pack.asked_at />
        </PageHead>
        {standing}
    }
}

/// What would ask for the same.
fn asked(of: &PackOf) -> PackQuery {
    match of.clone() {
        PackOf::Request(id) => PackQuery { request: Some(id), ..PackQuery::default() },
        PackOf::Incident(id) => PackQuery { incident: Some(id), ..PackQuery::default() },
        PackOf::Period { period, authorities } => {
            let (from, to) = (Some(period.from()), Some(period.last()));
            PackQuery { from, to, authorities, ..PackQuery::default() }
        }
    }
}

#[component]
fn Ready(pack: Pack, file: PackFile) -> impl IntoView {
    let PackFile { at, bytes, sha256, without_proof, .. } = file;
    let missing = (without_proof > 0).then(|| {
        let what = plural(without_proof, "entry of the ledger without a proof in it");
        view! { <Fact label="Not in a checkpoint when it was made">{what}</Fact> }
    });
    view! {
        <Flash tone=Tone::Ok title="The file is whole">
            <p>
                <a class="button" href=paths::pack_file(&pack.id) download="">
                    "Download"
                </a>
            </p>
        </Flash>
        <Facts>
            <Fact label="Size">{size(bytes)}</Fact>
            <Fact label="Made">
                <Utc at />
            </Fact>
            <Fact label="Kept until">
                <Utc at=at.plus(Pack::KEPT) />
            </Fact>
            {missing}
            <Fact label="SHA-256" wide=true>
                <code>{sha256.clone()}</code>
                <CopyButton value=sha256 what="SHA-256" />
            </Fact>
        </Facts>
    }
}
