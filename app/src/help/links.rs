//! Where the links of documents lead in the console: a document beside another is a page beside it.

use crate::paths;

use super::documents::Document;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address of the console, or a place of the same page.
    Here(String),
    /// Another site.
    Elsewhere(String),
    /// A file that comes with the program and is no page: only its name is shown.
    File,
}

/// What a document means by a destination.
pub fn target(from: &Document, destination: &str) -> Target {
    if destination.starts_with("https://") || destination.starts_with("http://") {
        return Target::Elsewhere(destination.to_owned());
    }
    if destination.starts_with('#') {
        return Target::Here(destination.to_owned());
    }
    let (file, place) = match destination.split_once('#') {
        Some((file, place)) => (file, Some(place)),
        None => (destination, None),
    };
    let file = resolved(from.file, file);
    match Document::of_file(&file) {
        Some(document) => Target::Here(paths::help(document.slug, place)),
        None => Target::File,
    }
}

/// The path from the root of what a file names from where it lies.
fn resolved(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => (),
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_pages_and_other_files_are_names() {
        let runbook = Document::named("runbook").unwrap();
        for (destination, wanted) in [
            ("OPERATING.md#the-ledger", Target::Here("/help/operating#the-ledger".to_owned())),
            ("../deploy/README.md", Target::Here("/help/deploy".to_owned())),
            ("../countersign.example.toml", Target::Here("/help/configuration".to_owned())),
            ("#2-collect", Target::Here("#2-collect".to_owned())),
            ("https://semver.org", Target::Elsewhere("https://semver.org".to_owned())),
            ("../deploy/console.yaml", Target::File),
            ("javascript:alert(1)", Target::File),
            ("//evil.example", Target::File),
            ("../../../etc/passwd", Target::File),
        ] {
            assert_eq!(target(runbook, destination), wanted, "{destination}");
        }
    }
}
