//! Audit reports: asking for one, waiting for it, finding the newest.
//! Source: AWS Private CA User Guide, "Use audit reports with your private CA".

mod create;
mod describe;
mod latest;

pub use create::NewReport;
pub use describe::ReportProgress;
pub use latest::LatestReport;
