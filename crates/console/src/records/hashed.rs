//! What is read, with its hash.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Hashes what passes through.
pub(super) struct Hashed<R> {
    source: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    pub fn new(source: R) -> Self {
        Self { source, hash: Sha256::new() }
    }

    /// Reads the rest. Lower-case hex SHA-256 of everything.
    ///
    /// # Errors
    /// Reading failed.
    pub fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex::encode(self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
