//! How fresh the events are, what could not be read, and what to do when no trail is read at all.

use domain::run::UnreadableExample;
use domain::views::Ingestion;
use leptos::prelude::*;

use crate::ui::{Ago, Column, Disclosure, Empty, Flash, Table, Tone, plural, visible};

/// One line: "as of 2 minutes ago · 1,204 log files · 3,911 events".
#[component]
pub fn Freshness(ingestion: Ingestion) -> impl IntoView {
    if !ingestion.configured {
        return "No trail is read".into_any();
    }
    let counts =
        format!(" · {} · {}", plural(ingestion.files, "log file"), plural(ingestion.events, "event"));
    match ingestion.as_of {
        Some(at) => view! { "As of " <Ago at /> {counts} }.into_any(),
        None => view! { "The trail is being read for the first time" {counts} }.into_any(),
    }
}

/// What keeps the trail from being read, and what of it could not be.
#[component]
pub fn Unread(ingestion: Ingestion) -> impl IntoView {
    let Ingestion { problem, unreadable, .. } = ingestion;
    let row = |UnreadableExample { place, problem }: UnreadableExample| {
        view! {
            <tr>
                <th scope="row" class="wrap mono">
                    {visible(&place)}
                </th>
                <td class="wrap">{visible(&problem)}</td>
            </tr>
        }
    };
    let columns = ["Log file or record", "Problem"].map(Column::text).to_vec();
    let summary = format!("{} could not be read; the rest was", plural(unreadable.count, "file or record"))
        .replace("file or records", "files or records");
    view! {
        {problem
            .map(|problem| {
                view! {
                    <Flash tone=Tone::High title="The trail could not be read anew">
                        <p>{visible(&problem)}</p>
                    </Flash>
                }
            })}
        {(unreadable.count > 0)
            .then(|| {
                view! {
                    <div class="above-filter">
                        <Disclosure summary>
                            <Table caption="The first that could not be read" columns>
                                {unreadable.examples.into_iter().map(row).collect_view()}
                            </Table>
                        </Disclosure>
                    </div>
                }
            })}
    }
}

const EXAMPLE: &str = r#"[trail]
bucket = "org-trail"     # the S3 bucket of the trail

[[issuers]]              # who may issue; without one nobody is authorised
principal = "arn:aws:iam::111122223333:role/service/provisioning"
"#;

/// In place of what a trail would show.
#[component]
pub fn NoTrail() -> impl IntoView {
    view! {
        <Empty title="No trail is configured">
            <p>
                "With the log files of AWS CloudTrail, Countersign says who had each certificate issued, from where, and whether the evidence is whole. Add the section "
                <code>"[trail]"</code> " to countersign.toml and start the console again:"
            </p>
            <pre>{EXAMPLE}</pre>
        </Empty>
    }
}
