//! The policy of a bucket: who may change or remove what lies in it.
//! Source: AWS IAM User Guide, "IAM JSON policy elements reference".

use serde_json::Value;

/// What changes or removes an object, or who may do so, in lower case.
const WRITES: [&str; 9] = [
    "s3:putobject",
    "s3:deleteobject",
    "s3:deleteobjectversion",
    "s3:putobjectacl",
    "s3:putobjectretention",
    "s3:bypassgovernanceretention",
    "s3:putbucketpolicy",
    "s3:putlifecycleconfiguration",
    "s3:putbucketversioning",
];

/// What removes an object, or shortens how long it is kept, or lets somebody do so.
const REMOVES: [&str; 7] = [
    "s3:deleteobject",
    "s3:deleteobjectversion",
    "s3:putobjectretention",
    "s3:bypassgovernanceretention",
    "s3:putbucketpolicy",
    "s3:putlifecycleconfiguration",
    "s3:putbucketversioning",
];

/// Whom the statements of a bucket policy let remove something: principals as the policy has them, foreign text. Conditions are not
/// looked at.
///
/// # Errors
/// The policy is no JSON object.
pub fn removers(policy: &str) -> Result<Vec<String>, serde_json::Error> {
    allowed(policy, &REMOVES, |_| false)
}

/// Whom the statements of a bucket policy let write, other than the AWS service `own` (`acm-pca.amazonaws.com`, also as
/// `acm-pca.REGION.amazonaws.com`): principals as the policy has them, foreign text. Conditions are not looked at.
///
/// # Errors
/// The policy is no JSON object.
pub fn other_writers(policy: &str, own: &str) -> Result<Vec<String>, serde_json::Error> {
    allowed(policy, &WRITES, |service| is_service(service, own))
}

/// Whom the statements allow one of the actions, but for services that are `own`.
fn allowed(
    policy: &str,
    actions: &[&str],
    own: impl Fn(&str) -> bool,
) -> Result<Vec<String>, serde_json::Error> {
    let policy: serde_json::Map<String, Value> = serde_json::from_str(policy)?;
    let mut writers = Vec::new();
    for statement in policy.get("Statement").map(many).unwrap_or_default() {
        let allows = statement["Effect"].as_str().is_some_and(|effect| effect.eq_ignore_ascii_case("allow"));
        if !allows || !does(statement, actions) {
            continue;
        }
        match statement.get("Principal") {
            Some(Value::Object(kinds)) => {
                let named = kinds
                    .iter()
                    .flat_map(|(kind, value)| many(value).into_iter().map(move |one| (kind, one)));
                for (kind, one) in named {
                    let name = one.as_str().unwrap_or_default();
                    if !(kind == "Service" && own(name)) {
                        writers.push(if name == "*" { "everybody".to_owned() } else { name.to_owned() });
                    }
                }
            }
            Some(_) => writers.push("everybody".to_owned()),
            None => writers.push("everybody but those whom NotPrincipal names".to_owned()),
        }
    }
    writers.sort();
    writers.dedup();
    Ok(writers)
}

fn does(statement: &Value, actions: &[&str]) -> bool {
    match statement.get("Action") {
        Some(patterns) => many(patterns).into_iter().filter_map(Value::as_str).any(|pattern| {
            let pattern = pattern.to_ascii_lowercase();
            actions.iter().any(|action| matches(&pattern, action))
        }),
        // NotAction allows nearly everything.
        None => statement.get("NotAction").is_some(),
    }
}

/// Whether a pattern of a policy, where `*` and `?` stand for any text and one letter, covers the action.
fn matches(pattern: &str, action: &str) -> bool {
    match pattern.chars().next() {
        None => action.is_empty(),
        Some('*') => {
            let rest = pattern.trim_start_matches('*');
            rest.is_empty() || action.char_indices().any(|(at, _)| matches(rest, &action[at..]))
        }
        Some(first) => {
            let is_same = action.chars().next().is_some_and(|letter| first == '?' || first == letter);
            is_same
                && matches(
                    &pattern[first.len_utf8()..],
                    &action[action.chars().next().map_or(0, char::len_utf8)..],
                )
        }
    }
}

fn is_service(name: &str, own: &str) -> bool {
    let Some((service, domain)) = own.split_once('.') else { return name == own };
    let regional = name.strip_prefix(service).and_then(|rest| rest.strip_suffix(domain));
    name == own || regional.is_some_and(|region| region.starts_with('.') && region.matches('.').count() == 2)
}

/// One value or a list of them.
fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn writers(statement: Value) -> Vec<String> {
        let policy = json!({ "Version": "2012-10-17", "Statement": statement });
        other_writers(&policy.to_string(), "acm-pca.amazonaws.com").unwrap()
    }

    #[test]
    fn whoever_writes_a_ledger_does_not_remove_it() {
        let policy = |actions: Value| {
            let worker = json!({ "AWS": "arn:aws:iam::111122223333:role/work" });
            let statement =
                json!({ "Effect": "Allow", "Principal": worker, "Action": actions, "Resource": "*" });
            removers(&json!({ "Statement": [statement] }).to_string()).unwrap()
        };
        assert_eq!(policy(json!(["s3:PutObject", "s3:GetObject", "s3:ListBucket"])), [""; 0]);
        for action in ["s3:*", "s3:Delete*", "s3:PutLifecycleConfiguration", "s3:BypassGovernanceRetention"] {
            assert_eq!(policy(json!(action)), ["arn:aws:iam::111122223333:role/work"], "{action}");
        }
    }

    #[test]
    fn private_ca_alone_may_write() {
        // As AWS's user guide has it.
        let pca = json!({
            "Effect": "Allow", "Principal": { "Service": "acm-pca.amazonaws.com" },
            "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:GetBucketAcl", "s3:GetBucketLocation"],
            "Resource": ["arn:aws:s3:::BUCKET/*", "arn:aws:s3:::BUCKET"],
            "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } },
        });
        assert_eq!(writers(json!([pca])), [""; 0]);
        assert_eq!(writers(pca.clone()), [""; 0], "one statement without a list");
        let mut regional = pca.clone();
        regional["Principal"]["Service"] = json!("acm-pca.eu-south-1.amazonaws.com");
        assert_eq!(writers(regional), [""; 0]);
        let mut both = pca.clone();
        both["Principal"]["AWS"] = json!(["arn:aws:iam::1:root", "arn:aws:iam::1:role/x"]);
        assert_eq!(writers(both), ["arn:aws:iam::1:role/x", "arn:aws:iam::1:root"]);
        for name in ["acm-pca.example.com", "acm-pca.a.b.amazonaws.com", "acm-pcaXamazonaws.com"] {
            let mut other = pca.clone();
            other["Principal"]["Service"] = json!(name);
            assert_eq!(writers(other), [name]);
        }
    }

    #[test]
    fn every_way_to_write_is_seen_and_reading_is_none() {
        let of = |action: &str| {
            writers(json!({ "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*" }))
        };
        for action in ["s3:*", "*", "S3:putObject", "s3:Put*", "s3:Delete*Version", "s3:?utObject"] {
            assert_eq!(of(action), ["everybody"], "{action}");
        }
        for action in ["s3:GetObject", "s3:List*", "s3:PutObjectTagging", "dynamodb:*"] {
            assert_eq!(of(action), [""; 0], "{action}");
        }
        let not = json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "x" }, "NotAction": "s3:GetObject" });
        assert_eq!(writers(not), ["everybody but those whom NotPrincipal names"]);
        assert_eq!(writers(json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*" })), [""; 0]);
        assert!(other_writers("[]", "x").is_err() && other_writers("", "x").is_err());
        assert_eq!(other_writers("{}", "x").unwrap(), [""; 0]);
    }
}
