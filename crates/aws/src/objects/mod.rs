//! Objects in S3: reports, CRLs, the trail. Read, never written.

mod list;
mod open;
mod small;

pub use list::Listed;
pub use open::OpenObject;
