//! What comments and documents cite is in the repository, or is a published standard.
//!
//! A document is cited by its path (`docs/SECURITY.md`), a heading of it behind a `#`; a section sign follows the name of a
//! standard, which has a capital letter or a digit.

use std::path::Path;

/// Words between the name of a standard and another of its sections.
const JOINING: [&str; 4] = ["and", "or", "to", "of"];

/// The lines of a file that cite what is not there, each with what to do. `path` is the file's own, from the root; `there`
/// says whether a path from the root is a file.
pub fn unfounded(path: &Path, text: &str, there: impl Fn(&Path) -> bool) -> Vec<(usize, String)> {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let prose = prose(kind, line);
        let mut say = |advice: String| found.push((index + 1, advice));
        for document in documents(prose) {
            let beside = path.parent().unwrap_or(Path::new("")).join(document);
            if !there(Path::new(document)) && !there(&normal(&beside)) {
                say(format!("{document} is not in the repository"));
            }
        }
        for word in sections(prose) {
            say(format!(
                "`{word}` is no published standard: cite a document by its path, or say what it says"
            ));
        }
        if numbered(prose, "issue") {
            say("issues are not in the repository: say what it is about".to_owned());
        }
    }
    found
}

/// The part of a line that people read: all of a document's, the comments of a program's.
fn prose<'a>(kind: &str, line: &'a str) -> &'a str {
    let sign = match kind {
        "md" => return line,
        "toml" => "#",
        "css" => "/*",
        _ => "//",
    };
    let trimmed = line.trim_start();
    if trimmed.starts_with(sign) || kind == "css" && trimmed.starts_with("* ") {
        return line;
    }
    line.find(&format!(" {sign} ")).map_or("", |at| &line[at..])
}

/// The paths that end in `.md`, but for those of other sites.
fn documents(prose: &str) -> impl Iterator<Item = &str> {
    let of_path = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    let words = prose.split(move |c| !of_path(c)).map(|word| word.trim_end_matches(['.', ':']));
    words.filter(|word| word.len() > ".md".len() && word.ends_with(".md") && !word.contains("://"))
}

/// What stands before the sign or the word for a section, and is not the name of a standard.
fn sections(prose: &str) -> impl Iterator<Item = &str> {
    let signs = prose.match_indices('§').map(|(at, _)| at);
    let words = prose.match_indices(", section ").map(|(at, _)| at);
    signs.chain(words).filter_map(move |at| {
        let words = prose[..at].split(|c: char| !c.is_alphanumeric() && c != '-' && c != '.');
        let word = words.rev().map(|word| word.trim_matches('.')).find(|word| !word.is_empty())?;
        let plain = word.chars().all(|c| c.is_lowercase() || !c.is_alphanumeric());
        (plain && !JOINING.contains(&word)).then_some(word)
    })
}

/// Whether the word is followed by a number.
fn numbered(prose: &str, word: &str) -> bool {
    let words: Vec<&str> = prose.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let number = pair[1].trim_start_matches('#').trim_end_matches(|c: char| !c.is_alphanumeric());
        pair[0].trim_start_matches('(').eq_ignore_ascii_case(word)
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// The path without its `..`.
fn normal(path: &Path) -> std::path::PathBuf {
    let mut normal = std::path::PathBuf::new();
    for part in path {
        if part == ".." {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::unfounded;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let there = |path: &Path| {
            ["docs/SECURITY.md", "docs/OPERATING.md"].iter().any(|file| path == Path::new(file))
        };
        unfounded(Path::new(path), text, there).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn documents_that_are_not_there_are_found() {
        assert_eq!(
            lines("a/b.rs", "//! See\n//! look.md, docs/FOO.md.\nlet x = 1; \u{2f}/ aws.md"),
            [2, 2, 3]
        );
        assert_eq!(lines("docs/x.md", "[a](OPERATING.md) [b](OPERATIONS.md)"), [1]);
        assert_eq!(lines("fuzz/README.md", "[a](../docs/SECURITY.md#promises)"), [0; 0]);
        assert_eq!(lines("a/b.rs", "// Source: docs/SECURITY.md.\nlet file = \"none.md\";"), [0; 0]);
        assert_eq!(lines("a.md", "https://example.com/README.md"), [0; 0]);
        assert_eq!(lines("x.toml", "# as look.md says\nreadme = \"none.md\""), [1]);
        assert_eq!(lines("x.css", "/* look.md */\na { } /* look.md */"), [1, 2]);
    }

    #[test]
    fn sections_are_those_of_standards() {
        for bad in ["(design §5)", "security.md §1, 4", "the trouble (design, section 4)", "as said (§3)"]
        {
            assert_eq!(lines("a/b.rs", &format!("/// {bad}")).first(), Some(&1), "{bad}");
        }
        for good in [
            "RFC 5280 §4.1.2.2",
            "RFC 3986 §2.2 and §2.3",
            "HTML, §13.1.2.5",
            "OpenID Connect Core §2",
            "§2.8 of the specification",
            "NIST SP 800-63B §4",
        ] {
            assert!(lines("a/b.rs", &format!("/// {good}")).is_empty(), "{good}");
        }
    }

    #[test]
    fn issues_are_not_cited() {
        assert_eq!(lines("a/b.rs", "// until issue 7 is done"), [1]);
        assert_eq!(lines("a/b.rs", "// (issue #12)"), [1]);
        assert!(lines("a/b.rs", "// who issued 7 certificates; an issue of trust").is_empty());
    }
}
