//! One request and its answer.

use super::error::Answer;
use super::stamp::Stamp;

/// Who asked, from where, when: what an operation may know of its caller.
#[derive(Clone, Debug)]
pub struct Caller {
    pub at: Stamp,
    /// Also the `x-amzn-requestid` of the answer.
    pub request_id: String,
    pub access_key: String,
    /// ARN of the principal, or a service's name.
    pub principal: String,
    /// The peer's address, or the one that it gives itself in `x-sandbox-source-ip`.
    pub source_ip: String,
    pub user_agent: String,
}

/// A request that reached this endpoint, whether or not it was understood.
#[derive(Debug)]
pub struct Call {
    /// `None` when the caller could not be told.
    pub caller: Option<Caller>,
    pub operation: String,
    /// `Null` when the body is not JSON.
    pub parameters: serde_json::Value,
    pub answer: Answer,
}
