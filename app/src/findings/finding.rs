//! One finding: the sentence, what to do, what each record says, what happened, and the ways to handle it.

use domain::incident::IncidentQuery;
use domain::ledger::About;
use domain::views::FindingView;
use domain::{Finding, FindingId, FindingState, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::{AcknowledgeFinding, DismissFinding, get_finding};
use super::evidence::{Notifications, Trail};
use super::handle::{ACKNOWLEDGE, DISMISS, Handle, asked_by_me};
use super::headline::headline_of;
use super::history::History;
use super::records::Records;
use super::remedy::{RECORDS, dismissable, first_action};
use crate::done::{Done, use_done};
use crate::entries::EntriesOf;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Ago, Badge, Crumb, Fact, Facts, Flash, LinkButton, PageHead, Section, SerialText, Tone, loaded, visible,
};

#[component]
pub fn FindingPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.read().get_str("finding").and_then(|text| text.parse::<FindingId>().ok());
    let (acknowledge, dismiss) = (ServerAction::new(), ServerAction::new());
    let finding = Resource::new(id, |id| async move {
        get_finding(id.ok_or(AppError::NotFound { what: Noun::Finding })?).await
    });
    loaded(finding, move |view| view! { <OneFinding view acknowledge dismiss /> })
}

/// The page once its data is there.
#[component]
pub fn OneFinding(
    view: FindingView,
    acknowledge: ServerAction<AcknowledgeFinding>,
    dismiss: ServerAction<DismissFinding>,
) -> impl IntoView {
    let Finding { id, state, first_seen, evidence, .. } = view.finding.clone();
    let title = headline_of(&view.finding);
    let first = first_action(&view);
    let leads_to = |place: &str| first.as_ref().is_some_and(|(_, href, _)| *href == format!("#{place}"));
    let acknowledge_too = view.cannot_handle.is_none() && !leads_to(ACKNOWLEDGE);
    let dismiss_too = dismissable(&view) && !leads_to(DISMISS);
    let incident = paths::open_incident(&IncidentQuery { finding: Some(id.clone()), caller: None });
    let is_caller =
        evidence.issuance.is_some() || evidence.alert.as_ref().is_some_and(|alert| alert.identity.is_some());
    let closed_at = matches!(state, FindingState::Closed { .. }).then_some(view.finding.changed_at);
    let actions = move || {
        view! {
            // safe link: from crate::paths above
            {first.map(|(label, href, weight)| view! { <LinkButton href=href weight>{label}</LinkButton> })}
            // safe link: a place on this page
            {acknowledge_too.then(|| view! { <LinkButton href=format!("#{ACKNOWLEDGE}")>"Acknowledge"</LinkButton> })}
            // safe link: from crate::paths above
            {is_caller.then(|| view! { <LinkButton href=incident>"Open an incident"</LinkButton> })}
            // safe link: a place on this page
            {dismiss_too.then(|| view! { <LinkButton href=format!("#{DISMISS}")>"Dismiss"</LinkButton> })}
        }
    };
    let device = evidence.inventory.first().map(|item| visible(item.device.as_str()));
    let named = view.authority.as_ref().map(|authority| authority.name.clone());
    let (label, place) = match &id.scope {
        Scope::Authority(id) => ("Authority", named.unwrap_or_else(|| id.to_string())),
        Scope::Trail(part) => ("Trail", part.to_string()),
        Scope::Countersign => ("Part of", "Countersign itself".to_owned()),
    };
    let asked = asked_by_me(&view.finding);
    let (finding, standing) = (view.finding.clone(), state.clone());
    let (trail, notifications) = (evidence.clone(), view.notifications.clone());
    let name = state.name();
    let about = About::Finding(id.clone());
    let records_title = if closed_at.is_some() { "What each record said" } else { "What each record says" };
    let certificate = id.scope.authority().cloned().zip(id.subject.serial());
    view! {
        <PageHead title crumbs=vec![Crumb::new("Findings", paths::FINDINGS)] actions=actions>
            <Badge of=id.kind.severity() />
            <Badge of=name />
            {id.kind.label()}
            " · first seen "
            <Ago at=first_seen />
            " · "
            <EntriesOf about since=Some(first_seen) />
        </PageHead>
        <JustDone state asked />
        <Standing state=standing />
        {closed_at
            .is_none()
            .then(|| {
                view! {
                    <Flash tone=Tone::Info title="What to do">
                        <p>{id.kind.advice()}</p>
                    </Flash>
                }
            })}
        {match certificate {
            Some((authority, serial)) => {
                let now = paths::certificate(&authority, serial);
                view! {
                    <Facts>
                        <Fact label="Serial number" copy=serial.to_string() wide=true>
                            <SerialText serial whole=true />
                        </Fact>
                        <Fact label="Authority">{place}</Fact>
                        <Fact label="Device">{device.unwrap_or_else(|| "not in the inventory".to_owned())}</Fact>
                        <Fact label="Certificate">
                            <a href=paths::certificate(&authority, serial)>"See everything about it"</a>
                        </Fact>
                    </Facts>
                    <Trail evidence=trail />
                    <div id=RECORDS>
                        <Section title=records_title>
                            {closed_at.map(|_| view! { <Frozen now /> })} <Records evidence />
                        </Section>
                    </div>
                }
                .into_any()
            }
            None => view! {
                <Facts>
                    <Fact label=label>{place}</Fact>
                </Facts>
                <Trail evidence=trail />
            }
            .into_any(),
        }}
        <Notifications notifications />
        <Section title="What happened">
            <History finding />
        </Section>
        <Section title="What you can do">
            <Handle view acknowledge dismiss />
        </Section>
    }
}

/// That the records of a closed finding are those of then.
#[component]
fn Frozen(
    /// The address of the certificate's page.
    now: String,
) -> impl IntoView {
    view! {
        <p class="muted">
            "Frozen: this is what the records said when a run last saw the finding. "
            // safe link: from crate::paths
            <a href=now>"See what they say now"</a> "."
        </p>
    }
}

/// Who has it, or why nobody needs to.
#[component]
fn Standing(state: FindingState) -> impl IntoView {
    match state {
        FindingState::Open => ().into_any(),
        FindingState::Acknowledged { owner, due } => view! {
            <p class="standing">
                {format!("{} has taken it on", owner.name)} {due.map(|due| format!(", due {}", due.date()))} "."
            </p>
        }
        .into_any(),
        FindingState::Dismissed { by, reason } => view! {
            <div class="standing">
                <p>{format!("{} dismissed it:", by.name)}</p>
                <p class="quote">{visible(&reason)}</p>
            </div>
        }
        .into_any(),
        FindingState::Resolved { request } => view! {
            <p class="standing">
                "Its certificate was revoked by " <a href=paths::revocation(&request)>"a request here"</a>
                ". The next run confirms it."
            </p>
        }
        .into_any(),
        FindingState::Closed { .. } => {
            view! { <p class="standing">"A later run no longer saw it. It reopens if it comes back."</p> }
                .into_any()
        }
    }
}

/// What the viewer has just done, if the record says so too.
#[component]
fn JustDone(state: FindingState, asked: bool) -> impl IntoView {
    let done = use_done();
    let me = use_viewer().actor.map(|actor| actor.person.id);
    move || {
        let (title, next) = match (done.get()?, &state) {
            (Done::Acknowledged, FindingState::Acknowledged { owner, .. })
                if Some(&owner.id) == me.as_ref() =>
            {
                ("You have taken this finding on", "Everybody sees that it is in your hands.")
            }
            (Done::Dismissed, FindingState::Dismissed { by, .. }) if Some(&by.id) == me.as_ref() => {
                ("You have dismissed this finding", "The ledger has your reason.")
            }
            (Done::Dismissed, _) if asked => {
                ("You have asked for its dismissal", "It is critical: a second person must confirm it.")
            }
            _ => return None,
        };
        Some(view! {
            <Flash tone=Tone::Ok title>
                <p>{next} " " <a href=paths::FINDINGS>"See what else waits"</a></p>
            </Flash>
        })
    }
}
