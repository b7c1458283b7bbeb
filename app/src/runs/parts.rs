//! What a run read, and what it could not read.

use domain::run::{RunInputs, Unreadable, UnreadableExample};
use domain::timestamp::words;
use leptos::prelude::*;

use crate::session::use_now;
use crate::ui::{Column, Fact, Facts, Flash, Section, Table, Tone, Utc, count, plural};

/// Where the run's evidence came from, exactly enough to find it again.
#[component]
pub fn Inputs(inputs: RunInputs) -> impl IntoView {
    let now = use_now().get_untracked();
    let report = inputs.report.map(|report| {
        let age = match report.reused {
            true => format!("{} old, made for an earlier run", words(now.since(report.created_at))),
            false => "made for this run".to_owned(),
        };
        view! {
            <Fact label="Audit report" copy=report.report_id.clone() wide=true>
                <code>{report.report_id.clone()}</code>
                {format!(" · {age}")}
            </Fact>
            <Fact label="Report made">
                <Utc at=report.created_at />
            </Fact>
            <Fact label="S3 object" copy=format!("s3://{}/{}", report.bucket, report.key) wide=true>
                <code>{format!("s3://{}/{}", report.bucket, report.key)}</code>
            </Fact>
            {report.version.map(|version| view! { <Fact label="S3 version"><code>{version}</code></Fact> })}
        }
    });
    let scan = inputs.scan_started_at.zip(inputs.scan_finished_at).map(|(from, to)| {
        view! {
            <Fact label="Inventory scanned">
                <Utc at=from />
                {format!(" · in {}", words(to.since(from)))}
            </Fact>
        }
    });
    view! {
        <Section title="What it read">
            <Facts>
                {report}
                {scan}
                <Fact label="Report rows">{count(inputs.report_rows)}</Fact>
                <Fact label="Inventory items">{count(inputs.inventory_items)}</Fact>
                <Fact label="CA and OCSP certificates">{count(inputs.infrastructure)}</Fact>
                <Fact label="Requested by AWS services">{count(inputs.managed)}</Fact>
                <Fact label="Too young to judge">{count(inputs.in_grace)}</Fact>
            </Facts>
        </Section>
    }
}

/// What could not be read, with examples; nothing when all could be.
#[component]
pub fn Unread(inputs: RunInputs) -> impl IntoView {
    let total = inputs.report_unreadable.count + inputs.inventory_unreadable.count;
    let truncated = inputs.report_truncated.then(|| {
        view! {
            <Flash tone=Tone::High title="The audit report ends before its end">
                "Nothing was concluded from rows that are missing. Start another run for a new report."
            </Flash>
        }
    });
    let rows = |source: &'static str, unreadable: Unreadable| {
        let row = move |UnreadableExample { place, problem }: UnreadableExample| {
            view! {
                <tr>
                    <th scope="row">{source}</th>
                    <td class="mono">{place}</td>
                    <td>{problem}</td>
                </tr>
            }
        };
        unreadable.examples.into_iter().map(row).collect_view()
    };
    let columns = ["Source", "Record", "Problem"].map(Column::text).to_vec();
    let report = rows("Audit report", inputs.report_unreadable);
    let inventory = rows("Inventory", inputs.inventory_unreadable);
    view! {
        {truncated}
        {(total > 0)
            .then(|| {
                view! {
                    <Section title="What it could not read">
                        <p>{format!("{} could not be read; the rest was compared. The first of them:", plural(total, "record"))}</p>
                        <Table caption="Unreadable records" columns>
                            {report}
                            {inventory}
                        </Table>
                    </Section>
                }
            })}
    }
}
