//! That nothing works in the background: said at the top of every page, for what is shown below grows old.

use domain::Timestamp;
use domain::views::WorkerState;
use leptos::prelude::*;

use super::icon::Icon;
use crate::session::use_now;

/// Nothing while a worker is alive.
#[component]
pub fn WorkerNotice(state: WorkerState) -> impl IntoView {
    let now = use_now();
    let since = match state {
        WorkerState::Alive => return None,
        WorkerState::SilentSince(at) => view! {
            "no worker since "
            <time datetime=at.to_string() title=at.absolute()>
                {since(at, now)}
            </time>
            "."
        }
        .into_any(),
        WorkerState::NeverSeen => "no worker has been seen yet.".into_any(),
    };
    Some(view! {
        <div class="worker-notice">
            {Icon::Alert.draw()}
            <p>
                <strong>"Nothing is being read or carried out: " {since}</strong>
                " Runs and approved revocations wait until "
                <code>"countersign work"</code>
                " runs again."
            </p>
        </div>
    })
}

/// `12:04 UTC`; with the day when that was another one.
fn since(at: Timestamp, now: Timestamp) -> String {
    let whole = at.absolute();
    let minutes = whole.get(..16).unwrap_or(&whole);
    let today = format!("{} ", now.date());
    format!("{} UTC", minutes.strip_prefix(&today).unwrap_or(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_told_when_it_was_another_one() {
        let since = |at: &str| since(at.parse().unwrap(), "2026-11-22T18:00:00Z".parse().unwrap());
        assert_eq!(since("2026-11-22T12:04:31Z"), "12:04 UTC");
        assert_eq!(since("2026-11-21T12:04:31Z"), "2026-11-21 12:04 UTC");
    }
}
