//! One request, to be read from top to bottom in a minute: what, why, who asks, what it would do now, what changed since,
//! which certificates, what happened; and at the end the decision.

use domain::Permission;
use domain::ledger::About;
use domain::revocation::{Mode, Request, RequestId, RequestState, Verdict};
use domain::views::{Change, Changed, Changes, MadeWith, Narrowed, RequestDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::{self, CancelRequest, Decide, get_request};
use super::break_glass::{BreakingGlass, glass};
use super::decide::{Decision, what_follows};
use super::draft::Draft;
use super::drill::{Drill, Report, mark};
use super::dry_run::DryRun;
use super::list::{name, verdict_of};
use super::progress::{Proving, UnderWay};
use super::step_in::StepIn;
use super::targets::{LONG, Targets};
use super::terms::{Terms, in_all};
use super::together::MadeTogether;
use crate::address::use_query;
use crate::done::{Done, use_done};
use crate::entries::EntriesOf;
use crate::error::{AppError, Noun};
use crate::findings::Headline;
use crate::paths;
use crate::queries::read_narrowed;
use crate::session::use_viewer;
use crate::ui::{
    Ago, Badge, Beside, Crumb, Due, Fact, Facts, Flash, LinkButton, Long, Mark, PageHead, Section,
    SerialText, Tone, Utc, count, loaded, moments, plural, visible,
};

#[component]
pub fn RevocationPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("request").and_then(|text| text.parse::<RequestId>().ok());
    let narrowed = use_query(read_narrowed);
    let (decide, cancel, step_in) = (ServerAction::new(), ServerAction::new(), ServerAction::new());
    let detail = Resource::new(
        move || (id(), narrowed.get()),
        |(id, narrowed)| async move {
            let (id, narrowed) = (id.ok_or(AppError::NotFound { what: Noun::Request })?, narrowed?);
            get_request(id, narrowed.page, narrowed.only).await
        },
    );
    loaded(detail, move |detail| view! { <OneRequest detail decide cancel step_in /> })
}

/// The page once its data is there.
#[component]
pub fn OneRequest(
    detail: RequestDetail,
    decide: ServerAction<Decide>,
    cancel: ServerAction<CancelRequest>,
    step_in: ServerAction<api::StepIn>,
) -> impl IntoView {
    let RequestDetail {
        request,
        authority,
        dry_run,
        changes,
        timeline,
        mode,
        drill,
        together,
        proving_run,
        ..
    } = detail.clone();
    let at_authority = authority.arn.id();
    let title = format!("{} of {}", name(&request), authority.name);
    let (state, requester, requested_at) =
        (request.state, request.requester.name.clone(), request.requested_at);
    let request_size = request.target_count;
    let (pending, standing) = (state == RequestState::Pending, Mark::from(&request));
    let (targets, is_drill, alone) = (detail.clone(), request.is_drill(), request.alone.is_some());
    let (decided, evidence) = (!request.decisions.is_empty(), paths::evidence(&request.id));
    let expiry = pending.then_some(request.expires_at);
    let approvals = format!(" · {} of {} approvals", request.approvals(), request.approvals_needed);
    let about = About::Request(request.id.clone());
    let (id, devices) = (request.id.clone(), paths::cut_off_by_request(&request.id));
    let at = authority.arn.id();
    let to = Callback::new(move |only| paths::revocation_page(&id, Narrowed { only: Some(only), page: 0 }));
    let again = can_be_asked_again(&request).then(|| Draft::again(&request).address());
    // safe link: from crate::paths
    let actions = move || again.map(|href| view! { <LinkButton href>"Request again"</LinkButton> });
    let waiting = pending.then(|| {
        view! {
            <Section title="What it would do now">
                <Since changes />
                <DryRun counts=dry_run authority=at to devices keys=None />
            </Section>
        }
    });
    view! {
        <PageHead title crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)] actions=actions>
            <Badge of=standing />
            {is_drill.then(|| view! { <Badge of=mark() /> })}
            {alone.then(|| view! { <Badge of=glass() /> })}
            "Requested by "
            {requester}
            " "
            <Ago at=requested_at />
            {approvals}
            {expiry.map(|at| view! { " · expires " <Due at /> })}
            " · "
            <EntriesOf about since=Some(requested_at) />
        </PageHead>
        <JustDone request=request.clone() mode />
        <Standing request=request.clone() />
        {drill.map(|report| view! { <Report report /> })}
        <UnderWay detail=detail.clone() />
        {proving_run.map(|of| view! { <Proving of authority=at_authority /> })}
        <StepIn detail=detail.clone() action=step_in />
        <Asked request together />
        <Beside
            is_long={ pending && u64::from(request_size) > LONG }
            long=move || {
                view! {
                    {waiting}
                    <Section title="Certificates">
                        <Targets detail=targets />
                    </Section>
                    <Section title="What happened, and what is to come">
                        {moments(timeline)} {decided.then(|| view! { <Kept evidence /> })}
                    </Section>
                }
            }
        >
            <Decision detail decide cancel />
        </Beside>
    }
}

/// Whether it ended with something left that an operator may want revoked.
fn can_be_asked_again(request: &Request) -> bool {
    use RequestState::{Cancelled, Closed, Expired, PartlyFailed, Rejected};
    matches!(request.state, Rejected | Expired | Cancelled | PartlyFailed | Closed)
        && use_viewer().may(Permission::Operate)
}

/// The decisions with what proves them, for whoever trusts nobody here. No page of the app.
#[component]
fn Kept(evidence: String) -> impl IntoView {
    view! {
        <p class="muted">
            // safe link: from crate::paths above
            <a href=evidence download>
                "Decisions as a file"
            </a>
            ", with the ID tokens that prove them: countersign verify decision verifies it without this console."
        </p>
    }
}

/// What one has to know before reading on.
#[component]
fn Standing(request: Request) -> impl IntoView {
    let drill = request.is_drill();
    let label = request.state.label_for(request.target_count);
    let problem = request.problem.map(|problem| {
        view! {
            <Flash tone=Tone::High title=format!("{label}: somebody must look at it")>
                <p>{problem}</p>
            </Flash>
        }
    });
    view! {
        {drill.then(|| view! { <Drill /> })}
        {request.alone.map(|alone| view! { <BreakingGlass why=alone.why /> })}
        {problem}
    }
}

/// Who asks for what, and why: what the hash is over.
#[component]
fn Asked(request: Request, together: Vec<MadeWith>) -> impl IntoView {
    let single = (request.target_count == 1).then_some(request.first_target.serial);
    let number = plural(u64::from(request.target_count), "certificate");
    let terms = view! { <Terms request=request.clone() /> };
    let Request { requester, reason, justification, finding, origin, ticket, hash, .. } = request;
    view! {
        <Facts>
            <Fact label="Certificates">
                {match single {
                    Some(serial) => view! { <SerialText serial /> }.into_any(),
                    None => number.into_any(),
                }}
            </Fact>
            {(!together.is_empty())
                .then(|| {
                    view! {
                        <Fact label="Made together with" wide=true>
                            <MadeTogether together />
                        </Fact>
                    }
                })}
            <Fact label="Requested by">
                {requester.name}
                " · "
                <Utc at=request.requested_at />
            </Fact>
            <Fact label="Reason" wide=true>
                {reason.label()}
                <span class="plain muted">{format!(" · {}", reason.meaning())}</span>
            </Fact>
            <Fact label="Justification" wide=true>
                <p class="quote">{visible(&justification)}</p>
            </Fact>
            {finding
                .map(|id| {
                    view! {
                        <Fact label="Finding" wide=true>
                            <a href=paths::finding(&id)>
                                <Headline id=id.clone() />
                            </a>
                        </Fact>
                    }
                })}
            {(!origin.chosen.is_empty())
                .then(|| view! { <Fact label="What was asked for" wide=true>{visible(&origin.chosen)}</Fact> })}
            {origin
                .incident
                .map(|id| {
                    view! {
                        <Fact label="Incident">
                            <a href=paths::incident(&id)>"open the case"</a>
                        </Fact>
                    }
                })}
            <Fact label="Ticket">{ticket.map_or_else(|| "none".to_owned(), |ticket| visible(&ticket))}</Fact>
            <Fact label="Expires">
                <Utc at=request.expires_at />
            </Fact>
            {terms}
            <Fact label="Hash" copy=hash.to_string()>
                <Long value=hash.to_string() head=16 tail=8 />
                <span class="plain muted">" · over all of the above and every certificate"</span>
            </Fact>
        </Facts>
    }
}

#[component]
fn Since(changes: Changes) -> impl IntoView {
    let change = |Change { serial, what }: Change| {
        view! {
            <li>
                "Certificate " <SerialText serial /> " " {changed(what)}
            </li>
        }
    };
    if changes.count == 0 {
        return view! { <p>"Nothing has changed since the request was made."</p> }.into_any();
    }
    let kinds: Vec<String> =
        changes.kinds.iter().map(|(words, number)| format!("{} {words}", count(*number))).collect();
    let more = changes.count.saturating_sub(u64::try_from(changes.first.len()).unwrap_or(0));
    view! {
        <Flash tone=Tone::High title=format!("{} since the request was made", plural(changes.count, "change"))>
            <p>{kinds.join(" · ")}</p>
            <ul class="list">{changes.first.into_iter().map(change).collect_view()}</ul>
            {(more > 0).then(|| view! { <p>{format!("And {} more.", count(more))}</p> })}
        </Flash>
    }
    .into_any()
}

/// The rest of a sentence that begins "Certificate 4f:a2… ".
fn changed(what: Changed) -> String {
    match what {
        Changed::Obstacle(obstacle) => format!("{obstacle}: it cannot be revoked any more"),
        Changed::Device(Some(device)) => format!("belongs to the device {} now", visible(device.as_str())),
        Changed::Device(None) => "is no longer in the inventory".to_owned(),
        Changed::Renewed(at) => {
            format!("has a successor: its device was given another certificate, {}", at.absolute())
        }
    }
}

/// What the viewer has just done, if the record says so too.
#[component]
fn JustDone(request: Request, mode: Mode) -> impl IntoView {
    let done = use_done();
    let me = use_viewer().actor.map(|actor| actor.person.id);
    let mine = me.as_ref() == Some(&request.requester.id);
    let verdict = me.as_ref().and_then(|me| verdict_of(&request, me));
    let stepped_in = me.is_some() && request.interventions.last().map(|last| &last.by.id) == me.as_ref();
    let (state, missing, happens) = (request.state, missing(&request), what_follows(mode));
    move || {
        let (title, next) = match (done.get()?, verdict) {
            (Done::Requested, _) if mine && state == RequestState::Pending => (
                "The request is made",
                format!(
                    "{missing} by somebody else must follow before {happens}. You need not do anything more."
                ),
            ),
            (Done::Approved, Some(Verdict::Approve)) if state == RequestState::Pending => {
                ("You have approved it", format!("{missing} must follow before {happens}."))
            }
            (Done::Approved, Some(Verdict::Approve)) => (
                "You have approved it",
                match mode {
                    Mode::Drill => {
                        "No more approvals are needed: the drill is played by itself, nothing is revoked."
                            .to_owned()
                    }
                    Mode::Live => "No more approvals are needed: it is carried out by itself.".to_owned(),
                },
            ),
            (Done::Rejected, Some(Verdict::Reject)) => (
                "You have rejected it",
                "Nothing is revoked. The requester can make another request.".to_owned(),
            ),
            (Done::SteppedIn, _) if stepped_in => (
                "It is done",
                format!("The request is {} now.", state.label_for(request.target_count).to_lowercase()),
            ),
            (Done::Cancelled, _) if mine && state == RequestState::Cancelled => {
                ("You have cancelled it", "Nothing is revoked.".to_owned())
            }
            _ => return None,
        };
        Some(view! {
            <Flash tone=Tone::Ok title>
                <p>{next} " " <a href=paths::REVOCATIONS>"See all requests"</a></p>
            </Flash>
        })
    }
}

/// "1 approval", "2 approvals": what is not there yet.
fn missing(request: &Request) -> String {
    let missing = request.still_needed(&use_viewer().settings.policy, None);
    missing.map(|missing| in_all(&missing, "approval")).unwrap_or_default()
}
