//! What can be packed.

use std::marker::PhantomData;

use domain::reconcile::{PlainItem, PlainRow};
use domain::{AuthorityArn, InventoryItem, ReportRow, Serial, Timestamp};

use crate::bytes::{Reader, Writer};

/// A record about one certificate of one authority.
pub trait Record: Sized {
    fn serial(&self) -> Serial;
    fn authority(&self) -> &AuthorityArn;
    /// Writes all of it but the certificate.
    fn write(&self, to: &mut Writer);
    /// Reads what [`Self::write`] wrote. `None`: it is not that.
    fn read(authority: &AuthorityArn, serial: Serial, from: &mut Reader<'_>) -> Option<Self>;
}

/// A record that is still packed.
#[derive(Debug)]
pub struct Laid<'a, T> {
    pub serial: Serial,
    pub(crate) authority: &'a AuthorityArn,
    pub(crate) reader: Reader<'a>,
    pub(crate) kind: PhantomData<T>,
}

impl<T: Record> Laid<'_, T> {
    /// The record.
    pub fn unpack(&self) -> Option<T> {
        T::read(self.authority, self.serial, &mut self.reader.clone())
    }
}

impl<'a> Laid<'a, ReportRow> {
    /// As much of it as shows whether it agrees plainly.
    pub fn plain(&self) -> Option<PlainRow<'a>> {
        let mut reader = self.reader.clone();
        let mut moment = || reader.moment();
        let (not_before, not_after, issued_at, revoked_at) = (moment()?, moment()?, moment()?, moment());
        let (subject, _, template) = (reader.slice(), reader.repeated_slice(), reader.repeated_slice());
        Some(PlainRow { not_before, not_after, issued_at, revoked_at, subject, template })
    }
}

impl<'a> Laid<'a, InventoryItem> {
    /// As much of it as shows whether it agrees plainly.
    pub fn plain(&self) -> PlainItem<'a> {
        let mut reader = self.reader.clone();
        let mut moment = || reader.moment();
        let (issued_at, expires_at, revoked_at) = (moment(), moment(), moment());
        let (_, subject) = (reader.slice(), reader.slice());
        PlainItem { issued_at, expires_at, revoked_at, subject }
    }
}

impl Record for ReportRow {
    fn serial(&self) -> Serial {
        self.serial
    }

    fn authority(&self) -> &AuthorityArn {
        &self.authority
    }

    fn write(&self, to: &mut Writer) {
        for moment in [Some(self.not_before), Some(self.not_after), Some(self.issued_at), self.revoked_at] {
            to.moment(moment);
        }
        to.text(self.subject.as_deref());
        to.repeated(0, self.revocation_reason.as_deref());
        to.repeated(1, self.template.as_deref());
        to.repeated(2, self.requested_by_service.as_deref());
    }

    fn read(authority: &AuthorityArn, serial: Serial, from: &mut Reader<'_>) -> Option<Self> {
        let mut moment = || from.moment();
        let (not_before, not_after, issued_at, revoked_at) = (moment()?, moment()?, moment()?, moment());
        Some(Self {
            authority: authority.clone(),
            serial,
            not_before,
            not_after,
            issued_at,
            revoked_at,
            subject: from.text(),
            revocation_reason: from.repeated(),
            template: from.repeated(),
            requested_by_service: from.repeated(),
        })
    }
}

impl Record for InventoryItem {
    fn serial(&self) -> Serial {
        self.serial
    }

    fn authority(&self) -> &AuthorityArn {
        &self.authority
    }

    fn write(&self, to: &mut Writer) {
        for moment in [self.issued_at, self.expires_at, self.revoked_at] {
            to.moment(moment);
        }
        to.text(Some(self.device.as_str()));
        to.text(self.subject.as_deref());
        // Mostly it is the serial number as we write it.
        to.text(Some(self.serial_key.as_str()).filter(|key| !is_plain(key, self.serial)));
        to.repeated(0, self.revocation_reason.as_deref());
        match self.decimal {
            None => to.number(0),
            Some(decimal) => to.serial(decimal),
        }
        to.number(usize::from(self.revocation_unread));
    }

    fn read(authority: &AuthorityArn, serial: Serial, from: &mut Reader<'_>) -> Option<Self> {
        let mut moment = || -> Option<Timestamp> { from.moment() };
        let (issued_at, expires_at, revoked_at) = (moment(), moment(), moment());
        Some(Self {
            authority: authority.clone(),
            serial,
            issued_at,
            expires_at,
            revoked_at,
            device: from.text()?.parse().ok()?,
            subject: from.text(),
            serial_key: from.text().unwrap_or_else(|| hex::encode(serial.as_bytes())),
            revocation_reason: from.repeated(),
            decimal: Some(from.octets())
                .filter(|octets| !octets.is_empty())
                .and_then(|octets| Serial::from_bytes(octets).ok()),
            revocation_unread: from.number() > 0,
        })
    }
}

/// Whether it is the serial number as we write it.
fn is_plain(key: &str, serial: Serial) -> bool {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 0xf)];
    let digits = serial.as_bytes();
    key.len() == 2 * digits.len()
        && key.as_bytes().chunks(2).zip(digits).all(|(two, octet)| two == [digit(octet >> 4), digit(*octet)])
}
