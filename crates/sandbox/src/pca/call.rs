//! One request and its answer, and the single place where every one of them ends.

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

/// Takes note of a finished call. A writer of trail records belongs here: nothing is answered without it.
pub fn record(call: &Call) {
    let Call { caller, operation, parameters, answer } = call;
    let outcome = answer.as_ref().map_or_else(ToString::to_string, |_| "succeeded".to_owned());
    match caller {
        Some(Caller { request_id, access_key, principal, source_ip, user_agent, .. }) => tracing::debug!(
            request_id, access_key, principal, source_ip, user_agent, %parameters, "{operation} {outcome}"
        ),
        None => tracing::debug!("{operation} {outcome}"),
    }
}
