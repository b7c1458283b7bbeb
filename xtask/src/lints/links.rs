//! Links of documents to files and headings of the repository. `app/tests/help` follows them once more, as pages.

use std::path::{Component, Path, PathBuf};

/// The lines of a Markdown file with a link that leads nowhere, each with what to do. `path` is its own, from the root; `read` gives the
/// text of a file from the root, `there` says whether something is there.
pub fn broken(
    path: &Path,
    text: &str,
    read: impl Fn(&Path) -> Option<String>,
    there: impl Fn(&Path) -> bool,
) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.starts_with("```");
        if in_code {
            continue;
        }
        for destination in destinations(line).filter(|destination| !destination.contains("://")) {
            let (file, place) = destination.split_once('#').unwrap_or((destination, ""));
            let target = if file.is_empty() { path.to_owned() } else { beside(path, file) };
            if !there(&target) {
                found.push((index + 1, format!("{destination} leads nowhere")));
                continue;
            }
            let has = |text: String| text.lines().filter_map(heading).any(|name| name == place);
            if !place.is_empty() && !read(&target).is_some_and(has) {
                found.push((index + 1, format!("{destination}: there is no such heading")));
            }
        }
    }
    found
}

/// What stands in the round brackets of links.
fn destinations(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(destination, _)| destination)
}

/// The name under which a heading is linked to.
fn heading(line: &str) -> Option<String> {
    let text = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    let kept = text.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'));
    Some(kept.flat_map(char::to_lowercase).map(|sign| if sign == ' ' { '-' } else { sign }).collect())
}

fn beside(path: &Path, file: &str) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.parent().unwrap_or(Path::new("")).join(file).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_headings_that_are_not_there_are_found() {
        let text = "# A\n[a](B.md) [b](../x.toml#y) [c](#a)\n[d](B.md#what-is-it) [e](NO.md) [f](#b) [g](https://no)\n```\n[h](NO.md)\n```\n";
        let read = |path: &Path| {
            (path == Path::new("docs/A.md")).then(|| text.to_owned()).or(Some("## What is `it`?".to_owned()))
        };
        let there =
            |path: &Path| ["docs/A.md", "docs/B.md", "x.toml"].iter().any(|known| path == Path::new(known));
        let found = broken(Path::new("docs/A.md"), text, read, there);
        let said: Vec<&str> = found.iter().map(|(_, what)| what.split([' ', ':']).next().unwrap()).collect();
        assert_eq!(said, ["../x.toml#y", "NO.md", "#b"], "{found:?}");
    }
}
