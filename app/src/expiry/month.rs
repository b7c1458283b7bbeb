//! The calendar: a row for each week, a cell for each day, the darker the more expire on it; the number says the same.

use domain::AuthorityId;
use domain::views::ExpirySpan;
use leptos::prelude::*;

use crate::paths;
use crate::ui::{count, plural};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `spans`: days, the first a Monday.
#[component]
pub fn Weeks(spans: Vec<ExpirySpan>, authority: Option<AuthorityId>) -> impl IntoView {
    let most = spans.iter().map(ExpirySpan::total).max().unwrap_or(0);
    let head = DAYS.map(|day| view! { <th scope="col">{day.get(..3)}</th> });
    let day = |span: &ExpirySpan| {
        let (total, date) = (span.total(), span.from.date());
        let words = format!("{date}: {}", plural(total, "certificate"));
        let inside = view! {
            <span class="day-date">{date.get(5..).map(str::to_owned)}</span>
            <span class="day-count">{(total > 0).then(|| count(total))}</span>
        };
        let class = format!("day day-{}", level(total, most));
        match total {
            0 => view! {
                <td>
                    <span class=class title=words>
                        {inside}
                    </span>
                </td>
            }
            .into_any(),
            _ => view! {
                <td>
                    // safe link: from crate::paths
                    <a class=class href=paths::certificates(&span.list(authority.as_ref())) title=words>
                        {inside}
                    </a>
                </td>
            }
            .into_any(),
        }
    };
    let week = |days: &[ExpirySpan]| {
        let monday = days.first().map(|span| span.from.date());
        view! {
            <tr>
                <th scope="row">{monday}</th>
                {days.iter().map(day).collect_view()}
            </tr>
        }
    };
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Certificates that expire, by day">
            <table class="calendar weeks">
                <caption class="visually-hidden">"Certificates that expire, by day"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Week of"</th>
                        {head.into_iter().collect_view()}
                    </tr>
                </thead>
                <tbody>{spans.chunks(7).map(week).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// From 0, for none, to 3, for more than half of the `most`.
fn level(total: u64, most: u64) -> u8 {
    match total {
        0 => 0,
        _ if total * 2 > most => 3,
        _ if total * 8 > most => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_the_darker() {
        assert_eq!([0, 1, 13, 60, 100].map(|total| level(total, 100)), [0, 1, 2, 3, 3]);
        assert_eq!(level(1, 1), 3);
    }
}
