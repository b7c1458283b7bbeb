//! The commands that stop a caller, and those that let things go on: whole, for this caller, with what each stops and what it
//! leaves. Names that strangers chose come into a command only if they are such as IAM gives.
//! Source: docs/RUNBOOK.md, steps 1 and 5.

use domain::Timestamp;
use domain::incident::{AuthorityFacts, CallerFacts, Facts, name_of};

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub what: String,
    /// For a shell, on one line.
    pub line: String,
    /// What it stops, and what it does not.
    pub stops: &'static str,
}

impl Command {
    fn new(what: String, line: String, stops: &'static str) -> Self {
        Self { what, line, stops }
    }
}

/// What stops the callers, and then what stops everybody.
pub fn stopping(facts: &Facts, now: Timestamp) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for command in facts.callers.iter().flat_map(|caller| of_caller(caller, now)) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands.extend(facts.authorities.iter().map(|AuthorityFacts { arn, name, .. }| {
        Command::new(
            format!("{name}: issue nothing more"),
            format!(
                "aws acm-pca update-certificate-authority --certificate-authority-arn {arn} --status DISABLED"
            ),
            "Stops everybody's issuance at once. Revocation, CRL, OCSP and reports go on.",
        )
    }));
    commands
}

fn of_caller(caller: &CallerFacts, now: Timestamp) -> Vec<Command> {
    let mut commands = Vec::new();
    let principals: Vec<String> = caller.principals().filter_map(name_of).map(|(_, name)| name).collect();
    let users: Vec<&str> = principals.iter().filter_map(|name| name.strip_prefix("user/")).collect();
    let of_user = users.first().filter(|name| is_plain(name));
    for key in caller.keys().filter(|key| is_plain(key)) {
        let user = of_user.map(|user| format!(" --user-name {user}")).unwrap_or_default();
        commands.push(Command::new(
            format!("Access key {key}: deactivate it"),
            format!("aws iam update-access-key{user} --access-key-id {key} --status Inactive"),
            "Stops calls with this key. Sessions that were begun with it live on: add the policy that denies.",
        ));
    }
    for name in &principals {
        match name.split_once('/') {
            Some(("role", role)) if is_plain(role) => {
                commands.push(Command::new(
                    format!("Role {role}: let nobody take it on anew"),
                    format!(
                        "aws iam update-assume-role-policy --role-name {role} --policy-document file://trust.json"
                    ),
                    "Write trust.json first: whom the role is for, without the thief. Stops new sessions; those that are there live on.",
                ));
                commands.push(Command::new(
                    format!("Role {role}: end its sessions"),
                    format!(
                        "aws iam put-role-policy --role-name {role} --policy-name AWSRevokeOlderSessions --policy-document '{}'",
                        older(now)
                    ),
                    "Stops sessions that were begun before now, within minutes. Not access keys of users, and not sessions that are begun later. A role of Identity Center is revoked there.",
                ));
            }
            Some(("user", user)) if is_plain(user) => {
                commands.push(Command::new(
                    format!("User {user}: deny everything"),
                    format!(
                        "aws iam put-user-policy --user-name {user} --policy-name countersign-incident --policy-document '{DENY}'"
                    ),
                    "Stops the user, its keys and the sessions that it has begun, within minutes.",
                ));
                commands.push(Command::new(
                    format!("User {user}: remove the password"),
                    format!("aws iam delete-login-profile --user-name {user}"),
                    "Stops signing in to the AWS console. Keys and sessions live on.",
                ));
            }
            _ => (),
        }
    }
    commands
}

/// What gives new credentials, and lets the authorities issue again.
pub fn reopening(facts: &Facts) -> Vec<Command> {
    let mut commands = Vec::new();
    for caller in &facts.callers {
        let users = caller.principals().filter_map(name_of).filter_map(|(_, name)| {
            name.strip_prefix("user/").filter(|user| is_plain(user)).map(str::to_owned)
        });
        commands.extend(users.map(|user| {
            Command::new(
                format!("User {user}: a new access key"),
                format!("aws iam create-access-key --user-name {user}"),
                "Then delete the old one. A role needs none: its next session is new, by the trust policy of step 1.",
            )
        }));
    }
    let off = facts.authorities.iter().filter(|authority| facts.is_off(&authority.arn.id()).is_some());
    commands.extend(off.map(|AuthorityFacts { arn, name, .. }| {
        Command::new(
            format!("{name}: issue again"),
            format!(
                "aws acm-pca update-certificate-authority --certificate-authority-arn {arn} --status ACTIVE"
            ),
            "Find first how they got in. Issue one certificate, and see that it is no finding.",
        )
    }));
    commands.dedup();
    commands
}

/// What narrows an issuer in countersign.toml.
pub fn bounds(facts: &Facts) -> Option<String> {
    let principal = facts.callers.iter().find_map(|caller| {
        caller.principals().find(|principal| name_of(principal).is_some_and(|(_, name)| is_plain(&name)))
    })?;
    is_plain(principal).then(|| {
        format!(
            "[[issuers]]\nprincipal = \"{principal}\"\nsession = \"…\"\naddresses = [\"…\"]\n\
             templates = [\"arn:aws:acm-pca:::template/EndEntityCertificate/V1\"]"
        )
    })
}

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"]}]}"#;

fn older(now: Timestamp) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{now}"}}}}}}]}}"#
    )
}

/// Whether a shell takes it for one word, whatever it is: names of IAM (IAM User Guide, "IAM name requirements"), ids and ARNs.
fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-:/".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use domain::incident::CertificatesOf;
    use domain::views::IdentityKey;

    use super::*;

    fn facts(key: IdentityKey, seen_with: &[IdentityKey]) -> Facts {
        let seen_with = seen_with.iter().map(|key| (key.clone(), 1)).collect();
        let certificates = CertificatesOf::default();
        let caller = CallerFacts { key, seen: None, events: 0, deeds: Vec::new(), seen_with, certificates };
        Facts {
            now: Timestamp::EPOCH,
            callers: vec![caller],
            levers: Vec::new(),
            authorities: Vec::new(),
            requests: Vec::new(),
            trail_as_of: None,
            iam_is_read: true,
        }
    }

    fn lines(facts: &Facts) -> Vec<String> {
        stopping(facts, Timestamp::EPOCH).into_iter().map(|command| command.line).collect()
    }

    #[test]
    fn a_user_and_its_key_are_stopped_and_a_session_s_key_is_not_named() {
        let user = IdentityKey::Principal("arn:aws:iam::111122223333:user/ops/ci".to_owned());
        let key = |id: &str| IdentityKey::AccessKey(id.to_owned());
        let lines = lines(&facts(user, &[key("AKIAEXAMPLE"), key("ASIAEXAMPLE")]));
        assert_eq!(
            lines[0],
            "aws iam update-access-key --user-name ci --access-key-id AKIAEXAMPLE --status Inactive"
        );
        assert!(lines[1].starts_with("aws iam put-user-policy --user-name ci "), "{lines:?}");
        assert_eq!(lines.len(), 3, "{lines:?}");
    }

    #[test]
    fn what_a_stranger_chose_never_comes_into_a_shell() {
        for name in ["a;reboot", "a b", "$(id)", "`id`", "a'b", "a\nb", "-x", "é"] {
            let arn = format!("arn:aws:iam::111122223333:role/{name}");
            let key = IdentityKey::AccessKey(name.to_owned());
            assert_eq!(lines(&facts(IdentityKey::Principal(arn), &[key])), Vec::<String>::new(), "{name}");
        }
    }
}
