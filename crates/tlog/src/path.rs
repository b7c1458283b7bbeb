//! Where the files of a log are, below its prefix. `tlog_tiles` names them as the Go checksum database does, with the tiles'
//! height; c2sp.org/tlog-tiles leaves that out.

use crate::{PublicKey, WIDTH};

/// The one file of a log that is ever written again.
pub const CHECKPOINT: &str = "checkpoint";

/// Where a witness puts the last checkpoint that it has cosigned. It is no part of the log.
pub fn witness_path(witness: &PublicKey) -> String {
    format!("witness/{:08x}", witness.id())
}

/// The tile with this number at this level; `width` hashes.
pub fn tile_path(level: u8, number: u64, width: usize) -> String {
    format!("tile/{level}/{}", numbered(number, width))
}

/// The bundle with this number; `width` entries.
pub fn bundle_path(number: u64, width: usize) -> String {
    format!("tile/entries/{}", numbered(number, width))
}

/// The bundle that has entry `index` in a log of `size` entries, and which of its entries it is.
pub fn bundle_of(index: u64, size: u64) -> (String, usize) {
    let wide = WIDTH as u64;
    let number = index / wide;
    // At most 256: it fits.
    let width = size.saturating_sub(number * wide).min(wide) as usize;
    (bundle_path(number, width), (index % wide) as usize)
}

/// Three digits a path element, those before the last with an `x`.
fn numbered(mut number: u64, width: usize) -> String {
    let mut path = format!("{:03}", number % 1000);
    while number >= 1000 {
        number /= 1000;
        path = format!("x{:03}/{path}", number % 1000);
    }
    if width < WIDTH {
        path += &format!(".p/{width}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_the_specification_says() {
        assert_eq!(tile_path(0, 0, 256), "tile/0/000");
        assert_eq!(tile_path(1, 1_234_067, 256), "tile/1/x001/x234/067");
        assert_eq!(tile_path(0, 273, 112), "tile/0/273.p/112");
        assert_eq!(bundle_path(999, 256), "tile/entries/999");
        assert_eq!(bundle_path(1000, 1), "tile/entries/x001/000.p/1");
        assert_eq!(bundle_of(70_000, 70_001), ("tile/entries/273.p/113".to_owned(), 112));
        assert_eq!(bundle_of(255, 70_001), ("tile/entries/000".to_owned(), 255));
    }
}
