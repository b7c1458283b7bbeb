//! The CloudTrail endpoint: DescribeTrails, GetTrailStatus and ListPublicKeys, which is what `aws cloudtrail validate-logs`
//! and its kind ask for, and a clear refusal of everything else. AWS JSON 1.1.
//!
//! Callers are not told apart: nothing here is secret.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{NAME, Trail, arn};
use crate::keys::REGION;

/// In front of the operation in `X-Amz-Target`. boto3 and the CLI write `com.amazonaws.cloudtrail.v20131101.` in front
/// of it, the Rust SDK does not.
const TARGET: &str = "CloudTrail_20131101";

/// The request: seconds since 1970; now, if absent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPublicKeys {
    start_time: Option<f64>,
    end_time: Option<f64>,
    next_token: Option<String>,
}

/// The request: names or ARNs; all trails, if absent. A trail of another Region is shown in none but its own here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeTrails {
    #[serde(default)]
    trail_name_list: Vec<String>,
}

/// The request: a name or an ARN.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetTrailStatus {
    name: String,
}

struct Refusal {
    code: &'static str,
    message: String,
}

impl Trail {
    /// What answers at the endpoint.
    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    fn describe(&self, given: &DescribeTrails) -> Value {
        let asked =
            given.trail_name_list.is_empty() || given.trail_name_list.iter().any(|name| is_ours(name));
        let trail = json!({
            "Name": NAME,
            "TrailARN": arn(),
            "S3BucketName": self.0.options.bucket,
            "HomeRegion": REGION,
            "IncludeGlobalServiceEvents": false,
            "IsMultiRegionTrail": false,
            "IsOrganizationTrail": false,
            "LogFileValidationEnabled": true,
            "HasCustomEventSelectors": false,
            "HasInsightSelectors": false,
        });
        json!({ "trailList": asked.then_some(trail).as_slice() })
    }

    fn status(&self, given: &GetTrailStatus) -> Result<Value, Refusal> {
        if !is_ours(&given.name) {
            let message = format!("Unknown trail: {}", given.name);
            return Err(Refusal { code: "TrailNotFoundException", message });
        }
        let internal = |error: anyhow::Error| Refusal { code: "InternalFailure", message: error.to_string() };
        let digested = self.0.store.chain().map_err(internal)?.map(|chain| chain.ended_at.unix_timestamp());
        let mut status = json!({ "IsLogging": true });
        if let Some(at) = digested {
            status["LatestDigestDeliveryTime"] = at.into();
        }
        Ok(status)
    }

    fn public_keys(&self, given: &ListPublicKeys) -> Result<Value, Refusal> {
        if given.next_token.is_some() {
            return Err(Refusal { code: "InvalidTokenException", message: "There is one page.".to_owned() });
        }
        let now = self.now().unix_timestamp() as f64;
        let (from, to) = (given.start_time.unwrap_or(now), given.end_time.unwrap_or(now));
        if from > to {
            return Err(Refusal {
                code: "InvalidTimeRangeException",
                message: "The start time is after the end time.".to_owned(),
            });
        }
        let (begin, end) = self.0.key.validity();
        let (begin, end) = (begin.unix_timestamp(), end.unix_timestamp());
        let key = json!({
            "Value": STANDARD.encode(self.0.key.public()),
            "ValidityStartTime": begin,
            "ValidityEndTime": end,
            "Fingerprint": self.0.key.fingerprint(),
        });
        let valid = (begin as f64) <= to && from <= end as f64;
        Ok(json!({ "PublicKeyList": valid.then_some(key).as_slice() }))
    }
}

/// Whether this is the name of the one trail, or its ARN.
fn is_ours(name: &str) -> bool {
    name == NAME || name == arn()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let given = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(given)
        .map_err(|error| Refusal { code: "SerializationException", message: error.to_string() })
}

async fn answer(State(trail): State<Trail>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit_once('.').filter(|(service, _)| service.ends_with(TARGET));
    let answer = match operation.map(|(_, name)| name) {
        Some("DescribeTrails") => parse(&body).map(|given| trail.describe(&given)),
        Some("GetTrailStatus") => parse(&body).and_then(|given| trail.status(&given)),
        Some("ListPublicKeys") => parse(&body).and_then(|given| trail.public_keys(&given)),
        operation => Err(Refusal {
            code: "UnsupportedOperationException",
            message: format!(
                "The sandbox's CloudTrail has DescribeTrails, GetTrailStatus and ListPublicKeys only, not {}.",
                operation.filter(|name| !name.is_empty()).unwrap_or("this")
            ),
        }),
    };
    const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/x-amz-json-1.1");
    let id = [(HeaderName::from_static("x-amzn-requestid"), uuid::Uuid::new_v4().to_string())];
    match answer {
        Ok(body) => (id, [JSON], body.to_string()).into_response(),
        Err(Refusal { code, message }) => {
            let body = json!({ "__type": code, "message": message }).to_string();
            (StatusCode::BAD_REQUEST, id, [JSON], body).into_response()
        }
    }
}
