//! A ZIP file that is made while it is kept: piece by piece, no faster than they are taken.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Sender;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// How long a piece is, at least.
const PIECE: usize = 64 * 1024;

/// What was written and not yet sent.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Vec<u8>>>);

impl Waiting {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|waiting| waiting.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// To whoever keeps it.
struct Outlet {
    waiting: Waiting,
    to: Sender<Vec<u8>>,
    sent: u64,
    hash: Sha256,
}

impl Outlet {
    async fn send(&mut self) -> anyhow::Result<()> {
        let piece = self.waiting.with(std::mem::take);
        self.hash.update(&piece);
        self.sent += u64::try_from(piece.len())?;
        self.to.send(piece).await.map_err(|_| anyhow::anyhow!("nobody takes it any more"))
    }
}

/// The file, of which more may be written.
pub struct Zip {
    zip: ZipWriter<StreamWriter<Waiting>>,
    outlet: Outlet,
}

impl Zip {
    pub fn new(to: Sender<Vec<u8>>) -> Self {
        let waiting = Waiting::default();
        let zip = ZipWriter::new_stream(waiting.clone());
        Self { zip, outlet: Outlet { waiting, to, sent: 0, hash: Sha256::new() } }
    }

    /// Begins a file in it; what is written next is in that.
    pub fn begin(&mut self, name: &str) -> anyhow::Result<()> {
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        // Nobody knows how long it will be.
        Ok(self.zip.start_file(name, deflated.large_file(true).unix_permissions(0o644))?)
    }

    pub async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.zip.write_all(bytes)?;
        match self.outlet.waiting.with(|waiting| waiting.len() >= PIECE) {
            true => self.outlet.send().await,
            false => Ok(()),
        }
    }

    /// Sends the rest. Gives how many bytes there were, and their SHA-256.
    pub async fn finish(self) -> anyhow::Result<(u64, String)> {
        let Self { zip, mut outlet } = self;
        zip.finish()?;
        outlet.send().await?;
        Ok((outlet.sent, hex::encode(outlet.hash.finalize())))
    }
}
