//! What the revocations' pages ask the server for. What a form says is read here; what it may do, the verbs say.

#![expect(
    clippy::too_many_arguments,
    reason = "a server function has an argument for each field of its form"
)]

use domain::revocation::{RequestId, Step, TargetHash, Verdict};
use domain::views::{Foretold, Plan, RequestDetail, RequestList, RequestQuery, Shown};
use domain::{AuthorityId, FindingId, IncidentId, RevocationReason};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {
    super::draft::Draft,
    crate::{done::Done, paths, queries::read_selection, session},
    domain::revocation::{Request, Signs},
    domain::views::Requested,
    leptos::server_fn::ServerFn,
};

/// Requests: those that wait come first, unless the list is narrowed or paged.
#[server(endpoint = "requests", input = Json)]
pub async fn list_requests(query: RequestQuery) -> Result<RequestList, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.requests(&actor, &query).await?)
}

/// One request, with one page of its certificates.
#[server(endpoint = "request", input = GetUrl)]
pub async fn get_request(
    id: RequestId,
    page: u32,
    only: Option<Foretold>,
) -> Result<RequestDetail, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.request(&actor, &id, domain::views::Narrowed { only, page }).await?)
}

/// What requests for the certificates that `of` means would do; without, what one can be made for. `at`: whose list the page and
/// the part are of.
#[server(endpoint = "plan-revocation", input = GetUrl)]
pub async fn plan_revocation(
    authority: Option<AuthorityId>,
    of: Option<String>,
    finding: Option<FindingId>,
    at: Option<AuthorityId>,
    page: Option<u32>,
    only: Option<Foretold>,
) -> Result<Plan, AppError> {
    let (console, actor) = session::acting()?;
    let of = of.as_deref().map(read_selection).transpose()?;
    let narrowed = (at, domain::views::Narrowed { only, page: page.unwrap_or_default() });
    Ok(console.plan(&actor, authority.as_ref(), of.as_ref(), finding, narrowed).await?)
}

/// Asks for exactly the certificates of `of` that the form has `shown`, of `authority` or of all. `count` is their number, typed. Where policy says so, it
/// leads to the identity provider, which signs that the person asks for it.
#[server(endpoint = "request-revocation")]
pub async fn request_revocation(
    authority: Option<AuthorityId>,
    of: String,
    shown: Shown,
    finding: Option<FindingId>,
    incident: Option<IncidentId>,
    reason: Option<RevocationReason>,
    justification: String,
    ticket: Option<String>,
    drill: Option<String>,
    break_glass: Option<String>,
    why_alone: Option<String>,
    count: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let (ticket, drill) = (ticket.unwrap_or_default(), drill.is_some());
    let of = Some(read_selection(&of)?);
    let (break_glass, why_alone) = (break_glass.is_some(), why_alone.unwrap_or_default());
    let draft = Draft {
        authority,
        of,
        finding,
        incident,
        reason,
        justification,
        ticket,
        drill,
        break_glass,
        why_alone,
    };
    let ask = async || {
        let form = draft.form(shown, count.as_deref())?;
        match console.request_revocation(&actor, form).await? {
            Requested::ToSign(unsigned) => {
                session::sign(Signs::Request(unsigned), draft.short_address()).await
            }
            Requested::Made(requests) => {
                requests.first().map(requested).iter().for_each(|page| leptos_axum::redirect(page));
                Ok(())
            }
        }
    };
    ask().await.inspect_err(|error| draft.send_back(RequestRevocation::PATH, error))
}

/// Leads to the identity provider, which signs that the person approves or rejects what was `seen`: the request, and all that is
/// decided with it. `count` is the number of certificates, typed.
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
    let intent = console.intend(&actor, &id, form).await?;
    session::sign(Signs::Decision(intent), paths::revocation(&id)).await
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

/// The address of the new request's page.
#[cfg(feature = "ssr")]
pub fn requested(request: &Request) -> String {
    paths::after(&paths::revocation(&request.id), Done::Requested)
}

/// The address of the form's `page` that says why nothing was requested.
#[cfg(feature = "ssr")]
pub fn not_requested(page: &str, error: &AppError) -> String {
    crate::error::sent_back(page, RequestRevocation::PATH, error)
}
