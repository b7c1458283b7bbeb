//! The certificates that an identity had issued, and the way to have all of them revoked.

use domain::views::{Authority, CertificateQuery, IdentityKey, IdentityView, IssuedCertificate, Selection};
use domain::{AuthorityArn, Permission};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Badge, Column, LinkButton, Refused, Section, SerialText, Table, Weight, count, named_in, plural, visible,
};

#[component]
pub fn Certificates(view: IdentityView, authorities: Vec<Authority>) -> impl IntoView {
    let IdentityView { key, certificates, certificates_total, authorisations, .. } = view;
    let whole: u64 = certificates_total.iter().map(|(_, number)| number).sum();
    if whole == 0 {
        return view! {
            <Section title="Certificates that it had issued">
                <p class="muted">"None that the trail shows."</p>
            </Section>
        }
        .into_any();
    }
    let shown = u64::try_from(certificates.len()).unwrap_or(u64::MAX);
    let total = match shown < whole {
        true => format!("the newest {} of {}", count(shown), count(whole)),
        false => plural(whole, "certificate"),
    };
    let judged: Vec<String> = authorisations
        .iter()
        .filter(|(_, number)| **number > 0)
        .map(|(name, number)| format!("{}: {}", judgement(name), count(*number)))
        .collect();
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
    view! {
        <Section
            title="Certificates that it had issued"
            aside=move || view! { <span class="muted">{total}</span> }
        >
            {(!judged.is_empty()).then(|| view! { <p>{judged.join(" · ")}</p> })}
            <Revoke key certificates=certificates_total names=name />
            <Table caption="Certificates that it had issued, the newest first" columns=columns.to_vec()>
                {certificates.into_iter().map(row).collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}

/// A way to the form for each authority, about all that it issued for this identity: a page shows the newest alone.
#[component]
fn Revoke<N>(key: IdentityKey, certificates: Vec<(AuthorityArn, u64)>, names: N) -> impl IntoView
where
    N: Fn(&AuthorityArn) -> String + 'static,
{
    if !use_viewer().may(Permission::Operate) {
        let why = Permission::Operate.refusal();
        return view! { <p><Refused label="Request revocation" why /></p> }.into_any();
    }
    let single = certificates.len() == 1;
    let of = Selection::IssuedBy { key, from: None, to: None };
    let button = move |(arn, number): (AuthorityArn, u64)| {
        let at = if single { String::new() } else { format!(" of {}", names(&arn)) };
        view! {
            <LinkButton href=paths::revoke_all(Some(&arn.id()), &of) weight=Weight::Danger>
                {format!("Request revocation of {}{at}", plural(number, "certificate"))}
            </LinkButton>
        }
    };
    view! { <div class="row">{certificates.into_iter().map(button).collect_view()}</div> }.into_any()
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
            let query = CertificateQuery { search: Some(device.to_string()), ..CertificateQuery::default() };
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

/// How issuances stand to the authorised issuers, by the name of the judgement.
fn judgement(name: &str) -> String {
    match name {
        "authorised" => "By an authorised issuer".to_owned(),
        "not_an_issuer" => "Not by an authorised issuer".to_owned(),
        "other_session" => "Under another session name".to_owned(),
        "other_address" => "From another address".to_owned(),
        "other_template" => "With another template".to_owned(),
        other => visible(other),
    }
}
