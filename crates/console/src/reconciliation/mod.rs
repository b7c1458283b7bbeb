//! What one reconciliation found, for the command line: as one JSON object or as text that a person reads.

pub mod offline;
mod text;

use std::collections::BTreeMap;
use std::io;

use domain::finding::Disagreement;
use domain::run::RunInputs;
use domain::trail::{Authorisation, Issuance, RevocationCall};
use domain::{AuthorityArn, FindingKind, InventoryItem, ReportRow, Serial, Severity};
use serde::Serialize;

/// The findings of one authority and what they were made from.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    pub authority: AuthorityArn,
    /// The worst first, then by kind and serial number.
    pub findings: Vec<Disagreement>,
    pub inputs: RunInputs,
    /// Kinds that nothing is said about, as what it takes to judge them was not at hand.
    pub not_judged: Vec<FindingKind>,
}

/// What a reconciliation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that should have been compared was compared, and nothing as bad was found.
    Clean,
    /// At least one finding as bad as asked for.
    Findings,
    /// Nothing as bad was found, but not everything could be read or judged.
    Incomplete,
}

/// One finding in the JSON output.
#[derive(Serialize)]
struct FindingOutput<'a> {
    kind: FindingKind,
    severity: Severity,
    authority: &'a AuthorityArn,
    serial: Serial,
    /// `null`: not in the inventory.
    device: Option<&'a str>,
    report: Option<&'a ReportRow>,
    inventory: &'a [InventoryItem],
    /// `null`: the trail does not say.
    issuance: Option<&'a Issuance>,
    authorisation: Option<Authorisation>,
    revocation: Option<&'a RevocationCall>,
}

#[derive(Serialize)]
struct Output<'a> {
    verdict: Verdict,
    /// Why not everything was compared.
    incomplete: Vec<String>,
    authority: &'a AuthorityArn,
    counts: BTreeMap<FindingKind, u64>,
    findings: Vec<FindingOutput<'a>>,
    inputs: &'a RunInputs,
    not_judged: &'a [FindingKind],
}

impl Reconciliation {
    pub(crate) fn new(
        authority: AuthorityArn,
        mut findings: Vec<Disagreement>,
        inputs: RunInputs,
        not_judged: Vec<FindingKind>,
    ) -> Self {
        findings.sort_by_key(|finding| (finding.kind.severity(), finding.kind, finding.serial));
        Self { authority, findings, inputs, not_judged }
    }

    /// Findings by kind, all kinds.
    pub fn counts(&self) -> BTreeMap<FindingKind, u64> {
        let mut counts = FindingKind::ALL.iter().map(|kind| (*kind, 0)).collect::<BTreeMap<_, _>>();
        for finding in &self.findings {
            *counts.entry(finding.kind).or_default() += 1;
        }
        counts
    }

    /// How many findings are at least as bad as `severity`.
    pub fn at_least(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.kind.severity() <= severity).count()
    }

    /// What it comes to for somebody who cares for findings that are at least as bad as `severity`.
    pub fn verdict(&self, severity: Severity) -> Verdict {
        match (self.at_least(severity), self.inputs.incomplete().is_empty()) {
            (0, true) => Verdict::Clean,
            (0, false) => Verdict::Incomplete,
            _ => Verdict::Findings,
        }
    }

    /// Writes one JSON object: `verdict` (by findings at least as bad as `severity`), `incomplete` (why it may be that),
    /// `authority`, `counts` by kind, `findings`, `inputs` and `not_judged`.
    pub fn write_json(&self, severity: Severity, to: impl io::Write) -> io::Result<()> {
        let findings = self.findings.iter().map(|finding| FindingOutput {
            kind: finding.kind,
            severity: finding.kind.severity(),
            authority: &finding.authority,
            serial: finding.serial,
            device: finding.evidence.inventory.first().map(|item| item.device.as_str()),
            report: finding.evidence.report.as_ref(),
            inventory: &finding.evidence.inventory,
            issuance: finding.evidence.issuance.as_ref(),
            authorisation: finding.evidence.authorisation,
            revocation: finding.evidence.revocation.as_ref(),
        });
        let output = Output {
            verdict: self.verdict(severity),
            incomplete: self.inputs.incomplete(),
            authority: &self.authority,
            counts: self.counts(),
            findings: findings.collect(),
            inputs: &self.inputs,
            not_judged: &self.not_judged,
        };
        let mut to = io::BufWriter::new(to);
        serde_json::to_writer_pretty(&mut to, &output)?;
        io::Write::write_all(&mut to, b"\n")?;
        io::Write::flush(&mut to)
    }

    /// Writes what a person reads in a terminal. Foreign text comes out escaped.
    pub fn write_text(&self, to: impl io::Write) -> io::Result<()> {
        text::write(self, io::BufWriter::new(to))
    }
}
