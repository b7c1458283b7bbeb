//! From bytes to records: audit reports, exports of the inventory, CloudTrail files, CRLs, OCSP responses and certificates.
//!
//! Takes anything that implements [`std::io::Read`], plain or gzip, and gives records one by one in bounded memory. It
//! knows formats and nothing else: no network, no clock, no database. All input is hostile: what cannot be read is
//! handed on as such, with its place and what is wrong, and never hides the records around it.

mod blocks;
pub mod crl;
mod csv;
pub mod export;
mod input;
pub mod kind;
mod lines;
pub mod list;
pub mod ocsp;
pub mod policy;
pub mod report;
mod said;
mod signature;
pub mod trail;
mod window;
pub mod x509;

use domain::{AuthorityArn, Serial};

pub use blocks::Part;
pub use input::is_damage;

/// What a feed gives where it cannot give a record.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    /// This one record cannot be read; the next ones can.
    #[error("{0}")]
    Record(RecordError),
    /// The bytes end, or become unreadable, before the records do. Nothing follows, and absence proves nothing.
    #[error("the input is cut short: {0}")]
    CutShort(String),
    /// The source failed. Nothing follows.
    #[error("reading failed: {0}")]
    Io(#[from] std::io::Error),
}

/// One record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct RecordError {
    /// "row 17", "line 3", "device_id sensor-0007"; may hold foreign text.
    pub place: String,
    /// What is wrong with it; may hold foreign text.
    pub problem: String,
    /// The certificate that it is about, where that much could be read: that it is there is known all the same.
    pub certificate: Option<(AuthorityArn, Serial)>,
    /// Nothing is wrong with it but that it is about another authority than the one expected.
    pub of_another_authority: bool,
}

impl RecordError {
    fn new(place: impl Into<String>, problem: impl ToString) -> Self {
        Self {
            place: place.into(),
            problem: problem.to_string(),
            certificate: None,
            of_another_authority: false,
        }
    }
}
