//! DER as it comes in (X.690 §8, §10): headers one by one, and small values whole. Nothing else is kept.

use std::io::{self, Read};

use aws_lc_rs::digest::Context;

use super::CrlError;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, constructed.
pub(super) const EXTENSIONS: u8 = 0xa0;

const LENGTH: &str = "a length is none of DER";

/// The beginning of a value: its tag, the length of its content, and both as they were written.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub tag: u8,
    pub length: u64,
    written: Vec<u8>,
}

impl Header {
    /// Of the whole value, in bytes.
    pub fn whole(&self) -> u64 {
        self.length.saturating_add(u64::try_from(self.written.len()).unwrap_or(u64::MAX))
    }

    pub fn written(&self) -> &[u8] {
        &self.written
    }
}

/// Bytes that are read once, and hashed on the way where somebody asks for that.
pub(super) struct Reader<R> {
    source: R,
    hash: Option<Context>,
}

impl<R: Read> Reader<R> {
    pub fn new(source: R) -> Self {
        Self { source, hash: None }
    }

    /// From now on what is read is hashed, after what was read already.
    pub fn hash_with(&mut self, mut context: Context, before: &[u8]) {
        context.update(before);
        self.hash = Some(context);
    }

    /// What was hashed. What is read from now on is not.
    pub fn hashed(&mut self) -> Option<Context> {
        self.hash.take()
    }

    pub fn header(&mut self) -> Result<Header, CrlError> {
        let mut written = vec![0; 2];
        self.fill(&mut written)?;
        let (tag, first) = (written[0], written[1]);
        // The first octet has the length, or says how many have it. Never none: DER knows no open end.
        let length = match first {
            0..=0x7f => u64::from(first),
            0x81..=0x84 => {
                let mut more = vec![0; usize::from(first & 0x7f)];
                self.fill(&mut more)?;
                written.extend_from_slice(&more);
                let length = more.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
                // As short as it can be (X.690 §10.1).
                if length < 0x80 || more.first() == Some(&0) {
                    return Err(malformed(LENGTH));
                }
                length
            }
            _ => return Err(malformed(LENGTH)),
        };
        Ok(Header { tag, length, written })
    }

    pub fn expect(&mut self, tag: u8) -> Result<Header, CrlError> {
        let header = self.header()?;
        if header.tag == tag { Ok(header) } else { Err(malformed("another type is expected")) }
    }

    /// The whole value with its header, of at most `limit` bytes.
    pub fn value(&mut self, header: Header, limit: usize) -> Result<Vec<u8>, CrlError> {
        let length = usize::try_from(header.length).ok().filter(|length| *length <= limit);
        let length = length.ok_or_else(|| malformed("a value is too long"))?;
        let mut value = header.written;
        let start = value.len();
        value.resize(start + length, 0);
        self.fill(&mut value[start..])?;
        Ok(value)
    }

    /// Nothing may follow.
    pub fn end(&mut self) -> Result<(), CrlError> {
        match self.source.read_exact(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(CrlError::Io(error.to_string())),
            Ok(()) => Err(malformed("something follows it")),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), CrlError> {
        self.source.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => malformed("it ends too early"),
            _ => CrlError::Io(error.to_string()),
        })?;
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        Ok(())
    }
}

pub(super) fn malformed(why: &str) -> CrlError {
    CrlError::Malformed(why.to_owned())
}
