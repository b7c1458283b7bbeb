//! The few calls of IAM by which somebody is contained, at the same port: the query protocol (AWS IAM API reference). A key that
//! is inactive or deleted is nobody's, and a policy that denies refuses its role or user everything that Private CA does.
//!
//! Policies are not evaluated: one denies if a statement of it has the effect `Deny` and the action `*` or `acm-pca:*`. Sessions of
//! the sandbox are never begun anew, so that a deny of older ones is one of all.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use super::call::{Call, Caller};
use super::error::{Answer, ApiError};
use super::event::Event;
use super::{Pca, Principal};
use crate::http::escaped;

/// What is called, and what it must name.
const CALLS: [(&str, &[&str]); 8] = [
    ("UpdateAccessKey", &["AccessKeyId", "Status"]),
    ("DeleteAccessKey", &["AccessKeyId"]),
    ("PutRolePolicy", &["RoleName", "PolicyName", "PolicyDocument"]),
    ("DeleteRolePolicy", &["RoleName", "PolicyName"]),
    ("PutUserPolicy", &["UserName", "PolicyName", "PolicyDocument"]),
    ("DeleteUserPolicy", &["UserName", "PolicyName"]),
    ("UpdateAssumeRolePolicy", &["RoleName", "PolicyDocument"]),
    ("DeleteLoginProfile", &["UserName"]),
];

/// Whether a request is one to IAM: those to Private CA are JSON.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Carries it out, and leaves a record of it.
pub(super) fn answer(pca: &Pca, caller: Result<(Caller, Principal), ApiError>, body: &Bytes) -> Response {
    let mut parameters: Map<String, Value> = form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    parameters.remove("Version");
    let operation =
        parameters.remove("Action").as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let (caller, principal) = match caller {
        Ok(known) => known,
        Err(error) => return xml("unknown", &operation, &Err(error)),
    };
    let id = caller.request_id.clone();
    let answer = run(pca, &principal, &operation, &parameters);
    let call = Call { caller: Some(caller), operation, parameters: parameters.into(), answer };
    pca.observe(Event::CalledIam(&call));
    xml(&id, &call.operation, &call.answer)
}

fn run(pca: &Pca, principal: &Principal, operation: &str, given: &Map<String, Value>) -> Answer {
    let Some((_, needed)) = CALLS.iter().find(|(name, _)| *name == operation) else {
        let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
        return Err(ApiError::invalid_action(format!("The sandbox's IAM has {} only.", names.join(", "))));
    };
    if !principal.allowed.iter().any(|one| one == "*") {
        return Err(ApiError::access_denied(format!(
            "User: {} is not authorized to perform: iam:{operation} because no identity-based policy allows the iam:{operation} action",
            principal.arn
        )));
    }
    let said = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(missing) = needed.iter().find(|name| said(name).is_none()) {
        return Err(ApiError::validation(format!("The request must contain the parameter {missing}.")));
    }
    let of = known(pca, said("RoleName"), said("UserName"), said("AccessKeyId"))?;
    let db = pca.store().lock();
    match operation {
        "UpdateAccessKey" => {
            let sql = match said("Status") {
                Some("Inactive") => "INSERT OR IGNORE INTO stopped (whom, by) VALUES (?1, 'key')",
                Some("Active") => "DELETE FROM stopped WHERE whom = ?1 AND by = 'key'",
                _ => return Err(ApiError::validation("Status must be Active or Inactive.")),
            };
            db.execute(sql, [&of])?;
        }
        "DeleteAccessKey" => {
            db.execute("INSERT OR IGNORE INTO stopped (whom, by) VALUES (?1, 'key')", [&of])?;
        }
        "PutRolePolicy" | "PutUserPolicy" | "DeleteRolePolicy" | "DeleteUserPolicy" => {
            let policy = format!("policy {}", said("PolicyName").unwrap_or_default());
            db.execute("DELETE FROM stopped WHERE whom = ?1 AND by = ?2", [&of, &policy])?;
            if said("PolicyDocument").map(denies).transpose()?.unwrap_or(false) {
                db.execute("INSERT INTO stopped (whom, by) VALUES (?1, ?2)", [&of, &policy])?;
            }
        }
        // Nobody takes on a role here, and nobody signs in with a password.
        _ => (),
    }
    Ok(Value::Null)
}

/// Whose name it is: as `role/NAME`, `user/NAME` or the key's id.
fn known(pca: &Pca, role: Option<&str>, user: Option<&str>, key: Option<&str>) -> Result<String, ApiError> {
    let principals = &pca.options().principals;
    let of = match (key, role, user) {
        (Some(key), ..) => key.to_owned(),
        (None, Some(role), _) => format!("role/{role}"),
        (None, None, user) => format!("user/{}", user.unwrap_or_default()),
    };
    let is_known = match key {
        Some(key) => principals.contains_key(key),
        None => principals.values().any(|principal| named(&principal.arn).as_ref() == Some(&of)),
    };
    match is_known {
        true => Ok(of),
        false => Err(ApiError::no_such_entity(format!("There is no {of}."))),
    }
}

/// The role or user of a principal's ARN.
fn named(arn: &str) -> Option<String> {
    let resource = arn.splitn(6, ':').nth(5)?;
    match resource.split('/').collect::<Vec<_>>()[..] {
        ["assumed-role", role, ..] => Some(format!("role/{role}")),
        ["user", .., user] => Some(format!("user/{user}")),
        _ => None,
    }
}

fn denies(document: &str) -> Result<bool, ApiError> {
    let malformed = |_| ApiError::malformed_policy("Syntax errors in policy.");
    let document: Value = serde_json::from_str(document).map_err(malformed)?;
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    let all = |action: &Value| matches!(action.as_str(), Some("*" | "acm-pca:*"));
    Ok(statements.iter().any(|statement| {
        let action = &statement["Action"];
        let is_all = all(action) || action.as_array().is_some_and(|several| several.iter().any(all));
        statement["Effect"] == "Deny" && is_all
    }))
}

/// Whether the key no longer works.
pub(super) fn is_off(db: &Connection, key: &str) -> Result<bool, ApiError> {
    is_stopped(db, key)
}

/// Whether a policy denies everything to whom the ARN stands for.
pub(super) fn is_denied(db: &Connection, arn: &str) -> Result<bool, ApiError> {
    named(arn).map_or(Ok(false), |name| is_stopped(db, &name))
}

fn is_stopped(db: &Connection, whom: &str) -> Result<bool, ApiError> {
    let mut found = db.prepare_cached("SELECT 1 FROM stopped WHERE whom = ? LIMIT 1")?;
    Ok(found.query_row([whom], |_| Ok(())).optional()?.is_some())
}

fn xml(id: &str, operation: &str, answer: &Answer) -> Response {
    let kind = [(CONTENT_TYPE, "text/xml")];
    match answer {
        Ok(_) => {
            let body = format!(
                "<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
                 <RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            );
            (StatusCode::OK, kind, body).into_response()
        }
        Err(ApiError { status, code, message }) => {
            // What JSON services call AccessDeniedException.
            let code = code.strip_suffix("Exception").filter(|code| *code == "AccessDenied").unwrap_or(code);
            let body = format!(
                "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>{}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
                escaped(message)
            );
            (*status, kind, body).into_response()
        }
    }
}
