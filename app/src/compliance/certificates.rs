//! What was issued, revoked and expired: by authority and template, and by who had it issued.

use domain::Timestamp;
use domain::certificate::CertificateStatus;
use domain::views::{
    ActivityQuery, Authority, Bound, CertificateCounts, CertificateQuery, ComplianceQuery, IdentityKey,
    IssuerCount, Standing, Test, Token, Words,
};
use leptos::prelude::*;

use super::rest::Rest;
use crate::authorities::name_of;
use crate::callers::PrincipalLink;
use crate::paths;
use crate::session::use_now;
use crate::ui::{Column, Empty, Section, Table, brief, count};

/// Stands in front of the name in the ARN of each template.
const MARK: &str = "template/";
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

#[component]
pub fn Certificates(
    query: ComplianceQuery,
    counts: Vec<CertificateCounts>,
    issuers: Vec<IssuerCount>,
    issuers_total: u64,
    authorities: Vec<Authority>,
) -> impl IntoView {
    let now = use_now();
    let issuances = paths::activity(&ActivityQuery {
        name: Some("IssueCertificate".to_owned()),
        authority: query.authority.clone(),
        from: query.from,
        to: query.to.map(|last| last.plus(DAY)),
        ..ActivityQuery::default()
    });
    let row = move |one: CertificateCounts| {
        let list = |what| paths::certificates(&list(&query, &one, what, now));
        let name = name_of(&authorities, &one.authority);
        let cell = |number: u64, what| match number {
            0 => view! { <td class="num">"0"</td> }.into_any(),
            _ => view! {
                <td class="num">
                    // safe link: from crate::paths
                    <a href=list(what)>{count(number)}</a>
                </td>
            }
            .into_any(),
        };
        let template = one.template.as_deref().map_or_else(|| "No template is named".to_owned(), short);
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="wrap">{template}</td>
                {cell(one.issued, What::Issued)}
                {cell(one.revoked, What::Revoked)}
                {cell(one.expired, What::Expired)}
            </tr>
        }
    };
    let columns = vec![
        Column::text("Authority"),
        Column::text("Template"),
        Column::number("Issued"),
        Column::number("Revoked"),
        Column::number("Expired"),
    ];
    let content = match counts.is_empty() {
        true => view! {
            <Empty title="No certificate was issued, revoked or expired">
                <p>"In these days, as far as the newest reports and the inventory say."</p>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Table caption="Certificates by authority and template" columns>
                {counts.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any(),
    };
    view! {
        <Section title="Certificates">{content}</Section>
        <Issuers issuers total=issuers_total issuances />
    }
}

#[component]
fn Issuers(issuers: Vec<IssuerCount>, total: u64, issuances: String) -> impl IntoView {
    let shown = issuers.len();
    let row = |one: IssuerCount| {
        let unauthorised = match one.unauthorised {
            0 => view! { "0" }.into_any(),
            number => {
                let key = IdentityKey::Principal(one.issuer.clone());
                view! { <a href=paths::identity(&key)>{count(number)}</a> }.into_any()
            }
        };
        view! {
            <tr>
                <th scope="row">
                    <PrincipalLink principal=one.issuer />
                </th>
                <td class="num">{count(one.issued)}</td>
                <td class="num">{unauthorised}</td>
            </tr>
        }
    };
    let columns =
        vec![Column::text("Issuer"), Column::number("Issued"), Column::number("Without being allowed to")];
    (!issuers.is_empty()).then(|| {
        view! {
            <Section title="Who had them issued">
                <p class="muted small">
                    "As intact events of the trail say. What the trail does not cover is not here; see the hours below."
                </p>
                <Table caption="Certificates by who had them issued" columns>
                    {issuers.into_iter().map(row).collect_view()}
                </Table>
                // safe link: from crate::paths above
                <Rest shown total href=issuances label="All issuances of these days, also as a file" />
            </Section>
        }
    })
}

#[derive(Clone, Copy)]
enum What {
    Issued,
    Revoked,
    Expired,
}

/// The certificates that a number counts.
fn list(query: &ComplianceQuery, one: &CertificateCounts, what: What, now: Timestamp) -> CertificateQuery {
    let from = query.from.unwrap_or(Timestamp::EPOCH);
    let to = query.to.unwrap_or(now).plus(DAY);
    let test = match what {
        What::Issued => Test::Issued,
        What::Revoked => Test::Revoked,
        What::Expired => Test::Expires,
    };
    let mut filter =
        vec![Test::Authority(one.authority.clone()), test(Bound::From(from)), test(Bound::Before(to))];
    if matches!(what, What::Expired) {
        filter.push(Test::Status(Standing::Is(CertificateStatus::Expired)));
    }
    let mut filter: Vec<Token> = filter.into_iter().map(Into::into).collect();
    filter.push(match &one.template {
        Some(template) => Test::Template(Words::Is(template.clone())).into(),
        // Each that is named has it in its ARN.
        None => Token { not: true, test: Test::Template(Words::Contains(MARK.to_owned())) },
    });
    CertificateQuery { filter, ..CertificateQuery::default() }
}

/// A template's name without what all have in front.
fn short(template: &str) -> String {
    brief(template.rsplit_once(MARK).map_or(template, |(_, name)| name))
}
