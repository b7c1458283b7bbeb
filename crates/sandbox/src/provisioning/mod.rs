//! The provisioning service: gives devices their certificates and writes the inventory, through the AWS SDK
//! and with an access key of its own, as a customer's service would.

pub(crate) mod inventory;
mod issue;
mod service;

pub(crate) use issue::{Certificate, Issuer, Requested, await_certificate};
pub(crate) use service::serve;

use time::OffsetDateTime;
use time::macros::format_description;

/// ISO 8601 in UTC, to the second, as the inventory has it.
pub(crate) fn iso(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting a date in memory fails for no date that a certificate can have.
    time.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}
