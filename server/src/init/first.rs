//! The first configuration: countersign.example.toml, which explains every key, with what somebody said of their own. What no flag says is
//! asked for where there is somebody to ask.

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use domain::AuthorityArn;

use crate::cli::Answers;
use crate::config::Config;

const EXAMPLE: &str = include_str!("../../../countersign.example.toml");

/// The line of the example, the flag, what is asked, what is taken without an answer.
type Question = (&'static str, &'static str, &'static str, Option<&'static str>);

const ARN: Question =
    ("arn", "authority", "The ARN of the private CA to look after (more with --authority, each)", None);
const QUESTIONS: [Question; 10] = [
    ("report_bucket", "report-bucket", "The S3 bucket that AWS Private CA may write audit reports to", None),
    ("table", "inventory-table", "The DynamoDB table that the provisioning service writes", None),
    ("console", "console-table", "The DynamoDB table for Countersign alone", Some("countersign")),
    ("issuer", "issuer", "The address of your identity provider, as its discovery document names it", None),
    ("client_id", "client-id", "The client id of the console there", Some("countersign")),
    ("auditor", "auditors", "The group of those who read everything", Some("pki-auditors")),
    ("operator", "operators", "The group of those who triage and request", Some("pki-operators")),
    ("approver", "approvers", "The group of those who decide on others' requests", Some("pki-approvers")),
    (
        "public_url",
        "public-url",
        "The address that people type, with https (empty: this machine alone)",
        Some(""),
    ),
    ("data_dir", "data-dir", "A directory that the program may write to", Some("/var/lib/countersign")),
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
    let mut written = String::new();
    for line in EXAMPLE.lines() {
        let (key, optional) = match line.strip_prefix("#: ") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let key = key.split(" = ").next().unwrap_or_default();
        let said = given.iter().find(|(name, _)| *name == key).map(|(_, said)| said.as_str());
        let value = match (key, said) {
            ("region", None) if !optional => Some(quoted(first.region())),
            ("account", None) if !optional => Some(quoted(first.account())),
            ("arn", None) => Some(quoted(first.as_str())),
            ("auditor" | "operator" | "approver", Some(group)) => Some(format!("[{}]", quoted(group))),
            ("public_url", Some("")) | (_, None) => None,
            (_, Some(said)) => Some(quoted(said)),
        };
        written.push_str(&value.map_or_else(|| line.to_owned(), |value| format!("{key} = {value}")));
        written.push('\n');
        // The last line about the first authority.
        if key == "known_cas" {
            let bucket = given.iter().find(|(name, _)| *name == "report_bucket").map_or("", |(_, said)| said);
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
