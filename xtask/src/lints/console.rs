//! The storeys of the console: `impl Console` stands where verbs and pages are and nowhere else, the journal alone writes
//! into the ledger, and each verb is called by a test through the program that people run.

use std::path::Path;

use super::Source;

const CONSOLE: &str = "crates/console/src";
/// Where it may stand; the root has its construction.
const STOREYS: [&str; 3] = ["verbs", "pages", "lib.rs"];
const JOURNAL: &str = "journal.rs";
const TESTS: &str = "server/tests/api";
/// The verbs that no server function is called after, each with the path of what calls it.
const CALLED_BY: [(&str, &str); 10] = [
    ("begin_export", "/exports/findings.csv"),
    ("dry_run", "/api/plan-revocation"),
    ("end_export", "/exports/findings.csv"),
    ("end_pack", "/exports/evidence.zip"),
    ("intend", "/api/decide"),
    ("keep_list", "/lists"),
    ("list_of_findings", "/api/revoke-matching"),
    ("order_bulk", "/api/dismiss-matching"),
    ("request_signed", "/api/request-revocation"),
    ("take_pack", "/exports/evidence.zip"),
];

/// Each write into the ledger that goes past the journal, its only writer.
pub fn unjournaled(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.path.starts_with(CONSOLE) && source.path != Path::new(CONSOLE).join(JOURNAL))
    {
        for (index, line) in source.text.lines().enumerate() {
            if ["aws.commit(", "aws.apply("].iter().any(|call| line.contains(call)) {
                found.push(source.at(index + 1, "hand the changes to the journal"));
            }
        }
    }
    found
}

/// Each `impl Console` that is out of its place.
pub fn misplaced(sources: &[Source]) -> Vec<String> {
    let below = |source: &&Source| {
        source.path.starts_with(CONSOLE)
            && !STOREYS.iter().any(|storey| source.path.starts_with(Path::new(CONSOLE).join(storey)))
    };
    let mut found = Vec::new();
    for source in sources.iter().filter(below) {
        for (index, line) in source.text.lines().enumerate() {
            let subject =
                line.trim_start().strip_prefix("impl ").map(|rest| rest.trim_start_matches("crate::"));
            if subject.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next()) == Some("Console") {
                found.push(source.at(index + 1, "`impl Console` stands only where verbs and pages are"));
            }
        }
    }
    found
}

/// Each verb that no test calls.
pub fn untested(sources: &[Source]) -> Vec<String> {
    let tests: Vec<&str> = sources
        .iter()
        .filter(|source| source.path.starts_with(TESTS))
        .map(|source| source.text.as_str())
        .collect();
    let verbs = Path::new(CONSOLE).join("verbs");
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with(&verbs) && source.kind() == "rs") {
        for (index, line) in source.text.lines().enumerate() {
            let name = line
                .trim_start()
                .strip_prefix("pub async fn ")
                .and_then(|rest| rest.split(['(', '<']).next());
            let Some(verb) = name else { continue };
            let caller = CALLED_BY.iter().find(|(called, _)| *called == verb);
            let path = caller
                .map_or_else(|| format!("/api/{}", verb.replace('_', "-")), |(_, path)| (*path).to_owned());
            let called = format!("\"{path}\"");
            if !tests.iter().any(|test| test.contains(&called)) {
                let advice = format!("no test in {TESTS} calls the verb `{verb}` ({called})");
                found.push(source.at(index + 1, &advice));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.to_owned() }
    }

    #[test]
    fn the_console_is_implemented_where_verbs_and_pages_are() {
        for place in ["verbs/decide.rs", "verbs/findings/dismiss.rs", "pages/overview.rs", "lib.rs"] {
            let good = source(&format!("{CONSOLE}/{place}"), "impl Console {\n}");
            assert_eq!(misplaced(&[good]), [""; 0], "{place}");
        }
        assert!(misplaced(&[source("server/src/a.rs", "impl Console {")]).is_empty());
        for text in ["impl Console {", "    impl crate::Console {", "impl Console{}"] {
            let bad = misplaced(&[source(&format!("{CONSOLE}/records/list.rs"), &format!("\n{text}"))]);
            assert_eq!(bad.len(), 1, "{text}");
            assert!(bad[0].starts_with("crates/console/src/records/list.rs:2: "), "{bad:?}");
        }
        for text in ["impl Consoles {", "impl From<Console> for X {", "// impl Console {"] {
            assert!(misplaced(&[source(&format!("{CONSOLE}/work.rs"), text)]).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_journal_alone_writes_into_the_ledger() {
        let text = "async fn f() {\n    self.aws.commit(changes, &body).await\n}";
        assert!(unjournaled(&[source(&format!("{CONSOLE}/journal.rs"), text)]).is_empty());
        let bad = unjournaled(&[source(&format!("{CONSOLE}/verbs/runs.rs"), text)]);
        assert!(bad.len() == 1 && bad[0].starts_with("crates/console/src/verbs/runs.rs:2: "), "{bad:?}");
        let good = "self.journal.commit(changes, &body).await";
        assert!(unjournaled(&[source(&format!("{CONSOLE}/verbs/runs.rs"), good)]).is_empty());
    }

    #[test]
    fn each_verb_is_called_by_a_test() {
        let verbs = "impl Console {\n    pub async fn start_run(&self) {}\n    pub(crate) async fn helper() {}\n    \
                     pub async fn dry_run<T>(&self) {}\n    pub async fn load_month(\n";
        let test = |text: &str| {
            untested(&[
                source(&format!("{CONSOLE}/verbs/runs.rs"), verbs),
                source(&format!("{TESTS}/a.rs"), text),
            ])
        };
        assert!(
            test("call(\"/api/start-run\"); call(\"/api/plan-revocation\"); \"/api/load-month\"").is_empty()
        );
        let missing = test("call(\"/api/start-run\"); \"/api/load-month2\"");
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing[0].contains("runs.rs:4: ") && missing[0].contains("`dry_run`"), "{missing:?}");
        assert!(missing[1].contains("runs.rs:5: ") && missing[1].contains("`load_month`"), "{missing:?}");
    }
}
