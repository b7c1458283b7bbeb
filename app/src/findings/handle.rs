//! The two or three things that one can do about a finding. What one cannot do stays, and says why.

use domain::finding::{FindingRefusal, Remedy};
use domain::views::{FindingView, IdentityKey, Issued, Selection};
use domain::{Finding, FindingKind, FindingState};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{AcknowledgeFinding, DismissFinding};
use super::correct::Correct;
use crate::error::AppError;
use crate::paths;
use crate::session::{use_now, use_viewer};
use crate::ui::{
    FormErrors, LinkButton, Panel, Panels, Refused, Submit, TextArea, TextField, Weight, error_of, visible,
};

/// Where the forms stand on the page.
pub const ACKNOWLEDGE: &str = "acknowledge";
pub const DISMISS: &str = "dismiss";

#[component]
pub fn Handle(
    view: FindingView,
    acknowledge: ServerAction<AcknowledgeFinding>,
    dismiss: ServerAction<DismissFinding>,
) -> impl IntoView {
    let FindingView { finding, cannot_handle, cannot_revoke, .. } = view;
    let remedy = finding.id.kind.remedy();
    let advised = remedy == Remedy::Revoke;
    // Where nobody advises it, that it cannot be done is no news.
    let request = request_form(&finding).filter(|_| advised || cannot_revoke.is_none());
    let correct = (remedy == Remedy::CorrectInventory).then(|| finding.clone());
    view! {
        <Panels>
            {correct.map(|finding| view! { <Correct finding /> })}
            {request.map(|(label, href)| view! { <RequestRevocation href label advised cannot=cannot_revoke /> })}
            <Acknowledge finding=finding.clone() cannot=cannot_handle.clone() action=acknowledge />
            <Dismiss finding cannot=cannot_handle action=dismiss />
        </Panels>
    }
}

/// What leads to the form that asks for the certificate of this finding to be revoked, or for those of who had so many issued
/// at once, but for what was authorised; and the form. `None`: it is not about certificates.
pub fn request_form(finding: &Finding) -> Option<(&'static str, String)> {
    let authority = finding.id.scope.authority()?;
    match finding.id.subject.serial() {
        Some(serial) => {
            Some(("Request revocation", paths::new_revocation(authority, &[serial], Some(&finding.id))))
        }
        None => {
            let burst =
                finding.evidence.alert.as_ref().filter(|_| finding.id.kind == FindingKind::IssuanceBurst);
            let key = IdentityKey::Principal(burst?.identity.as_ref()?.principal.clone());
            let of = Selection::IssuedBy { key, only: Issued::Unauthorised, from: None, to: None };
            let form = paths::revoke_all(None, &of);
            Some(("Request revocation of the unauthorised certificates", form))
        }
    }
}

#[component]
fn RequestRevocation(
    href: String,
    label: &'static str,
    /// Whether the finding's advice is to revoke.
    advised: bool,
    cannot: Option<String>,
) -> impl IntoView {
    let weight = if advised { Weight::Danger } else { Weight::Plain };
    view! {
        <Panel title="Request revocation">
            <p>"You see first what it would do, and another person must approve it."</p>
            {(!advised).then(|| view! { <p>"It is not what this finding advises, and it cannot be undone."</p> })}
            {match cannot {
                // safe link: from crate::paths
                None => view! { <LinkButton href=href weight>{label}</LinkButton> }.into_any(),
                Some(why) => view! { <Refused label why /> }.into_any(),
            }}
        </Panel>
    }
}

#[component]
fn Acknowledge(
    finding: Finding,
    cannot: Option<String>,
    action: ServerAction<AcknowledgeFinding>,
) -> impl IntoView {
    let viewer = use_viewer().actor.map(|actor| actor.person.id);
    let today = use_now().date();
    let (words, due) = match &finding.state {
        FindingState::Acknowledged { owner, due } if Some(&owner.id) == viewer.as_ref() => {
            ("You have taken it on. You can set another day.".to_owned(), *due)
        }
        FindingState::Acknowledged { owner, .. } => {
            (format!("{} has taken it on. Acknowledging it makes it yours.", owner.name), None)
        }
        _ => ("You take it on: everybody sees that it is in your hands.".to_owned(), None),
    };
    let error = error_of(action);
    view! {
        <Panel title="Acknowledge" id=ACKNOWLEDGE>
            <p>{words}</p>
            {match cannot {
                Some(why) => view! { <Refused label="Acknowledge" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <Which finding />
                        <TextField
                            name="due"
                            label="Due"
                            hint="Optional: the day by which it is to be settled."
                            kind="date"
                            value=due.map(|due| due.date()).unwrap_or_default()
                            min=today
                            error
                        />
                        <Submit error>"Acknowledge"</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}

#[component]
fn Dismiss(finding: Finding, cannot: Option<String>, action: ServerAction<DismissFinding>) -> impl IntoView {
    let already = matches!(finding.state, FindingState::Dismissed { .. })
        .then(|| "The finding is dismissed already.".to_owned())
        .or_else(|| asked_by_me(&finding).then(|| FindingRefusal::Second.to_string()));
    let viewer = use_viewer();
    let second = (finding.dismissers(viewer.settings.policy.dismiss_critical) > 1).then(|| {
        match finding.dismissal_asked() {
            Some((by, reason)) => format!(
                "{} says that it is no trouble: “{}” Yours is the second word.",
                by.name,
                visible(reason)
            ),
            None => "It is critical: a second person must confirm it before it counts.".to_owned(),
        }
    });
    let error = error_of(action);
    view! {
        <Panel title="Dismiss" id=DISMISS>
            <p>"It is no trouble, and you know why. It stays dismissed for as long as runs go on seeing it."</p>
            {second.map(|second| view! { <p>{second}</p> })}
            {match cannot.or(already) {
                Some(why) => view! { <Refused label="Dismiss" why /> }.into_any(),
                None => view! {
                    <FormErrors error />
                    <ActionForm action attr:class="form">
                        <Which finding />
                        <WhyDismissed error />
                        <Submit error>"Dismiss"</Submit>
                    </ActionForm>
                }
                .into_any(),
            }}
        </Panel>
    }
}

/// Whether the viewer has said that it is no trouble, and somebody else must confirm it.
pub(super) fn asked_by_me(finding: &Finding) -> bool {
    let me = use_viewer().actor.map(|actor| actor.person);
    let asked = finding.dismissal_asked();
    asked.zip(me.as_ref()).is_some_and(|((by, _), me)| by.is(me))
}

/// Which finding a form is about, as it was shown: a form from a stale page changes nothing.
#[component]
fn Which(finding: Finding) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=finding.id.to_string() />
        <input type="hidden" name="version" value=finding.version.to_string() />
    }
}

/// Why something is no trouble; nothing is dismissed without it.
#[component]
pub(super) fn WhyDismissed(error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <TextArea
            name="reason"
            label="Reason"
            hint="10 to 1,000 characters. The next auditor reads it."
            required=true
            min_length=Some(10)
            error
        />
    }
}
