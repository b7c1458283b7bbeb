//! The certificates that an identity had issued, and the way to have the unauthorised revoked.

use domain::trail::Authorisation;
use domain::views::{
    Authority, CertificateQuery, IdentityKey, IdentityQuery, IdentityView, Issued, IssuedCertificate,
    Selection, Test, Words,
};
use domain::{AuthorityArn, Permission};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Badge, Column, LinkButton, Numbered, Refused, Section, SerialText, Table, Weight, count, is_beyond,
    named_in, plural, visible,
};

#[component]
pub fn Certificates(query: IdentityQuery, view: IdentityView, authorities: Vec<Authority>) -> impl IntoView {
    let IdentityView { certificates, unauthorised, authorisations, .. } = view;
    let unauthorised: u64 = unauthorised.iter().map(|(_, number)| number).sum();
    let number = |only: Issued| -> u64 {
        authorisations.iter().filter(|(one, _)| only.takes(*one)).map(|(_, number)| number).sum()
    };
    let whole = number(Issued::All);
    if whole == 0 {
        return view! {
            <Section title="Certificates that it had issued">
                <p class="muted">"None that the trail shows."</p>
            </Section>
        }
        .into_any();
    }
    let judged: Vec<String> = authorisations
        .iter()
        .map(|(one, number)| format!("{}: {}", judgement(*one), count(*number)))
        .collect();
    let parts = Issued::ALL.iter().map(|&only| {
        let label = match only {
            Issued::All => "All",
            Issued::Unauthorised => "Unauthorised",
            Issued::Authorised => "Authorised",
        };
        let href = paths::identity_page(&IdentityQuery { only, page: 0, ..query.clone() });
        let current = (only == query.only).then_some("page");
        // safe link: from crate::paths above
        view! { <a class="button" href=href aria-current=current>{format!("{label} {}", count(number(only)))}</a> }
    });
    let parts = parts.collect_view();
    let columns = ["Serial number", "Issued (UTC)", "Status", "Device and subject", "Authority", "Issuer"]
        .map(Column::text);
    let name = {
        let authorities = authorities.clone();
        move |arn: &AuthorityArn| name_of(&authorities, &arn.id())
    };
    let row = {
        let name = name.clone();
        move |certificate: IssuedCertificate| view! { <Line authority=name(&certificate.authority) certificate /> }
    };
    let (page, rows, total) = (query.page, certificates.len(), number(query.only));
    let key = query.key.clone();
    let to = move |page: u32| paths::identity_page(&IdentityQuery { page, ..query.clone() });
    let list = match certificates.is_empty() {
        true if is_beyond(page, rows, total) => view! { <Numbered page rows total to /> }.into_any(),
        true => view! { <p class="muted">"None of these."</p> }.into_any(),
        false => view! {
            <Table
                caption="Certificates that it had issued, the unauthorised first, then the newest"
                columns=columns.to_vec()
            >
                {certificates.into_iter().map(row).collect_view()}
            </Table>
            <Numbered page rows total to />
        }
        .into_any(),
    };
    view! {
        <Section
            title="Certificates that it had issued"
            aside=move || view! { <span class="muted">{plural(whole, "certificate")}</span> }
        >
            <p>{judged.join(" · ")}</p>
            <Revoke key unauthorised />
            <nav class="row" aria-label="Certificates by judgement">{parts}</nav>
            {list}
        </Section>
    }
    .into_any()
}

/// The way to the form about all that it had issued without being authorised to, of whatever authority: what was authorised is
/// never among them.
#[component]
fn Revoke(key: IdentityKey, unauthorised: u64) -> impl IntoView {
    let label = "Request revocation of the unauthorised certificates";
    if !use_viewer().may(Permission::Operate) {
        let why = Permission::Operate.refusal();
        return view! { <p><Refused label why /></p> }.into_any();
    }
    if unauthorised == 0 {
        let why =
            "All that it had issued was authorised. Request the revocation of single ones on their pages.";
        return view! { <p><Refused label why /></p> }.into_any();
    }
    let of = Selection::IssuedBy { key, only: Issued::Unauthorised, from: None, to: None };
    view! {
        <div class="row">
            <LinkButton href=paths::revoke_all(None, &of) weight=Weight::Danger>
                {format!("Request revocation of {}", plural(unauthorised, "unauthorised certificate"))}
            </LinkButton>
        </div>
    }
    .into_any()
}

#[component]
fn Line(certificate: IssuedCertificate, authority: String) -> impl IntoView {
    let IssuedCertificate {
        authority: arn,
        serial,
        issued_at,
        event,
        status,
        subject,
        device,
        authorisation,
    } = certificate;
    let subject = subject.map(|text| named_in(&text));
    let whole = subject.clone();
    let device = match device {
        Some(device) => {
            let query = CertificateQuery::of(Test::Device(Words::Is(device.to_string())));
            view! { <a href=paths::certificates(&query)>{visible(device.as_str())}</a> }.into_any()
        }
        None => view! { <span class="muted">"not in the inventory"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=paths::certificate(&arn.id(), serial)>
                    <SerialText serial />
                </a>
            </th>
            <td>
                <a href=paths::event(&event)>
                    <time datetime=issued_at.to_string()>{issued_at.absolute().trim_end_matches(" UTC").to_owned()}</time>
                </a>
            </td>
            <td>
                {match status {
                    Some(status) => view! { <Badge of=status /> }.into_any(),
                    None => view! { <span class="muted">"in no report yet"</span> }.into_any(),
                }}
            </td>
            <td class="clip" title=whole>
                {device}
                <div class="small muted">{subject}</div>
            </td>
            <td class="name">{authority}</td>
            <td>
                <Badge of=authorisation />
            </td>
        </tr>
    }
}

/// How issuances stand to the authorised issuers.
fn judgement(authorisation: Authorisation) -> &'static str {
    match authorisation {
        Authorisation::Authorised => "By an authorised issuer",
        Authorisation::NotAnIssuer => "Not by an authorised issuer",
        Authorisation::OtherSession => "Under another session name",
        Authorisation::OtherAddress => "From another address",
        Authorisation::OtherTemplate => "With another template",
        Authorisation::OtherService => "Through another AWS service",
    }
}
