//! What a log says of revocations, held against what others say: the CA's report, the trail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use console::log::Whole;
use domain::ledger::decided::{Decided, Revoked};
use domain::trail::{Event, What};
use domain::{AuthorityArn, Serial, Timestamp};
use feeds::Bad;
use feeds::report::ReportReader;
use feeds::trail::{Directory, LogReader};

use super::deeds;
use crate::cli::VerifyLedger;

/// Everything that was asked for. `Some`: the first thing that does not hold.
///
/// # Errors
/// A file cannot be read.
pub async fn all(
    arguments: &VerifyLedger,
    whole: &Whole,
    out: &mut impl Write,
) -> anyhow::Result<Option<String>> {
    let decided = &whole.decided;
    let revoked: usize = decided.revoked.values().map(BTreeMap::len).sum();
    if revoked > 0 {
        writeln!(out, "ok      {revoked} revocations, each by a request that was decided before")?;
    }
    match &arguments.decisions {
        Some(folder) => {
            let broken = deeds::all(folder, arguments, whole, out).await?;
            if broken.is_some() {
                return Ok(broken);
            }
        }
        None => deeds::not_looked_at(decided, out)?,
    }
    if let Some(file) = &arguments.report {
        let held = in_report(file, decided).with_context(|| file.display().to_string())?;
        if let Some(broken) = held.said(decided, "the report", out)? {
            return Ok(Some(broken));
        }
    }
    if let Some(folder) = &arguments.trail {
        let held = in_trail(folder).with_context(|| folder.display().to_string())?;
        if let Some(broken) = held.said(decided, "the trail", out)? {
            return Ok(Some(broken));
        }
        writeln!(out, "Not looked at: whether the trail itself is whole (countersign trail verify).")?;
    }
    Ok(None)
}

type Certificate = (AuthorityArn, Serial);

/// What somebody else says of revocations.
#[derive(Default)]
struct Others {
    revoked: BTreeMap<Certificate, Timestamp>,
    /// Of these it says that they are not. `None`: it says that of all that it does not name.
    not_revoked: Option<BTreeSet<Certificate>>,
    /// It knows of what happened from here to there.
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    unreadable: u64,
}

impl Others {
    fn saw(&mut self, at: Timestamp) {
        self.from = Some(self.from.map_or(at, |from| from.min(at)));
        self.to = self.to.max(Some(at));
    }

    /// Held against the log. `Some`: what one says and the other does not.
    fn said(&self, decided: &Decided, name: &str, out: &mut impl Write) -> anyhow::Result<Option<String>> {
        for ((authority, serial), at) in &self.revoked {
            if decided.revoked.get(authority).is_none_or(|those| !those.contains_key(serial)) {
                return Ok(Some(format!(
                    "The certificate {} of {authority} was revoked at {at}, says {name}, and by no decided request in the log.",
                    serial.colons()
                )));
            }
        }
        let mut unjudged = 0_u64;
        for (authority, serial, revoked) in all_of(decided) {
            let certificate = (authority.clone(), serial);
            if self.revoked.contains_key(&certificate) {
                continue;
            }
            let Revoked { seq, at, unsure } = *revoked;
            let known = self.not_revoked.as_ref().is_none_or(|those| those.contains(&certificate));
            let within = self.from.is_some_and(|from| from <= at) && self.to.is_some_and(|to| at <= to);
            // Whoever else has revoked it may have done so before.
            if !known || !within || (unsure && self.not_revoked.is_none()) {
                unjudged += 1;
                continue;
            }
            return Ok(Some(format!(
                "Entry {seq} says that the certificate {} of {authority} was revoked at {at}, and {name} has nothing of it.",
                serial.colons()
            )));
        }
        writeln!(
            out,
            "ok      {} revocations of {name} are in the log, and those of the log that it knows are there",
            self.revoked.len()
        )?;
        if unjudged > 0 {
            writeln!(
                out,
                "Not judged: {unjudged} revocations of the log, of times or certificates that {name} does not know."
            )?;
        }
        if self.unreadable > 0 {
            writeln!(out, "Not judged: {} records of {name} that cannot be read.", self.unreadable)?;
        }
        Ok(None)
    }
}

fn all_of(decided: &Decided) -> impl Iterator<Item = (&AuthorityArn, Serial, &Revoked)> {
    decided.revoked.iter().flat_map(|(authority, those)| {
        those.iter().map(move |(serial, revoked)| (authority, *serial, revoked))
    })
}

fn in_report(file: &Path, decided: &Decided) -> anyhow::Result<Others> {
    let mut others = Others { from: Some(Timestamp::EPOCH), ..Others::default() };
    let mut not_revoked = BTreeSet::new();
    for row in ReportReader::open(File::open(file)?, None)? {
        let row = match row {
            Ok(row) => row,
            Err(Bad::Record(_)) => {
                others.unreadable += 1;
                continue;
            }
            Err(cut) => return Err(cut.into()),
        };
        others.saw(row.issued_at);
        match row.revoked_at {
            Some(at) => {
                others.saw(at);
                others.revoked.insert((row.authority, row.serial), at);
            }
            // Of a million that are not revoked, those that the log has count.
            None if decided
                .revoked
                .get(&row.authority)
                .is_some_and(|those| those.contains_key(&row.serial)) =>
            {
                not_revoked.insert((row.authority, row.serial));
            }
            None => {}
        }
    }
    Ok(Others { not_revoked: Some(not_revoked), ..others })
}

fn in_trail(folder: &Path) -> anyhow::Result<Others> {
    let mut others = Others::default();
    let directory = Directory::open(folder)?;
    if directory.logs.is_empty() {
        bail!("there is no log file below it");
    }
    for log in &directory.logs {
        let named = || log.path.display().to_string();
        for record in LogReader::open(log.open().with_context(named)?).with_context(named)? {
            let event = match record {
                Ok(record) => record.event,
                Err(Bad::Record(_)) => {
                    others.unreadable += 1;
                    continue;
                }
                Err(cut) => return Err(cut).with_context(named),
            };
            others.saw(event.time);
            let time = event.time;
            if let Some(certificate) = revoked_by(event) {
                others.revoked.insert(certificate, time);
            }
        }
    }
    Ok(others)
}

/// The certificate that a call has revoked.
fn revoked_by(event: Event) -> Option<Certificate> {
    let revokes = matches!(event.what, What::Revocation { .. }) && event.failure.is_none();
    event.authority.zip(event.serial).filter(|_| revokes)
}
