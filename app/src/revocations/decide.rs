//! The end of a request's page: approve and reject with equal weight, and for its requester the way to withdraw it. What
//! the viewer cannot do stays, and says why.

use domain::revocation::{Mode, Refusal, Request, RequestState, Verdict};
use domain::views::RequestDetail;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::{CancelRequest, Decide};
use super::break_glass::BreakingGlass;
use super::drill::Drill;
use super::terms::{Deciders, in_all};
use super::together::DecidedToo;
use crate::error::AppError;
use crate::session::use_viewer;
use crate::ui::{
    Flash, FormErrors, Icon, NotDone, Panel, Panels, Refused, Section, Submit, TextArea, Tone,
    TypedConfirmation, error_of, plural,
};

/// Once the request no longer waits, only what a decision or a cancellation that came too late was told.
#[component]
pub fn Decision(
    detail: RequestDetail,
    decide: ServerAction<Decide>,
    cancel: ServerAction<CancelRequest>,
) -> impl IntoView {
    let RequestDetail { request, cannot_decide, cannot_cancel, together, .. } = detail.clone();
    let all = detail.clone();
    let mine = use_viewer().actor.is_some_and(|actor| actor.person.id == request.requester.id);
    let withdraw =
        mine.then(|| view! { <Withdraw request=request.clone() cannot=cannot_cancel action=cancel /> });
    if request.state != RequestState::Pending {
        return view! {
            <FormErrors error=error_of(decide) />
            <FormErrors error=error_of(cancel) />
        }
        .into_any();
    }
    view! {
        <Section title="Decide">
            {request.is_drill().then(|| view! { <Drill /> })}
            {request.alone.clone().map(|alone| view! { <BreakingGlass why=alone.why /> })}
            <Deciders detail />
            <DecidedToo together />
            {match cannot_decide {
                Some(why) => view! { <Closed detail=all why /> }.into_any(),
                None => view! { <Open detail=all action=decide /> }.into_any(),
            }}
            {withdraw}
        </Section>
    }
    .into_any()
}

fn approve_words(detail: &RequestDetail) -> String {
    match (detail.request.is_drill(), detail.certificates()) {
        (true, _) => "Approve the drill".to_owned(),
        (false, 1) => "Approve the revocation".to_owned(),
        (false, more) => format!("Approve {}", plural(more, "revocation")),
    }
}

/// What the last approval leads to, in a sentence that ends with "before …".
pub fn what_follows(mode: Mode) -> &'static str {
    match mode {
        Mode::Drill => "the drill is played; nothing is revoked",
        Mode::Live => "anything is revoked",
    }
}

/// What each of the two would lead to.
fn consequences(detail: &RequestDetail) -> (String, &'static str) {
    let (viewer, request, mode) = (use_viewer(), &detail.request, detail.mode);
    let approve = match request.still_needed(&viewer.settings.policy, viewer.actor.as_ref()) {
        None => match (mode, request.target_count) {
            (Mode::Drill, _) => "Yours is the last approval needed: the drill is played, nothing is revoked.".to_owned(),
            (Mode::Live, 1) => "Yours is the last approval needed: the CA revokes the certificate at once. That cannot be undone."
                .to_owned(),
            (Mode::Live, more) => format!(
                "Yours is the last approval needed: the CA revokes {} at once. That cannot be undone.",
                plural(u64::from(more), "certificate")
            ),
        },
        Some(missing) => {
            format!("{} must follow before {}.", in_all(&missing, "more approval"), what_follows(mode))
        }
    };
    match detail.certificates() > u64::from(request.target_count) {
        false => {
            (approve, "One rejection ends the request. Nothing is revoked; another request can be made.")
        }
        true => (
            format!("{approve} What follows for the others stands above."),
            "One rejection ends the request and the others. Nothing is revoked; another request can be made.",
        ),
    }
}

#[component]
fn Open(detail: RequestDetail, action: ServerAction<Decide>) -> impl IntoView {
    let error = error_of(action);
    let (number, words) = (detail.certificates(), approve_words(&detail));
    let (approve, reject) = consequences(&detail);
    let RequestDetail { request, seen, .. } = detail;
    view! {
        <FormErrors error />
        <ActionForm action attr:class="decide">
            <p>
                "Deciding is a sign-in: the identity provider asks who you are, and signs what you decide about exactly these certificates. "
                "Nothing is decided until you come back from there."
            </p>
            <input type="hidden" name="id" value=request.id.to_string() />
            <input type="hidden" name="seen" value=seen.to_string() />
            <TextArea
                name="comment"
                label="Comment"
                hint="At most 1,000 characters; a rejection says why. It stays with your decision, in the ledger too."
                error
            />
            <Panels>
                <Panel title="Approve">
                    <p>{approve}</p>
                    {(number > 1)
                        .then(|| view! { <TypedConfirmation name="count" expected=number noun="certificates" error /> })}
                    <Verdicts verdict=Verdict::Approve label=words error />
                </Panel>
                <Panel title="Reject">
                    <p>{reject}</p>
                    <Verdicts verdict=Verdict::Reject label="Reject the request" error />
                </Panel>
            </Panels>
        </ActionForm>
    }
}

/// One of the two buttons of the form. Rejecting does not need what approving asks to be typed.
#[component]
fn Verdicts(verdict: Verdict, #[prop(into)] label: String, error: Signal<Option<AppError>>) -> impl IntoView {
    let (value, icon, free) = match verdict {
        Verdict::Approve => ("approve", Icon::Check, false),
        Verdict::Reject => ("reject", Icon::Cross, true),
    };
    view! {
        <button
            type="submit"
            class="button"
            name="verdict"
            value=value
            formnovalidate=free
        >
            {icon.draw()}
            {label}
        </button>
        <NotDone error />
    }
}

/// Both ways, closed to this person.
#[component]
fn Closed(detail: RequestDetail, why: Refusal) -> impl IntoView {
    const WHY: &str = "why-not-decide";
    let (approve, reject) = consequences(&detail);
    let words = approve_words(&detail);
    let closed = |icon: Icon, label: String| {
        view! {
            <button type="button" class="button" aria-disabled="true" aria-describedby=WHY>
                {icon.draw()}
                {label}
            </button>
        }
    };
    view! {
        <div id=WHY>
            <Flash tone=Tone::Info title=why.to_string()>{().into_any()}</Flash>
        </div>
        <Panels>
            <Panel title="Approve">
                <p>{approve}</p>
                {closed(Icon::Ban, words)}
            </Panel>
            <Panel title="Reject">
                <p>{reject}</p>
                {closed(Icon::Ban, "Reject the request".to_owned())}
            </Panel>
        </Panels>
    }
}

/// For the requester alone.
#[component]
fn Withdraw(request: Request, cannot: Option<Refusal>, action: ServerAction<CancelRequest>) -> impl IntoView {
    let error = error_of(action);
    view! {
        <Panels>
            <Panel title="Cancel">
                <p>"You no longer want it. Nothing is revoked; another request can be made."</p>
                {match cannot {
                    Some(why) => view! { <Refused label="Cancel the request" why=why.to_string() /> }.into_any(),
                    None => view! {
                        <FormErrors error />
                        <ActionForm action attr:class="form">
                            <input type="hidden" name="id" value=request.id.to_string() />
                            <Submit error>"Cancel the request"</Submit>
                        </ActionForm>
                    }
                    .into_any(),
                }}
            </Panel>
        </Panels>
    }
}
