//! The wire: AWS JSON 1.1 over HTTP. From a request to a [`Call`], from an answer to a response.
//!
//! The SigV4 signature is not verified; its access key id names the principal. All callers are on this machine, so
//! that a caller may say in the header `x-sandbox-source-ip` where it is to be taken to come from.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::call::{Call, Caller};
use super::error::{Answer, ApiError};
use super::event::Event;
use super::tally::Tally;
use super::troubles::{Fate, Troubles};
use super::{Pca, Principal, iam, ocsp, operations};
use crate::http::credential;

/// A chain may have 2 MiB before its base64.
const BODY_LIMIT: usize = 4 << 20;
/// Longer than any client waits for an answer.
const FOR_GOOD: Duration = Duration::from_secs(120);
const REVOKE: &str = "RevokeCertificate";
const TARGET: &str = "ACMPrivateCA.";
/// An address, honoured by the sandbox only.
const SOURCE: HeaderName = HeaderName::from_static("x-sandbox-source-ip");

pub fn service(pca: Pca) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    Router::new()
        .route("/troubles/{authority}", put(trouble))
        .route("/revocations/{authority}", get(revocations))
        .fallback(answer)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(pca)
        .into_make_service_with_connect_info()
}

async fn trouble(State(pca): State<Pca>, Path(authority): Path<String>, Json(troubles): Json<Troubles>) {
    pca.set_troubles(authority, troubles);
}

async fn revocations(
    State(pca): State<Pca>,
    Path(authority): Path<String>,
) -> Result<Json<Tally>, (StatusCode, String)> {
    let tally = pca.tally(&authority).map_err(|error| (error.status, error.message))?;
    Ok(Json(tally))
}

async fn answer(
    State(pca): State<Pca>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let (true, Ok(body)) = (ocsp::is_question(&headers), &body) {
        return ocsp::answer(pca, body.clone()).await;
    }
    let form = body.as_ref().map(Bytes::clone).map_err(|_| ());
    let request_id = uuid::Uuid::new_v4().to_string();
    let operation = text(&headers, HeaderName::from_static("x-amz-target"));
    let operation = operation.strip_prefix(TARGET).unwrap_or_default().to_owned();
    let body = body.map_err(|rejection| ApiError::serialization(rejection.body_text()));
    let parameters = body.and_then(|bytes| {
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        serde_json::from_slice::<Value>(&bytes).map_err(|e| ApiError::serialization(e.to_string()))
    });
    let identified = identify(&pca, &headers).map(|(access_key, principal)| {
        let caller = Caller {
            at: pca.now(),
            request_id: request_id.clone(),
            access_key,
            principal: principal.arn.clone(),
            source_ip: source(&headers, peer).to_string(),
            user_agent: text(&headers, USER_AGENT).to_owned(),
        };
        (caller, principal)
    });
    if let (true, Ok(body)) = (iam::is_call(&headers), &form) {
        return iam::answer(&pca, identified, body);
    }
    let fate = pca.fate(&operation, parameters.as_ref().unwrap_or(&Value::Null));
    let ran = match identified {
        Err(error) => {
            let call = Call { caller: None, operation, parameters: Value::Null, answer: Err(error) };
            record(&pca, &call);
            Ok(call)
        }
        // Signing and SQLite are work, not waiting; and a panic there costs one answer, not the connection.
        Ok((caller, principal)) => {
            let work = move || {
                let call = run(&pca, caller, &principal, operation, parameters, fate);
                record(&pca, &call);
                call
            };
            tokio::task::spawn_blocking(work).await
        }
    };
    match (ran, fate) {
        (Ok(call), Fate::FailedLate) if call.answer.is_ok() => {
            respond(&request_id, Err(ApiError::internal("a trouble that was asked for, after the effect")))
        }
        (Ok(_), Fate::Lost) => broken(),
        (Ok(_), Fate::Unanswered) => {
            tokio::time::sleep(FOR_GOOD).await;
            broken()
        }
        (Ok(call), _) => respond(&request_id, call.answer),
        (Err(panicked), _) => respond(&request_id, Err(ApiError::internal(panicked))),
    }
}

/// An answer that ends in the middle.
fn broken() -> Response {
    let end = std::io::Error::other("a trouble that was asked for");
    Body::from_stream(futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(end)])).into_response()
}

/// Takes note of a finished call: nothing is answered without it.
fn record(pca: &Pca, call: &Call) {
    if call.operation == REVOKE {
        pca.0.tallies.answered(call);
    }
    pca.observe(Event::Called(call));
    let Call { caller, operation, parameters, answer } = call;
    let outcome = answer.as_ref().map_or_else(ToString::to_string, |_| "succeeded".to_owned());
    match caller {
        Some(Caller { request_id, access_key, principal, source_ip, user_agent, .. }) => tracing::debug!(
            request_id, access_key, principal, source_ip, user_agent, %parameters, "{operation} {outcome}"
        ),
        None => tracing::debug!("{operation} {outcome}"),
    }
}

impl Pca {
    /// A call from this process, at the caller's own time: as over the wire, but nothing goes wrong with it on purpose.
    pub fn call(&self, caller: Caller, operation: &str, parameters: Value) -> Answer {
        let principal = self.options().principals.get(&caller.access_key);
        let principal = principal.ok_or_else(|| ApiError::internal("a caller without a key"))?;
        let call = run(self, caller, principal, operation.to_owned(), Ok(parameters), Fate::Served);
        record(self, &call);
        call.answer
    }
}

/// Everything between knowing the caller and having the answer.
fn run(
    pca: &Pca,
    caller: Caller,
    principal: &Principal,
    operation: String,
    parameters: Result<Value, ApiError>,
    fate: Fate,
) -> Call {
    let (parameters, answer) = match parameters {
        Ok(parameters) => {
            let answer = permitted(pca, &caller, principal, &operation, &parameters)
                .and_then(|()| refused(fate))
                .and_then(|()| operations::run(pca, &caller, &operation, parameters.clone()));
            (parameters, answer)
        }
        Err(error) => (Value::Null, Err(error)),
    };
    Call { caller: Some(caller), operation, parameters, answer }
}

/// The operation exists, the principal may call it, and the rate allows it.
fn permitted(
    pca: &Pca,
    caller: &Caller,
    principal: &Principal,
    operation: &str,
    parameters: &Value,
) -> Result<(), ApiError> {
    if !operations::exists(operation) {
        return Err(ApiError::unknown_operation(format!("There is no operation {operation:?}.")));
    }
    let allowed = principal.allowed.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => operation.starts_with(prefix),
        None => pattern == operation,
    });
    if !allowed {
        let resource = parameters.get("CertificateAuthorityArn").and_then(Value::as_str).unwrap_or("*");
        return Err(ApiError::access_denied(format!(
            "User: {} is not authorized to perform: acm-pca:{operation} on resource: {resource} because no \
             identity-based policy allows the acm-pca:{operation} action",
            principal.arn
        )));
    }
    if iam::is_denied(&pca.store().lock(), &principal.arn)? {
        return Err(ApiError::access_denied(format!(
            "User: {} is not authorized to perform: acm-pca:{operation} with an explicit deny in an identity-based policy",
            principal.arn
        )));
    }
    pca.0.buckets.take(operation, caller.at)
}

fn refused(fate: Fate) -> Result<(), ApiError> {
    match fate {
        Fate::Throttled => Err(ApiError::throttled("Rate exceeded")),
        Fate::Refused => Err(ApiError::invalid_request("A trouble that was asked for")),
        Fate::Failed => Err(ApiError::internal("a trouble that was asked for")),
        Fate::Served | Fate::FailedLate | Fate::Lost | Fate::Unanswered => Ok(()),
    }
}

/// The access key id and its principal, from `Authorization: AWS4-HMAC-SHA256 Credential=AKIA…/…`.
fn identify(pca: &Pca, headers: &HeaderMap) -> Result<(String, Principal), ApiError> {
    if text(headers, AUTHORIZATION).is_empty() {
        return Err(ApiError::forbidden(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    }
    let access_key =
        credential(headers).and_then(|credential| credential.split('/').next()).ok_or_else(|| {
            ApiError::forbidden("IncompleteSignatureException", "Authorization header lacks a Credential.")
        })?;
    let unknown = || {
        ApiError::forbidden(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    };
    let principal = pca.options().principals.get(access_key).ok_or_else(unknown)?;
    if iam::is_off(&pca.store().lock(), access_key)? {
        return Err(unknown());
    }
    Ok((access_key.to_owned(), principal.clone()))
}

/// Where the caller is, or says it is.
fn source(headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    text(headers, SOURCE).parse().unwrap_or(peer.ip())
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn respond(request_id: &str, answer: Answer) -> Response {
    const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/x-amz-json-1.1");
    let id = [(HeaderName::from_static("x-amzn-requestid"), request_id.to_owned())];
    match answer {
        Ok(Value::Null) => (StatusCode::OK, id, [JSON], "").into_response(),
        Ok(body) => (StatusCode::OK, id, [JSON], body.to_string()).into_response(),
        Err(ApiError { status, code, message }) => {
            let body = json!({ "__type": code, "message": message }).to_string();
            let kind = [(HeaderName::from_static("x-amzn-errortype"), code)];
            (status, id, kind, [JSON], body).into_response()
        }
    }
}
