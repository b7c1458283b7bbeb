//! The names of the site's files. Each has the hash of its content in it, so that browsers keep it for good.

use std::path::Path;
use std::sync::OnceLock;

/// The folder of the files, within the site and in addresses.
const FOLDER: &str = "pkg";

static NAMES: OnceLock<Names> = OnceLock::new();

/// What the build has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Of the browser program, without `.js` and `.wasm`: `app.0123456789abcdef`.
    pub program: String,
    /// The address of the style sheet.
    pub style: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { program: "app".to_owned(), style: format!("/{FOLDER}/app.css") }
    }
}

impl Names {
    /// Those of the site in this folder. `None`: it is not built.
    pub fn find(site: &Path) -> Option<Self> {
        let files = std::fs::read_dir(site.join(FOLDER)).ok()?;
        let names: Vec<String> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
        let program = names.iter().find_map(|name| name.strip_suffix(".wasm"))?.to_owned();
        let style = names.iter().find(|name| name.ends_with(".css"))?;
        Some(Self { program, style: format!("/{FOLDER}/{style}") })
    }

    /// Makes every page of this process name these files. Once, at its start.
    pub fn provide(self) {
        drop(NAMES.set(self));
    }
}

/// The address of the style sheet.
pub fn style() -> &'static str {
    &NAMES.get_or_init(Names::default).style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_found_by_what_they_are() {
        let folder = std::env::temp_dir().join(format!("countersign-assets-{}", std::process::id()));
        assert_eq!(Names::find(&folder), None);
        std::fs::create_dir_all(folder.join(FOLDER)).unwrap();
        for name in
            ["app.12.js", "app.12.js.br", "app.12.wasm", "app.12.wasm.gz", "app.34.css", "app.34.css.br"]
        {
            std::fs::write(folder.join(FOLDER).join(name), "").unwrap();
        }
        let found = Names::find(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        let names = Names { program: "app.12".to_owned(), style: "/pkg/app.34.css".to_owned() };
        assert_eq!(found, Some(names));
    }
}
