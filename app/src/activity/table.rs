//! Events as the rows of a table: on the list, and on the page of an identity.

use domain::trail::{Event, Proof, What};
use domain::views::{Authority, EventLine};
use domain::{Severity, Timestamp};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::callers::{AddressLink, PrincipalLink};
use crate::paths;
use crate::ui::{Ago, Badge, Column, Mark, SerialText, Table, brief};

#[component]
pub fn Events(
    #[prop(into)] caption: String,
    lines: Vec<EventLine>,
    /// For the authorities' names.
    authorities: Vec<Authority>,
) -> impl IntoView {
    let columns = ["Event", "Time (UTC)", "Result", "Identity", "Address", "Authority", "Certificate"];
    let row = move |EventLine { event, proof }: EventLine| {
        let authority = event.authority.as_ref().map(|arn| name_of(&authorities, &arn.id()));
        let (name, code) = (brief(&event.name), failed_with(&event));
        let whole = (name.clone(), code.clone());
        let certificate = event.authority.as_ref().zip(event.serial).map(|(arn, serial)| {
            view! {
                <a href=paths::certificate(&arn.id(), serial)>
                    <SerialText serial />
                </a>
            }
        });
        view! {
            <tr>
                <th scope="row" class="name" title=whole.0>
                    <a href=paths::event(&event.id)>{name}</a>
                    <Untrusted proof />
                </th>
                <td>
                    <Moment at=event.time />
                </td>
                <td class="name name-short" title=whole.1>
                    <Badge of=event.outcome() />
                    {code.map(|code| view! { <div class="small muted">{code}</div> })}
                </td>
                <td class="name name-short">
                    <PrincipalLink principal=event.identity.principal.clone() />
                    {event.identity.session.as_deref().map(|session| view! { <div class="small muted">{brief(session)}</div> })}
                </td>
                <td class="name name-short">{event.address.clone().map(|address| view! { <AddressLink address /> })}</td>
                <td class="name name-short">{authority}</td>
                <td>{certificate}</td>
            </tr>
        }
    };
    view! {
        <Table caption columns=columns.map(Column::text).to_vec()>
            {lines.into_iter().map(row).collect_view()}
        </Table>
    }
}

/// Absolute, for one testifies with it; below it how long ago that is.
#[component]
fn Moment(at: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=at.absolute()>
            {at.absolute().trim_end_matches(" UTC").to_owned()}
        </time>
        <div class="small muted">
            <Ago at />
        </div>
    }
}

/// That the file with the event is not what was delivered; nothing otherwise.
#[component]
fn Untrusted(proof: Proof) -> impl IntoView {
    let words = match proof {
        Proof::Proven | Proof::Unproven => return None,
        Proof::Missing => "Log file missing",
        Proof::Altered => "Log file altered",
    };
    let mark = Mark { word: words, ..Mark::from(Severity::Critical) };
    Some(view! {
        <div>
            <Badge of=mark />
        </div>
    })
}

/// The error's code, or why an asynchronous issuance failed.
fn failed_with(event: &Event) -> Option<String> {
    match (&event.failure, &event.what) {
        (Some(failure), _) => Some(brief(&failure.code)),
        (None, What::IssuanceDetails { issued: false, reason, .. }) => reason.as_deref().map(brief),
        (None, _) => None,
    }
}
