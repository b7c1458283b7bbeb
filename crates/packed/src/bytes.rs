//! How a record's fields are laid out. What was written is read in the same order.

use domain::{Serial, Timestamp};

/// Octets of a moment: seconds since a moment before the year 1, up to after the year 9999.
const MOMENT: usize = 5;
const BEFORE: i64 = 1 << 36;
/// No moment.
const NEVER: [u8; MOMENT] = [0xff; MOMENT];
/// Fields whose texts repeat from record to record, at most.
pub(crate) const REPEATED: usize = 3;

/// Writes records one after the other.
#[derive(Debug, Default)]
pub struct Writer {
    pub(crate) bytes: Vec<u8>,
    /// The texts of repeated fields, each once in a row.
    pub(crate) texts: Vec<u8>,
    /// Behind which number of octets of `texts` the text lies that a repeated field had last, plus one.
    last: [usize; REPEATED],
}

impl Writer {
    pub(crate) fn serial(&mut self, serial: Serial) {
        let octets = serial.as_bytes();
        self.number(octets.len());
        self.bytes.extend(octets);
    }

    /// Seven bits an octet, the lowest first; the highest bit says that more follow.
    pub(crate) fn number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    pub(crate) fn moment(&mut self, moment: Option<Timestamp>) {
        let octets = moment.map_or([0xff; 8], |moment| moment.unix().saturating_add(BEFORE).to_be_bytes());
        self.bytes.extend(&octets[8 - MOMENT..]);
    }

    pub(crate) fn text(&mut self, text: Option<&str>) {
        self.number(text.map_or(0, |text| text.len() + 1));
        self.bytes.extend(text.unwrap_or_default().as_bytes());
    }

    /// A text of which there are few: one that the field had last is not kept again. `field` is below [`REPEATED`].
    pub(crate) fn repeated(&mut self, field: usize, text: Option<&str>) {
        let Some(text) = text else { return self.number(0) };
        let kept = self.last[field].checked_sub(1).and_then(|at| slice_at(&self.texts, at));
        if kept != Some(text.as_bytes()) {
            self.last[field] = self.texts.len() + 1;
            let mut kept = Self { bytes: std::mem::take(&mut self.texts), ..Self::default() };
            kept.text(Some(text));
            self.texts = kept.bytes;
        }
        self.number(self.last[field]);
    }
}

fn slice_at(texts: &[u8], at: usize) -> Option<&[u8]> {
    Reader { bytes: texts, texts: &[], at }.slice()
}

/// Reads what a [`Writer`] wrote.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    /// Those of repeated fields.
    pub(crate) texts: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    /// The octets of a serial number, without leading zeros.
    pub(crate) fn octets(&mut self) -> &'a [u8] {
        let length = self.number();
        self.take(length)
    }

    pub(crate) fn number(&mut self) -> usize {
        let (mut number, mut shift) = (0_usize, 0);
        while let Some(octet) = self.bytes.get(self.at).filter(|_| shift < usize::BITS) {
            self.at += 1;
            number |= usize::from(octet & 0x7f) << shift;
            shift += 7;
            if octet & 0x80 == 0 {
                break;
            }
        }
        number
    }

    pub(crate) fn moment(&mut self) -> Option<Timestamp> {
        let octets = self.take(MOMENT);
        if octets == NEVER {
            return None;
        }
        let seconds = octets.iter().fold(0_i64, |number, octet| number << 8 | i64::from(*octet));
        Timestamp::from_unix(seconds - BEFORE).ok()
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        self.slice().map(|text| String::from_utf8_lossy(text).into_owned())
    }

    pub(crate) fn repeated(&mut self) -> Option<String> {
        self.repeated_slice().map(|text| String::from_utf8_lossy(text).into_owned())
    }

    pub(crate) fn repeated_slice(&mut self) -> Option<&'a [u8]> {
        let at = self.number().checked_sub(1)?;
        slice_at(self.texts, at)
    }

    /// A text as it is written.
    pub(crate) fn slice(&mut self) -> Option<&'a [u8]> {
        let length = self.number().checked_sub(1)?;
        Some(self.take(length))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let taken = self.bytes.get(self.at..self.at.saturating_add(length)).unwrap_or_default();
        self.at += taken.len();
        taken
    }
}
