//! What the revocations' pages ask the server for. What a form says is read here; what it may do, the verbs say.

use domain::revocation::{RequestId, RequestState, Step, TargetHash, Verdict};
use domain::views::{Plan, Proposal, RequestDetail, RequestList};
use domain::{AuthorityId, FindingId, RevocationReason};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {
    super::draft::{ADDRESS_HOLDS, Draft, needs_program},
    crate::{done::Done, paths, session},
    domain::revocation::read_pasted,
    leptos::server_fn::ServerFn,
};

/// Requests: those that wait come first, unless the list is narrowed or paged.
#[server(endpoint = "requests", input = GetUrl)]
pub async fn list_requests(
    state: Option<RequestState>,
    before: Option<RequestId>,
) -> Result<RequestList, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.requests(&actor, state, before.as_ref()).await?)
}

/// One request, with one page of its certificates.
#[server(endpoint = "request", input = GetUrl)]
pub async fn get_request(id: RequestId, page: u32) -> Result<RequestDetail, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.request(&actor, &id, page).await?)
}

/// What a request for these certificates would do; without any, what one can be made for.
#[server(endpoint = "plan-revocation", input = GetUrl)]
pub async fn plan_revocation(
    authority: Option<AuthorityId>,
    serials: String,
    finding: Option<FindingId>,
) -> Result<Plan, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.plan(&actor, authority.as_ref(), &serials, finding).await?)
}

/// Reads a pasted list and leads to the page of its dry run; answers with it if it is too long for an address.
#[server(endpoint = "paste-serials")]
pub async fn paste_serials(authority: AuthorityId, serials: String) -> Result<Option<Proposal>, AppError> {
    let (console, actor) = session::acting()?;
    let list = read_pasted(&serials)?;
    if list.len() > ADDRESS_HOLDS {
        needs_program()?;
        return Ok(Some(console.propose(&actor, &authority, &list, None).await?));
    }
    leptos_axum::redirect(&paths::new_revocation(&authority, &list, None));
    Ok(None)
}

/// Asks for exactly the certificates that the form showed. `count` is their number, typed.
#[server(endpoint = "request-revocation")]
pub async fn request_revocation(
    authority: AuthorityId,
    serials: String,
    finding: Option<FindingId>,
    reason: Option<RevocationReason>,
    justification: String,
    ticket: Option<String>,
    count: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let ticket = ticket.unwrap_or_default();
    let draft = Draft { authority: Some(authority), serials, finding, reason, justification, ticket };
    let made = match draft.form(count.as_deref()) {
        Ok(form) => console.request_revocation(&actor, form).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    let request = made.inspect_err(|error| draft.send_back(RequestRevocation::PATH, error))?;
    leptos_axum::redirect(&paths::after(&paths::revocation(&request.id), Done::Requested));
    Ok(())
}

/// Leads to the identity provider, which signs that the person approves or rejects what was `seen`. `count` is the number
/// of certificates, typed.
#[server(endpoint = "decide")]
pub async fn decide(
    id: RequestId,
    verdict: Verdict,
    seen: TargetHash,
    count: Option<String>,
    comment: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let form = domain::views::DecisionForm { verdict, seen, count, comment };
    session::sign(console.intend(&actor, &id, form).await?).await
}

/// Halts a request that is carried out, lets it go on, has the failed ones tried again, or closes it.
#[server(endpoint = "step-in")]
pub async fn step_in(id: RequestId, step: Step, why: Option<String>) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.step_in(&actor, &id, step, why.as_deref()).await?;
    leptos_axum::redirect(&paths::after(&paths::revocation(&id), Done::SteppedIn));
    Ok(())
}

/// Withdraws one's own request.
#[server(endpoint = "cancel-request")]
pub async fn cancel_request(id: RequestId) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.cancel_request(&actor, &id).await?;
    leptos_axum::redirect(&paths::after(&paths::revocation(&id), Done::Cancelled));
    Ok(())
}

/// The address of a request's `page` that says why nothing was decided.
#[cfg(feature = "ssr")]
pub fn not_decided(page: &str, error: &AppError) -> String {
    crate::error::sent_back(page, Decide::PATH, error)
}
