//! Days and months of the calendar (UTC), as the trail's folders have them, and from which day on they are listed.

use std::time::Duration;

use domain::Timestamp;

const DAY: i64 = 86_400;
/// How far a listing looks back behind the one before: files come late, and those from before midnight on the next day.
pub(crate) const OVERLAP: Duration = Duration::from_secs(26 * 3600);

/// The beginning of a moment's day.
pub(crate) fn day_of(moment: Timestamp) -> Timestamp {
    moment.minus(Duration::from_secs(u64::try_from(moment.unix().rem_euclid(DAY)).unwrap_or(0)))
}

/// The beginning of each day from that of `from` to that of `to`.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
    let (first, last) = (from.unix().div_euclid(DAY), to.unix().div_euclid(DAY));
    (first..=last).filter_map(|day| Timestamp::from_unix(day * DAY).ok())
}

/// The beginning of a month (`2026-08`) and of the next one; `None`: it is none.
pub(crate) fn month(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (year, number) = text.split_once('-')?;
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(number, 2) {
        return None;
    }
    let (year, number): (u32, u32) = (year.parse().ok()?, number.parse().ok()?);
    let next = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
    let begin = |(year, month): (u32, u32)| format!("{year:04}-{month:02}-01T00:00:00Z").parse().ok();
    Some((begin((year, number))?, begin(next)?))
}

/// From where on a pass lists: where the one before said, but a day back at least. A clock that ran ahead had that one say
/// too much.
pub(crate) fn resume(saved: Option<Timestamp>, since: Timestamp, now: Timestamp) -> Timestamp {
    saved.unwrap_or(since).min(now.minus(OVERLAP)).max(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_those_of_the_calendar() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let days: Vec<_> =
            days(at("2026-02-27T23:59:59Z"), at("2026-03-01T00:00:00Z")).map(Timestamp::date).collect();
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
        assert_eq!(day_of(at("2026-02-27T23:59:59Z")), at("2026-02-27T00:00:00Z"));
        let december = (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(month("2026-12"), Some(december));
        for wrong in ["", "2026", "2026-13", "2026-00", "2026-1", "+026-01", "2026-01-01", "é-01"] {
            assert_eq!(month(wrong), None, "{wrong}");
        }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_unix(1_763_802_000 + hours * 3600).unwrap()
    }

    #[test]
    fn a_clock_that_ran_ahead_leaves_out_no_day() {
        let now = at(0);
        assert_eq!(resume(None, at(-500), now), at(-500));
        assert_eq!(resume(Some(at(-300)), at(-500), now), at(-300));
        assert_eq!(resume(Some(at(240)), at(-500), now), at(-26));
        assert_eq!(resume(Some(at(240)), at(-3), now), at(-3));
    }
}
