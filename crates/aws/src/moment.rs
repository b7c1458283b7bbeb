//! Moments of the SDK as the domain's.

use aws_sdk_s3::primitives::DateTime;
use domain::Timestamp;

/// `None`: absent, or beyond the years that we know.
pub(crate) fn moment(time: Option<&DateTime>) -> Option<Timestamp> {
    time.and_then(|time| Timestamp::from_unix(time.secs()).ok())
}
