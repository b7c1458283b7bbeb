//! Opening a source: undoes gzip and UTF-16, tells a damaged source from a broken connection.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

/// How much is read at a time.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A source in UTF-8, without its gzip (RFC 1952, any number of members).
pub(crate) struct Plain<'a> {
    pub text: Box<dyn BufRead + 'a>,
    /// Its bytes were others: it had a byte order mark, or was UTF-16, as editors and PowerShell write.
    pub recoded: bool,
}

/// Opens a source; UTF-16 without a mark is told by the zeros in its first letters.
pub(crate) fn open<'a>(source: impl Read + 'a) -> io::Result<Plain<'a>> {
    let (first, whole) = head(source, 2);
    let (first, whole): (_, Box<dyn Read + 'a>) = match first.as_slice() {
        [0x1f, 0x8b] => {
            let (first, plain) = head(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, whole)), 4);
            (first, Box::new(plain))
        }
        _ => {
            let (first, plain) = head(whole, 4);
            (first, Box::new(plain))
        }
    };
    let mut plain = BufReader::with_capacity(CHUNK, whole);
    let (mark, encoding) = match first.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(UTF_16LE)),
        [0xfe, 0xff, ..] => (2, Some(UTF_16BE)),
        [a, 0, b, 0] if *a > 0 && *b > 0 => (0, Some(UTF_16LE)),
        [0, a, 0, b] if *a > 0 && *b > 0 => (0, Some(UTF_16BE)),
        _ => (0, None),
    };
    io::copy(&mut plain.by_ref().take(mark), &mut io::sink())?;
    Ok(match encoding {
        None => Plain { text: Box::new(plain), recoded: mark > 0 },
        Some(encoding) => {
            let decoder = encoding.new_decoder_without_bom_handling();
            let text = Utf16 { input: plain, decoder, over: false };
            Plain { text: Box::new(BufReader::with_capacity(CHUNK, text)), recoded: true }
        }
    })
}

/// The first bytes of a source, at most so many, and the whole of it. What fails meanwhile fails when it is read.
pub(crate) fn head<'a>(mut source: impl Read + 'a, most: u64) -> (Vec<u8>, impl Read + 'a) {
    let mut head = Vec::new();
    let failure = source.by_ref().take(most).read_to_end(&mut head).err();
    (head.clone(), io::Cursor::new(head).chain(Failing(failure)).chain(source))
}

/// Fails once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// UTF-16 as UTF-8; what is none of it is replaced.
struct Utf16<R> {
    input: R,
    decoder: Decoder,
    over: bool,
}

impl<R: BufRead> Read for Utf16<R> {
    /// `out` has room for a letter at least, as [`BufReader`] asks for much.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.over {
            let input = self.input.fill_buf()?;
            let last = input.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, out, last);
            self.input.consume(read);
            self.over = last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// Whether the bytes themselves are at fault (a torn or corrupt gzip stream), and not the way they come.
pub fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | InvalidData | InvalidInput)
}
