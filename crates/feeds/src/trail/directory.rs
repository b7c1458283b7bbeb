//! A downloaded trail: the log files and digests in a folder, in the order of their times.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::key::{DigestKey, LogKey, tail};

/// One file of a trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<K> {
    /// What its key says.
    pub name: K,
    /// Its key from `AWSLogs/` on: what stood before it in the bucket is not known.
    pub key: String,
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
}

impl Directory {
    /// Finds them below a folder, which may lie below `AWSLogs` itself. Other files are passed over; symbolic links are
    /// not followed.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        let mut folders = vec![fs::canonicalize(folder)?];
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
        let Some(key) = joined.as_deref().and_then(tail).map(str::to_owned) else { return };
        if let Ok(name) = key.parse() {
            self.logs.push(Stored { name, key, path });
        } else if let Ok(name) = key.parse() {
            self.digests.push(Stored { name, key, path });
        }
    }

    /// Which of `logs` has this key, whatever stands before `AWSLogs/` in it.
    pub fn log(&self, object: &str) -> Option<usize> {
        let name: LogKey = object.parse().ok()?;
        self.logs.binary_search_by(|log| log.name.cmp(&name)).ok()
    }
}
