//! The records of one certificate side by side, and what the X.509 says.

use domain::certificate::X509Details;
use domain::reconcile::{expiry_differs, issue_differs};
use domain::views::CertificateView;
use domain::{InventoryItem, ReportRow, Timestamp, subject};
use leptos::prelude::*;

use crate::ui::{Compare, Compared, CopyButton, Disclosure, Fact, Facts, Flash, Tone, Utc, visible};

/// Report, inventory, trail and the certificate itself; each line is one thing that more than one of them says.
#[component]
pub fn Records(view: CertificateView) -> impl IntoView {
    let (report, item) = (view.report.as_ref(), view.inventory.first());
    let x509 = view.x509.as_ref().ok();
    let (issuance, revocation) = (view.issuance.as_ref().ok(), view.revocation.as_ref());
    let time = |at: Option<Timestamp>| at.map(Timestamp::absolute);
    // Written differently, and the same by the rules of a run.
    let alike = |alike: fn(&ReportRow, &InventoryItem) -> bool| {
        report.zip(item).is_none_or(|(row, item)| alike(row, item))
    };
    let names = [
        report.and_then(|row| row.subject.clone()),
        item.and_then(|item| item.subject.clone()),
        None,
        x509.map(|x509| x509.subject.clone()),
    ];
    let mut said = names.iter().flatten();
    let same_name = said.next().is_none_or(|first| said.all(|name| subject::same(first, name)));
    let same_end = report.is_some_and(|row| x509.is_none_or(|x509| x509.not_after == row.not_after));
    let lines = vec![
        Compared::new("Subject", names).alike(same_name),
        Compared::new(
            "Issued",
            [
                time(report.map(|row| row.issued_at)),
                time(item.and_then(|item| item.issued_at)),
                time(issuance.map(|issuance| issuance.at)),
                None,
            ],
        )
        .alike(alike(|row, item| !issue_differs(row, item))),
        Compared::new(
            "Expires",
            [
                time(report.map(|row| row.not_after)),
                time(item.and_then(|item| item.expires_at)),
                None,
                time(x509.map(|x509| x509.not_after)),
            ],
        )
        .alike(same_end && alike(|row, item| !expiry_differs(row, item))),
        Compared::new(
            "Revoked",
            [
                report.map(|row| row.revoked_at.map_or_else(|| "no".to_owned(), Timestamp::absolute)),
                item.map(|item| item.revoked_at.map_or_else(|| "no".to_owned(), Timestamp::absolute)),
                time(revocation.map(|call| call.at)),
                None,
            ],
        )
        .alike(alike(|row, item| row.revoked_at.is_some() == item.revoked_at.is_some())),
        Compared::new(
            "Revocation reason",
            [
                report.and_then(|row| row.revocation_reason.clone()),
                item.and_then(|item| item.revocation_reason.clone()),
                revocation.and_then(|call| call.reason.clone()),
                None,
            ],
        ),
        Compared::new(
            "Template",
            [
                report.and_then(|row| row.template.clone()),
                None,
                issuance.and_then(|issuance| issuance.template.clone()),
                None,
            ],
        ),
        Compared::new(
            "Public key (SHA-256)",
            [
                None,
                None,
                issuance.and_then(|issuance| issuance.key).map(|key| key.to_string()),
                x509.map(|x509| x509.public_key_fingerprint.clone()),
            ],
        ),
    ];
    let more = view.inventory.len().saturating_sub(1);
    let others: Vec<String> =
        view.inventory.iter().skip(1).map(|item| visible(item.device.as_str())).collect();
    view! {
        {(more > 0)
            .then(|| {
                view! {
                    <Flash tone=Tone::High title="The inventory has this serial number more than once">
                        {format!("Other devices: {}", others.join(", "))}
                    </Flash>
                }
            })}
        <Compare
            caption="What each record says"
            sides=vec![
                ("Audit report", report.is_some()),
                ("Inventory", item.is_some()),
                ("Trail", issuance.is_some() || revocation.is_some()),
                ("Certificate", x509.is_some()),
            ]
            lines
        />
        {view
            .crls
            .problem
            .clone()
            .map(|problem| {
                view! {
                    <Flash tone=Tone::High title="CRLs of the authority could not be read">
                        {format!("What they list is not known here: {problem}.")}
                    </Flash>
                }
            })}
        <p class="muted small">
            {match view.report_as_of {
                Some(at) => view! { "The report is of " <Utc at /> "." }.into_any(),
                None => "No audit report has been read yet: start a run.".into_any(),
            }} " "
            {match view.crls.newest {
                Some(at) => view! { "The newest CRL that was read is of " <Utc at /> "." }.into_any(),
                None => "No CRL has been read.".into_any(),
            }} " The inventory and the certificate were read just now."
        </p>
    }
}

#[component]
pub fn Details(x509: X509Details) -> impl IntoView {
    let names =
        x509.alternative_names.into_iter().map(|name| view! { <li>{visible(&name)}</li> }).collect_view();
    let points = visible(&x509.crl_distribution_points.join(", "));
    view! {
        <Facts>
            <Fact label="Issuer" wide=true>{visible(&x509.issuer)}</Fact>
            <Fact label="Not before">
                <Utc at=x509.not_before />
            </Fact>
            <Fact label="Not after">
                <Utc at=x509.not_after />
            </Fact>
            <Fact label="Alternative names">
                <ul>{names}</ul>
            </Fact>
            <Fact label="Key">{x509.key}</Fact>
            <Fact label="Signature">{x509.signature_algorithm}</Fact>
            <Fact label="Key usage">{x509.key_usage.join(", ")}</Fact>
            <Fact label="Extended key usage">{x509.extended_key_usage.join(", ")}</Fact>
            <Fact label="CRL distribution point" wide=true>{points}</Fact>
            <Fact label="Fingerprint (SHA-256)" copy=x509.fingerprint.clone() wide=true>
                <code>{x509.fingerprint.clone()}</code>
            </Fact>
            <Fact label="Public key (SHA-256)" copy=x509.public_key_fingerprint.clone() wide=true>
                <code>{x509.public_key_fingerprint.clone()}</code>
            </Fact>
        </Facts>
        <Disclosure summary="PEM">
            <CopyButton value=x509.pem.clone() what="PEM" />
            <pre>{x509.pem.clone()}</pre>
        </Disclosure>
    }
}
