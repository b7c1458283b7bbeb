//! The page of a new request. Nothing is asked for before its dry run is on the page.

use domain::AuthorityId;
use domain::revocation::{MAX_TARGETS, Unread, UnreadLine};
use domain::views::{AlreadyAsked, Authority, Narrowed, Plan, Proposal, Proposed, Selection, Step};
use leptos::prelude::*;

use super::api::{RequestRevocation, plan_revocation};
use super::draft::Draft;
use super::dry_run::DryRun;
use super::form::RequestForm;
use super::same_keys::Keys;
use super::targets::{Foreseen, LONG, Only};
use crate::address::use_query;
use crate::authorities::choices;
use crate::error::{AppError, error_sent_to};
use crate::findings::headline;
use crate::paths;
use crate::queries::{read_narrowed, write_selection};
use crate::ui::{
    Beside, Column, Crumb, Empty, FileField, Filter, FilterTime, Flash, FormActions, FormErrors, LinkButton,
    Live, Numbered, Pace, PageHead, Section, Select, SerialText, Submit, Table, TextArea, Tone, Weight,
    count, loaded, plural, short,
};

#[component]
pub fn NewRevocationPage() -> impl IntoView {
    let draft = use_query(|pairs| Ok((Draft::read(pairs)?, pairs.get("at")?, read_narrowed(pairs)?)));
    let request = ServerAction::<RequestRevocation>::new();
    let refused = error_sent_to(paths::LISTS);
    let plan = Resource::new(
        move || draft.get(),
        |draft| async move {
            let (draft, at, Narrowed { only, page }) = draft?;
            let Draft { authority, of, finding, .. } = draft.clone();
            let of = of.as_ref().map(write_selection);
            Ok((draft, plan_revocation(authority, of, finding, at, Some(page), only).await?))
        },
    );
    let step = move |draft: Draft, Plan { authorities, step }| match step {
        Step::Nothing => view! { <Send authorities chosen=draft.authority error=refused /> }.into_any(),
        Step::Unread { unread, read } => view! { <NotRead unread read draft /> }.into_any(),
        Step::Proposed(proposed) => view! { <Propose proposed draft request /> }.into_any(),
    };
    // What was seen is what is asked for.
    loaded(plan, move |(draft, plan)| view! { <Live pace=Pace::Never /> {step(draft, plan)} })
}

/// The head of the page before its dry run.
#[component]
fn Head() -> impl IntoView {
    view! {
        <PageHead title="Request a revocation" crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)]>
            "First you see what it would do. Nothing is asked for yet."
        </PageHead>
    }
}

/// Asks what to revoke. A file needs a form that browsers send by themselves.
#[component]
fn Send(
    authorities: Vec<Authority>,
    chosen: Option<AuthorityId>,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let choices = choices(&authorities);
    let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Head />
        <FormErrors error />
        <form class="form" method="post" action=paths::LISTS enctype="multipart/form-data">
            <Select name="authority" label="Authority" choices chosen error />
            <TextArea
                name="serials"
                label="Serial numbers"
                hint=format!(
                    "At most {}, in any form: 4f:a2:1b…, 4FA21B…, 0x4fa21b…, decimal:5218843, the certificates' ARNs, or devices for all that they have in force; one a line, or parted by commas or blanks. What is behind a # is yours.",
                    count(u64::try_from(MAX_TARGETS).unwrap_or(u64::MAX)),
                )
                rows=12
                error
            />
            <FileField
                name="file"
                label="Or a file with them"
                hint="Text or CSV, at most 16 MiB. The header of a table names the column: serial, cert_serial, certificateArn, serial (decimal)."
                accept=".txt,.csv,.tsv,text/plain,text/csv"
            />
            <FormActions cancel=paths::REVOCATIONS.to_owned()>
                <Submit error weight=Weight::Primary>"Show what would happen"</Submit>
            </FormActions>
        </form>
    }
}

/// What of a list cannot be read, and the way on without it.
#[component]
fn NotRead(unread: Unread, read: u64, draft: Draft) -> impl IntoView {
    let of = draft.of.clone().map(|of| match of {
        Selection::List { id, .. } => Selection::List { id, despite_unread: true },
        other => other,
    });
    let on = Draft { of, ..draft }.address();
    let title = format!("{} cannot be read", plural(unread.count, "line"));
    let unlisted = unread.count.saturating_sub(u64::try_from(unread.first.len()).unwrap_or(0));
    let line = |UnreadLine { line, text, why }: UnreadLine| {
        view! {
            <tr>
                <td class="num">{count(line)}</td>
                <th scope="row" class="wrap">
                    <code>{text}</code>
                </th>
                <td class="wrap">{why}</td>
            </tr>
        }
    };
    let columns =
        vec![Column::number("Line"), Column::text("What it says"), Column::text("Why it is not read")];
    view! {
        <Head />
        <Flash tone=Tone::High title>
            <p>
                {match read {
                    0 => "No certificate is named in the rest.".to_owned(),
                    _ => format!(
                        "{} can be read. Nothing is left out unless you say so: correct the list and send it again, or go on without these lines.",
                        plural(read, "certificate"),
                    ),
                }}
            </p>
        </Flash>
        <Table caption="Lines that cannot be read" columns>
            {unread.first.into_iter().map(line).collect_view()}
        </Table>
        {(unlisted > 0).then(|| view! { <p class="muted">{format!("And {} more.", count(unlisted))}</p> })}
        <div class="form-actions">
            <LinkButton href=paths::NEW_REVOCATION.to_owned() weight=Weight::Primary>"Send another list"</LinkButton>
            {(read > 0)
                .then(|| {
                    // safe link: from crate::paths
                    view! { <LinkButton href=on>{format!("Go on with {}", plural(read, "certificate"))}</LinkButton> }
                })}
        </div>
    }
}

/// Narrows what an identity had issued to a time; nothing for other selections.
#[component]
fn Period(draft: Draft) -> impl IntoView {
    let Some((chosen, with_same_keys)) = draft.of.as_ref().map(Selection::chosen) else {
        return ().into_any();
    };
    let Selection::IssuedBy { key, only, from, to } = chosen.clone() else { return ().into_any() };
    let whole = Selection::IssuedBy { key, only, from: None, to: None };
    let whole = write_selection(&if with_same_keys { whole.with_same_keys() } else { whole });
    let hidden = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <input type="hidden" name=name value=value /> })
    };
    view! {
        <Filter action=paths::NEW_REVOCATION>
            {hidden("authority", draft.authority.map(|id| id.to_string()))}
            {hidden("of", Some(whole))}
            <FilterTime name="from" label="Issued from (UTC)" value=from />
            <FilterTime name="to" label="Before (UTC)" value=to />
        </Filter>
    }
    .into_any()
}

/// The dry run of each authority, and below them the form that asks for just that.
#[component]
pub fn Propose(proposed: Proposed, draft: Draft, request: ServerAction<RequestRevocation>) -> impl IntoView {
    let Proposed { proposals, refused } = proposed.clone();
    let asking: Vec<&Proposal> = proposed.asking().collect();
    let number = proposed.shown().count;
    let single = asking.first().and_then(|one| one.single).filter(|_| number == 1);
    let title = match single {
        Some(one) => format!("Request the revocation of certificate {}", short(one)),
        None => format!("Request the revocation of {}", plural(number, "certificate")),
    };
    let from = proposals.iter().find_map(|proposal| proposal.finding.clone()).map(|id| {
        // safe link: from crate::paths
        view! {
            " · because: "
            <a href=paths::finding(&id)>{headline(&id)}</a>
        }
    });
    let place = match &proposals[..] {
        [] => None,
        [one] => Some(format!("At {}", one.authority.name)),
        several => {
            let number = u64::try_from(several.len()).unwrap_or(u64::MAX);
            Some(format!("At {} authorities, a request of each: they are decided together", count(number)))
        }
    };
    let unread = proposals.iter().any(|proposal| proposal.dry_run.as_of.is_none());
    let (again, asked) = (draft.address(), draft.clone());
    let rest = match (unread, asking.is_empty()) {
        (true, _) => view! {
            <Flash tone=Tone::High title="The records have not been read yet">
                // safe link: from crate::paths
                <p>"Nothing is known of these certificates until they are. " <a href=again>"Look again in a moment"</a></p>
            </Flash>
        }
        .into_any(),
        (false, true) => view! {
            <Empty title="There is nothing to ask for">
                <p>"None of these certificates can be revoked."</p>
                <LinkButton href=paths::NEW_REVOCATION.to_owned()>"Choose others"</LinkButton>
            </Empty>
        }
        .into_any(),
        (false, false) => view! {
            <Section title="Make the request">
                <RequestForm proposed draft=asked action=request />
            </Section>
        }
        .into_any(),
    };
    let alone = proposals.len() == 1;
    let period = (!alone).then(|| view! { <Period draft=draft.clone() /> });
    let foretold = move |proposal: Proposal| view! { <Foretelling proposal draft=draft.clone() alone /> };
    view! {
        <PageHead title crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)]>
            {place} {from}
        </PageHead>
        {period}
        <Beside
            is_long={ number > LONG }
            long=move || {
                view! {
                    {proposals.into_iter().map(foretold).collect_view()}
                    <LeftOut refused />
                }
            }
        >
            {rest}
        </Beside>
    }
}

/// What keeps the request from being made: it waits in another one.
#[component]
fn Asked(asked: Vec<AlreadyAsked>) -> impl IntoView {
    let number = u64::try_from(asked.len()).unwrap_or(u64::MAX);
    let line = |AlreadyAsked { serial, request, why }: AlreadyAsked| {
        view! {
            <li>
                "Certificate " <SerialText serial /> ": " {why} " "
                <a href=paths::revocation(&request)>"Open the request"</a>
            </li>
        }
    };
    (number > 0).then(|| {
        view! {
            <Flash tone=Tone::High title=format!("Already asked for: {}", plural(number, "certificate"))>
                <p>"No request is made while another one about the same certificate is under way."</p>
                <ul class="list">{asked.into_iter().map(line).collect_view()}</ul>
            </Flash>
        }
    })
}

/// What would happen at one authority; `alone`: no other has any of it.
#[component]
fn Foretelling(proposal: Proposal, draft: Draft, alone: bool) -> impl IntoView {
    let Proposal { authority, dry_run, lines, narrowed, lines_total, asked, .. } = proposal;
    let id = authority.arn.id();
    let title = match alone {
        true => "What would happen".to_owned(),
        false => format!("What would happen at {}", authority.name),
    };
    let whole = draft.address();
    let (listing, paging, at) = (draft.clone(), draft.clone(), (!alone).then(|| id.clone()));
    let devices =
        draft.of.as_ref().map(|of| paths::cut_off_by(draft.authority.as_ref(), of)).unwrap_or_default();
    let keys = draft.of.clone().map(|of| match of {
        Selection::WithSameKeys(of) => Keys::TakenIn(Draft { of: Some(*of), ..draft.clone() }.address()),
        of => Keys::Offered(Draft { of: Some(of.with_same_keys()), ..draft.clone() }.address()),
    });
    let here = at.clone();
    let to =
        Callback::new(move |only| listing.listing(here.as_ref(), Narrowed { only: Some(only), page: 0 }));
    let page = move |page: u32| paging.listing(at.as_ref(), Narrowed { page, ..narrowed });
    let rows = lines.len();
    view! {
        <Section title>
            {alone.then(|| view! { <Period draft=draft.clone() /> })}
            <Asked asked />
            <DryRun counts=dry_run to authority=id.clone() devices keys />
            <Only only=narrowed.only whole />
            <Foreseen authority=id lines />
            <Numbered page=narrowed.page rows total=lines_total to=page />
        </Section>
    }
}

/// The authorities of which nothing is asked for, and why.
#[component]
fn LeftOut(refused: Vec<(Authority, u64, String)>) -> impl IntoView {
    let line = |(authority, number, why): (Authority, u64, String)| {
        view! { <li>{format!("{} of {}: {why}", plural(number, "certificate"), authority.name)}</li> }
    };
    (!refused.is_empty()).then(|| {
        view! {
            <Flash tone=Tone::High title="Some are left out">
                <ul class="list">{refused.into_iter().map(line).collect_view()}</ul>
            </Flash>
        }
    })
}
