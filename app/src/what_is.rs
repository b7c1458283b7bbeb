//! Which section of the help says what a page is.

use crate::paths;

/// The document that has a section for each page.
const PAGES: &str = "pages";

/// The beginnings of paths, the longer before the shorter, and the section's name.
const SECTIONS: &[(&str, &str)] = &[
    ("/findings/together", "handling-many-findings"),
    ("/findings/matching", "handling-many-findings"),
    ("/findings/handled", "handling-many-findings"),
    ("/findings/", "a-finding"),
    (paths::FINDINGS, "findings"),
    ("/certificates/", "a-certificate"),
    (paths::CERTIFICATES, "certificates"),
    (paths::EXPIRY, "expiry"),
    ("/runs/", "a-run"),
    (paths::RUNS, "runs"),
    (paths::NEW_REVOCATION, "requesting-a-revocation"),
    ("/revocations/", "a-request"),
    (paths::REVOCATIONS, "revocations"),
    ("/incidents/", "an-incident"),
    (paths::INCIDENTS, "incidents"),
    (paths::ME, "my-page"),
    (paths::CHANNELS, "channels"),
    (paths::ACTIVITY, "activity"),
    (paths::IDENTITY, "an-identity"),
    (paths::COVERAGE, "coverage"),
    (paths::CONTROLS, "controls"),
    (paths::COMPLIANCE, "compliance"),
    (paths::LEDGER, "ledger"),
    (paths::HELP, "help"),
];

/// The address of the section about the page at `path`: of what has none, the overview's.
pub fn section(path: &str) -> String {
    let section = SECTIONS.iter().find(|(begin, _)| path.starts_with(begin));
    paths::help(PAGES, Some(section.map_or("overview", |(_, section)| section)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::help::{Document, headings};

    #[test]
    fn each_page_has_its_section() {
        let headings = headings(&Document::named(PAGES).unwrap().body());
        for path in crate::permissions::PAGES.iter().map(|(path, _)| *path) {
            let address = section(path);
            let (_, name) = address.split_once('#').unwrap();
            assert!(
                headings.iter().any(|heading| heading.id == name),
                "{path}: no section {name} in docs/PAGES.md"
            );
            assert!(path == "/" || name != "overview", "{path} needs a section of its own");
        }
        assert_eq!(section("/findings/x.y"), "/help/pages#a-finding");
        assert_eq!(section("/findings"), "/help/pages#findings");
    }
}
