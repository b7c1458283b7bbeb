//! Bars over time, drawn on the server: an axis, a legend, and the same numbers as a table behind it. What a colour says, a
//! pattern says as well.

use leptos::prelude::*;

use super::page::Disclosure;
use super::table::{Column, Table};
use domain::count::count;

/// The most series that one chart tells apart.
pub const SERIES: usize = 4;

/// In units of the drawing.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 24.0;
/// How many lines the axis has above its zero.
const LINES: u64 = 4;
/// How many bars have their names written below at most.
const NAMED: usize = 13;

/// One place of the axis.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is called in the table.
    pub name: String,
    /// Below the axis, where there is room.
    pub brief: String,
    /// One for each series.
    pub numbers: Vec<u64>,
    /// Where it leads, from crate::paths.
    pub href: Option<String>,
}

/// How the series of one place stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// They are parts of one number.
    Stacked,
    /// Each is a number of its own.
    Beside,
}

impl Bar {
    fn top(&self, together: Together) -> u64 {
        match together {
            Together::Stacked => self.total(),
            Together::Beside => self.numbers.iter().copied().max().unwrap_or(0),
        }
    }

    fn total(&self) -> u64 {
        self.numbers.iter().sum()
    }
}

/// A chart of at most [`SERIES`] series.
#[component]
pub fn Chart(
    /// Tells it apart from others on the page: a word.
    id: &'static str,
    #[prop(into)] caption: String,
    /// What a bar is: "Week".
    unit: &'static str,
    together: Together,
    series: Vec<String>,
    bars: Vec<Bar>,
) -> impl IntoView {
    let top = ceiling(bars.iter().map(|bar| bar.top(together)).max().unwrap_or(0));
    let label = format!("{caption}: a chart, with its numbers in the table below");
    let table =
        view! { <Numbers caption=caption.clone() unit together series=series.clone() bars=bars.clone() /> };
    let key = |(number, name): (usize, String)| {
        view! {
            <li>
                <svg class="chart-key" viewBox="0 0 12 12" aria-hidden="true">
                    <rect class=format!("series-{number}") fill=fill(id, number) width="12" height="12"></rect>
                </svg>
                {name}
            </li>
        }
    };
    let legend = (series.len() > 1).then(|| {
        view! { <ul class="chart-legend">{series.into_iter().enumerate().map(key).collect_view()}</ul> }
    });
    view! {
        <figure class="chart">
            <figcaption class="visually-hidden">{caption}</figcaption>
            {legend}
            <div class="chart-frame" tabindex="0" role="region" aria-label=label>
                <svg class="chart-drawing" viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true">
                    <Patterns id />
                    <Axis top />
                    <Bars id top together bars />
                </svg>
            </div>
            <Disclosure summary="The numbers">{table}</Disclosure>
        </figure>
    }
}

/// What fills a series: the second and third have a pattern, the fourth is hollow.
fn fill(id: &str, number: usize) -> Option<String> {
    (1..=2).contains(&number).then(|| format!("url(#{id}-{number})"))
}

#[component]
fn Patterns(id: &'static str) -> impl IntoView {
    let pattern = |number: usize, path: &'static str| {
        view! {
            <pattern id=format!("{id}-{number}") width="6" height="6" patternUnits="userSpaceOnUse">
                <path class=format!("pattern-{number}") d=path></path>
            </pattern>
        }
    };
    view! {
        <defs>
            {pattern(1, "M-1 1 1-1M0 6 6 0M5 7 7 5")}
            {pattern(2, "M0 1.500H6M0 4.500H6")}
        </defs>
    }
}

/// The lines of the axis with their numbers.
#[component]
fn Axis(top: u64) -> impl IntoView {
    let line = |step: u64| {
        let value = top * step / LINES;
        let y = height(top, value);
        view! {
            <line class="chart-line" x1=LEFT x2=WIDTH y1=y y2=y></line>
            <text class="chart-text" x=LEFT - 8.0 y=y + 4.0 text-anchor="end">
                {count(value)}
            </text>
        }
    };
    (0..=LINES).map(line).collect_view()
}

/// Where a value stands.
#[expect(clippy::cast_precision_loss, reason = "a drawing has some hundreds of steps")]
fn height(top: u64, value: u64) -> f64 {
    let room = HEIGHT - TOP - BOTTOM;
    rounded(TOP + room * (1.0 - value as f64 / top.max(1) as f64))
}

/// Two digits behind the point are enough for a drawing.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[component]
fn Bars(id: &'static str, top: u64, together: Together, bars: Vec<Bar>) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "there are some dozens of bars")]
    let place = |number: usize| rounded(LEFT + (WIDTH - LEFT) * number as f64 / bars.len().max(1) as f64);
    let every = bars.len().div_ceil(NAMED).max(1);
    let bar = |(number, bar): (usize, &Bar)| {
        let (left, right) = (place(number) + 1.0, place(number + 1) - 1.0);
        let mut below = 0;
        #[expect(clippy::cast_precision_loss, reason = "there are at most four series")]
        let share = (right - left) / bar.numbers.len().max(1) as f64;
        let part = |(series, value): (usize, &u64)| {
            let (from, to) = (height(top, below), height(top, below + value));
            #[expect(clippy::cast_precision_loss, reason = "there are at most four series")]
            let (x, width) = match together {
                Together::Stacked => (left, right - left),
                Together::Beside => (left + share * series as f64, share),
            };
            if together == Together::Stacked {
                below += value;
            }
            (*value > 0).then(|| {
                view! {
                    <rect
                        class=format!("series-{series}")
                        fill=fill(id, series)
                        x=rounded(x)
                        width=rounded(width)
                        y=to
                        height=rounded((from - to).max(1.0))
                    ></rect>
                }
            })
        };
        let parts = bar.numbers.iter().enumerate().map(part).collect_view();
        let numbers: Vec<String> = bar.numbers.iter().copied().map(count).collect();
        let title = format!("{}: {}", bar.name, numbers.join(", "));
        let drawn = view! {
            <g>
                <title>{title}</title>
                <rect class="chart-room" x=left width=rounded(right - left) y=TOP height=HEIGHT - TOP - BOTTOM></rect>
                {parts}
            </g>
        };
        let drawn = match bar.href.clone() {
            // safe link: the page's, from crate::paths; readers and the keyboard take those of the table
            Some(href) => view! { <a href=href tabindex="-1">{drawn}</a> }.into_any(),
            None => drawn.into_any(),
        };
        let name = number.is_multiple_of(every).then(|| {
            view! {
                <text class="chart-text" x=left y=HEIGHT - 6.0>
                    {bar.brief.clone()}
                </text>
            }
        });
        view! {
            {drawn}
            {name}
        }
    };
    bars.iter().enumerate().map(bar).collect_view()
}

#[component]
fn Numbers(
    caption: String,
    unit: &'static str,
    together: Together,
    series: Vec<String>,
    bars: Vec<Bar>,
) -> impl IntoView {
    let several = series.len() > 1 && together == Together::Stacked;
    let row = move |bar: Bar| {
        let total = count(bar.total());
        let name = match bar.href {
            // safe link: the page's, from crate::paths
            Some(href) => view! { <a href=href>{bar.name}</a> }.into_any(),
            None => bar.name.into_any(),
        };
        let cell = |number: u64| view! { <td class="num">{count(number)}</td> };
        view! {
            <tr>
                <th scope="row">{name}</th>
                {bar.numbers.into_iter().map(cell).collect_view()}
                {several.then(|| view! { <td class="num">{total}</td> })}
            </tr>
        }
    };
    let columns = [Column::text(unit)].into_iter().chain(series.into_iter().map(Column::number));
    let columns = columns.chain(several.then(|| Column::number("All"))).collect();
    view! {
        <Table caption columns>
            {bars.into_iter().map(row).collect_view()}
        </Table>
    }
}

/// The top of an axis for numbers up to `most`: the next of 4, 8, 20, 40, 80, 200, …, whose quarters are whole.
fn ceiling(most: u64) -> u64 {
    let steps = [(2, 1), (5, 2), (2, 1)].into_iter().cycle();
    let tops = steps.scan(4_u64, |top, (times, over)| {
        let now = *top;
        *top = top.checked_mul(times)? / over;
        Some(now)
    });
    tops.into_iter().find(|top| *top >= most).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_the_next_number_whose_quarters_are_whole() {
        let tops = [0, 4, 5, 9, 21, 41, 81, 1_000_000].map(ceiling);
        assert_eq!(tops, [4, 4, 8, 20, 40, 80, 200, 2_000_000]);
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_value_stands_between_the_axis_and_the_top() {
        assert!((height(20, 0) - (HEIGHT - BOTTOM)).abs() < 0.01);
        assert!((height(20, 20) - TOP).abs() < 0.01);
        assert!((height(0, 0) - (HEIGHT - BOTTOM)).abs() < 0.01);
    }
}
