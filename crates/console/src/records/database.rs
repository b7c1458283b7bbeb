//! The SQLite file behind the read model: one writer, any number of readers, tables that are written once and dropped
//! when nobody uses them any more. Knows nothing of what the tables hold.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};

use crate::lock::lock;

/// Why the read model cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the read model's database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the read model's file {path} cannot be made: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

/// How many connections for reading are kept.
const READERS: usize = 8;
/// How large the cache of a connection may grow, in KiB.
const CACHE: i64 = 64 * 1024;

/// The open file.
pub(crate) struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    garbage: Arc<Mutex<Vec<String>>>,
    tables: AtomicU64,
    /// The file is nobody's but ours: remove it at the end.
    temporary: bool,
}

/// A table that is complete. Dropped from the database some time after the last handle is.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    garbage: Arc<Mutex<Vec<String>>>,
}

impl Database {
    /// Makes a new file at `path`, over the one of an earlier start; without `path`, a temporary one.
    pub fn create(path: Option<&Path>) -> Result<Self, DatabaseError> {
        let temporary = path.is_none();
        let path = path.map_or_else(
            || std::env::temp_dir().join(format!("countersign-{}.sqlite", uuid::Uuid::new_v4())),
            Path::to_path_buf,
        );
        let file_error = |source| DatabaseError::File { path: path.clone(), source };
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(file_error)?;
        }
        for file in files(&path) {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file_error(error)),
                _ => (),
            }
        }
        let mut database = Self::open(&path)?;
        database.temporary = temporary;
        Ok(database)
    }

    /// A temporary file that is filled first and read after that: what is written is not written twice.
    pub fn to_fill() -> Result<Self, DatabaseError> {
        let database = Self::create(None)?;
        lock(&database.writer).pragma_update(None, "journal_mode", "MEMORY")?;
        Ok(database)
    }

    /// The file that is there.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let writer = Connection::open(path)?;
        // What is lost in a crash is read again.
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "OFF")?;
        writer.pragma_update(None, "cache_size", -CACHE)?;
        Ok(Self {
            path: path.to_path_buf(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            garbage: Arc::default(),
            tables: AtomicU64::new(1),
            temporary: false,
        })
    }

    /// How many names were given to tables so far.
    pub fn names(&self) -> u64 {
        self.tables.load(Ordering::Relaxed)
    }

    /// So many were given by an earlier start.
    pub fn given(&mut self, names: u64) {
        self.tables = AtomicU64::new(names);
    }

    /// A handle for a table that an earlier start has made.
    pub fn existing(&self, name: String) -> Table {
        Table { name, garbage: self.garbage.clone() }
    }

    /// A handle for a table that is yet to be made, under a name that no other table has.
    pub fn table(&self, kind: &str) -> Table {
        let number = self.tables.fetch_add(1, Ordering::Relaxed);
        Table { name: format!("{kind}_{number}"), garbage: self.garbage.clone() }
    }

    /// Does all that `work` does, or nothing. Blocks while another write is under way.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, DatabaseError> {
        let mut writer = lock(&self.writer);
        let garbage = std::mem::take(&mut *lock(&self.garbage));
        let attempt = || {
            let transaction = writer.transaction()?;
            for table in &garbage {
                transaction.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
            }
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        let result = attempt();
        if result.is_err() {
            lock(&self.garbage).extend(garbage);
        }
        result
    }

    /// Reads what was committed before.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, DatabaseError> {
        let kept = lock(&self.readers).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => self.reader()?,
        };
        let result = work(&reader);
        let mut readers = lock(&self.readers);
        if readers.len() < READERS {
            readers.push(reader);
        }
        Ok(result?)
    }

    fn reader(&self) -> Result<Connection, rusqlite::Error> {
        let reader = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        reader.pragma_update(None, "cache_size", -CACHE)?;
        Ok(reader)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.temporary {
            lock(&self.readers).clear();
            for file in files(&self.path) {
                // Nothing is lost with a file that stays.
                let _ = std::fs::remove_file(file);
            }
        }
    }
}

impl Table {
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        lock(&self.garbage).push(std::mem::take(&mut self.name));
    }
}

fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_goes_with_its_last_handle() {
        let database = Database::create(None).unwrap();
        let table = database.table("t");
        let count = "SELECT count(*) FROM sqlite_schema";
        database.write(|c| c.execute_batch(&format!("CREATE TABLE {} (x)", table.name()))).unwrap();
        assert_eq!(database.read(|c| c.query_row(count, [], |row| row.get::<_, i64>(0))).unwrap(), 1);
        drop(table);
        database.write(|_| Ok(())).unwrap();
        assert_eq!(database.read(|c| c.query_row(count, [], |row| row.get::<_, i64>(0))).unwrap(), 0);
    }

    #[test]
    fn a_file_of_an_earlier_start_is_thrown_away() {
        let path = std::env::temp_dir().join(format!("countersign-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        let file = path.join("read-model.sqlite");
        std::fs::write(&file, "not a database").unwrap();
        let database = Database::create(Some(&file)).unwrap();
        database.write(|c| c.execute_batch("CREATE TABLE t (x)")).unwrap();
        drop(database);
        assert!(file.exists());
        std::fs::remove_dir_all(path).unwrap();
    }
}
