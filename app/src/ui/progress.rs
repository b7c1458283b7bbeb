//! Work under way: a bar with how much is done, how fast, and how long it will take.

use std::time::Duration;

use domain::timestamp::words;
use leptos::prelude::*;

use domain::count::count;

#[component]
pub fn Progress(
    /// What is being done: "Reading the inventory".
    #[prop(into)]
    what: String,
    /// What is counted, in the plural: "items".
    unit: &'static str,
    done: u64,
    /// `None` = nobody knows how much there is.
    #[prop(optional_no_strip)]
    total: Option<u64>,
    /// How long it has been going on, for the rate and the time left.
    elapsed: Duration,
) -> impl IntoView {
    let numbers = match total {
        Some(total) => format!("{} of {} {unit}", count(done), count(total)),
        None => format!("{} {unit}", count(done)),
    };
    view! {
        <div class="progress">
            <progress aria-label=what.clone() max=total.unwrap_or(1) value=total.map(|total| done.min(total))></progress>
            <div class="progress-words">
                <span>{what} ": " {numbers}</span>
                <span class="muted">{pace(done, total, elapsed)}</span>
            </div>
        </div>
    }
}

/// "1,200 a second, 40 seconds left"; empty before there is anything to reckon with.
fn pace(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let rate = done.checked_div(elapsed.as_secs()).unwrap_or(0);
    if rate == 0 {
        return String::new();
    }
    match total.and_then(|total| total.checked_sub(done)).filter(|left| *left > 0) {
        Some(left) => format!("{} a second, {} left", count(rate), words(Duration::from_secs(left / rate))),
        None => format!("{} a second", count(rate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_rate() {
        assert_eq!(pace(12_000, Some(60_000), Duration::from_secs(10)), "1,200 a second, 40 seconds left");
        assert_eq!(pace(12_000, None, Duration::from_secs(10)), "1,200 a second");
        assert_eq!(pace(0, Some(10), Duration::ZERO), "");
        assert_eq!(pace(20, Some(10), Duration::from_secs(1)), "20 a second");
        assert_eq!(pace(10, Some(10), Duration::from_secs(1)), "10 a second");
    }
}
