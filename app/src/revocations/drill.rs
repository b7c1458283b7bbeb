//! A drill: said wherever a request is shown, and at its end how long people waited.

use domain::revocation::{DrillReport, DrillStep};
use domain::timestamp::words;
use leptos::prelude::*;

use crate::ui::{Column, Flash, Icon, Mark, Section, Table, Tone, Utc, visible};

/// Beside the state of a request.
pub fn mark() -> Mark {
    Mark::new(Tone::Pending, Icon::Eye, "Drill")
}

/// Above the whole request, and above the buttons that decide.
#[component]
pub fn Drill() -> impl IntoView {
    view! {
        <Flash tone=Tone::Pending title="This is a drill: no certificate is revoked">
            <p>
                "Decide as if it were real. The worker plays each certificate without asking the CA, and nothing is marked as revoked."
            </p>
        </Flash>
    }
}

/// What the drill has shown.
#[component]
pub fn Report(report: DrillReport) -> impl IntoView {
    let longest = report.longest().map(|step| {
        format!(
            "The longest wait was {}: {} ({}). ",
            spent(step.seconds),
            visible(&step.waited),
            visible(&step.what)
        )
    });
    let took = format!("The whole took {}.", spent(Some(report.took().as_secs())));
    let row = |step: DrillStep| {
        view! {
            <tr>
                <th scope="row" class="wrap">{visible(&step.what)}</th>
                <td>
                    <Utc at=step.at />
                </td>
                <td class="num">{spent(step.seconds)}</td>
                <td class="wrap">{visible(&step.waited)}</td>
            </tr>
        }
    };
    let columns =
        vec![Column::text("Step"), Column::text("At"), Column::number("After"), Column::text("Who waited")];
    view! {
        <Section title="What the drill has shown">
            <p>{longest} {took}</p>
            <Table caption="The steps of the drill, and who waited for whom" columns>
                {report.steps.into_iter().map(row).collect_view()}
            </Table>
        </Section>
    }
}

/// "3 minutes 20 seconds", in two units at most. Nothing for the first step.
fn spent(seconds: Option<u64>) -> String {
    let Some(seconds) = seconds else { return String::new() };
    let of = |seconds| words(std::time::Duration::from_secs(seconds));
    let unit = match seconds {
        0..60 => 1,
        60..3600 => 60,
        3600..172_800 => 3600,
        _ => 86_400,
    };
    match seconds % unit {
        0 => of(seconds),
        rest => format!("{} {}", of(seconds), of(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_two_units() {
        assert_eq!(spent(Some(0)), "0 seconds");
        assert_eq!(spent(Some(200)), "3 minutes 20 seconds");
        assert_eq!(spent(Some(7200)), "2 hours");
        assert_eq!(spent(Some(90_061)), "25 hours 1 minute");
        assert_eq!(spent(None), "");
    }
}
