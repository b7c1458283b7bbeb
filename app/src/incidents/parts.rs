//! What several parts of a case show.

use domain::incident::Step;
use domain::views::IdentityKey;
use leptos::prelude::*;

use crate::callers::{AddressLink, KeyLink, PrincipalLink};
use crate::ui::{Icon, Mark, Tone};

/// A caller, leading to all that they did.
#[component]
pub(super) fn Caller(key: IdentityKey, #[prop(optional)] whole: bool) -> impl IntoView {
    match key {
        IdentityKey::Principal(principal) => view! { <PrincipalLink principal whole /> }.into_any(),
        IdentityKey::AccessKey(key) => view! { <KeyLink key /> }.into_any(),
        IdentityKey::Address(address) => view! { <AddressLink address /> }.into_any(),
    }
}

/// How a step stands, as a badge.
pub(super) fn mark(step: &Step) -> Mark {
    match (&step.answer, step.done) {
        (_, true) => Mark::new(Tone::Ok, Icon::Check, "Done"),
        (Some(answer), false) => Mark::new(Tone::Info, Icon::Eye, answer.what.label()),
        (None, false) => Mark::new(Tone::Pending, Icon::Clock, "Open"),
    }
}
