//! `[compliance]`: which controls are shown to be served, of Countersign's own file or of another.

use std::path::{Path, PathBuf};

use domain::views::Controls;

use super::section::Section;
use super::value::text;

const OWN: &str = include_str!("controls.toml");

/// The file with others than Countersign's own.
pub(super) fn controls(section: Section<'_>) -> Option<PathBuf> {
    const FILE: &str = "Name a file of controls, which docs/AUDITOR.md explains, or leave it out.";
    let file = section.optional("controls", FILE, text);
    section.finish();
    file.map(PathBuf::from)
}

/// The controls of this file, or Countersign's own.
///
/// # Errors
/// The file cannot be read, or what is wrong with it.
pub fn read_controls(file: Option<&Path>) -> anyhow::Result<Controls> {
    let Some(file) = file else { return read(OWN).map_err(anyhow::Error::msg) };
    let wrong = |why: String| {
        let file = file.display();
        anyhow::anyhow!(
            "compliance.controls {file}: {why}\n    Write it as docs/AUDITOR.md explains, or leave compliance.controls out."
        )
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    read(&text).map_err(wrong)
}

/// What a file of controls says, or what is wrong with it, with the line.
fn read(text: &str) -> Result<Controls, String> {
    let controls: Controls = toml::from_str(text).map_err(|error| {
        let line =
            error.span().map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
        let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        format!("{line}{}", error.message())
    })?;
    match controls.frameworks.iter().find(|framework| framework.controls.is_empty()) {
        Some(framework) => Err(format!("{} has no controls", framework.name)),
        None => Ok(controls),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: &str = r#"
[[framework]]
name = "Ours"
[[framework.control]]
id = "1"
title = "One"
served = "By us."
figures = ["issued", "proven"]
"#;

    #[test]
    fn our_own_controls_are_those_that_auditors_ask_for() {
        let own = read(OWN).unwrap();
        let ids: Vec<&str> =
            own.frameworks.iter().flat_map(|one| &one.controls).map(|control| control.id.as_str()).collect();
        for id in [
            "AC-3(2)", "AC-5", "AC-6", "AU-2", "AU-3", "AU-6", "AU-9", "AU-10", "AU-11", "AU-12", "IA-2",
            "SC-12", "SC-17", "CC6.1", "CC6.2", "CC6.3", "CC7.2", "CC7.3", "CC7.4", "CC8.1", "A.5.3",
            "A.8.2", "A.8.15", "A.8.16", "A.8.24",
        ] {
            assert_eq!(ids.iter().filter(|one| **one == id).count(), 1, "{id}");
        }
        assert!(
            own.frameworks.iter().flat_map(|one| &one.controls).all(|control| !control.figures.is_empty())
        );
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        assert_eq!(read(CONTROL).unwrap().frameworks[0].controls[0].figures.len(), 2);
        let wrong = read(&CONTROL.replace("proven", "proved")).unwrap_err();
        assert!(
            wrong.starts_with("line 8: ") && wrong.contains("`proved`") && wrong.contains("`proven`"),
            "{wrong}"
        );
        let wrong = read(&CONTROL.replace("served", "serves")).unwrap_err();
        assert!(wrong.contains("line 7: ") && wrong.contains("`serves`"), "{wrong}");
        assert!(read("").unwrap_err().contains("framework"));
    }
}
