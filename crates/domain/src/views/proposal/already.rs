//! What stands in the way of asking once more.

use serde::{Deserialize, Serialize};

use crate::revocation::RequestId;
use crate::serial::Serial;

/// A certificate that a request is about which is still under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlreadyAsked {
    /// Of the certificate.
    pub serial: Serial,
    /// The request that is still under way.
    pub request: RequestId,
    /// A sentence.
    pub why: String,
}
