//! How far a consumer of the files has come, so that it takes each once.

use super::known::SEQ;
use crate::item::{n, number};
use crate::{Aws, Change, Error, Thing, keys};
use domain::trail::TrailPart;

impl Aws {
    /// The place of the last file that the consumer `name` has dealt with; 0: none yet.
    pub async fn cursor(&self, name: &str, part: &TrailPart) -> Result<u64, Error> {
        let item = self.item(Thing::Trail, &keys::trail_cursor(part, name)).await?;
        item.map_or(Ok(0), |item| number(Thing::Trail, &item, SEQ))
    }

    /// The consumer has dealt with the files after `from` up to `to`. Fails the commit if it is not at `from` any more.
    pub fn move_cursor(&self, name: &str, part: &TrailPart, from: u64, to: u64) -> Change {
        let key = keys::trail_cursor(part, name);
        let set = Change::set(Thing::Trail, format!("{part}, read by {name}"), key, [(SEQ, n(to))]);
        match from {
            0 => set.when("attribute_not_exists(pk) OR seq = :from", [(":from", n(0))]),
            from => set.when("seq = :from", [(":from", n(from))]),
        }
    }
}
