//! Months that are older than what is read by itself: the form that loads one, and how far each load is.

use std::time::Duration;

use domain::trail::MonthLoad;
use domain::views::CoverageView;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::LoadMonth;
use crate::paths;
use crate::ui::{
    Badge, Choice, FormErrors, Icon, Live, Mark, Pace, Progress, Refused, Section, Select, Submit, Tone,
    error_of, plural, visible,
};

fn is_under_way(load: &MonthLoad) -> bool {
    !load.finished && load.failure.is_none()
}

#[component]
pub fn Months(view: CoverageView, load: ServerAction<LoadMonth>) -> impl IntoView {
    let CoverageView { older_months, loads, cannot_load, .. } = view;
    let busy = loads.iter().any(is_under_way);
    let choices: Vec<Choice> =
        older_months.iter().map(|month| Choice::new(month, month_name(month))).collect();
    let error = error_of(load);
    let form = match (cannot_load, choices.is_empty()) {
        (_, true) => {
            view! { <p class="muted">"The bucket has no older month that is not read."</p> }.into_any()
        }
        (Some(why), false) => view! { <Refused label="Load" why /> }.into_any(),
        (None, false) => view! {
            <FormErrors error />
            <ActionForm action=load attr:class="form-line">
                <Select name="month" label="Month" choices error />
                <Submit error>"Load"</Submit>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <Section title="Older months">
            <p class="muted">
                "The log files of an older month are read when somebody asks for it. Its events then appear in the activity, and its hours in the calendar."
            </p>
            {form}
            {busy
                .then(|| {
                    view! {
                        <Live pace=Pace::Quick />
                        <noscript>
                            <meta http-equiv="refresh" content="2" />
                        </noscript>
                        <p>
                            <a href=paths::COVERAGE>"Look again"</a>
                        </p>
                    }
                })}
            {loads.into_iter().map(|load| view! { <Load load /> }).collect_view()}
        </Section>
    }
}

#[component]
fn Load(load: MonthLoad) -> impl IntoView {
    let name = month_name(&load.month);
    let under_way = is_under_way(&load);
    let MonthLoad { done, total, failure, .. } = load;
    match (failure, under_way) {
        (Some(why), _) => view! {
            <p>
                <Badge of=Mark::new(Tone::High, Icon::Alert, "Failed") />
                {format!(" {name}: {}", visible(&why))}
            </p>
        }
        .into_any(),
        (None, true) => view! {
            <Progress
                what=format!("Reading {name}")
                unit="log files"
                done
                total=(total > 0).then_some(total)
                elapsed=Duration::ZERO
            />
        }
        .into_any(),
        (None, false) => view! {
            <p>
                <Badge of=Mark::new(Tone::Ok, Icon::Check, "Loaded") />
                {format!(" {name}: {}", plural(total, "log file"))}
            </p>
        }
        .into_any(),
    }
}

/// `2026-08` as "August 2026".
fn month_name(month: &str) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let named = month.split_once('-').and_then(|(year, number)| {
        let name = NAMES.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{name} {year}"))
    });
    named.unwrap_or_else(|| visible(month))
}

#[cfg(test)]
mod tests {
    use super::month_name;

    #[test]
    fn months_have_names() {
        let names = ["2026-08", "2025-12", "2026-13", "2026-00", "x"].map(month_name);
        assert_eq!(names, ["August 2026", "December 2025", "2026-13", "2026-00", "x"]);
    }
}
