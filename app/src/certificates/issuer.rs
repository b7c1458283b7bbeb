//! Who had the certificate issued, and who revoked it, as facts with links; or why nobody can say.

use domain::KeyHash;
use domain::views::{CertificateQuery, CertificateView, NoIssuance, Test};
use leptos::prelude::*;

use crate::at_aws::{self, AtAws};
use crate::callers::{AddressLink, PrincipalLink};
use crate::paths;
use crate::ui::Fact;

#[component]
pub fn IssuedBy(view: CertificateView) -> impl IntoView {
    let key = view.issuance.as_ref().ok().and_then(|issuance| issuance.key);
    let key = key.map(|key| view! { <PublicKey key /> });
    let issued = match view.issuance {
        Ok(issuance) => view! {
            <PrincipalLink principal=issuance.identity.principal.clone() />
            {issuance.address.map(|address| view! { " from " <AddressLink address /> })}
            " · "
            <a href=paths::event(&issuance.event)>"open the event"</a>
            <AtAws to=at_aws::principal(&issuance.identity.principal) />
        }
        .into_any(),
        Err(why) => view! { <span class="muted">{nobody(why)}</span> }.into_any(),
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
        {key}
    }
}

/// A public key, as an event shows it, and the way to all certificates that have it.
#[component]
pub fn PublicKey(key: KeyHash) -> impl IntoView {
    let alike = paths::certificates(&CertificateQuery::of(Test::Key(key)));
    view! {
        <Fact label="Public key (SHA-256)" copy=key.to_string() wide=true>
            <code>{key.to_string()}</code>
            " · "
            // safe link: from crate::paths above
            <a href=alike>"all certificates with this key"</a>
        </Fact>
    }
}

/// Why nobody is named.
fn nobody(why: NoIssuance) -> AnyView {
    let coverage = |label: &'static str| view! { <a href=paths::COVERAGE>{label}</a> };
    match why {
        NoIssuance::NoTrail => "no trail is configured".into_any(),
        NoIssuance::Earlier { since } => view! {
            {format!("before the trail begins, which is read since {} · ", since.date())}
            {coverage("load an older month")}
        }
        .into_any(),
        NoIssuance::OnItsWay => "no event yet: log files come a few minutes after a call".into_any(),
        NoIssuance::Missing => view! {
            "no intact event, although the trail must have one · "
            {coverage("see the coverage")}
        }
        .into_any(),
        NoIssuance::NotProven => view! {
            "no event, and no digest vouches for that time · "
            {coverage("see the coverage")}
        }
        .into_any(),
    }
}
