//! What a run read, and what it could not read.

use std::time::Duration;

use domain::run::{RunInputs, TrailInputs, Unreadable, UnreadableExample};
use domain::timestamp::words;
use domain::trail::Proof;
use leptos::prelude::*;

use crate::paths;
use crate::session::use_now;
use crate::ui::{Badge, Column, Fact, Facts, Flash, Section, Table, Tone, Utc, count, plural};

/// Where the run's evidence came from, exactly enough to find it again.
#[component]
pub fn Inputs(inputs: RunInputs) -> impl IntoView {
    let now = use_now();
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
            {report.sha256.map(|sha256| {
                view! {
                    <Fact label="SHA-256" copy=sha256.clone() wide=true>
                        <code>{sha256.clone()}</code>
                    </Fact>
                }
            })}
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
    let trail = match inputs.trail {
        Some(trail) => trail_facts(trail).into_any(),
        None => view! { <Fact label="Trail">"none is configured"</Fact> }.into_any(),
    };
    let long_expired = inputs.expired_after.map(|age| {
        let age = words(Duration::from_secs(age));
        view! { <Fact label="Expired and not recorded">{format!("{}, for more than {age}", count(inputs.long_expired))}</Fact> }
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
                {long_expired}
                {trail}
            </Facts>
        </Section>
    }
}

/// What the trail covered of the run's window, hour by hour, and what it attributed.
fn trail_facts(trail: TrailInputs) -> impl IntoView {
    let TrailInputs { from, to, hours, attributed, not_covered, .. } = trail;
    let window = from.zip(to).map(|(from, to)| {
        view! {
            <Fact label="Trail" wide=true>
                "from "
                <Utc at=from />
                " to "
                <Utc at=to />
                " · "
                <a href=paths::COVERAGE>"See the coverage"</a>
            </Fact>
        }
    });
    let known = hours.values().any(|number| *number > 0);
    let proofs = Proof::ALL.iter().copied().filter_map(|proof| {
        let number = hours.get(&proof).copied().filter(|number| *number > 0)?;
        Some(view! {
            <li>
                <Badge of=proof />
                {format!(" {}", plural(number, "hour"))}
            </li>
        })
    });
    let proofs = proofs.collect_view();
    view! {
        {window}
        <Fact label="Hours of it" wide=true>
            {match known {
                true => view! { <ul class="counts">{proofs}</ul> }.into_any(),
                false => view! { <span class="muted">"none: the trail says nothing yet"</span> }.into_any(),
            }}
        </Fact>
        <Fact label="Issuer known">{plural(attributed, "certificate")}</Fact>
        <Fact label="Before the trail, or not covered">{plural(not_covered, "certificate")}</Fact>
    }
}

/// What could not be read, with examples; nothing when all could be.
#[component]
pub fn Unread(inputs: RunInputs) -> impl IntoView {
    let trail = inputs.trail.map(|trail| trail.unreadable).unwrap_or_default();
    let total = inputs.report_unreadable.count + inputs.inventory_unreadable.count + trail.count;
    let attributes = inputs.inventory_unread.count;
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
    let unread = rows("Attribute", inputs.inventory_unread);
    let trail = rows("Trail", trail);
    view! {
        {truncated}
        {(total + attributes > 0)
            .then(|| {
                view! {
                    <Section title="What it could not read">
                        <p>
                            {format!(
                                "{} and {} of others could not be read; the rest was compared. The first of them:",
                                plural(total, "record"),
                                plural(attributes, "attribute"),
                            )}
                        </p>
                        <Table caption="Unreadable records" columns>
                            {report}
                            {inventory}
                            {unread}
                            {trail}
                        </Table>
                    </Section>
                }
            })}
    }
}
