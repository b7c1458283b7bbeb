//! When certificates expire: a chart and a calendar, whose parts lead into the list of certificates.

mod api;
mod calendar;
mod month;
mod page;

pub use api::{GetExpiry, MakeCalendar, WithdrawCalendar};
pub use page::{Expiry, ExpiryPage};
