//! The folder of an export, held against its manifests: every file that they name, with its length in items and its MD5.
//!
//! Source: DynamoDB Developer Guide, "DynamoDB table export output format": `manifest-summary.json`,
//! `manifest-files.json` (a line for each file), and `data/`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use serde::Deserialize;

use crate::input::open;

const SUMMARY: &str = "manifest-summary.json";
const FILES: &str = "manifest-files.json";
/// How deep below a folder an export is looked for.
const DEPTH: usize = 4;
/// The most that a manifest may have, in bytes: a line for each of 100,000 files.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Why a folder is no whole export.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "there is no manifest-summary.json of an export in this folder: nobody can tell whether all of it is here. Download \
         the whole folder that DynamoDB wrote, or name each file"
    )]
    NoManifest,
    #[error("there is more than one export in this folder ({} and {}): name one", .0.display(), .1.display())]
    Several(PathBuf, PathBuf),
    #[error("{}: {problem}", path.display())]
    Manifest { path: PathBuf, problem: String },
    #[error("{}: a file of the export is missing, although its manifest names it", .0.display())]
    Missing(PathBuf),
    #[error("{}: it is not the file that was exported: its MD5 is another than the manifest says", .0.display())]
    Altered(PathBuf),
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub path: PathBuf,
    /// How many items it has, by the manifest.
    pub items: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    item_count: u64,
    output_format: Option<String>,
    export_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    item_count: u64,
    md5_checksum: Option<String>,
    #[serde(rename = "dataFileS3Key")]
    key: String,
}

/// The files of the one export in or below a folder, each there and with the MD5 that the manifest states.
///
/// # Errors
/// There is none or more than one, it is of a kind that is not read, or a part of it is missing or another.
pub fn parts(folder: &Path) -> Result<Vec<Part>, FolderError> {
    let mut found = Vec::new();
    find(folder, DEPTH, &mut found)?;
    found.sort();
    let base = match found.as_slice() {
        [] => return Err(FolderError::NoManifest),
        [one] => one,
        [one, other, ..] => return Err(FolderError::Several(one.clone(), other.clone())),
    };
    let path = base.join(SUMMARY);
    let wrong = |path: &Path, problem: &str| FolderError::Manifest {
        path: path.to_path_buf(),
        problem: problem.to_owned(),
    };
    let text = read(&path)?;
    let summary: Summary = serde_json::from_slice(&text).map_err(|error| wrong(&path, &error.to_string()))?;
    if summary.export_type.as_deref().is_some_and(|kind| kind != "FULL_EXPORT") {
        return Err(wrong(&path, "this is an incremental export: ask DynamoDB for a full one"));
    }
    if summary.output_format.as_deref().is_some_and(|format| !matches!(format, "DYNAMODB_JSON" | "ION")) {
        return Err(wrong(
            &path,
            "this export is neither in DYNAMODB_JSON nor in ION: ask DynamoDB for one of these",
        ));
    }
    let path = base.join(FILES);
    let text = read(&path)?;
    let listed = serde_json::Deserializer::from_slice(&text).into_iter::<Listed>();
    let (mut parts, mut items) = (Vec::new(), 0_u64);
    for listed in listed {
        let listed = listed.map_err(|error| wrong(&path, &error.to_string()))?;
        let name = listed.key.rsplit('/').next().filter(|name| !matches!(*name, "" | "." | ".."));
        let name = name.ok_or_else(|| wrong(&path, "it names a file without a name"))?;
        let part = base.join("data").join(name);
        check(&part, listed.md5_checksum.as_deref())?;
        items = items.saturating_add(listed.item_count);
        parts.push(Part { path: part, items: listed.item_count });
    }
    if items != summary.item_count {
        let problem = format!("it names files of {items} items, and the summary says {}", summary.item_count);
        return Err(wrong(&path, &problem));
    }
    Ok(parts)
}

/// Folders with a summary, at most so deep below this one. Symbolic links are not followed.
fn find(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_file() && entry.file_name() == SUMMARY {
            found.push(folder.to_path_buf());
        } else if kind.is_dir() && depth > 0 {
            find(&entry.path(), depth - 1, found)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    let failed = |source| FolderError::Io { path: path.to_path_buf(), source };
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    open(file).and_then(|plain| plain.text.take(LIMIT).read_to_end(&mut text)).map_err(failed)?;
    Ok(text)
}

fn check(path: &Path, stated: Option<&str>) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: path.to_path_buf(), source };
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(FolderError::Missing(path.to_path_buf()));
        }
        other => other.map_err(failed)?,
    };
    let Some(stated) = stated else { return Ok(()) };
    let (mut hash, mut buffer) = (Md5::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    match BASE64_STANDARD.encode(hash.finalize()) == stated {
        true => Ok(()),
        false => Err(FolderError::Altered(path.to_path_buf())),
    }
}
