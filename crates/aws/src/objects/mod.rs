//! Objects in S3: reports, CRLs, the trail. Read, never written.

mod bucket;
mod list;
mod open;

pub use list::Listed;
pub use open::OpenObject;
