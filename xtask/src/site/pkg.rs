//! The browser's files: each has the hash of its content in its name, so that browsers keep it for good, and in a release
//! lies there compressed, so that no server does that for each visitor anew.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::{folder, replace};
use crate::profile::Profile;

fn here() -> PathBuf {
    folder().join("pkg")
}

/// The names of all of them.
///
/// # Errors
/// The folder cannot be read.
pub fn names() -> Result<Vec<String>> {
    fs::create_dir_all(here())?;
    let files = fs::read_dir(here())?.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    files.collect()
}

/// Of all this, in hexadecimal; enough of it to tell any two builds apart.
pub fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let mut hex = hex::encode(hash.finalize());
    hex.truncate(16);
    hex
}

/// Writes `NAME.HASH.KIND`, with its compressed forms in a release, in place of the file of its kind that is there.
///
/// # Errors
/// A file cannot be written or removed.
pub fn put(name: &str, hash: &str, kind: &str, content: &[u8], profile: Profile) -> Result<()> {
    let file = here().join(format!("{name}.{hash}.{kind}"));
    let fresh = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for old in names()?.iter().filter(|old| old.split('.').any(|part| part == kind) && **old != fresh) {
        fs::remove_file(here().join(old))?;
    }
    replace(&file, content)?;
    if profile == Profile::Release {
        let params = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
        let mut small = Vec::new();
        brotli::BrotliCompress(&mut &*content, &mut small, &params)?;
        replace(&file.with_added_extension("br"), &small)?;
        let mut gz = GzEncoder::new(File::create(file.with_added_extension("gz"))?, Compression::best());
        gz.write_all(content)?;
        gz.finish()?;
        eprintln!("{fresh}: {} bytes, {} as Brotli", content.len(), small.len());
    }
    Ok(())
}
