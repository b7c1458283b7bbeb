//! Pages to read: lists and single things.

use std::time::Duration;

use app::address::Query;
use app::overview::WhatWaits;
use app::ui::{
    Ago, Badge, Chip, Chips, Choice, Column, Compare, Compared, CopyButton, Crumb, Disclosure, Empty, Event,
    Fact, Facts, Filter, FilterSearch, FilterSelect, Flash, LinkButton, Long, PageHead, Pagination, Progress,
    Refused, Section, SerialText, Sort, Table, Timeline, Tone, Weight,
};
use app::{paths, queries};
use domain::certificate::CertificateStatus;
use domain::finding::FindingStateName;
use domain::revocation::RequestState;
use domain::views::CertificateQuery;
use domain::{FindingKind, RunState};
use leptos::prelude::*;

use crate::sample::{authority, minutes_ago, now, serial};
use crate::trail;

pub fn overview() -> impl IntoView {
    view! { <WhatWaits front=trail::front() /> }
}

pub fn certificates() -> impl IntoView {
    let columns = vec![
        Column::text("Device")
            .sorted(paths::certificates(&CertificateQuery::default()), Some(Sort::Ascending)),
        Column::text("Serial number"),
        Column::text("Subject"),
        Column::text("Authority"),
        Column::text("Expires").sorted(paths::certificates(&CertificateQuery::default()), None),
        Column::text("Status"),
    ];
    let rows = (0..18u8).map(|n| {
        let status = CertificateStatus::ALL[usize::from(n % 7).min(3)];
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::certificate(&authority(), serial(n))>{format!("sensor-{n:05}")}</a>
                </th>
                <td>
                    <SerialText serial=serial(n) copy=true />
                </td>
                <td class="clip">{format!("CN=sensor-{n:05}.devices.example, O=Example Devices")}</td>
                <td>"Devices EU"</td>
                <td>
                    <Ago at=now().plus(Duration::from_secs(86_400 * (3 + u64::from(n) * 11))) />
                </td>
                <td>
                    <Badge of=status />
                </td>
            </tr>
        }
    });
    let statuses = CertificateStatus::ALL.map(|status| Choice::new(status.name(), status.name())).into();
    view! {
        <PageHead title="Certificates">"1,000,000 in 2 authorities · as of " <Ago at=minutes_ago(3) /></PageHead>
        <Filter action=paths::CERTIFICATES>
            <FilterSearch name=queries::LOOKUP label="Device or serial number" value="sensor-" />
            <FilterSelect name="status" label="Status" choices=statuses chosen="active" />
        </Filter>
        <Chips chips=vec![
            Chip { label: "status: active".to_owned(), without: paths::certificates(&CertificateQuery::default()) },
            Chip { label: "device: sensor-".to_owned(), without: paths::certificates(&CertificateQuery::default()) },
        ] />
        <Table caption="Certificates" columns>
            {rows.collect_view()}
        </Table>
        <Pagination
            first=51
            rows=18
            total=Some(1_000_000)
            as_of=Some(minutes_ago(3))
            previous=Some(paths::certificates(&CertificateQuery::default()))
            next=None
        />
    }
}

pub fn certificate() -> impl IntoView {
    let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
    let fingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    view! {
        <PageHead
            title="Certificate of sensor-00017"
            crumbs=vec![Crumb::new("Certificates", paths::CERTIFICATES)]
            actions=|| view! { <LinkButton href=paths::OVERVIEW.to_owned()>"Request revocation"</LinkButton> }
        >
            <Badge of=CertificateStatus::Active />
            <SerialText serial=serial(17) whole=true copy=true />
        </PageHead>
        <div class="stack">
            <Facts>
                <Fact label="Device" copy="sensor-00017">"sensor-00017"</Fact>
                <Fact label="Authority">"Devices EU"</Fact>
                <Fact label="Issued">
                    <Ago at=minutes_ago(60_000) />
                </Fact>
                <Fact label="Expires">
                    <Ago at=now().plus(Duration::from_secs(86_400 * 330)) />
                </Fact>
                <Fact label="Key">"EC P-256"</Fact>
                <Fact label="Signature">"SHA256 with ECDSA"</Fact>
                <Fact label="ARN" copy=arn wide=true>
                    <code>{arn}</code>
                </Fact>
                <Fact label="Fingerprint" copy=fingerprint wide=true>
                    <Long value=fingerprint head=32 tail=16 />
                </Fact>
            </Facts>
            <Disclosure summary="PEM">
                <div class="stack">
                    <p>"Copy the certificate " <CopyButton value="-----BEGIN" what="PEM" /></p>
                    <pre>"-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUE…\n-----END CERTIFICATE-----"</pre>
                </div>
            </Disclosure>
        </div>
    }
}

pub fn findings() -> impl IntoView {
    let columns = vec![
        Column::text("Severity"),
        Column::text("Finding"),
        Column::text("Authority"),
        Column::text("State"),
        Column::text("Owner"),
        Column::text("First seen"),
    ];
    let rows = FindingKind::ALL.into_iter().zip(1..).map(|(kind, n): (FindingKind, u8)| {
        let taken = n % 3 == 0;
        let state = if taken { FindingStateName::Acknowledged } else { FindingStateName::Open };
        view! {
            <tr>
                <td>
                    <Badge of=kind.severity() />
                </td>
                <th scope="row" class="wrap">
                    <a href=paths::OVERVIEW>
                        "Certificate " <SerialText serial=serial(n) /> " " {kind.sentence()}
                    </a>
                </th>
                <td>"Devices EU"</td>
                <td>
                    <Badge of=state />
                </td>
                <td>{if taken { "operator" } else { "" }}</td>
                <td>
                    <Ago at=minutes_ago(u64::from(n) * 97) />
                </td>
            </tr>
        }
    });
    view! {
        <PageHead title="Findings">"8 wait for somebody · last run " <Ago at=minutes_ago(42) /></PageHead>
        <Table caption="Findings" columns>
            {rows.collect_view()}
        </Table>
        <Pagination first=1 rows=8 total=Some(8) />
        <Section title="When there are none">
            <Empty title="No findings are open">
                <p>"The last run found that report and inventory agree. The next run starts in 6 hours."</p>
                <LinkButton href=paths::runs(Query::new())>"See the runs"</LinkButton>
            </Empty>
        </Section>
    }
}

pub fn finding() -> impl IntoView {
    let some = |text: &str| Some(text.to_owned());
    let kind = FindingKind::SubjectDiffers;
    let lines = vec![
        Compared::new("Device", [None, some("sensor-00017")]),
        Compared::new("Subject", [some("CN=gateway.example"), some("CN=sensor-00017.devices.example")]),
        Compared::new("Issued", [some("2026-11-20 09:14:02 UTC"), some("2026-11-20 09:14:02 UTC")]),
        Compared::new("Expires", [some("2027-11-20 10:14:02 UTC"), some("2027-11-20 10:14:02 UTC")]),
        Compared::new("Revoked", [None, None]),
    ];
    let title =
        format!("Certificate {} {}", serial(3).colons().get(..11).unwrap_or_default(), kind.sentence());
    view! {
        <PageHead
            title
            crumbs=vec![Crumb::new("Findings", paths::FINDINGS)]
            actions=|| view! {
                <LinkButton href=paths::OVERVIEW.to_owned() weight=Weight::Primary>"Request revocation"</LinkButton>
                <LinkButton href=paths::OVERVIEW.to_owned()>"Dismiss"</LinkButton>
            }
        >
            <Badge of=kind.severity() />
            <Badge of=FindingStateName::Open />
            "Devices EU · first seen "
            <Ago at=minutes_ago(97) />
        </PageHead>
        <div class="prose">
            <p>{kind.advice()}</p>
        </div>
        <Section title="What the records say">
            <Compare caption="The records compared" sides=vec![("Report", true), ("Inventory", true)] lines />
        </Section>
        <Section title="History">
            <Timeline>
                <Event at=Some(minutes_ago(97)) what="Opened by a run" />
                <Event at=Some(minutes_ago(40)) what="Acknowledged" who=Some("operator".to_owned())>
                    <p>"Due 2026-11-24. Asked the provisioning team."</p>
                </Event>
                <Event at=Some(minutes_ago(12)) what="Revocation requested" who=Some("operator".to_owned()) mark=RequestState::Pending>
                    <a href=paths::OVERVIEW>"Open the request"</a>
                </Event>
                <Event at=None what="Waiting for approval" />
            </Timeline>
        </Section>
    }
}

pub fn run() -> impl IntoView {
    view! {
        <PageHead
            title="Run of Devices EU"
            crumbs=vec![Crumb::new("Runs", paths::RUNS)]
            actions=|| view! { <Refused label="Start a run" why="A run of this authority is under way." /> }
        >
            <Badge of=RunState::Running />
            "started by operator "
            <Ago at=minutes_ago(2) />
        </PageHead>
        <Flash tone=Tone::Medium title="17 rows of the report could not be read">
            <p>"The rest is being compared. " <a href=paths::OVERVIEW>"See the first ten"</a> "."</p>
        </Flash>
        <div class="stack">
            <Progress what="Reading the audit report" unit="rows" done=480_213 total=Some(480_213) elapsed=Duration::from_secs(31) />
            <Progress what="Scanning the inventory" unit="items" done=213_400 total=Some(480_000) elapsed=Duration::from_secs(9) />
            <Progress what="Comparing" unit="certificates" done=0 elapsed=Duration::ZERO />
        </div>
    }
}
