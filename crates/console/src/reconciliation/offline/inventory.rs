//! The inventory from its files: exports of the table, a folder with one, or what a scan printed.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use domain::inventory::ReadItem;
use domain::run::Unreadable;
use domain::{AuthorityArn, InventoryItem, Serial};
use feeds::export::{self, ExportError, folder};
use feeds::{Bad, Part};
use packed::{Batch, Pack, Sorted};

use super::report::Report;
use super::{Files, OfflineError};

/// What the files hold.
#[derive(Default)]
pub(super) struct Inventory {
    pub pack: Pack<InventoryItem>,
    /// Whether it has items whose serial number could be decimal as well as hexadecimal.
    pub either: bool,
    /// Certificates with items that are there, but cannot be read.
    pub certificates: HashSet<(AuthorityArn, Serial)>,
    /// Items that can be read, by authority.
    pub items: BTreeMap<AuthorityArn, u64>,
    pub unreadable: Unreadable,
    /// Attributes that cannot be read, of items that can.
    pub unread: Unreadable,
}

/// One file, and how many items it must have, if a manifest says so.
type Stated = (PathBuf, Option<u64>);

/// Items that one thread packed.
#[derive(Default)]
struct Read {
    batch: Batch<InventoryItem>,
    count: u64,
    either: bool,
    /// Devices, and what cannot be read of their items.
    unread: Vec<(String, String)>,
}

impl Read {
    fn add(&mut self, read: ReadItem) {
        let ReadItem { item, unread } = read;
        self.unread.extend(unread.into_iter().map(|problem| (item.device.to_string(), problem)));
        self.count += 1;
        self.either |= item.decimal.is_some();
        self.batch.push(&item);
    }
}

pub(super) fn read(files: &Files) -> Result<Inventory, OfflineError> {
    let parts = parts(&files.inventory)?;
    let mut inventory = Inventory::default();
    for (path, stated) in &parts {
        let file =
            File::open(path).map_err(|source| OfflineError::File { path: path.clone(), error: source })?;
        let refused = |source| match source {
            ExportError::Io(source) => OfflineError::File { path: path.clone(), error: source },
            source => OfflineError::Inventory { path: path.clone(), error: source },
        };
        let mut own = 0;
        export::read(file, &files.attributes, Read::add, |part| {
            own += inventory.add(part, path, parts.len() > 1)?;
            Ok::<_, OfflineError>(())
        })
        .map_err(refused)??;
        if let Some(stated) = stated.filter(|stated| *stated != own) {
            let reason = format!("it has {own} items, and the manifest says {stated}");
            return Err(OfflineError::CutShort { path: path.clone(), reason });
        }
    }
    let none = inventory.items.is_empty() && inventory.unreadable.count == 0;
    match files.inventory.first().filter(|_| none) {
        Some(path) => Err(OfflineError::NoItem(path.clone())),
        None => Ok(inventory),
    }
}

impl Inventory {
    /// Takes in what was read of the file at `path`, and says how many items that is. `several`: there are other files.
    fn add(&mut self, part: Part<Read>, path: &Path, several: bool) -> Result<u64, OfflineError> {
        match part {
            Part::Good(read) => {
                for (device, problem) in read.unread {
                    self.unread.add(place(path, several, format!("device {device}")), problem);
                }
                for (authority, count) in read.batch.counts() {
                    *self.items.entry(authority.clone()).or_default() += count;
                }
                self.either |= read.either;
                self.pack.append(read.batch);
                Ok(read.count)
            }
            Part::Bad(Bad::Record(error)) => {
                self.certificates.extend(error.certificate);
                self.unreadable.add(place(path, several, error.place), error.problem);
                Ok(1)
            }
            Part::Bad(Bad::CutShort(reason)) => {
                Err(OfflineError::CutShort { path: path.to_path_buf(), reason })
            }
            Part::Bad(Bad::Io(error)) => Err(OfflineError::File { path: path.to_path_buf(), error }),
        }
    }

    /// More items cannot be read than can.
    pub fn is_mostly_unreadable(&self) -> bool {
        self.unreadable.count > self.items.values().sum()
    }
}

/// Settles which certificate an item means whose serial number could be decimal as well as hexadecimal: the one that the
/// report has, be it in a row that cannot be read. Gives both numbers of each item that stays unclear, as the report has both
/// or neither.
pub(super) fn settle(items: &mut Sorted<InventoryItem>, report: &Report) -> HashSet<Serial> {
    let known = |serial| report.rows.contains(serial) || report.account.certificates.contains(&serial);
    let mut unclear = HashSet::new();
    items.change(|item| {
        let decimal = item.decimal.filter(|_| item.authority == report.authority)?;
        let serial = match (known(item.serial), known(decimal)) {
            (true, false) => item.serial,
            (false, true) => decimal,
            _ => {
                unclear.extend([item.serial, decimal]);
                return None;
            }
        };
        Some(InventoryItem { serial, decimal: None, ..item.clone() })
    });
    unclear
}

/// The files themselves; of a folder, those that its manifests name.
fn parts(paths: &[PathBuf]) -> Result<Vec<Stated>, OfflineError> {
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
fn place(path: &Path, several: bool, place: String) -> String {
    match several {
        false => place,
        true => format!("{}, {place}", path.file_name().unwrap_or_default().to_string_lossy()),
    }
}
