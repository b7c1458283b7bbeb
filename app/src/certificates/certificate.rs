//! One certificate: who it is for, its whole life, what each record says, and the X.509 itself.

use domain::ledger::About;
use domain::views::{CertificateQuery, CertificateView, Revoked, Test, Words};
use domain::{AuthorityId, Serial, subject};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::api::get_certificate;
use super::by_hand::ByHand;
use super::issuer::IssuedBy;
use super::records::{Details, Records};
use crate::entries::EntriesOf;
use crate::error::{AppError, Noun};
use crate::paths;
use crate::ui::{
    Badge, Column, Crumb, Due, Empty, Fact, Facts, LinkButton, PageHead, Refused, Section, SerialText, Table,
    Utc, Weight, brief, loaded, moments, visible,
};

#[component]
pub fn CertificatePage() -> impl IntoView {
    let params = use_params_map();
    let address = move || {
        let params = params.read();
        let authority = params.get_str("authority").and_then(|text| text.parse().ok());
        authority.zip(params.get_str("serial").and_then(|text| text.parse().ok()))
    };
    let certificate = Resource::new(address, |address| async move {
        let (authority, serial) = address.ok_or(AppError::NotFound { what: Noun::Certificate })?;
        get_certificate(authority, serial).await
    });
    loaded(certificate, |view| view! { <OneCertificate view /> })
}

/// The page once its data is there.
#[component]
pub fn OneCertificate(view: CertificateView) -> impl IntoView {
    let CertificateView { authority, serial, status, inventory, report, x509, .. } = &view;
    let (serial, status, revoked) = (*serial, *status, view.revoked);
    let text = x509.as_ref().map(|x509| x509.subject.clone()).ok();
    let text = text.or_else(|| report.as_ref().and_then(|row| row.subject.clone()));
    let text = text.or_else(|| inventory.iter().find_map(|item| item.subject.clone())).unwrap_or_default();
    let name =
        subject::common_name(&text).map_or_else(|| "without a common name".to_owned(), |name| brief(&name));
    let device = inventory.first().map(|item| {
        let name = item.device.as_str();
        let all = paths::certificates(&CertificateQuery::of(Test::Device(Words::Is(name.to_owned()))));
        // safe link: from crate::paths above
        view! { {visible(name)} " · " <a href=all>"all its certificates"</a> }
    });
    let expires = report.as_ref().map(|row| row.not_after);
    let expires = expires.or_else(|| inventory.iter().find_map(|item| item.expires_at));
    let (arn, issued) = (authority.arn.certificate(serial), report.as_ref().map(|row| row.issued_at));
    let about = About::Certificate(authority.arn.id(), serial);
    let authority_name = authority.name.clone();
    let timeline = view.timeline.clone();
    let (records, findings, requests) = (view.clone(), view.findings.clone(), view.requests.clone());
    let details = view.x509.clone();
    let issuer = view.clone();
    let request = paths::new_revocation(&authority.arn.id(), &[serial], None);
    let cannot = view.cannot_revoke.clone();
    let actions = move || match cannot {
        // safe link: from crate::paths
        None => view! { <LinkButton href=request weight=Weight::Danger>"Request revocation"</LinkButton> }
            .into_any(),
        Some(why) => view! { <Refused label="Request revocation" why /> }.into_any(),
    };
    view! {
        <PageHead
            title=format!("Certificate {name}")
            crumbs=vec![Crumb::new("Certificates", paths::CERTIFICATES)]
            actions=actions
        >
            <Badge of=status />
            {expires.map(|at| view! { " expires " <Due at /> })}
            " · "
            <EntriesOf about since=issued />
        </PageHead>
        <Facts>
            <Fact label="Device">
                {device.map_or_else(|| "not in the inventory".into_any(), IntoAny::into_any)}
            </Fact>
            <Fact label="Authority">{authority_name}</Fact>
            {revoked
                .map(|Revoked { at, rests_on }| {
                    view! {
                        <Fact label="Revoked" wide=true>
                            <Utc at />
                            {format!(", {}", rests_on.words())}
                        </Fact>
                    }
                })}
            <IssuedBy view=issuer />
            <Fact label="Serial number" copy=serial.to_string() wide=true>
                <SerialText serial whole=true />
            </Fact>
            <Fact label="Subject" copy=text.clone() wide=true>
                {visible(&text)}
            </Fact>
            <Fact label="ARN" copy=arn.clone() wide=true>
                <code>{arn.clone()}</code>
            </Fact>
        </Facts>
        <Section title="Its life">{moments(timeline)}</Section>
        <Section title="What each record says">
            <Records view=records />
        </Section>
        <Findings findings />
        <Requests requests />
        <Section title="X.509">
            {match details {
                Ok(x509) => view! {
                    <Files authority=view.authority.arn.id() serial />
                    <Details x509 />
                }
                .into_any(),
                Err(problem) => view! {
                    <Empty title="The certificate itself could not be read">
                        <p>{problem}</p>
                    </Empty>
                }
                .into_any(),
            }}
            <ByHand view />
        </Section>
    }
}

/// The certificate to take along.
#[component]
fn Files(authority: AuthorityId, serial: Serial) -> impl IntoView {
    view! {
        <p>
            "Download: " <a href=paths::certificate_file(&authority, serial, "pem")>"PEM"</a> " · "
            <a href=paths::certificate_file(&authority, serial, "chain")>"PEM with its chain"</a> " · "
            <a href=paths::certificate_file(&authority, serial, "der")>"DER"</a>
        </p>
    }
}

#[component]
fn Findings(findings: Vec<domain::Finding>) -> impl IntoView {
    let row = |finding: domain::Finding| {
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::finding(&finding.id)>{finding.id.kind.label()}</a>
                </th>
                <td>
                    <Badge of=finding.id.kind.severity() />
                </td>
                <td>
                    <Badge of=finding.state.name() />
                </td>
                <td>
                    <Utc at=finding.first_seen />
                </td>
            </tr>
        }
    };
    let columns = ["Finding", "Severity", "State", "First seen"].map(Column::text).to_vec();
    (!findings.is_empty()).then(move || {
        view! {
            <Section title="Findings">
                <Table caption="Findings about this certificate" columns>
                    {findings.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    })
}

#[component]
fn Requests(requests: Vec<domain::revocation::Request>) -> impl IntoView {
    let row = |request: domain::revocation::Request| {
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::revocation(&request.id)>{request.reason.label()}</a>
                    {request.is_drill().then_some(" (drill)")}
                </th>
                <td>
                    <Badge of=&request />
                </td>
                <td>{request.requester.name}</td>
                <td>
                    <Utc at=request.requested_at />
                </td>
            </tr>
        }
    };
    let columns = ["Request", "State", "Requested by", "Requested"].map(Column::text).to_vec();
    (!requests.is_empty()).then(move || {
        view! {
            <Section title="Revocation requests">
                <Table caption="Requests to revoke this certificate" columns>
                    {requests.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        }
    })
}
