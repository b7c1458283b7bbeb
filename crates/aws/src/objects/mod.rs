//! Objects in S3: reports, CRLs, the trail, which are read and never written, and the files of the ledger.

mod bucket;
mod list;
mod open;
mod small;

pub use list::Listed;
pub use open::OpenObject;
pub use small::Small;
