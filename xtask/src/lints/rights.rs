//! The roles of deploy/console.yaml against the calls of the sources, both ways: no call without its permission, no permission without a
//! call. The same for the keys that each process may touch (docs/OPERATING.md) and for the shape of the console's table.

mod calls;
mod table;
mod template;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::Source;
use crate::process::within;
use calls::{Actions, Calls};
use template::Template;

const CONSOLE: &str = "deploy/console.yaml";
const TABLES: &str = "deploy/tables.yaml";
const PROVISIONING: &str = "crates/sandbox/src/provisioning";

/// What no call of ours names, and a role needs all the same: role, action, why.
const IMPLIED: [(&str, &str, &str); 17] = [
    ("ServeRole", "kms:Decrypt", "S3 and DynamoDB decrypt for whoever reads"),
    ("WorkRole", "kms:Decrypt", "S3 and DynamoDB decrypt for whoever reads"),
    ("WorkRole", "kms:GenerateDataKey", "S3 encrypts for whoever writes"),
    ("WorkRole", "sts:AssumeRole", "aws.executor_profile"),
    ("RevokeRole", "kms:Decrypt", "DynamoDB decrypts for whoever writes"),
    ("RevokeRole", "s3:GetBucketAcl", "AWS Private CA asks it of whoever revokes"),
    ("RevokeRole", "s3:GetBucketLocation", "AWS Private CA asks it of whoever revokes"),
    ("RevokeRole", "s3:PutObject", "AWS Private CA asks it of whoever revokes"),
    ("RevokeRole", "s3:PutObjectAcl", "AWS Private CA asks it of whoever revokes"),
    ("IssueRole", "kms:Decrypt", "DynamoDB decrypts for whoever writes"),
    ("AuditRole", "kms:Decrypt", "S3 decrypts for whoever reads"),
    ("AuditRole", "s3:GetObject", "auditors download what they verify"),
    ("AuditRole", "cloudtrail:ListPublicKeys", "auditors verify a downloaded trail"),
    ("AuditRole", "acm-pca:GetCertificate", "auditors look at what was issued"),
    ("AuditRole", "acm-pca:CreateCertificateAuthorityAuditReport", "auditors have reports made of their own"),
    (
        "AuditRole",
        "acm-pca:DescribeCertificateAuthorityAuditReport",
        "auditors have reports made of their own",
    ),
    ("IssueRole", "acm-pca:GetCertificate", "the service fetches what it has had issued"),
];

/// Whose most each boundary is.
const BOUNDARIES: [(&str, &[&str]); 2] =
    [("ConsoleBoundary", &["ServeRole", "WorkRole", "AuditRole"]), ("RevokeBoundary", &["RevokeRole"])];

/// What does not fit, as `file: what to do`.
///
/// # Errors
/// A source is no Rust, a template is no YAML.
pub fn unfounded(sources: &[Source]) -> Result<Vec<String>> {
    let calls = Calls::read(sources)?;
    let template = Template::read(&within(CONSOLE))?;
    let mut found = calls.unseen();
    let issued = calls::in_folder(sources, Path::new(PROVISIONING))?;
    let roles = [
        ("ServeRole", calls.of(&serves, false)),
        ("WorkRole", calls.of(&works, false)),
        ("RevokeRole", calls.of(&|_| true, true)),
        ("AuditRole", calls.of(&|path| path.ends_with("server/src/check.rs"), false)),
    ];
    for (role, called) in roles {
        found.extend(differences(role, &template.actions(role), &called));
    }
    // The service is somebody else's: the sandbox's plays it, and does more, as a thief would.
    let issues = template.actions("IssueRole");
    let issued: Actions = issued.intersection(&issues).cloned().collect();
    found.extend(differences("IssueRole", &issues, &issued));
    for (boundary, bounded) in BOUNDARIES {
        let most = template.actions(boundary);
        let all: Actions = bounded.iter().flat_map(|role| template.actions(role)).collect();
        let both = [("lacks", all.difference(&most)), ("has nothing to do with", most.difference(&all))];
        for (word, actions) in both {
            found.extend(actions.map(|action| format!("{CONSOLE}: {boundary} {word} {action}")));
        }
    }
    for (role, column) in [("ServeRole", 2), ("WorkRole", 3)] {
        found.extend(template.keys(role, column, sources));
    }
    found.extend(table::differs(sources, &Template::read(&within(TABLES))?));
    Ok(found)
}

/// Whether `countersign serve` runs what is in the file.
fn serves(path: &Path) -> bool {
    let of_console = path.starts_with("crates/console/src")
        && !["workers", "reconciliation", "work.rs", "lease.rs"]
            .iter()
            .any(|below| path.starts_with(Path::new("crates/console/src").join(below)));
    let of_server = ["serve", "session", "sign_in", "operations"];
    of_console || of_server.iter().any(|folder| path.starts_with(Path::new("server/src").join(folder)))
}

/// Whether `countersign work` or `countersign reconcile` runs what is in the file.
fn works(path: &Path) -> bool {
    let of_console = path.starts_with("crates/console/src")
        && !["verbs", "pages"]
            .iter()
            .any(|above| path.starts_with(Path::new("crates/console/src").join(above)));
    let of_server = ["work.rs", "reconcile", "operations"];
    of_console || of_server.iter().any(|folder| path.starts_with(Path::new("server/src").join(folder)))
}

fn differences(role: &str, given: &Actions, called: &Actions) -> Vec<String> {
    let of_role = IMPLIED.iter().filter(|(whose, ..)| *whose == role);
    let implied: BTreeSet<String> = of_role.map(|(_, action, _)| (*action).to_owned()).collect();
    let mut found = Vec::new();
    for action in called.difference(given) {
        found.push(format!("{CONSOLE}: {role} lacks {action}, which the sources call"));
    }
    for action in given.iter().filter(|action| !called.contains(*action)) {
        if !implied.contains(action) {
            found.push(format!("{CONSOLE}: {role} has {action}, which nothing calls"));
        }
    }
    for action in implied.iter().filter(|action| !given.contains(*action)) {
        found.push(format!("xtask/src/lints/rights.rs: {role} has no {action} any more: remove it here"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(of: &[&str]) -> Actions {
        of.iter().map(|action| (*action).to_owned()).collect()
    }

    #[test]
    fn a_call_without_permission_and_a_permission_without_call_are_found() {
        let found = differences(
            "NoRole",
            &actions(&["s3:GetObject", "s3:DeleteObject"]),
            &actions(&["s3:GetObject", "kms:Sign"]),
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("lacks kms:Sign") && found[1].contains("has s3:DeleteObject"));
    }

    #[test]
    fn what_is_implied_must_be_given() {
        let given = template_actions();
        assert!(differences("RevokeRole", &given, &actions(&[])).is_empty());
        let without: Actions = given.iter().skip(1).cloned().collect();
        assert!(differences("RevokeRole", &without, &actions(&[]))[0].contains("any more"));
    }

    fn template_actions() -> Actions {
        IMPLIED
            .iter()
            .filter(|(role, ..)| *role == "RevokeRole")
            .map(|(_, action, _)| (*action).to_owned())
            .collect()
    }
}
