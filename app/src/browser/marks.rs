//! What pages tell the browser program: attributes, and how often an open page is asked for again.

use std::time::Duration;

/// On a button: what lands on the clipboard; that it just did.
pub const COPY: &str = "data-copy";
pub const COPIED: &str = "data-copied";
/// On a moment that is told relatively; `due`: it may be still to come.
pub const AGO: &str = "data-ago";
pub const DUE: &str = "due";
/// On the page's frame: the server's clock when it was made.
pub const NOW: &str = "data-now";
/// On any element, the first one counts: the pace of the page.
pub const LIVE: &str = "data-live";
/// The id of the place where a page says that it could not be refreshed.
pub const NOTE: &str = "not-refreshed";

/// The header of what the browser program asks by itself, which is no use of a session.
pub const BY_ITSELF: &str = "x-by-itself";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Pace {
    /// Work is under way.
    Quick,
    #[default]
    Slow,
    /// What somebody is about to confirm must not change under their eyes.
    Never,
}

impl Pace {
    pub fn every(self) -> Option<Duration> {
        match self {
            Self::Quick => Some(Duration::from_secs(2)),
            Self::Slow => Some(Duration::from_secs(30)),
            Self::Never => None,
        }
    }
}
