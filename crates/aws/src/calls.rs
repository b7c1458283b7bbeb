//! Counts the calls to AWS, of all services alike: each by its operation and outcome, and each throttled try.

use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use metrics::counter;

use crate::error::is_throttling;

/// Sees every call of the client that it is given to.
#[derive(Debug)]
pub(crate) struct Calls;

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let refused = context.response().filter(|response| !response.status().is_success());
        if refused.and_then(|response| response.body().bytes()).and_then(code).is_some_and(is_throttling) {
            counter!("countersign_aws_throttles_total", "operation" => operation(cfg)).increment(1);
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let outcome = match context.output_or_error() {
            Some(Ok(_)) => "done",
            Some(Err(error)) if error.is_operation_error() => "refused",
            Some(Err(_)) | None => "unanswered",
        };
        counter!("countersign_aws_calls_total", "operation" => operation(cfg), "outcome" => outcome)
            .increment(1);
        Ok(())
    }
}

/// `DynamoDB:GetItem`; the names are AWS's.
fn operation(cfg: &ConfigBag) -> String {
    cfg.load::<Metadata>()
        .map_or_else(|| "unknown".to_owned(), |called| format!("{}:{}", called.service(), called.name()))
}

/// The code in the body of an error: the end of `__type` in JSON, `<Code>` in the XML of S3 and SNS.
fn code(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    if let Some((_, rest)) = text.split_once("<Code>") {
        return rest.split_once("</Code>").map(|(code, _)| code);
    }
    let (_, rest) = text.split_once("\"__type\"")?;
    let kind = rest.split('"').nth(1)?;
    Some(kind.rsplit('#').next().unwrap_or(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_is_read_from_the_bodies_of_all_services() {
        for (body, found) in [
            (r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"x"}"#, true),
            (r#"{"message":"x","__type" : "ThrottlingException"}"#, true),
            ("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>", true),
            (r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#, false),
            ("<Error><Code>NoSuchKey</Code></Error>", false),
            ("", false),
            ("{\"__type\"", false),
            ("<Code>", false),
        ] {
            assert_eq!(code(body.as_bytes()).is_some_and(is_throttling), found, "{body}");
        }
    }
}
