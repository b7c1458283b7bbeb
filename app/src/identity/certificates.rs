//! The certificates that an identity had issued, and the way to have all of them revoked.

use std::collections::BTreeMap;

use domain::certificate::CertificateStatus;
use domain::views::{Authority, CertificateQuery, IdentityView, IssuedCertificate};
use domain::{AuthorityArn, Permission, Serial};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{
    Badge, Column, LinkButton, Refused, Section, SerialText, Table, Weight, count, named_in, plural, visible,
};

#[component]
pub fn Certificates(view: IdentityView, authorities: Vec<Authority>) -> impl IntoView {
    let IdentityView { certificates, certificates_total, authorisations, .. } = view;
    if certificates_total == 0 {
        return view! {
            <Section title="Certificates that it had issued">
                <p class="muted">"None that the trail shows."</p>
            </Section>
        }
        .into_any();
    }
    let shown = u64::try_from(certificates.len()).unwrap_or(u64::MAX);
    let total = match shown < certificates_total {
        true => format!("the newest {} of {}", count(shown), count(certificates_total)),
        false => plural(certificates_total, "certificate"),
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
    let revocable = revocable(&certificates);
    view! {
        <Section
            title="Certificates that it had issued"
            aside=move || view! { <span class="muted">{total}</span> }
        >
            {(!judged.is_empty()).then(|| view! { <p>{judged.join(" · ")}</p> })}
            <Revoke revocable names=name />
            <Table caption="Certificates that it had issued, the newest first" columns=columns.to_vec()>
                {certificates.into_iter().map(row).collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}

/// The certificates listed that may still be valid, by authority: one request is about one of them.
fn revocable(certificates: &[IssuedCertificate]) -> BTreeMap<AuthorityArn, Vec<Serial>> {
    let over = [Some(CertificateStatus::Revoked), Some(CertificateStatus::Expired)];
    let mut by_authority: BTreeMap<AuthorityArn, Vec<Serial>> = BTreeMap::new();
    for one in certificates.iter().filter(|one| !over.contains(&one.status)) {
        by_authority.entry(one.authority.clone()).or_default().push(one.serial);
    }
    by_authority
}

/// A way to the form for each authority, with its certificates chosen.
#[component]
fn Revoke<N>(revocable: BTreeMap<AuthorityArn, Vec<Serial>>, names: N) -> impl IntoView
where
    N: Fn(&AuthorityArn) -> String + 'static,
{
    let may = use_viewer().may(Permission::Operate);
    if revocable.is_empty() {
        return view! { <p class="muted">"None of those listed is still valid."</p> }.into_any();
    }
    if !may {
        let why = Permission::Operate.refusal();
        return view! { <p><Refused label="Request revocation" why /></p> }.into_any();
    }
    let single = revocable.len() == 1;
    let button = move |(arn, serials): (AuthorityArn, Vec<Serial>)| {
        let number = plural(u64::try_from(serials.len()).unwrap_or(u64::MAX), "certificate");
        let at = if single { String::new() } else { format!(" of {}", names(&arn)) };
        view! {
            <LinkButton href=paths::new_revocation(&arn.id(), &serials, None) weight=Weight::Danger>
                {format!("Request revocation of {number}{at}")}
            </LinkButton>
        }
    };
    view! { <div class="row">{revocable.into_iter().map(button).collect_view()}</div> }.into_any()
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

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::trail::Authorisation;

    use super::*;

    #[test]
    fn only_what_may_still_be_valid_is_asked_for_and_by_authority() {
        let arn = |id: &str| -> AuthorityArn {
            format!("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/{id}").parse().unwrap()
        };
        let one = |authority: &str, serial: &str, status| IssuedCertificate {
            authority: arn(authority),
            serial: serial.parse().unwrap(),
            issued_at: Timestamp::EPOCH,
            event: "e".parse().unwrap(),
            status,
            subject: None,
            device: None,
            authorisation: Authorisation::NotAnIssuer,
        };
        let chosen = revocable(&[
            one("a", "0a", Some(CertificateStatus::Active)),
            one("b", "0b", None),
            one("a", "0c", Some(CertificateStatus::Revoked)),
            one("a", "0d", Some(CertificateStatus::Expired)),
            one("a", "0e", Some(CertificateStatus::Expiring)),
        ]);
        let chosen: Vec<_> = chosen
            .into_iter()
            .map(|(arn, serials)| (arn.id().to_string(), serials.iter().map(Serial::to_string).collect()))
            .collect();
        let expected: Vec<(String, Vec<String>)> =
            vec![("a".into(), vec!["0a".into(), "0e".into()]), ("b".into(), vec!["0b".into()])];
        assert_eq!(chosen, expected);
    }
}
