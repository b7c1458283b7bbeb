//! What happened, oldest first, and in outline what is still to come.

use domain::Timestamp;
use domain::views::Moment;
use leptos::prelude::*;

use super::badge::{Mark, Tone};
use super::foreign::visible;
use super::icon::Icon;
use super::time::Utc;
use crate::paths;

/// Holds [`Event`]s.
#[component]
pub fn Timeline(children: Children) -> impl IntoView {
    view! { <ol class="timeline">{children()}</ol> }
}

/// One line of a timeline.
#[component]
pub fn Event(
    /// `None`: still to come, such as "Waiting for the CRL, usually 30 minutes".
    at: Option<Timestamp>,
    #[prop(into)] what: String,
    #[prop(optional_no_strip)] who: Option<String>,
    /// Colour and icon of the dot, for what stands out; its word is not shown, so `what` says it.
    #[prop(optional, into)]
    mark: Option<Mark>,
    /// More about it: a reason given, a link to the evidence.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    // Both may hold names that strangers chose: of devices, and of the sessions of callers.
    let (what, who) = (visible(&what), who.map(|who| visible(&who)));
    let mark = match at {
        Some(_) => mark.unwrap_or(Mark::new(Tone::Low, Icon::Dot, "")),
        None => Mark::new(Tone::Low, Icon::Clock, ""),
    };
    view! {
        <li class:timeline-ahead=at.is_none()>
            <span class=format!("timeline-dot {}", mark.tone.class())>{mark.icon.draw()}</span>
            <div class="timeline-body">
                <p class="timeline-what">{what}</p>
                <p class="timeline-when">
                    {at.map(|at| view! { <Utc at /> })} {at.and(who.as_ref()).map(|_| " · ")} {who}
                </p>
                {children.map(|children| children())}
            </div>
        </li>
    }
}

/// The timeline of a page's view.
pub fn moments(moments: Vec<Moment>) -> impl IntoView {
    let event = |Moment { at, what, who, link }: Moment| {
        let link = link.map(|link| {
            let (label, href) = paths::link(&link);
            // safe link: from crate::paths above
            view! { <a href=href>{label}</a> }
        });
        view! { <Event at what who>{link}</Event> }
    };
    view! { <Timeline>{moments.into_iter().map(event).collect_view()}</Timeline> }
}
