//! The keys of what people are told.

use domain::Timestamp;
use domain::ledger::About;

use super::moment;
use crate::key::Key;
use crate::partitions::Partition;

pub(crate) fn tellings() -> String {
    Partition::Telling.key("")
}

pub(crate) fn telling(id: &str) -> Key {
    Key::new(tellings(), id)
}

/// Those about nothing are tests.
pub(crate) fn notices_about(about: Option<&About>) -> String {
    match about {
        Some(about) => Partition::Notices.key(about),
        None => Partition::Notices.key("test"),
    }
}

pub(crate) fn notice(about: Option<&About>, id: &str) -> Key {
    Key::new(notices_about(about), id)
}

/// What becomes of it at a channel.
pub(crate) fn sending(about: Option<&About>, id: &str, channel: &str) -> Key {
    Key::new(notices_about(about), format!("{id}#{channel}"))
}

/// By time, each once.
pub(crate) fn at_of(at: Timestamp, id: &str) -> String {
    format!("{}#{id}", moment(at))
}
