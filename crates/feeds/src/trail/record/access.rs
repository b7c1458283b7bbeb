//! Calls of IAM that take somebody's access away, or give it: whom they name, and what their policy keeps them from.
//! Source: AWS IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail", "Revoke IAM role temporary security
//! credentials".

use domain::trail::{AccessChange, Denies};
use serde::Deserialize;
use serde_json::Value;

use super::json::{object, text};
use super::{NAME, PRINCIPAL, Raw};

/// The most that the document of an inline policy has, in characters (IAM quotas: 10,240 for a role), with room for escapes.
const DOCUMENT: usize = 65_536;
/// Managed policies of AWS that deny everything.
const DENY_ALL: &str = ":iam::aws:policy/AWSDenyAll";

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    #[serde(borrow)]
    user_name: Raw<'a>,
    #[serde(borrow)]
    role_name: Raw<'a>,
    #[serde(borrow)]
    access_key_id: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    policy_name: Raw<'a>,
    #[serde(borrow)]
    policy_arn: Raw<'a>,
    #[serde(borrow)]
    policy_document: Raw<'a>,
    /// Of the response of CreateAccessKey.
    #[serde(borrow)]
    access_key: Raw<'a>,
}

pub(super) fn access(request: Raw<'_>, response: Raw<'_>) -> AccessChange {
    let request: Parameters<'_> = object(request);
    let response: Parameters<'_> = object(object::<Parameters<'_>>(response).access_key);
    let attached = text(request.policy_arn, PRINCIPAL);
    let denies = match (&attached, text(request.policy_document, DOCUMENT)) {
        (Some(arn), _) if arn.ends_with(DENY_ALL) => Denies::Everything,
        (None, Some(document)) => denies(&document),
        _ => Denies::Nothing,
    };
    AccessChange {
        user: text(request.user_name, NAME).or_else(|| text(response.user_name, NAME)),
        role: text(request.role_name, NAME),
        access_key: text(request.access_key_id, NAME).or_else(|| text(response.access_key_id, NAME)),
        status: text(request.status, NAME),
        policy: attached.or_else(|| text(request.policy_name, NAME)),
        denies,
    }
}

/// What the document denies, by the statements that deny issuance of everything: of one with conditions that we do not know,
/// nothing is believed.
fn denies(document: &str) -> Denies {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    statements.iter().map(denied).fold(Denies::Nothing, |all, one| match (all, one) {
        (Denies::Everything, _) | (_, Denies::Everything) => Denies::Everything,
        (Denies::OlderSessions { before: one }, Denies::OlderSessions { before: other }) => {
            Denies::OlderSessions { before: one.max(other) }
        }
        (Denies::Nothing, one) | (one, Denies::Nothing) => one,
    })
}

fn denied(statement: &Value) -> Denies {
    let has = |name: &str, words: &[&str]| match &statement[name] {
        Value::String(one) => words.iter().any(|word| word.eq_ignore_ascii_case(one)),
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .any(|one| words.iter().any(|word| word.eq_ignore_ascii_case(one))),
        _ => false,
    };
    let issuance = has("Action", &["*", "acm-pca:*", "acm-pca:IssueCertificate"]);
    if statement["Effect"] != "Deny" || !issuance || !has("Resource", &["*"]) {
        return Denies::Nothing;
    }
    match &statement["Condition"] {
        Value::Null => Denies::Everything,
        Value::Object(conditions) if conditions.len() == 1 => {
            let older = conditions.get("DateLessThan").and_then(Value::as_object);
            let older = older.filter(|keys| keys.len() == 1).and_then(|keys| keys.iter().next());
            let older = older.filter(|(key, _)| key.eq_ignore_ascii_case("aws:TokenIssueTime"));
            let before = older.and_then(|(_, before)| before.as_str()?.parse().ok());
            before.map_or(Denies::Nothing, |before| Denies::OlderSessions { before })
        }
        _ => Denies::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_surely_keeps_them_from_issuing_is_a_deny() {
        let statement = |effect: &str, action: Value, resource: Value, condition: Value| {
            let mut statement = json!({ "Effect": effect, "Action": action, "Resource": resource });
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            denies(&json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
        };
        let older = json!({ "DateLessThan": { "aws:TokenIssueTime": "2026-11-30T12:00:00Z" } });
        let before = "2026-11-30T12:00:00Z".parse().unwrap();
        assert_eq!(statement("Deny", json!(["*"]), json!(["*"]), older), Denies::OlderSessions { before });
        assert_eq!(statement("Deny", json!("*"), json!("*"), Value::Null), Denies::Everything);
        assert_eq!(
            statement("Deny", json!("acm-pca:issuecertificate"), json!("*"), Value::Null),
            Denies::Everything
        );
        let office = json!({ "NotIpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
        let both = json!({ "DateLessThan": { "aws:TokenIssueTime": "x" }, "Bool": { "aws:SecureTransport": "false" } });
        for (effect, action, resource, condition) in [
            ("Allow", json!("*"), json!("*"), Value::Null),
            ("Deny", json!("s3:*"), json!("*"), Value::Null),
            ("Deny", json!("*"), json!("arn:aws:s3:::bucket"), Value::Null),
            ("Deny", json!("*"), json!("*"), office),
            ("Deny", json!("*"), json!("*"), both),
            ("Deny", json!("*"), json!("*"), json!({ "DateLessThan": { "aws:TokenIssueTime": "soon" } })),
        ] {
            assert_eq!(statement(effect, action, resource, condition), Denies::Nothing);
        }
        assert_eq!(denies("no JSON"), Denies::Nothing);
        let one = json!({ "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" } });
        assert_eq!(denies(&one.to_string()), Denies::Everything);
    }
}
