//! A notice as pages show it, and how its delivery stands.

use domain::ledger::About;
use domain::notify::{Delivery, Notice};
use leptos::prelude::*;

use crate::paths;
use crate::ui::{Badge, Icon, Mark, Tone, Utc, visible};

/// What happened, leading to what it is about.
#[component]
pub fn NoticeLink(notice: Notice) -> impl IntoView {
    let href = match &notice.about {
        Some(About::Finding(id)) => Some(paths::finding(id)),
        Some(About::Request(id)) => Some(paths::revocation(id)),
        Some(About::Incident(id)) => Some(paths::incident(id)),
        Some(About::Run(_) | About::Certificate(..)) | None => None,
    };
    let said = visible(&notice.sentence);
    view! {
        <Badge of=notice.severity />
        " "
        {match href {
            // safe link: from crate::paths above
            Some(href) => view! { <a href=href>{said}</a> }.into_any(),
            None => said.into_any(),
        }}
        <div class="small muted">
            {notice.kind.label()} " · " <Utc at=notice.at />
            {notice.by.map(|by| format!(" · by {}", visible(&by.name)))}
        </div>
    }
}

/// Whether it has arrived, or when it is tried next.
pub fn state(delivery: &Delivery) -> impl IntoView + use<> {
    let (mark, at, when) = match (delivery.delivered_at, delivery.next_attempt) {
        (Some(at), _) => (Mark::new(Tone::Ok, Icon::Check, "Delivered"), Some(at), ""),
        (None, Some(at)) => (Mark::new(Tone::Pending, Icon::Clock, "Waiting"), Some(at), "next try "),
        (None, None) => (Mark::new(Tone::High, Icon::Alert, "Given up"), None, ""),
    };
    view! {
        <Badge of=mark />
        {at.map(|at| view! { <div class="small muted">{when} <Utc at /></div> })}
    }
}
