//! "What did this key touch": since when, what, together with whom, which certificates, and the newest events.

use domain::incident::IncidentQuery;
use domain::views::{ActivityQuery, Authority, IdentityKey, IdentityQuery, IdentityView, PAGE_SIZE};
use leptos::prelude::*;

use super::api::get_identity;
use super::certificates::Certificates;
use super::deeds::{Deeds, SeenWith};
use super::strip::Strip;
use crate::activity::Events;
use crate::address::use_query;
use crate::callers::named;
use crate::paths;
use crate::queries::read_identity;
use crate::ui::{
    Ago, Crumb, Fact, Facts, LinkButton, PageHead, Section, Utc, brief, loaded, plural, visible,
};

#[component]
pub fn IdentityPage() -> impl IntoView {
    let query = use_query(read_identity);
    let identity = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), get_identity(query).await?))
        },
    );
    loaded(identity, |(query, (view, authorities))| view! { <OneIdentity query view authorities /> })
}

/// The page once its data is there.
#[component]
pub fn OneIdentity(query: IdentityQuery, view: IdentityView, authorities: Vec<Authority>) -> impl IntoView {
    let deeds = view.clone();
    let IdentityView { key, first_seen, last_seen, events, strip, seen_with, newest, .. } = view.clone();
    let by = key.clone();
    let (label, value) = match &key {
        IdentityKey::Principal(principal) => ("Principal", principal.clone()),
        IdentityKey::AccessKey(key) => ("Access key", key.clone()),
        IdentityKey::Address(address) => ("Address", address.clone()),
    };
    let title = match &key {
        IdentityKey::Principal(principal) => format!("Identity {}", named(principal)),
        IdentityKey::AccessKey(key) => format!("Access key {}", brief(key)),
        IdentityKey::Address(address) => format!("Address {}", brief(address)),
    };
    let all = paths::activity(&ActivityQuery::of(&key));
    let all_again = all.clone();
    let incident = paths::open_incident(&IncidentQuery { finding: None, caller: Some(key.clone()) });
    let more = events > u64::from(PAGE_SIZE);
    let names = authorities.clone();
    view! {
        <PageHead
            title
            crumbs=vec![Crumb::new("Activity", paths::ACTIVITY)]
            // safe link: from crate::paths above
            actions=move || {
                view! {
                    // safe link: from crate::paths above
                    <LinkButton href=all>"See all its events"</LinkButton>
                    // safe link: from crate::paths above
                    <LinkButton href=incident>"Open an incident"</LinkButton>
                }
            }
        >
            {plural(events, "event")}
            " · last seen "
            <Ago at=last_seen />
        </PageHead>
        <Facts>
            <Fact label copy=value.clone() wide=true>
                <code>{visible(&value)}</code>
            </Fact>
            <Fact label="First seen">
                <Utc at=first_seen />
            </Fact>
            <Fact label="Last seen">
                <Utc at=last_seen />
            </Fact>
        </Facts>
        <Certificates query view authorities />
        <Strip key=by strip />
        <Deeds view=deeds />
        <SeenWith seen_with />
        <Section
            title="Newest events"
            aside=move || {
                // safe link: from crate::paths above
                more.then(|| view! { <a href=all_again>{format!("See all {}", plural(events, "event"))}</a> })
            }
        >
            <Events caption="Its newest events" lines=newest authorities=names />
        </Section>
    }
}
