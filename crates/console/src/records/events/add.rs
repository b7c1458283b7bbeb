//! Events come in by whole files, and a file that turns out bad later takes its events with it.

use std::collections::{BTreeMap, HashMap};

use domain::trail::{Event, Identity, IdentityKind, Outcome, Proof, What};
use domain::{AuthorityArn, Timestamp};
use rusqlite::{Connection, OptionalExtension};

/// A log file that events are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventFile {
    pub account: String,
    pub region: String,
    /// Its place in the trail of this account and Region.
    pub seq: u64,
    pub bucket: String,
    pub key: String,
    pub sha256: String,
    pub delivered_at: Timestamp,
    pub read_at: Timestamp,
    /// What is wrong with it; `None`: nothing that is known.
    pub bad: Option<Proof>,
}

impl EventFile {
    fn is_altered(&self) -> bool {
        self.bad == Some(Proof::Altered)
    }
}

/// Adds files with their events; those that are there already are passed over. Gives the numbers of the others. Do it within
/// one transaction.
pub(crate) fn add(
    connection: &Connection,
    files: &[(EventFile, Vec<Event>)],
) -> Result<Vec<i64>, rusqlite::Error> {
    let (mut numbers, mut added) = (Numbers::default(), Vec::new());
    for (file, events) in files {
        let mut insert = connection.prepare_cached(
            "INSERT OR IGNORE INTO trail_file (account, region, seq, bucket, key, sha256, delivered_at, read_at, bad) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        let is_new = insert.execute((
            &file.account,
            &file.region,
            file.seq,
            &file.bucket,
            &file.key,
            &file.sha256,
            file.delivered_at.unix(),
            file.read_at.unix(),
            file.bad.map(Proof::name),
        ))?;
        if is_new == 0 {
            continue;
        }
        let number = connection.last_insert_rowid();
        events.iter().try_for_each(|event| numbers.add(connection, number, file.is_altered(), event))?;
        added.push(number);
    }
    Ok(added)
}

/// The numbers that stand for texts that many events have.
#[derive(Default)]
struct Numbers {
    identities: HashMap<String, i64>,
    authorities: HashMap<AuthorityArn, i64>,
    names: HashMap<String, ()>,
}

impl Numbers {
    fn add(
        &mut self,
        connection: &Connection,
        file: i64,
        is_altered: bool,
        event: &Event,
    ) -> Result<(), rusqlite::Error> {
        let mut former = connection
            .prepare_cached("SELECT number, file, altered FROM trail_event WHERE id = ? AND shown = 1")?;
        let former: Option<(i64, i64, bool)> = former
            .query_row([event.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let is_shown = match former {
            // A file that has one event twice says nothing new.
            Some((_, same, _)) if same == file => return Ok(()),
            Some((number, _, true)) if !is_altered => {
                connection.execute("UPDATE trail_event SET shown = 0 WHERE number = ?", [number])?;
                true
            }
            Some(_) => false,
            None => true,
        };
        self.name(connection, &event.name)?;
        let authority = event.authority.as_ref().map(|arn| self.authority(connection, arn)).transpose()?;
        let identity = self.identity(connection, &event.identity)?;
        let (deed, outcome) = (deed(event), outcome(event));
        let mut insert = connection.prepare_cached(
            "INSERT INTO trail_event (id, file, time, name, identity, address, outcome, authority, serial, deed, \
             template, altered, shown, quiet) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        insert.execute((
            event.id.as_str(),
            file,
            event.time.unix(),
            &event.name,
            identity,
            &event.address,
            outcome,
            authority,
            event.serial.as_ref().map(|serial| serial.as_bytes()),
            deed,
            template(event),
            is_altered,
            is_shown,
            event.read_only && event.outcome() != Outcome::Denied,
        ))?;
        let number = connection.last_insert_rowid();
        let mut insert = connection.prepare_cached("INSERT INTO trail_body VALUES (?, ?)")?;
        insert.execute((number, text(event)?))?;
        Ok(())
    }

    fn name(&mut self, connection: &Connection, name: &str) -> Result<(), rusqlite::Error> {
        if !self.names.contains_key(name) {
            connection.prepare_cached("INSERT OR IGNORE INTO trail_name VALUES (?)")?.execute([name])?;
            self.names.insert(name.to_owned(), ());
        }
        Ok(())
    }

    fn authority(&mut self, connection: &Connection, arn: &AuthorityArn) -> Result<i64, rusqlite::Error> {
        if let Some(number) = self.authorities.get(arn) {
            return Ok(*number);
        }
        connection
            .prepare_cached("INSERT OR IGNORE INTO trail_authority (arn, id) VALUES (?, ?)")?
            .execute((arn.as_str(), arn.id().as_str()))?;
        let mut select = connection.prepare_cached("SELECT number FROM trail_authority WHERE arn = ?")?;
        let number = select.query_row([arn.as_str()], |row| row.get(0))?;
        self.authorities.insert(arn.clone(), number);
        Ok(number)
    }

    fn identity(&mut self, connection: &Connection, identity: &Identity) -> Result<i64, rusqlite::Error> {
        let text = text(identity)?;
        if let Some(number) = self.identities.get(&text) {
            return Ok(*number);
        }
        let mut insert = connection.prepare_cached(
            "INSERT OR IGNORE INTO trail_identity (identity, who, principal, pathless, session, access_key) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )?;
        insert.execute((
            &text,
            who(identity),
            &identity.principal,
            identity.pathless,
            &identity.session,
            &identity.access_key,
        ))?;
        let mut select = connection.prepare_cached("SELECT number FROM trail_identity WHERE identity = ?")?;
        let number = select.query_row([&text], |row| row.get(0))?;
        self.identities.insert(text, number);
        Ok(number)
    }
}

/// Says which files of a trail are bad, by key: all of them. Where another file has the same event, that one's is shown
/// from now on. Gives the numbers of those of which something else was said before.
pub(crate) fn mark_bad(
    connection: &Connection,
    (account, region): (&str, &str),
    bad: &BTreeMap<String, Proof>,
) -> Result<Vec<i64>, rusqlite::Error> {
    let part = "account = ?1 AND region = ?2";
    let mut changed: Vec<(i64, Option<Proof>)> = Vec::new();
    let mut known = connection
        .prepare(&format!("SELECT number, key, bad FROM trail_file WHERE {part} AND bad IS NOT NULL"))?;
    let mut rows = known.query((account, region))?;
    while let Some(row) = rows.next()? {
        let (key, stored): (String, String) = (row.get(1)?, row.get(2)?);
        let now = bad.get(&key).copied();
        if now.map(Proof::name) != Some(stored.as_str()) {
            changed.push((row.get(0)?, now));
        }
    }
    let mut find = connection
        .prepare(&format!("SELECT number FROM trail_file WHERE {part} AND key = ?3 AND bad IS NULL"))?;
    for (key, proof) in bad {
        let numbers = find.query_map((account, region, key), |row| row.get(0))?;
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        changed.extend(numbers.into_iter().map(|number| (number, Some(*proof))));
    }
    for &(file, proof) in &changed {
        let is_altered = proof == Some(Proof::Altered);
        let set = "UPDATE trail_file SET bad = ? WHERE number = ?";
        connection.execute(set, (proof.map(Proof::name), file))?;
        let set = "UPDATE trail_event SET altered = ?1 WHERE file = ?2 AND altered <> ?1";
        connection.execute(set, (is_altered, file))?;
        show_the_best(connection, file)?;
    }
    Ok(changed.into_iter().map(|(file, _)| file).collect())
}

/// Of the events that `file` shares with others, shows the first one that is not altered, or else the first one.
fn show_the_best(connection: &Connection, file: i64) -> Result<(), rusqlite::Error> {
    let mut shared = connection.prepare(
        "SELECT DISTINCT mine.id FROM trail_event mine JOIN trail_event other \
         ON other.id = mine.id AND other.file <> mine.file WHERE mine.file = ?",
    )?;
    let ids: Vec<String> = shared.query_map([file], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in ids {
        connection.execute(
            "UPDATE trail_event SET shown = (number = (SELECT number FROM trail_event WHERE id = ?1 \
             ORDER BY altered, number LIMIT 1)) WHERE id = ?1",
            [id],
        )?;
    }
    Ok(())
}

fn text(value: &impl serde::Serialize) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Who an identity is, whether a record has the path of its role or not: a role's name is unique within its account.
pub(super) fn who(identity: &Identity) -> String {
    match identity.kind {
        IdentityKind::Role => without_path(&identity.principal),
        _ => identity.principal.clone(),
    }
}

/// A role's ARN without its path; any other text as it is.
pub(crate) fn without_path(principal: &str) -> String {
    match principal.split_once(":role/") {
        Some((account, path)) => format!("{account}:role/{}", path.rsplit('/').next().unwrap_or_default()),
        None => principal.to_owned(),
    }
}

/// Whether it can be evidence of a certificate's issuance or revocation.
pub(crate) fn is_deed(event: &Event) -> bool {
    deed(event).is_some()
}

fn deed(event: &Event) -> Option<i64> {
    event.authority.as_ref().zip(event.serial)?;
    match event.what {
        What::Issuance { .. } if event.failure.is_none() => Some(1),
        What::IssuanceDetails { issued: true, .. } => Some(2),
        What::Revocation { .. } if event.failure.is_none() => Some(3),
        _ => None,
    }
}

fn outcome(event: &Event) -> i64 {
    match event.outcome() {
        Outcome::Succeeded => 0,
        Outcome::Failed => 1,
        Outcome::Denied => 2,
    }
}

fn template(event: &Event) -> Option<&str> {
    match &event.what {
        What::Issuance { template } | What::IssuanceDetails { template, .. } => template.as_deref(),
        _ => None,
    }
}
