//! Folding refusals: somebody's first one is told at once, and those of the minute after it as one entry when that minute
//! is over. So nobody can fill the ledger, or hold up its other writers, by being refused. Knows no clock and writes nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::ledger::{Body, Object, Who};
use domain::{PersonId, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);
/// How many kinds of attempts are counted apart; the others are counted together.
const KINDS: usize = 20;

/// The minutes of the people who were refused something. There are never more than people who are signed in.
#[derive(Default)]
pub(super) struct Fold(HashMap<PersonId, Minute>);

/// What one person was refused since an entry told of it.
struct Minute {
    since: Timestamp,
    /// How many came after that entry.
    more: u64,
    attempts: BTreeMap<String, u64>,
    /// The last of them, for who it was, and on what.
    last: Body,
}

impl Fold {
    /// Takes a refusal, and gives what is to be written now: nothing if it was only counted. Refusals of nobody in
    /// particular are not folded.
    pub fn take(&mut self, refusal: Body) -> Vec<Body> {
        let Who::Person { person, .. } = &refusal.who else { return vec![refusal] };
        let (id, now) = (person.id.clone(), refusal.at);
        if let Some(minute) = self.0.get_mut(&id).filter(|minute| !minute.is_over(now)) {
            minute.count(refusal);
            return Vec::new();
        }
        let (since, last) = (now, refusal.clone());
        let begun = Minute { since, more: 0, attempts: BTreeMap::new(), last };
        let before = self.0.insert(id, begun).and_then(|minute| minute.told(now));
        before.into_iter().chain([refusal]).collect()
    }

    /// The entries of the minutes that are over by `now`.
    pub fn over(&mut self, now: Timestamp) -> Vec<Body> {
        let over = self.0.extract_if(|_, minute| minute.is_over(now));
        over.filter_map(|(_, minute)| minute.told(now)).collect()
    }

    /// The entries of all minutes, over or not: nothing is counted after that.
    pub fn rest(&mut self, now: Timestamp) -> Vec<Body> {
        self.0.drain().filter_map(|(_, minute)| minute.told(now)).collect()
    }
}

impl Minute {
    /// A clock that was set back ends it as well.
    fn is_over(&self, now: Timestamp) -> bool {
        now < self.since || now.since(self.since) >= MINUTE
    }

    fn count(&mut self, refusal: Body) {
        self.more += 1;
        let attempt = named(&refusal);
        let room = self.attempts.len() < KINDS || self.attempts.contains_key(&attempt);
        *self.attempts.entry(if room { attempt } else { "others".to_owned() }).or_default() += 1;
        self.last = refusal;
    }

    /// `None`: no more came.
    fn told(self, now: Timestamp) -> Option<Body> {
        if self.more == 0 {
            return None;
        }
        let attempts: Vec<String> =
            self.attempts.iter().map(|(attempt, times)| format!("{attempt}: {times}")).collect();
        let Body { who, action, object, at: until, .. } = self.last;
        let entry = Body::new(now, who, action, object).with("more", self.more);
        Some(
            entry
                .with("attempts", attempts.join(", "))
                .with("since", self.since.absolute())
                .with("until", until.absolute()),
        )
    }
}

/// What was attempted, on what.
fn named(refusal: &Body) -> String {
    let object = match &refusal.object {
        Object::Request(id) => format!("request {id}"),
        Object::Finding(id) => format!("finding {id}"),
        Object::Run { id, .. } => format!("run {id}"),
        Object::Certificate { serial, .. } => format!("certificate {serial}"),
        Object::Incident(id) => format!("incident {id}"),
        Object::Session => "session".to_owned(),
        Object::Route(path) => path.clone(),
    };
    refusal.detail.get("attempt").map_or_else(|| object.clone(), |attempt| format!("{attempt} {object}"))
}

#[cfg(test)]
mod tests {
    use domain::ledger::Action;
    use domain::people::Person;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + second).unwrap()
    }

    fn refusal(person: &str, second: i64, attempt: &str) -> Body {
        let id = format!("https://login.example.com|{person}").parse().unwrap();
        let person = Person { id, name: person.to_owned(), human: None };
        let who = Who::Person { person, roles: Vec::new() };
        Body::new(at(second), who, Action::Refused, Object::Session).with("attempt", attempt)
    }

    #[test]
    fn the_first_is_told_at_once_and_the_others_as_one() {
        let mut fold = Fold::default();
        let first = refusal("eve", 0, "approve");
        assert_eq!(fold.take(first.clone()), [first]);
        for second in 0..59 {
            assert!(fold.take(refusal("eve", second, "approve")).is_empty());
        }
        assert!(fold.take(refusal("eve", 59, "cancel")).is_empty());
        assert!(fold.over(at(59)).is_empty());
        let told = fold.over(at(60));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].at, told[0].action), (at(60), Action::Refused));
        let detail = |name: &str| told[0].detail[name].as_str();
        assert_eq!((detail("more"), detail("attempts")), ("60", "approve session: 59, cancel session: 1"));
        assert_eq!((detail("since"), detail("until")), (&*at(0).absolute(), &*at(59).absolute()));
        assert!(fold.over(at(600)).is_empty(), "it is told once");
    }

    #[test]
    fn a_new_minute_tells_of_the_one_before_first() {
        let mut fold = Fold::default();
        fold.take(refusal("eve", 0, "approve"));
        fold.take(refusal("eve", 1, "approve"));
        let told = fold.take(refusal("eve", 61, "approve"));
        assert_eq!(
            told.iter().map(|body| body.detail.contains_key("more")).collect::<Vec<_>>(),
            [true, false]
        );
        assert!(fold.take(refusal("eve", 62, "approve")).is_empty());
    }

    #[test]
    fn people_are_counted_apart_and_nobody_who_was_refused_once_is_told_of_twice() {
        let mut fold = Fold::default();
        assert_eq!(fold.take(refusal("eve", 0, "approve")).len(), 1);
        assert_eq!(fold.take(refusal("mallory", 0, "approve")).len(), 1);
        fold.take(refusal("mallory", 5, "approve"));
        let told = fold.rest(at(6));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].who, refusal("mallory", 0, "").who);
    }

    #[test]
    fn strangers_are_not_folded_here_and_kinds_are_bounded() {
        let mut fold = Fold::default();
        let stranger = Body::new(at(0), Who::Stranger, Action::Refused, Object::Session);
        assert_eq!(fold.take(stranger.clone()), fold.take(stranger));
        fold.take(refusal("eve", 0, "x"));
        for kind in 0..100 {
            fold.take(refusal("eve", 1, &format!("kind {kind}")));
        }
        let told = fold.rest(at(2));
        assert!(told[0].detail["attempts"].contains("others: 80"), "{told:?}");
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_back() {
        let mut fold = Fold::default();
        fold.take(refusal("eve", 1000, "approve"));
        fold.take(refusal("eve", 1001, "approve"));
        assert_eq!(fold.over(at(0)).len(), 1);
        assert_eq!(fold.take(refusal("eve", 0, "approve")).len(), 1);
    }
}
