//! When it did something in its last hours, and from where: a row for each address, a bar for each hour, drawn on the server,
//! with the same numbers as a table behind it. A bar is as high as there were events; what failed is hollow.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Timestamp;
use domain::foreign::short_line;
use domain::views::{ActivityQuery, ActivityStrip, IdentityKey, StripHour, StripRow};
use leptos::prelude::*;

use crate::callers::named;
use crate::paths;
use crate::ui::{Column, Disclosure, Section, Table, brief, count};

/// In units of the drawing.
const WIDTH: f64 = 760.0;
const LEFT: f64 = 150.0;
const ROW: f64 = 30.0;
const BAR: f64 = 24.0;
const BELOW: f64 = 18.0;
/// How many characters of a name there is room for.
const NAME: usize = 24;
/// An hour has its name below it if it is one of these.
const NAMED: i64 = 6;
const HOUR: i64 = 3600;

#[component]
pub fn Strip(key: IdentityKey, strip: ActivityStrip) -> impl IntoView {
    let (title, by) = match key {
        IdentityKey::Address(_) => ("When, and as whom", "principal"),
        IdentityKey::Principal(_) | IdentityKey::AccessKey(_) => ("When, and from where", "address"),
    };
    let caption =
        format!("Events by hour (UTC) and {by}, in the {} hours until it was last seen", strip.hours);
    let label = format!("{caption}: a drawing, with its numbers in the table below");
    let table = view! { <Numbers caption=caption.clone() key strip=strip.clone() /> };
    view! {
        <Section title>
            <figure class="chart">
                <figcaption class="muted small">{caption}</figcaption>
                <ul class="chart-legend">
                    <Legend class="series-0" label="Succeeded" />
                    <Legend class="series-3" label="Failed or denied" />
                </ul>
                <div class="chart-frame" tabindex="0" role="region" aria-label=label>
                    <Drawing strip />
                </div>
                <Disclosure summary="The numbers">{table}</Disclosure>
            </figure>
        </Section>
    }
}

#[component]
fn Legend(class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <li>
            <svg class="chart-key" viewBox="0 0 12 12" aria-hidden="true">
                <rect class=class x="0.5" y="0.5" width="11" height="11"></rect>
            </svg>
            {label}
        </li>
    }
}

#[component]
fn Drawing(strip: ActivityStrip) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "there are some dozens of hours and a few rows")]
    let (height, wide) =
        (strip.rows.len() as f64 * ROW + BELOW, (WIDTH - LEFT) / f64::from(strip.hours.max(1)));
    let place = move |at: Timestamp| {
        let hours = u32::try_from((at.unix() - strip.from.unix()) / HOUR).unwrap_or(0);
        rounded(LEFT + wide * f64::from(hours))
    };
    let most = strip.rows.iter().flat_map(|row| &row.hours).map(StripHour::total).max().unwrap_or(0);
    let row = |(number, row): (usize, &StripRow)| {
        #[expect(clippy::cast_precision_loss, reason = "there are a few rows")]
        let ground = number as f64 * ROW + ROW;
        let bar = |hour: &StripHour| {
            let (done, all) = (tall(hour.succeeded, most), tall(hour.total(), most));
            let title = format!("{}, {}: {}", name(row), hour_of(hour.from), numbers(hour));
            let part = |class: &'static str, from: f64, to: f64| {
                let (x, width) = (place(hour.from) + 1.0, rounded(wide - 2.0));
                (to > from).then(|| {
                    view! { <rect class=class x=x width=width y=rounded(ground - to) height=rounded(to - from)></rect> }
                })
            };
            view! {
                <g>
                    <title>{title}</title>
                    {part("series-0", 0.0, done)}
                    {part("series-3", done, all)}
                </g>
            }
        };
        view! {
            <text class="chart-text" x=LEFT - 8.0 y=ground - 6.0 text-anchor="end">
                {short_line(&name(row), NAME)}
            </text>
            <line class="chart-line" x1=LEFT x2=WIDTH y1=ground y2=ground></line>
            {row.hours.iter().map(bar).collect_view()}
        }
    };
    let rows = strip.rows.iter().enumerate().map(row).collect_view();
    let named = (0..i64::from(strip.hours)).filter_map(|hour| {
        let at = Timestamp::from_unix(strip.from.unix() + hour * HOUR).ok()?;
        let of_day = hour_in_day(at);
        let label = match of_day {
            0 => at.date().get(5..).map(str::to_owned),
            _ => Some(format!("{of_day:02}:00")),
        };
        let x = place(at);
        // No name is cut at the end.
        (of_day % NAMED == 0 && x < WIDTH - ROW).then(|| {
            view! {
                <line class="chart-line" x1=x x2=x y1="0" y2=height - BELOW></line>
                <text class="chart-text" x=x y=height - 5.0>
                    {label}
                </text>
            }
        })
    });
    view! {
        <svg class="chart-drawing" viewBox=format!("0 0 {WIDTH} {height}") aria-hidden="true">
            {named.collect_view()}
            {rows}
        </svg>
    }
}

/// A line for each hour in which it did something, the newest first; the hour leads to its events.
#[component]
fn Numbers(caption: String, key: IdentityKey, strip: ActivityStrip) -> impl IntoView {
    let names: Vec<String> = strip.rows.iter().map(name).collect();
    let mut hours = BTreeMap::<Timestamp, Vec<Option<StripHour>>>::new();
    for (number, row) in strip.rows.iter().enumerate() {
        for hour in &row.hours {
            let cells = hours.entry(hour.from).or_insert_with(|| vec![None; names.len()]);
            cells.iter_mut().skip(number).take(1).for_each(|cell| *cell = Some(*hour));
        }
    }
    let of = ActivityQuery::of(&key);
    let line = move |(at, cells): (Timestamp, Vec<Option<StripHour>>)| {
        let to = Some(at.plus(Duration::from_secs(3600)));
        let events = paths::activity(&ActivityQuery { from: Some(at), to, ..of.clone() });
        let cell = |hour: Option<StripHour>| match hour {
            Some(hour) => view! { <td class="num">{numbers(&hour)}</td> }.into_any(),
            None => view! { <td class="num muted">"0"</td> }.into_any(),
        };
        view! {
            <tr>
                <th scope="row">
                    // safe link: from crate::paths above
                    <a href=events>{hour_of(at)}</a>
                </th>
                {cells.into_iter().map(cell).collect_view()}
            </tr>
        }
    };
    let columns =
        [Column::text("Hour (UTC)")].into_iter().chain(names.into_iter().map(Column::number)).collect();
    view! {
        <Table caption columns>
            {hours.into_iter().rev().map(line).collect_view()}
        </Table>
    }
}

/// How high a bar is; what happened at all can be seen.
#[expect(clippy::cast_precision_loss, reason = "a drawing has some dozens of steps")]
fn tall(number: u64, most: u64) -> f64 {
    match number {
        0 => 0.0,
        _ => (BAR * number as f64 / most.max(1) as f64).max(2.0),
    }
}

/// Two digits behind the point are enough for a drawing.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn name(row: &StripRow) -> String {
    match &row.by {
        Some(IdentityKey::Principal(principal)) => named(principal),
        Some(IdentityKey::Address(text) | IdentityKey::AccessKey(text)) => brief(text),
        None => "others".to_owned(),
    }
}

fn hour_in_day(at: Timestamp) -> i64 {
    at.unix().rem_euclid(24 * HOUR) / HOUR
}

/// "2026-11-22 09:00".
fn hour_of(at: Timestamp) -> String {
    format!("{} {:02}:00", at.date(), hour_in_day(at))
}

/// "7", "9 (2 failed)".
fn numbers(hour: &StripHour) -> String {
    match hour.failed {
        0 => count(hour.succeeded),
        failed => format!("{} ({} failed)", count(hour.total()), count(failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_there_were_events_and_never_unseen() {
        assert!(tall(0, 100) < 0.1);
        assert!((tall(100, 100) - BAR).abs() < 0.1 && (tall(50, 100) - BAR / 2.0).abs() < 0.1);
        assert!(tall(1, 1_000_000) >= 2.0);
    }

    #[test]
    fn what_failed_is_said_beside_all() {
        let hour = |succeeded, failed| StripHour { from: Timestamp::EPOCH, succeeded, failed };
        assert_eq!(numbers(&hour(1_200, 0)), "1,200");
        assert_eq!(numbers(&hour(7, 2)), "9 (2 failed)");
        assert_eq!(hour_of(Timestamp::from_unix(86_400 + 9 * HOUR + 1).unwrap()), "1970-01-02 09:00");
    }
}
