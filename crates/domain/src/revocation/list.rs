//! A list of certificates that somebody pasted or uploaded, as it was read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::foreign;
use crate::id::id;
use crate::serial::Serial;

id!(
    /// SHA-256 over what a list says: a list is named by it.
    ListId,
    "the id of a list (64 lower-case hexadecimal digits)",
    |text| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
);

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialList {
    /// In the order given, each once.
    pub serials: Vec<Serial>,
    /// Lines that say something else.
    pub unread: Unread,
}

/// Lines that name no certificate of the authority: how many, and the first [`Unread::SHOWN`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// All that there were.
    pub count: u64,
    /// The first of them, in their order.
    pub first: Vec<UnreadLine>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadLine {
    /// From 1.
    pub line: u64,
    /// What could not be read, cut and escaped.
    pub text: String,
    /// What is wrong with it, for people.
    pub why: String,
}

impl Unread {
    /// As many are shown one by one.
    pub const SHOWN: usize = 1000;

    /// Counts one more, and keeps it if there is room: its text on one line of at most 60 characters.
    pub fn add(&mut self, line: u64, text: &str, why: impl std::fmt::Display) {
        self.count += 1;
        if self.first.len() < Self::SHOWN {
            let text = foreign::short_line(text, 60);
            self.first.push(UnreadLine { line, text, why: why.to_string() });
        }
    }
}

impl SerialList {
    /// Names what was read, the lines that could not be read with it.
    pub fn id(&self) -> ListId {
        let mut hasher = Sha256::new();
        let mut line = |text: &str| {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        line("countersign list 1");
        line(&self.serials.len().to_string());
        for serial in &self.serials {
            line(&serial.to_string());
        }
        line(&self.unread.count.to_string());
        for unread in &self.unread.first {
            line(&unread.line.to_string());
            line(&unread.text);
            line(&unread.why);
        }
        ListId(hex::encode(hasher.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_changes_with_everything_that_the_list_says() {
        let mut list = SerialList::default();
        list.serials.extend(["0a", "0b"].map(|serial| serial.parse::<Serial>().unwrap()));
        list.unread.add(3, "<x>", "it is nothing");
        let changes: [fn(&mut SerialList); 5] = [
            |list| list.serials.reverse(),
            |list| list.serials.truncate(1),
            |list| list.unread.count += 1,
            |list| list.unread.first[0].line += 1,
            |list| list.unread.first[0].why.push('!'),
        ];
        for change in changes {
            let mut other = list.clone();
            change(&mut other);
            assert_ne!(other.id(), list.id(), "{other:?}");
        }
        assert_eq!(list.id().as_str().parse::<ListId>(), Ok(list.id()));
    }

    #[test]
    fn what_strangers_wrote_is_bounded() {
        let mut unread = Unread::default();
        for line in 1..=5000 {
            unread.add(line, &"\u{202e}x".repeat(1000), "no");
        }
        assert_eq!((unread.count, unread.first.len()), (5000, Unread::SHOWN));
        assert!(unread.first[0].text.len() < 1000 && !unread.first[0].text.contains('\u{202e}'));
    }
}
