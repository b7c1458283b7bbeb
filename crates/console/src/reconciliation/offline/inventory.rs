//! The inventory from its files: exports of the table, a folder with one, or what a scan printed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use domain::inventory::ReadItem;
use domain::run::Unreadable;
use domain::{AuthorityArn, Timestamp};
use feeds::Bad;
use feeds::export::{ExportError, ExportReader, folder};

use super::{Files, OfflineError};
use crate::records::{Database, InventoryLoad, InventoryTable};

/// What the files hold.
pub(super) struct Inventory {
    pub table: InventoryTable,
    /// Items that can be read, by authority.
    pub items: BTreeMap<AuthorityArn, u64>,
    pub unreadable: Unreadable,
    /// Attributes that cannot be read, of items that can.
    pub unread: Unreadable,
}

/// One file, and how many items it must have, if a manifest says so.
type Part = (PathBuf, Option<u64>);

pub(super) fn read(database: &Database, files: &Files) -> Result<Inventory, OfflineError> {
    let parts = parts(&files.inventory)?;
    let mut load = InventoryLoad::begin(database)?;
    let (mut items, mut unreadable, mut unread) =
        (BTreeMap::new(), Unreadable::default(), Unreadable::default());
    let mut all = 0_u64;
    for (path, stated) in &parts {
        let file =
            File::open(path).map_err(|source| OfflineError::File { path: path.clone(), error: source })?;
        let refused = |source| match source {
            ExportError::Io(source) => OfflineError::File { path: path.clone(), error: source },
            source => OfflineError::Inventory { path: path.clone(), error: source },
        };
        let mut own = 0;
        for item in ExportReader::open(file, &files.attributes).map_err(refused)? {
            own += 1;
            match item {
                Ok(ReadItem { item, unread: problems }) => {
                    for problem in problems {
                        unread.add(place(path, &parts, format!("device {}", item.device)), problem);
                    }
                    match items.get_mut(&item.authority) {
                        Some(count) => *count += 1,
                        None => drop(items.insert(item.authority.clone(), 1)),
                    }
                    load.add(item)?;
                }
                Err(Bad::Record(error)) => {
                    load.add_unreadable(error.certificate);
                    unreadable.add(place(path, &parts, error.place), error.problem);
                }
                Err(Bad::CutShort(reason)) => {
                    return Err(OfflineError::CutShort { path: path.clone(), reason });
                }
                Err(Bad::Io(source)) => return Err(OfflineError::File { path: path.clone(), error: source }),
            }
        }
        if let Some(stated) = stated.filter(|stated| *stated != own) {
            let reason = format!("it has {own} items, and the manifest says {stated}");
            return Err(OfflineError::CutShort { path: path.clone(), reason });
        }
        all += own;
    }
    match files.inventory.first().filter(|_| all == 0) {
        Some(path) => Err(OfflineError::NoItem(path.clone())),
        None => Ok(Inventory { table: load.finish(Timestamp::EPOCH)?, items, unreadable, unread }),
    }
}

/// The files themselves; of a folder, those that its manifests name.
fn parts(paths: &[PathBuf]) -> Result<Vec<Part>, OfflineError> {
    let mut parts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            parts.push((path.clone(), None));
            continue;
        }
        let found = folder::parts(path)
            .map_err(|source| OfflineError::Folder { path: path.clone(), error: source })?;
        parts.extend(found.into_iter().map(|part| (part.path, Some(part.items))));
    }
    Ok(parts)
}

/// With several files, the place says which one.
fn place(path: &Path, parts: &[Part], place: String) -> String {
    match parts.len() {
        1 => place,
        _ => format!("{}, {place}", path.file_name().unwrap_or_default().to_string_lossy()),
    }
}
