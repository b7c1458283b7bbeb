//! What the trail says about a finding: who had the certificate issued or revoked, what an alert saw, and whether
//! somebody was told of it.

use domain::Timestamp;
use domain::finding::{AlertFacts, Evidence};
use domain::notify::Delivery;
use domain::trail::{Authorisation, EventId, Identity, Issuance, RevocationCall};
use leptos::prelude::*;

use crate::callers::{AddressLink, KeyLink, PrincipalLink, named};
use crate::notices::state;
use crate::paths;
use crate::ui::{Column, Fact, Facts, Flash, Section, Table, Tone, Utc, count, plural, visible};

/// Everything that the trail says; nothing without it.
#[component]
pub fn Trail(evidence: Evidence) -> impl IntoView {
    let Evidence { issuance, authorisation, revocation, alert, .. } = evidence;
    view! {
        {alert.map(|alert| view! { <Alerted alert /> })}
        {issuance.map(|issuance| view! { <Issued issuance authorisation /> })}
        {revocation.map(|revocation| view! { <Revoked revocation /> })}
    }
}

/// Who had the certificate issued, and whether they may.
#[component]
pub fn Issued(issuance: Issuance, authorisation: Option<Authorisation>) -> impl IntoView {
    let Issuance { event, at, identity, address, user_agent, template, key: _ } = issuance;
    let who = named(&identity.principal);
    let judgement = authorisation.map(|authorisation| {
        let tone = match authorisation {
            Authorisation::Authorised => Tone::Ok,
            _ => Tone::Critical,
        };
        view! { <Flash tone title=format!("{who} {}", authorisation.sentence()) /> }
    });
    let text = |value: Option<String>| value.map(|value| visible(&value));
    view! {
        <Section title="Who had it issued">
            {judgement}
            <Facts>
                {call(identity, address, at)}
                {text(template).map(|template| view! { <Fact label="Template">{template}</Fact> })}
                {text(user_agent).map(|agent| view! { <Fact label="User agent">{agent}</Fact> })}
                {open(event)}
            </Facts>
        </Section>
    }
}

#[component]
fn Revoked(revocation: RevocationCall) -> impl IntoView {
    let RevocationCall { event, at, identity, address, reason } = revocation;
    view! {
        <Section title="Who revoked it">
            <Facts>
                {call(identity, address, at)}
                {reason.map(|reason| view! { <Fact label="Reason">{visible(&reason)}</Fact> })}
                {open(event)}
            </Facts>
        </Section>
    }
}

#[component]
fn Alerted(alert: AlertFacts) -> impl IntoView {
    let AlertFacts { at, what, identity, address, events, count: total, proofs: _ } = alert;
    let listed = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let more = total.saturating_sub(listed);
    let event = |(at, id): (usize, EventId)| {
        view! {
            <li>
                <a href=paths::event(&id)>{format!("Event {}", at + 1)}</a>
            </li>
        }
    };
    view! {
        <Section title="What was seen">
            <p>{visible(&what)}</p>
            <Facts>
                {identity.map(caller)}
                {address.map(|address| origin(Some(address)))}
                <Fact label="Time">
                    <Utc at />
                </Fact>
                {(total > 1).then(|| view! { <Fact label="How often">{count(total)}</Fact> })}
                {(listed > 0)
                    .then(|| {
                        view! {
                            <Fact label="Events" wide=true>
                                <ul class="row">{events.into_iter().enumerate().map(event).collect_view()}</ul>
                                {(more > 0)
                                    .then(|| view! { <span class="plain muted">{format!("and {} more", count(more))}</span> })}
                            </Fact>
                        }
                    })}
                {(listed == 0)
                    .then(|| {
                        view! {
                            <Fact label="Trail">
                                <a href=paths::COVERAGE>"See the coverage"</a>
                            </Fact>
                        }
                    })}
            </Facts>
        </Section>
    }
}

fn call(identity: Identity, address: Option<String>, at: Timestamp) -> impl IntoView {
    view! {
        {caller(identity)}
        {origin(address)}
        <Fact label="Time">
            <Utc at />
        </Fact>
    }
}

fn open(event: EventId) -> impl IntoView {
    view! {
        <Fact label="Event">
            <a href=paths::event(&event)>"Open the event"</a>
        </Fact>
    }
}

fn caller(identity: Identity) -> impl IntoView {
    let Identity { principal, session, access_key, .. } = identity;
    view! {
        <Fact label="Principal" copy=principal.clone() wide=true>
            <PrincipalLink principal whole=true />
        </Fact>
        {session.map(|session| view! { <Fact label="Session">{visible(&session)}</Fact> })}
        {access_key.map(|key| view! { <Fact label="Access key"><KeyLink key /></Fact> })}
    }
}

fn origin(address: Option<String>) -> impl IntoView {
    view! {
        <Fact label="Address">
            {match address {
                Some(address) => view! { <AddressLink address /> }.into_any(),
                None => view! { <span class="muted">"not recorded"</span> }.into_any(),
            }}
        </Fact>
    }
}

/// Whether somebody was told; nothing when nobody was to be.
#[component]
pub fn Notifications(notifications: Vec<Delivery>) -> impl IntoView {
    let columns = ["Told", "Delivery", "Since (UTC)", "Attempts", "Last problem"].map(Column::text).to_vec();
    let row = |one: Delivery| {
        let state = state(&one);
        let Delivery { channel, to, due_at, attempts, problem, .. } = one;
        view! {
            <tr>
                <th scope="row">{channel} <div class="small muted">{visible(&to)}</div></th>
                <td>{state}</td>
                <td>
                    <Utc at=due_at />
                </td>
                <td>{plural(u64::from(attempts), "attempt")}</td>
                <td class="wrap">{problem.map(|problem| visible(&problem))}</td>
            </tr>
        }
    };
    (!notifications.is_empty()).then(|| {
        view! {
            <Section title="Who was told">
                <Table caption="Notifications" columns>
                    {notifications.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    })
}
