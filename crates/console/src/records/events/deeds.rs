//! What intact events say of certificates: who had each issued, and who revoked it.

use domain::trail::{EventId, Identity, IdentityKind, Issuance, RevocationCall};
use domain::{AuthorityArn, KeyHash, Serial, Timestamp};
use packed::Range;
use rusqlite::{Connection, OptionalExtension, Row, Rows, Statement};
use serde::Deserialize;

use super::{EVIDENCE, json, parsed};
use crate::records::rows;

/// The deeds of one authority, by serial number in the order of the database, then by time.
const SELECT: &str = "SELECT e.serial, e.deed, e.id, e.time, e.address, e.template, b.event \
     FROM trail_event e JOIN trail_body b ON b.number = e.number \
     WHERE e.authority = (SELECT number FROM trail_authority WHERE arn = ?1)";
const ORDER: &str = "ORDER BY e.serial, e.deed, e.time";

/// Both things that the trail can say of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deeds {
    pub issuance: Option<Issuance>,
    pub revocation: Option<RevocationCall>,
    /// The alternative names that it was issued with.
    pub names: Vec<String>,
}

/// One event about one certificate.
struct Deed {
    serial: Serial,
    deed: i64,
    id: EventId,
    at: Timestamp,
    address: Option<String>,
    template: Option<String>,
    said: Said,
}

/// The part of an event that has no column.
#[derive(Deserialize)]
struct Said {
    identity: Identity,
    user_agent: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    key: Option<KeyHash>,
    #[serde(default)]
    alternative_names: Vec<String>,
}

impl Deeds {
    fn add(&mut self, deed: Deed) {
        let Deed { id: event, at, address, template, said, .. } = deed;
        let Said { identity, user_agent, reason, key, alternative_names } = said;
        // Of what was signed, where both events say, and not only asked for.
        if deed.deed < 3 && (self.names.is_empty() || deed.deed == 2 && !alternative_names.is_empty()) {
            self.names = alternative_names;
        }
        match (deed.deed, &mut self.issuance) {
            (1, None) => {
                let issuance = Issuance { event, at, identity, address, user_agent, template, key };
                self.issuance = Some(issuance);
            }
            // How it ended says who had asked for it, but not from where.
            (2, None) => {
                let (address, user_agent) = (None, None);
                self.issuance = Some(Issuance { event, at, identity, address, user_agent, template, key });
            }
            (2, Some(issuance)) => {
                issuance.template = issuance.template.take().or(template);
                // Of what was signed, and not only asked for.
                issuance.key = key.or(issuance.key);
                complete(&mut issuance.identity, identity);
            }
            (3, _) if self.revocation.is_none() => {
                self.revocation = Some(RevocationCall { event, at, identity, address, reason });
            }
            _ => (),
        }
    }
}

/// A call from another account names that account alone, and how it ended says who in it had called.
fn complete(caller: &mut Identity, requester: Identity) {
    let known = matches!(requester.kind, IdentityKind::Role | IdentityKind::User | IdentityKind::Root);
    if caller.kind == IdentityKind::Account && known && caller.account == requester.account {
        let Identity { access_key, mfa, invoked_by, .. } = caller.clone();
        *caller = Identity { access_key, mfa, invoked_by, ..requester };
    }
}

fn read(row: &Row<'_>) -> Result<Deed, rusqlite::Error> {
    Ok(Deed {
        serial: rows::serial(row, 0)?,
        deed: row.get(1)?,
        id: parsed(row, 2)?,
        at: rows::needed(row, 3)?,
        address: row.get(4)?,
        template: row.get(5)?,
        said: json(row, 6)?,
    })
}

/// What the trail says of one certificate.
pub(crate) fn deeds_of(
    connection: &Connection,
    authority: &AuthorityArn,
    serial: Serial,
) -> Result<Deeds, rusqlite::Error> {
    let select = format!("{SELECT} AND e.serial = ?2 AND {EVIDENCE} {ORDER}");
    let mut statement = connection.prepare_cached(&select)?;
    let mut deeds = Deeds::default();
    for deed in statement.query_map((authority.as_str(), serial.as_bytes()), read)? {
        deeds.add(deed?);
    }
    Ok(deeds)
}

/// Who had the certificate issued, without the path of a role.
pub(crate) fn caller_of(
    connection: &Connection,
    authority: &AuthorityArn,
    serial: Serial,
) -> Result<Option<String>, rusqlite::Error> {
    let select = format!(
        "SELECT i.who FROM trail_event e JOIN trail_identity i ON i.number = e.identity \
         WHERE e.authority = (SELECT number FROM trail_authority WHERE arn = ?1) AND e.serial = ?2 \
         AND e.deed < 3 AND {EVIDENCE} ORDER BY e.deed, e.time LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_row((authority.as_str(), serial.as_bytes()), |row| row.get(0)).optional()
}

/// The statement behind a [`DeedCursor`].
pub(crate) fn all_deeds() -> String {
    format!("{SELECT} AND e.serial >= ?2 AND e.serial < ?3 AND {EVIDENCE} {ORDER}")
}

/// Behind all serial numbers: they have 20 octets at most.
const BEHIND: [u8; 21] = [0xff; 21];

/// Goes through the deeds of an authority beside something else that is in the same order.
pub(crate) struct DeedCursor<'a> {
    rows: Rows<'a>,
    ahead: Option<Deed>,
}

impl<'a> DeedCursor<'a> {
    /// The deeds of certificates of an authority whose serial numbers are within `range`. `statement`: [`all_deeds`].
    pub fn new(
        statement: &'a mut Statement<'_>,
        authority: &AuthorityArn,
        range: &Range,
    ) -> Result<Self, rusqlite::Error> {
        let from = range.from.as_ref().map_or(&[][..], Serial::as_bytes);
        let before = range.before.as_ref().map_or(&BEHIND[..], Serial::as_bytes);
        let rows = statement.query((authority.as_str(), from, before))?;
        let mut cursor = Self { rows, ahead: None };
        cursor.advance()?;
        Ok(cursor)
    }

    /// The next serial number of which an event says something.
    pub fn next(&self) -> Option<Serial> {
        self.ahead.as_ref().map(|deed| deed.serial)
    }

    /// Passes over what is before `serial`, and takes what is about it.
    pub fn take(&mut self, serial: Serial) -> Result<Deeds, rusqlite::Error> {
        let mut deeds = Deeds::default();
        while self.ahead.as_ref().is_some_and(|deed| deed.serial.as_bytes() <= serial.as_bytes()) {
            match self.advance()? {
                Some(deed) if deed.serial == serial => deeds.add(deed),
                _ => (),
            }
        }
        Ok(deeds)
    }

    fn advance(&mut self) -> Result<Option<Deed>, rusqlite::Error> {
        let next = self.rows.next()?.map(read).transpose()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }
}
