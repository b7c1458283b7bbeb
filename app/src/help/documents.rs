//! The documents of the repository that the console shows, as they were when it was built.

/// Under which heading a document is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Use,
    Install,
    Design,
    Decisions,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Use, Self::Install, Self::Design, Self::Decisions];

    pub fn title(self) -> &'static str {
        match self {
            Self::Use => "Using it",
            Self::Install => "Installing and keeping it",
            Self::Design => "How it is made",
            Self::Decisions => "Why it is built so",
        }
    }
}

/// One of them.
#[derive(Debug)]
pub struct Document {
    /// Its name in addresses.
    pub slug: &'static str,
    /// From the repository's root; links of other documents name it so.
    pub file: &'static str,
    pub group: Group,
    text: &'static str,
}

macro_rules! document {
    ($group:ident, $slug:literal, $file:literal) => {
        Document {
            slug: $slug,
            file: $file,
            group: Group::$group,
            text: include_str!(concat!("../../../", $file)),
        }
    };
}

/// All, in the order in which they are listed.
pub const DOCUMENTS: &[Document] = &[
    document!(Use, "pages", "docs/PAGES.md"),
    document!(Use, "tour", "docs/TOUR.md"),
    document!(Use, "runbook", "docs/RUNBOOK.md"),
    document!(Use, "operating", "docs/OPERATING.md"),
    document!(Use, "providers", "docs/PROVIDERS.md"),
    document!(Install, "readme", "README.md"),
    document!(Install, "deploy", "deploy/README.md"),
    document!(Install, "configuration", "countersign.example.toml"),
    document!(Install, "sizing", "docs/SIZING.md"),
    document!(Install, "backup", "docs/BACKUP.md"),
    document!(Install, "upgrading", "docs/UPGRADING.md"),
    document!(Install, "changelog", "CHANGELOG.md"),
    document!(Design, "audit-logging", "docs/AUDIT-LOGGING.md"),
    document!(Design, "security", "docs/SECURITY.md"),
    document!(Design, "reporting", "SECURITY.md"),
    document!(Design, "architecture", "docs/ARCHITECTURE.md"),
    document!(Design, "performance", "docs/PERFORMANCE.md"),
    document!(Design, "adding-a-page", "docs/ADDING-A-PAGE.md"),
    document!(Design, "contributing", "CONTRIBUTING.md"),
    document!(Decisions, "one-durable-store", "docs/decisions/dynamodb-is-the-only-durable-store.md"),
    document!(Decisions, "sqlite-in-each-replica", "docs/decisions/sqlite-in-each-replica.md"),
    document!(Decisions, "the-sdk-directly", "docs/decisions/the-sdk-directly.md"),
    document!(Decisions, "two-processes", "docs/decisions/two-processes.md"),
    document!(Decisions, "xtask", "docs/decisions/xtask-and-not-cargo-leptos.md"),
];

impl Document {
    pub fn named(slug: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|document| document.slug == slug)
    }

    /// The one that is this file of the repository.
    pub fn of_file(file: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|document| document.file == file)
    }

    /// Whether it is Markdown; if not, it is shown as it is.
    fn is_prose(&self) -> bool {
        self.file.ends_with(".md")
    }

    pub fn title(&self) -> &'static str {
        match self.text.lines().next().and_then(|line| line.strip_prefix("# ")) {
            Some(title) if self.is_prose() => title,
            _ => self.file.rsplit('/').next().unwrap_or(self.file),
        }
    }

    /// What stands below the title, as Markdown.
    pub fn body(&self) -> String {
        match self.is_prose() {
            true => self.text.split_once('\n').map_or("", |(_, body)| body).to_owned(),
            false => format!("~~~\n{}\n~~~\n", self.text.trim_end()),
        }
    }
}
