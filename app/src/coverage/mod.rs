//! Coverage: for each hour of the trail whether the evidence is whole, what is wrong where it is not, and the loading of
//! older months.

mod api;
mod calendar;
mod months;
mod page;
mod problems;

pub use api::{GetCoverage, LoadMonth};
pub use calendar::{Calendar, HourMark};
pub use page::{Coverage, CoveragePage};
