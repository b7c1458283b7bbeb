//! The first configuration: countersign.example.toml, which explains every key, with what somebody said of their own. What no flag says is
//! asked for where there is somebody to ask.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use domain::AuthorityArn;

use crate::cli::Answers;
use crate::config::Config;

const EXAMPLE: &str = include_str!("../../../countersign.example.toml");

/// Section and key in the example, the flag, what is asked, what is taken without an answer (empty: the line stays a comment).
type Question = (&'static str, &'static str, &'static str, Option<&'static str>);

const ARN: Question = (
    "authorities.arn",
    "authority",
    "The ARN of the private CA to look after (more with --authority, each)",
    None,
);
const QUESTIONS: [Question; 14] = [
    (
        "authorities.report_bucket",
        "report-bucket",
        "The S3 bucket that AWS Private CA may write audit reports to",
        None,
    ),
    ("inventory.table", "inventory-table", "The DynamoDB table that the provisioning service writes", None),
    ("tables.console", "console-table", "The DynamoDB table for Countersign alone", Some("countersign")),
    (
        "trail.bucket",
        "trail-bucket",
        "The S3 bucket that CloudTrail delivers to (empty: no trail is read)",
        Some(""),
    ),
    (
        "issuers.principal",
        "authorised-issuer",
        "The ARN, with its path, of the role that may have certificates issued (empty: nobody may)",
        Some(""),
    ),
    (
        "ledger.bucket",
        "ledger-bucket",
        "The S3 bucket of the ledger's log (empty: the ledger is in the table alone)",
        Some(""),
    ),
    (
        "ledger.keys",
        "ledger-key",
        "The log's public key, as countersign ledger key printed it (empty: no log)",
        Some(""),
    ),
    (
        "oidc.issuer",
        "issuer",
        "The address of your identity provider, as its discovery document names it",
        None,
    ),
    ("oidc.client_id", "client-id", "The client id of the console there", Some("countersign")),
    ("roles.auditor", "auditors", "The group of those who read everything", Some("pki-auditors")),
    ("roles.operator", "operators", "The group of those who triage and request", Some("pki-operators")),
    (
        "roles.approver",
        "approvers",
        "The group of those who decide on others' requests",
        Some("pki-approvers"),
    ),
    (
        "server.public_url",
        "public-url",
        "The address that people type, with https (empty: this machine alone)",
        Some(""),
    ),
    (
        "server.data_dir",
        "data-dir",
        "A directory that the program may write to",
        Some("/var/lib/countersign"),
    ),
];

/// Writes the file, or shows it alone. Whether it was written.
///
/// # Errors
/// An answer is missing and nobody is there to give it, or the configuration would not be one.
pub fn first(file: &Path, answers: &Answers, dry_run: bool) -> anyhow::Result<bool> {
    let text = text(answers, &mut ask)?;
    Config::parse(&text, file)?;
    let mut stdout = std::io::stdout();
    if dry_run {
        stdout.write_all(text.as_bytes())?;
        return Ok(false);
    }
    let mut fresh = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .with_context(|| file.display().to_string())?;
    fresh.write_all(text.as_bytes())?;
    writeln!(
        stdout,
        "Wrote {}: read it, each key is explained there. Nothing is revoked until it says mode = \"live\".",
        file.display()
    )?;
    Ok(true)
}

/// The example with the answers in it.
fn text(answers: &Answers, ask: &mut dyn FnMut(&Question) -> Option<String>) -> anyhow::Result<String> {
    let mut missing = Vec::new();
    let mut answer = |question: &Question, told: Option<&String>| {
        let answer = told.cloned().or_else(|| ask(question)).or_else(|| question.3.map(str::to_owned));
        if answer.is_none() {
            missing.push(format!("--{}: {}", question.1, question.2));
        }
        answer.unwrap_or_default()
    };
    let arns = match answers.authority.as_slice() {
        [] => vec![answer(&ARN, None)],
        told => told.to_vec(),
    };
    let given: Vec<(&str, String)> =
        QUESTIONS.iter().map(|question| (question.0, answer(question, answers.of(question.1)))).collect();
    if !missing.is_empty() {
        bail!("The first configuration needs more to be said:\n    {}", missing.join("\n    "));
    }
    let arns: Vec<AuthorityArn> = arns
        .iter()
        .map(|arn| arn.parse().with_context(|| format!("--authority {arn}")))
        .collect::<anyhow::Result<_>>()?;
    let first = arns.first().context("--authority: name one")?;
    let said = |name: &str| {
        let said = given.iter().find(|(question, _)| *question == name).map(|(_, said)| said.as_str());
        said.filter(|said| !said.is_empty())
    };
    let (mut written, mut section, mut seen) = (String::new(), "", HashSet::new());
    for line in EXAMPLE.lines() {
        let content = line.strip_prefix("#: ").unwrap_or(line);
        if content.starts_with('[') {
            section = content.trim_matches(['[', ']']);
            // One that is optional begins where something in it was said; others of its name are examples.
            let meant = seen.insert(section)
                && given.iter().any(|(name, said)| {
                    !said.is_empty() && name.split_once('.').is_some_and(|(of, _)| of == section)
                });
            written.push_str(if meant { content } else { line });
            written.push('\n');
            continue;
        }
        let key = content.split(" = ").next().unwrap_or_default();
        let name = format!("{section}.{key}");
        let value = match (name.as_str(), said(&name)) {
            ("aws.region", _) => Some(quoted(first.region())),
            ("aws.account", _) => Some(quoted(first.account())),
            ("authorities.arn", _) => Some(quoted(first.as_str())),
            ("roles.auditor" | "roles.operator" | "roles.approver" | "ledger.keys", Some(one)) => {
                Some(format!("[{}]", quoted(one)))
            }
            (_, said) => said.map(quoted),
        };
        written.push_str(&value.map_or_else(|| line.to_owned(), |value| format!("{key} = {value}")));
        written.push('\n');
        // The last line about the first authority.
        if name == "authorities.known_cas" {
            let bucket = said("authorities.report_bucket").unwrap_or_default();
            for (number, arn) in (2..).zip(arns.iter().skip(1)) {
                let (arn, bucket) = (quoted(arn.as_str()), quoted(bucket));
                written.push_str(&format!(
                    "\n[[authorities]]\narn = {arn}\nname = \"devices-{number}\"\nreport_bucket = {bucket}\n"
                ));
            }
        }
    }
    Ok(written)
}

/// As TOML writes a text.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Asks on the terminal. `None`: there is none, or nothing was answered.
fn ask(question: &Question) -> Option<String> {
    let (_, _, text, otherwise) = question;
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let otherwise =
        otherwise.filter(|text| !text.is_empty()).map(|text| format!(" [{text}]")).unwrap_or_default();
    let mut stderr = std::io::stderr();
    write!(stderr, "{text}{otherwise}: ").and_then(|()| stderr.flush()).ok()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICES: &str =
        "arn:aws:acm-pca:eu-west-1:444455556666:certificate-authority/11223344-1234-1122-2233-112233445566";

    #[test]
    fn the_answers_are_in_it_and_what_nobody_said_is_the_example() {
        let other = DEVICES.replace("445566", "445577");
        let answers = Answers { authority: vec![DEVICES.to_owned(), other], ..Answers::default() };
        let mut ask = |question: &Question| match question.1 {
            "report-bucket" => Some("our-reports".to_owned()),
            "inventory-table" => Some("our \"table\"".replace(['"', ' '], "-")),
            "issuer" => Some("https://idp.example".to_owned()),
            "public-url" => Some("https://pki.example".to_owned()),
            _ => None,
        };
        let text = text(&answers, &mut ask).unwrap();
        let config = Config::parse(&text, Path::new("x")).unwrap();
        assert_eq!((config.aws.region.as_str(), config.aws.account.as_str()), ("eu-west-1", "444455556666"));
        assert_eq!(config.authorities.len(), 2);
        assert!(config.authorities.iter().all(|one| one.report_bucket == "our-reports"));
        assert_eq!(config.inventory.table, "our--table-");
        assert_eq!(config.oidc.issuer.as_str(), "https://idp.example");
        assert!(
            text.contains("\npublic_url = \"https://pki.example\"\n")
                && text.contains("\nauditor = [\"pki-auditors\"]\n")
        );
        assert_eq!(config.console_table, "countersign");
        assert!(config.trail.is_none() && config.ledger.is_none());
    }

    #[test]
    fn what_is_not_always_there_is_there_once_it_is_named() {
        const KEY: &str = "pki.example.com/countersign+f5744a12+AchWj/ZgGaw5yZ2giTsLOFo4Q+wt3oOU3uqhye3tJbdq";
        const ROLE: &str = "arn:aws:iam::444455556666:role/service/provisioning";
        let answers = Answers { authority: vec![DEVICES.to_owned()], ..Answers::default() };
        let mut ask = |question: &Question| {
            let answer = match question.1 {
                "report-bucket" => "our-reports",
                "inventory-table" => "our-table",
                "issuer" => "https://idp.example",
                "trail-bucket" => "our-trail",
                "authorised-issuer" => ROLE,
                "ledger-bucket" => "our-ledger",
                "ledger-key" => KEY,
                _ => return None,
            };
            Some(answer.to_owned())
        };
        let text = text(&answers, &mut ask).unwrap();
        let config = Config::parse(&text, Path::new("x")).unwrap();
        assert_eq!(config.trail.unwrap().bucket, "our-trail");
        let ledger = config.ledger.unwrap();
        assert_eq!((ledger.bucket.as_str(), ledger.keys[0].to_string().as_str()), ("our-ledger", KEY));
        assert!(text.contains("\n[[issuers]]\n") && text.contains(&format!("\nprincipal = \"{ROLE}\"\n")));
        assert!(text.contains("\n#: service = "), "an example stays one");
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let said = text(&Answers::default(), &mut |_| None).unwrap_err().to_string();
        for flag in ["--authority", "--report-bucket", "--inventory-table", "--issuer"] {
            assert!(said.contains(flag), "{said}");
        }
        assert!(!said.contains("--client-id"), "{said}");
    }
}
