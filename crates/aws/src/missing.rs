//! Which permission somebody lacks who was refused, as a statement to put into a policy. AWS mostly says it itself, with the resource;
//! where it does not, it follows from the operation.

use serde::Serialize;

use crate::Error;
use crate::operations::{OPERATIONS, On, permissions};

/// What the ARN of a thing begins with that has no other.
#[derive(Clone, Debug)]
pub struct Account {
    /// Such as `aws`.
    pub partition: String,
    pub region: String,
    pub number: String,
}

/// What a refused call lacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The permissions, such as `s3:ListBucket`.
    pub actions: Vec<String>,
    /// Of a policy, JSON.
    pub statement: String,
    /// Which kind of policy lacks it, where AWS says so: that of the identity, its permissions boundary or another above it.
    pub policy: String,
    /// It is forbidden, which no statement outweighs.
    pub forbidden: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'static str,
    action: &'a [String],
    resource: &'a [String],
}

impl Error {
    /// What the credentials lacked. `None`: it is not their policy that refused.
    pub fn missing(&self, account: &Account) -> Option<Missing> {
        let Self::Denied { operation, resource, message, by_policy: true } = self else { return None };
        let said = Said::read(message);
        let row = OPERATIONS.iter().find(|(name, ..)| name == operation);
        // Errors of some operations have the permission's name.
        let row = row.or_else(|| OPERATIONS.iter().find(|(_, listed, _)| listed.contains(operation)));
        let (actions, resources) = match (&said.action, row) {
            (Some(action), _) if said.resource.is_some() => (vec![*action], Vec::new()),
            (Some(action), row) => {
                (vec![*action], row.map_or(Vec::new(), |row| arns(row.2, resource, account)))
            }
            (None, Some((name, _, on))) if name == operation => {
                (permissions(name), arns(*on, resource, account))
            }
            (None, Some((.., on))) => (vec![*operation], arns(*on, resource, account)),
            (None, None) => (vec![*operation], Vec::new()),
        };
        let mut resources: Vec<String> =
            said.resource.map(str::to_owned).into_iter().chain(resources).collect();
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
        let statement = Statement { effect: "Allow", action: &actions, resource: &resources };
        let statement = serde_json::to_string_pretty(&statement).ok()?;
        let policy = said.policy.unwrap_or("identity-based policy").to_owned();
        Some(Missing { actions, statement, policy, forbidden: said.forbidden })
    }
}

/// What AWS says of a refusal: `User: ARN is not authorized to perform: ACTION on resource: ARN because no KIND policy allows the
/// ACTION action`, or `… with an explicit deny in a KIND policy`.
#[derive(Default)]
struct Said<'a> {
    action: Option<&'a str>,
    resource: Option<&'a str>,
    policy: Option<&'a str>,
    forbidden: bool,
}

impl<'a> Said<'a> {
    fn read(message: &'a str) -> Self {
        let after = |mark: &str| message.split_once(mark).map(|(_, rest)| rest);
        let word = |mark: &str| {
            let word = after(mark)?.split_whitespace().next()?;
            Some(word.trim_matches(['"', ',', '.', '\'']))
        };
        let action = word("not authorized to perform: ").filter(|action| {
            let sign = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == ':';
            action.contains(':') && action.chars().all(sign)
        });
        let resource = word("on resource: ").filter(|resource| resource.starts_with("arn:"));
        let forbidden = message.contains("explicit deny");
        let policy = match forbidden {
            true => after("explicit deny in a ").or_else(|| after("explicit deny in an ")),
            false => {
                after("because no ").and_then(|rest| rest.split_once(" allows")).map(|(policy, _)| policy)
            }
        };
        Self { action, resource, policy: policy.map(str::trim), forbidden }
    }
}

/// The ARNs of what an error calls `resource`.
fn arns(on: On, resource: &str, account: &Account) -> Vec<String> {
    let Account { partition, region, number } = account;
    if resource.starts_with("arn:") {
        return vec![resource.to_owned()];
    }
    let table = || {
        // Items are named behind their table.
        let name = resource.split(' ').next().unwrap_or(resource);
        format!("arn:{partition}:dynamodb:{region}:{number}:table/{name}")
    };
    let (bucket, key) = {
        let place = resource.strip_prefix("s3://").unwrap_or(resource);
        place.split_once('/').unwrap_or((place, ""))
    };
    let folder = key.split_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    match on {
        On::Table => vec![table()],
        On::Index => vec![table(), format!("{}/index/*", table())],
        On::Stream => vec![format!("{}/stream/*", table())],
        On::Bucket => vec![format!("arn:{partition}:s3:::{bucket}")],
        On::Objects => vec![format!("arn:{partition}:s3:::{bucket}/{folder}*")],
        On::Authority => vec![format!("arn:{partition}:acm-pca:{region}:{number}:certificate-authority/*")],
        On::Key => vec![format!("arn:{partition}:kms:{region}:{number}:key/*")],
        On::Topic => vec![format!("arn:{partition}:sns:{region}:{number}:*")],
        On::Everything => vec!["*".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(operation: &'static str, resource: &str, message: &str) -> Missing {
        let account = Account {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            number: "111122223333".to_owned(),
        };
        let (resource, message) = (resource.to_owned(), message.to_owned());
        Error::Denied { operation, resource, message, by_policy: true }.missing(&account).unwrap()
    }

    fn resources(missing: &Missing) -> Vec<String> {
        let statement: serde_json::Value = serde_json::from_str(&missing.statement).unwrap();
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(
            serde_json::from_value::<Vec<String>>(statement["Action"].clone()).unwrap(),
            missing.actions
        );
        serde_json::from_value(statement["Resource"].clone()).unwrap()
    }

    #[test]
    fn what_aws_says_itself_is_taken() {
        let said = missing(
            "s3:GetObject",
            "s3://reports/a/b.json",
            "User: arn:aws:sts::111122223333:assumed-role/jobs/x is not authorized to perform: kms:Decrypt on resource: \
             arn:aws:kms:eu-west-1:111122223333:key/k because no resource-based policy allows the kms:Decrypt action",
        );
        assert_eq!(said.actions, ["kms:Decrypt"]);
        assert_eq!(resources(&said), ["arn:aws:kms:eu-west-1:111122223333:key/k"]);
        assert_eq!((said.policy.as_str(), said.forbidden), ("resource-based policy", false));
    }

    #[test]
    fn what_is_forbidden_is_told_apart() {
        let message = "User: a is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::trail\" with an \
                       explicit deny in a service control policy";
        let said = missing("s3:ListBucket", "s3://trail/AWSLogs/", message);
        assert!(said.forbidden);
        assert_eq!(said.policy, "service control policy");
        assert_eq!(resources(&said), ["arn:aws:s3:::trail"]);
    }

    #[test]
    fn where_aws_says_nothing_it_follows_from_the_operation() {
        for (operation, resource, actions, arns) in [
            ("s3:ListBucket", "s3://trail/AWSLogs/1/", &["s3:ListBucket"][..], &["arn:aws:s3:::trail"][..]),
            ("s3:GetObject", "s3://trail/AWSLogs/1/x", &["s3:GetObject"], &["arn:aws:s3:::trail/AWSLogs/*"]),
            ("s3:PutObject", "s3://ledger/checkpoint", &["s3:PutObject"], &["arn:aws:s3:::ledger/*"]),
            (
                "s3:GetBucketObjectLockConfiguration",
                "reports",
                &["s3:GetBucketObjectLockConfiguration"],
                &["arn:aws:s3:::reports"],
            ),
            (
                "dynamodb:GetItem",
                "devices (d-1)",
                &["dynamodb:GetItem"],
                &["arn:aws:dynamodb:eu-west-1:111122223333:table/devices"],
            ),
            (
                "dynamodb:TransactWriteItems",
                "console",
                &[
                    "dynamodb:ConditionCheckItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ],
                &["arn:aws:dynamodb:eu-west-1:111122223333:table/console"],
            ),
            (
                "acm-pca:RevokeCertificate",
                "arn:aws:acm-pca:x:y:certificate-authority/z",
                &["acm-pca:RevokeCertificate"],
                &["arn:aws:acm-pca:x:y:certificate-authority/z"],
            ),
            (
                "sns:Publish",
                "arn:aws:sns:eu-central-1:111122223333:pki-alerts",
                &["sns:Publish"],
                &["arn:aws:sns:eu-central-1:111122223333:pki-alerts"],
            ),
            ("cloudtrail:ListPublicKeys", "", &["cloudtrail:ListPublicKeys"], &["*"]),
        ] {
            let said = missing(operation, resource, "Access Denied");
            assert_eq!(said.actions, actions, "{operation}");
            assert_eq!(resources(&said), arns, "{operation}");
        }
    }

    #[test]
    fn who_is_not_known_lacks_no_permission_and_strange_words_are_no_permission() {
        let error = Error::Denied {
            operation: "s3:GetObject",
            resource: "s3://a/b".to_owned(),
            message: String::new(),
            by_policy: false,
        };
        let nobody = Account { partition: String::new(), region: String::new(), number: String::new() };
        assert_eq!(error.missing(&nobody), None);
        let said = missing("s3:GetObject", "s3://a/b", "not authorized to perform: \"}{:\" on resource: x");
        assert_eq!(said.actions, ["s3:GetObject"]);
    }
}
