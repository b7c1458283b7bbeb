//! The calendar: a row for each day, a cell for each hour. Each cell has a drawing beside its colour, and its words.

use domain::Timestamp;
use domain::trail::{Hour, Problem, Proof};
use domain::views::{CoverageDay, TrailCoverage, TrailProblem};
use leptos::prelude::*;

use super::problems::anchor;
use crate::ui::{Badge, Icon, Mark, count};

const HOUR: i64 = 3600;

/// What each mark means.
#[component]
pub fn Legend() -> impl IntoView {
    let meaning = |proof: Proof| match proof {
        Proof::Proven => "signed digests cover the whole hour, and every file they name is there, unchanged",
        Proof::Unproven => "no digest vouches for all of it (yet)",
        Proof::Missing => "a log file or a digest that must be there is not",
        Proof::Altered => "a log file or a digest is not what was delivered",
    };
    let entry = |proof: Proof| {
        view! {
            <div>
                <dt>
                    <HourMark proof=Some(proof) />
                    {proof.label()}
                </dt>
                <dd>{meaning(proof)}</dd>
            </div>
        }
    };
    view! { <dl class="legend">{Proof::ALL.iter().copied().map(entry).collect_view()}</dl> }
}

/// The drawing of a proof, on its colour; an empty one for an hour of which nothing is known.
#[component]
pub fn HourMark(proof: Option<Proof>) -> impl IntoView {
    let (class, icon) = match proof {
        None => ("hour", None),
        Some(Proof::Proven) => ("hour hour-proven", Some(Icon::Check)),
        Some(Proof::Unproven) => ("hour hour-unproven", Some(Icon::Minus)),
        Some(Proof::Missing) => ("hour hour-missing", Some(Icon::Cross)),
        Some(Proof::Altered) => ("hour hour-altered", Some(Icon::Alert)),
    };
    view! { <span class=class>{icon.map(Icon::draw)}</span> }
}

/// The calendar of one account and Region; `number` tells it apart from the others on the page.
#[component]
pub fn Calendar(number: usize, trail: TrailCoverage) -> impl IntoView {
    let TrailCoverage { account, region, days, hours, problems, .. } = trail;
    let counted = Proof::ALL.iter().copied().filter_map(|proof| {
        let hours = hours.get(&proof).copied().filter(|hours| *hours > 0)?;
        Some(view! {
            <li>
                <Badge of=Mark::from(proof) />
                {format!(" {} {}", count(hours), if hours == 1 { "hour" } else { "hours" })}
            </li>
        })
    });
    let caption = format!("Proof of each hour (UTC) of account {account} in {region}, the newest day first");
    let label = caption.clone();
    let head = (0..24).map(|hour| view! { <th scope="col">{format!("{hour:02}")}</th> });
    let row = move |day: CoverageDay| view! { <Day number day problems=problems.clone() /> };
    view! {
        <ul class="counts">{counted.collect_view()}</ul>
        <div class="table-frame" tabindex="0" role="region" aria-label=label>
            <table class="calendar">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        {head.collect_view()}
                    </tr>
                </thead>
                <tbody>{days.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Day(number: usize, day: CoverageDay, problems: Vec<TrailProblem>) -> impl IntoView {
    let CoverageDay { date, hours } = day;
    let cell = |(hour, known): (usize, Option<Hour>)| {
        let Some(Hour { from, proof }) = known else {
            return view! { <td></td> }.into_any();
        };
        let words = format!("{hour:02}:00 {}", proof.map_or("nothing known", Proof::name));
        let text = view! { <span class="visually-hidden">{words.clone()}</span> };
        match problems.iter().position(|one| touches(&one.problem, from)) {
            Some(at) => view! {
                <td>
                    // safe link: a place on this page
                    <a href=format!("#{}", anchor(number, at)) title=words>
                        <HourMark proof />
                        {text}
                    </a>
                </td>
            }
            .into_any(),
            None => view! {
                <td title=words>
                    <HourMark proof />
                    {text}
                </td>
            }
            .into_any(),
        }
    };
    view! {
        <tr>
            <th scope="row">{date}</th>
            {by_hour(hours).into_iter().enumerate().map(cell).collect_view()}
        </tr>
    }
}

/// The hours of a day in their places.
fn by_hour(hours: Vec<Hour>) -> [Option<Hour>; 24] {
    let mut places = [None; 24];
    for hour in hours {
        let place = usize::try_from(hour.from.unix().rem_euclid(24 * HOUR) / HOUR).unwrap_or(0);
        places[place] = Some(hour);
    }
    places
}

/// Whether the problem is about a part of the hour that begins at `from`.
fn touches(problem: &Problem, from: Timestamp) -> bool {
    let (hour, end) = (from.unix(), from.unix() + HOUR);
    // A problem of no length is about the hour that it is in.
    let to = problem.to.unix().max(problem.from.unix() + 1);
    problem.from.unix() < end && to > hour
}

#[cfg(test)]
mod tests {
    use domain::trail::About;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn hours_stand_in_their_places() {
        let hour = |text: &str| Hour { from: at(text), proof: Some(Proof::Proven) };
        let places = by_hour(vec![hour("2026-11-22T03:00:00Z"), hour("2026-11-22T23:00:00Z")]);
        let filled: Vec<usize> = (0..24).filter(|place| places[*place].is_some()).collect();
        assert_eq!(filled, [3, 23]);
    }

    #[test]
    fn a_problem_is_about_every_hour_that_it_touches() {
        let problem = |from: &str, to: &str| Problem {
            from: at(from),
            to: at(to),
            proof: Proof::Missing,
            about: About::LogFile,
            object: String::new(),
            what: String::new(),
        };
        let long = problem("2026-11-22T09:30:00Z", "2026-11-22T11:00:00Z");
        let touched: Vec<bool> = ["08", "09", "10", "11"]
            .map(|hour| touches(&long, at(&format!("2026-11-22T{hour}:00:00Z"))))
            .to_vec();
        assert_eq!(touched, [false, true, true, false]);
        let moment = problem("2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z");
        assert!(touches(&moment, at("2026-11-22T09:00:00Z")));
        assert!(!touches(&moment, at("2026-11-22T08:00:00Z")));
    }
}
