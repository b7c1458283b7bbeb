//! Sessions of people who are signed in. One that was ended cannot come back: saving demands that it still is there.
//! Only the hash of a session's id is stored.

mod delete;
mod list;
mod load;
mod save;
mod take;

use domain::{PersonId, Timestamp};

pub use list::Listed;

const PERSON: &str = "person";
const SID: &str = "sid";
const BEGUN_AT: &str = "begun_at";

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What the web server remembers, as it wrote it.
    pub data: String,
    pub expires_at: Timestamp,
    /// Who is signed in; `None`: nobody yet.
    pub person: Option<PersonId>,
    /// When they signed in.
    pub begun_at: Option<Timestamp>,
    /// The session at the identity provider (`sid`), where it names one.
    pub sid: Option<String>,
}
