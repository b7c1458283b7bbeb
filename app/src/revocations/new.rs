//! The page of a new request. Nothing is asked for before its dry run is on the page.

use domain::views::{Authority, LISTED, Proposal};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{PasteSerials, RequestRevocation, plan_revocation};
use super::draft::Draft;
use super::dry_run::DryRun;
use super::form::RequestForm;
use super::targets::Foreseen;
use crate::address::use_query;
use crate::authorities::choices;
use crate::findings::headline;
use crate::paths;
use crate::ui::{
    Crumb, Empty, Flash, FormActions, FormErrors, LinkButton, PageHead, Section, Select, Submit, TextArea,
    Tone, Weight, count, error_of, loaded, plural, short,
};

#[component]
pub fn NewRevocationPage() -> impl IntoView {
    let draft = use_query(Draft::read);
    let (paste, request) = (ServerAction::<PasteSerials>::new(), ServerAction::<RequestRevocation>::new());
    let plan = Resource::new(
        move || draft.get(),
        |draft| async move {
            let draft = draft?;
            let Draft { authority, serials, finding, .. } = draft.clone();
            Ok((draft, plan_revocation(authority, serials, finding).await?))
        },
    );
    // A list that is too long for an address comes as the answer to the form that sent it.
    let pasted = Signal::derive(move || {
        paste.value().with(|value| value.as_ref().and_then(|value| value.as_ref().ok().cloned().flatten()))
    });
    loaded(plan, move |(draft, plan)| {
        move || match pasted.get().or_else(|| plan.proposal.clone()) {
            Some(proposal) => view! { <Propose proposal draft=draft.clone() request /> }.into_any(),
            None => {
                view! { <Paste authorities=plan.authorities.clone() chosen=draft.clone() action=paste /> }
                    .into_any()
            }
        }
    })
}

/// Asks what to revoke.
#[component]
fn Paste(authorities: Vec<Authority>, chosen: Draft, action: ServerAction<PasteSerials>) -> impl IntoView {
    let choices = choices(&authorities);
    let chosen = chosen.authority.map(|id| id.to_string()).unwrap_or_default();
    let error = error_of(action);
    view! {
        <PageHead title="Request a revocation" crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)]>
            "First you see what it would do. Nothing is asked for yet."
        </PageHead>
        <FormErrors error />
        <ActionForm action attr:class="form">
            <Select name="authority" label="Authority" choices chosen error />
            <TextArea
                name="serials"
                label="Serial numbers"
                hint="At most 10,000, in any form: 4f:a2:1b…, 4FA21B…, 0x4fa21b…; one a line, or parted by commas or blanks."
                rows=12
                required=true
                error
            />
            <FormActions cancel=paths::REVOCATIONS.to_owned()>
                <Submit weight=Weight::Primary pending=action.pending()>"Show what would happen"</Submit>
            </FormActions>
        </ActionForm>
    }
}

/// The dry run, and below it the form that asks for just that.
#[component]
pub fn Propose(proposal: Proposal, draft: Draft, request: ServerAction<RequestRevocation>) -> impl IntoView {
    let Proposal { authority, serials, dry_run, lines, finding, .. } = proposal.clone();
    let total = dry_run.revocable + dry_run.refused();
    let title = match serials.as_slice() {
        [one] => format!("Request the revocation of certificate {}", short(*one)),
        many => format!(
            "Request the revocation of {}",
            plural(u64::try_from(many.len()).unwrap_or(u64::MAX), "certificate")
        ),
    };
    let from = finding.map(|id| {
        // safe link: from crate::paths
        view! {
            " · because: "
            <a href=paths::finding(&id)>{headline(&id)}</a>
        }
    });
    let unlisted = total.saturating_sub(u64::try_from(LISTED).unwrap_or(u64::MAX));
    let unread = dry_run.as_of.is_none();
    let again = draft.address();
    let rest = match (unread, serials.is_empty()) {
        (true, _) => view! {
            <Flash tone=Tone::High title="The records have not been read yet">
                // safe link: from crate::paths
                <p>"Nothing is known of these certificates until they are. " <a href=again>"Look again in a moment"</a></p>
            </Flash>
        }
        .into_any(),
        (false, true) => view! {
            <Empty title="There is nothing to ask for">
                <p>"None of these certificates can be revoked."</p>
                <LinkButton href=paths::NEW_REVOCATION.to_owned()>"Choose others"</LinkButton>
            </Empty>
        }
        .into_any(),
        (false, false) => view! {
            <Section title="Make the request">
                <RequestForm proposal draft action=request />
            </Section>
        }
        .into_any(),
    };
    view! {
        <PageHead title crumbs=vec![Crumb::new("Revocations", paths::REVOCATIONS)]>
            "At " {authority.name} {from}
        </PageHead>
        <Section title="What would happen">
            <DryRun counts=dry_run />
            <Foreseen authority=authority.arn.id() lines />
            {(unlisted > 0)
                .then(|| {
                    view! {
                        <p class="muted">
                            {format!("{} more are not listed here. The page of the request lists them all.", count(unlisted))}
                        </p>
                    }
                })}
        </Section>
        {rest}
    }
}
