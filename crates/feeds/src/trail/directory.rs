//! A downloaded trail: the log files and digests in a folder, in the order of their times.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::key::{DigestKey, LogKey, from_name, tail};

/// One file of a trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<K> {
    /// What its key says.
    pub name: K,
    /// Its key from `AWSLogs/` on: what stood before it in the bucket is not known.
    pub key: String,
    /// It does not lie below `AWSLogs`: its key was made from its name, which says account, Region and time.
    pub flat: bool,
    pub path: PathBuf,
}

impl<K> Stored<K> {
    /// # Errors
    /// The file is no longer there, or may not be read.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

/// The files of a trail.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By the minute of their delivery.
    pub logs: Vec<Stored<LogKey>>,
    /// By the end of their time.
    pub digests: Vec<Stored<DigestKey>>,
    /// How many files have another name than these have.
    pub others: u64,
}

impl Directory {
    /// Finds them below a folder, which may lie below `AWSLogs` itself, or takes one file. They may be gzip or not, and lie
    /// anywhere, as their names say enough. Other files are counted; symbolic links are not followed.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        let folder = fs::canonicalize(folder)?;
        if folder.is_file() {
            found.add(folder);
            return Ok(found);
        }
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    found.add(entry.path());
                }
            }
        }
        found.logs.sort_by(|a, b| a.name.cmp(&b.name));
        found.digests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn add(&mut self, path: PathBuf) {
        let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
        let joined = parts.map(|parts| parts.join("/"));
        let whole = joined.as_deref().and_then(tail).map(compressed);
        let by_name = path.file_name().and_then(|name| from_name(&compressed(name.to_str()?)));
        for (key, flat) in whole.map(|key| (key, false)).into_iter().chain(by_name.map(|key| (key, true))) {
            if let Ok(name) = key.parse() {
                return self.logs.push(Stored { name, key, flat, path });
            } else if let Ok(name) = key.parse() {
                return self.digests.push(Stored { name, key, flat, path });
            }
        }
        // The signature of a digest, beside it, is read with it.
        self.others += u64::from(path.extension().is_none_or(|kind| kind != "signature"));
    }

    /// Which of `logs` has this key, whatever stands before `AWSLogs/` in it.
    pub fn log(&self, object: &str) -> Option<usize> {
        let name: LogKey = object.parse().ok()?;
        let find = |name: &LogKey| self.logs.binary_search_by(|log| log.name.cmp(name)).ok();
        find(&name).or_else(|| {
            let flat = LogKey { organization: None, ..name };
            find(&flat).filter(|at| self.logs[*at].flat)
        })
    }
}

/// As the object was called before it was uncompressed.
fn compressed(key: &str) -> String {
    if key.ends_with(".json") { format!("{key}.gz") } else { key.to_owned() }
}
