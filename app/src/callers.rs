//! Who and from where, as links to everything that they did.

use domain::trail::Identity;
use domain::views::IdentityKey;
use leptos::prelude::*;

use crate::paths;
use crate::ui::{brief, visible};

/// What people call a principal: the last part of its ARN.
pub fn named(principal: &str) -> String {
    let short = principal.rsplit(['/', ':']).find(|part| !part.is_empty());
    match short {
        Some(part) if !matches!(part, "arn") => brief(part),
        _ if principal.is_empty() => Identity::UNKNOWN.to_owned(),
        _ => brief(principal),
    }
}

/// The principal by its name, or `whole` as its ARN; a record that names nobody leads nowhere.
#[component]
pub fn PrincipalLink(principal: String, #[prop(optional)] whole: bool) -> impl IntoView {
    let title = visible(&principal);
    let label = if whole { title.clone() } else { named(&principal) };
    if principal.is_empty() || principal == Identity::UNKNOWN {
        return view! { <span class="muted">"unknown"</span> }.into_any();
    }
    view! {
        <a href=paths::identity(&IdentityKey::Principal(principal)) title=title>
            {label}
        </a>
    }
    .into_any()
}

/// An address, or the name of the service that called.
#[component]
pub fn AddressLink(address: String) -> impl IntoView {
    let title = visible(&address);
    let label = brief(&address);
    view! {
        <a href=paths::identity(&IdentityKey::Address(address)) title=title>
            <code>{label}</code>
        </a>
    }
}

#[component]
pub fn KeyLink(key: String) -> impl IntoView {
    let label = brief(&key);
    view! {
        <a href=paths::identity(&IdentityKey::AccessKey(key))>
            <code>{label}</code>
        </a>
    }
}
