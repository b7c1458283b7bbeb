//! Who had the certificate issued, and who revoked it, as facts with links; or why nobody can say.

use domain::FindingKind;
use domain::views::CertificateView;
use leptos::prelude::*;

use crate::activity::{AddressLink, PrincipalLink};
use crate::paths;
use crate::ui::Fact;

#[component]
pub fn IssuedBy(view: CertificateView) -> impl IntoView {
    let covered = view.findings.iter().any(|finding| finding.id.kind == FindingKind::UnattributedIssuance);
    let issued = match view.issuance {
        Some(issuance) => view! {
            <PrincipalLink principal=issuance.identity.principal />
            {issuance.address.map(|address| view! { " from " <AddressLink address /> })}
            " · "
            <a href=paths::event(&issuance.event)>"open the event"</a>
        }
        .into_any(),
        None => {
            let why = match covered {
                true => "no intact event, although the trail must have one",
                false => "no event: before the trail, or not delivered yet",
            };
            view! { <span class="muted">{why}</span> }.into_any()
        }
    };
    let revoked = view.revocation.map(|call| {
        view! {
            <Fact label="Revoked by" wide=true>
                <PrincipalLink principal=call.identity.principal />
                {call.address.map(|address| view! { " from " <AddressLink address /> })}
                " · "
                <a href=paths::event(&call.event)>"open the event"</a>
            </Fact>
        }
    });
    view! {
        <Fact label="Issued by" wide=true>
            {issued}
        </Fact>
        {revoked}
    }
}
