//! Opening a source: undoes gzip, tells a damaged source from a broken connection.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// A source without its gzip (RFC 1952, any number of members) and without a byte order mark.
pub(crate) fn open<'a>(mut source: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut head = Vec::new();
    source.by_ref().take(2).read_to_end(&mut head)?;
    let gzip = head == [0x1f, 0x8b];
    let whole = io::Cursor::new(head).chain(source);
    let plain: Box<dyn BufRead + 'a> = match gzip {
        true => Box::new(BufReader::with_capacity(CHUNK, MultiGzDecoder::new(whole))),
        false => Box::new(BufReader::with_capacity(CHUNK, whole)),
    };
    skip_mark(plain)
}

fn skip_mark<'a>(mut plain: Box<dyn BufRead + 'a>) -> io::Result<Box<dyn BufRead + 'a>> {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    if plain.fill_buf()?.starts_with(&MARK) {
        plain.consume(MARK.len());
    }
    Ok(plain)
}

/// Whether the bytes themselves are at fault (a torn or corrupt gzip stream), and not the way they come.
pub fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | InvalidData | InvalidInput)
}
