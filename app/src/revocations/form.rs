//! The form of a request: reason, justification, ticket, and the number typed for more than one certificate.

use std::time::Duration;

use domain::RevocationReason;
use domain::revocation::Mode;
use domain::timestamp::words;
use domain::views::Proposed;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::RequestRevocation;
use super::draft::Draft;
use crate::paths;
use crate::queries::write_selection;
use crate::session::use_viewer;
use crate::ui::{
    CheckBox, Choice, Choices, Flash, FormActions, FormErrors, Submit, TextArea, TextField, Tone,
    TypedConfirmation, Weight, error_of, plural,
};

#[component]
pub fn RequestForm(
    proposed: Proposed,
    draft: Draft,
    action: ServerAction<RequestRevocation>,
) -> impl IntoView {
    let viewer = use_viewer();
    let may_break =
        viewer.actor.as_ref().is_some_and(|actor| viewer.settings.policy.breaks_glass(&actor.groups));
    let settings = viewer.settings;
    let (shown, approvals) = (proposed.shown(), proposed.approvals());
    let finding = proposed.proposals.iter().find_map(|proposal| proposal.finding.clone());
    let number = shown.count;
    let refused: u64 = proposed.proposals.iter().map(|proposal| proposal.dry_run.refused()).sum();
    let several = proposed.asking().count() > 1;
    let of = draft.of.as_ref().map(write_selection).unwrap_or_default();
    let reasons = approvals
        .iter()
        .map(|(reason, _)| Choice::new(reason.aws(), reason.label()).meaning(reason.meaning()))
        .collect();
    let incident = draft.incident.as_ref().map(paths::incident);
    let back = finding.as_ref().map(paths::finding).or(incident);
    let back = back.unwrap_or_else(|| paths::REVOCATIONS.to_owned());
    let left_out = match refused {
        0 => None,
        more => Some(format!(
            "{} {}. {} left out.",
            if several { "The requests are about" } else { "The request is about" },
            plural(number, "certificate"),
            match more {
                1 => "The one that cannot be revoked is".to_owned(),
                more => format!("The {more} that cannot be revoked are"),
            }
        )),
    };
    let verb = match number {
        1 => "Request revocation".to_owned(),
        more => format!("Request {}", plural(more, "revocation")),
    };
    let (error, drills_only) = (error_of(action), settings.mode == Mode::Drill);
    view! {
        <FormErrors error />
        {drills_only
            .then(|| {
                view! {
                    <Flash tone=Tone::Pending title="Every request is a drill here">
                        <p>"Once approved, it is played: the CA is not asked to revoke anything."</p>
                    </Flash>
                }
            })}
        <ActionForm action attr:class="form">
            {draft.authority.map(|id| view! { <input type="hidden" name="authority" value=id.to_string() /> })}
            <input type="hidden" name="of" value=of />
            <input type="hidden" name="shown" value=shown.to_string() />
            {finding.map(|id| view! { <input type="hidden" name="finding" value=id.to_string() /> })}
            {draft.incident.map(|id| view! { <input type="hidden" name="incident" value=id.to_string() /> })}
            {left_out.map(|words| view! { <p>{words}</p> })}
            <Choices
                name="reason"
                legend="Reason"
                choices=reasons
                chosen=draft.reason.map(RevocationReason::aws).unwrap_or_default()
                error
            />
            <TextArea
                name="justification"
                label="Justification"
                value=draft.justification
                hint="10 to 2,000 characters: what happened, and how you know. The approvers decide by it."
                required=true
                min_length=Some(10)
                error
            />
            <TextField
                name="ticket"
                label="Ticket"
                hint="Optional: a reference into your own system."
                value=draft.ticket
                error
            />
            {(number > 1)
                .then(|| view! { <TypedConfirmation name="count" expected=number noun="certificates" error /> })}
            {(!drills_only)
                .then(|| {
                    view! {
                        <CheckBox
                            name="drill"
                            label="This is a drill: no certificate is revoked"
                            hint="People decide and the worker plays each certificate, as if it were real; the request's page says who waited for whom."
                            checked=draft.drill
                        />
                    }
                })}
            {may_break
                .then(|| {
                    view! {
                        <CheckBox
                            name="break_glass"
                            label="Break the glass: I execute this alone"
                            hint="Nobody else decides. You sign in to execute it, everybody is told at once, and two people must look at it afterwards."
                            checked=draft.break_glass
                        />
                        <TextArea
                            name="why_alone"
                            value=draft.why_alone
                            label="Why it cannot wait for somebody else"
                            hint="Only to break the glass: 10 to 2,000 characters. Everybody who is told reads it."
                            error
                        />
                    }
                })}
            <p class="muted">{terms(&approvals, settings.policy.request_expiry)}</p>
            {settings
                .policy
                .request_sign_in
                .then(|| {
                    view! {
                        <p>
                            "You will sign in again to ask for it: the identity provider signs that you ask for exactly these certificates. "
                            "Nothing is requested until you come back from there."
                        </p>
                    }
                })}
            <FormActions cancel=back>
                <Submit error weight=Weight::Primary>
                    {verb}
                </Submit>
            </FormActions>
        </ActionForm>
    }
}

/// Who must agree, and until when.
fn terms(needed: &[(RevocationReason, u32)], expiry: Duration) -> String {
    let least = needed.iter().map(|(_, number)| *number).min().unwrap_or(1);
    let more: Vec<String> = needed
        .iter()
        .filter(|(_, number)| *number > least)
        .map(|(reason, number)| format!("{number} for “{}”", reason.label()))
        .collect();
    let exceptions = if more.is_empty() { String::new() } else { format!(", {}", more.join(", ")) };
    format!(
        "It needs {} by people other than you{exceptions}. It expires {} after it is made.",
        plural(u64::from(least), "approval"),
        words(expiry)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_follow_the_policy() {
        let needed = [
            (RevocationReason::Superseded, 1),
            (RevocationReason::CertificateAuthorityCompromise, 3),
            (RevocationReason::Unspecified, 1),
        ];
        assert_eq!(
            terms(&needed, Duration::from_secs(86_400)),
            "It needs 1 approval by people other than you, 3 for “CA compromise”. It expires 24 hours after it is made."
        );
    }
}
