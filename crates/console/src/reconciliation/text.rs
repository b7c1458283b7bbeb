//! A reconciliation as text for a terminal.

use std::io::{self, Write};
use std::time::Duration;

use domain::finding::Disagreement;
use domain::run::{RunInputs, TrailInputs, Unjudged, Unreadable};
use domain::timestamp::words;
use domain::{foreign, subject};

use super::Reconciliation;

pub(crate) fn write(reconciliation: &Reconciliation, mut to: impl Write) -> io::Result<()> {
    writeln!(to, "Authority  {}", reconciliation.authority)?;
    inputs(&reconciliation.inputs, &mut to)?;
    writeln!(to)?;
    let incomplete = reconciliation.inputs.incomplete();
    findings(&reconciliation.findings, incomplete.is_empty(), &mut to)?;
    if !incomplete.is_empty() {
        writeln!(to, "INCOMPLETE: {}", incomplete.join(" "))?;
        writeln!(
            to,
            "What cannot be read hides what it would say. Mend or fetch it again, and compare once more."
        )?;
    }
    unjudged(&reconciliation.inputs.unjudged, &mut to)?;
    if !reconciliation.not_judged.is_empty() {
        let kinds: Vec<_> = reconciliation.not_judged.iter().map(|kind| kind.label()).collect();
        writeln!(to, "Not judged: {}.", kinds.join(", "))?;
    }
    for (what, unreadable) in [
        ("report", &reconciliation.inputs.report_unreadable),
        ("inventory", &reconciliation.inputs.inventory_unreadable),
        ("inventory's attributes", &reconciliation.inputs.inventory_unread),
    ] {
        examples(what, unreadable, &mut to)?;
    }
    if let Some(trail) = &reconciliation.inputs.trail {
        examples("trail", &trail.unreadable, &mut to)?;
    }
    to.flush()
}

fn inputs(inputs: &RunInputs, to: &mut impl Write) -> io::Result<()> {
    let made = inputs.report.as_ref().map(|report| match report.guessed {
        true => {
            format!(
                ", made about {} (a guess; say it with --report-created-at)",
                report.created_at.absolute()
            )
        }
        false => format!(", made {}", report.created_at.absolute()),
    });
    let reused = inputs.report.as_ref().is_some_and(|report| report.reused);
    writeln!(
        to,
        "Report     {} rows, {} unreadable{}{}{}",
        inputs.report_rows,
        inputs.report_unreadable.count,
        made.unwrap_or_default(),
        if reused { " for an earlier run" } else { "" },
        if inputs.report_truncated { ", CUT SHORT: what is missing from it proves nothing" } else { "" },
    )?;
    writeln!(
        to,
        "Inventory  {} items, {} unreadable",
        inputs.inventory_items, inputs.inventory_unreadable.count
    )?;
    if let Some(covered) = &inputs.trail {
        trail(covered, to)?;
    }
    write!(
        to,
        "Left out   {} of the CA itself, {} managed by AWS, {} too young to judge",
        inputs.infrastructure, inputs.managed, inputs.in_grace
    )?;
    if let Some(age) = inputs.expired_after {
        let age = words(Duration::from_secs(age));
        write!(to, ", {} expired for more than {age} and not in the inventory", inputs.long_expired)?;
    }
    writeln!(to)
}

fn trail(trail: &TrailInputs, to: &mut impl Write) -> io::Result<()> {
    let window = match (trail.from, trail.to) {
        (Some(from), Some(to)) => format!("{} to {}", from.absolute(), to.absolute()),
        _ => "nothing is known of the time before the report".to_owned(),
    };
    let hours = trail.hours.iter().map(|(proof, hours)| format!("{hours} hours {}", proof.name()));
    let hours: Vec<String> = hours.collect();
    writeln!(to, "Trail      {window}{}{}", if hours.is_empty() { "" } else { ": " }, hours.join(", "))?;
    writeln!(
        to,
        "           {} certificates attributed, {} from times it does not cover, {} files or records unreadable",
        trail.attributed, trail.not_covered, trail.unreadable.count
    )
}

fn findings(findings: &[Disagreement], complete: bool, to: &mut impl Write) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(
            to,
            "{}",
            if complete { "The records agree." } else { "Nothing was found in what could be compared." }
        );
    }
    let rows: Vec<[String; 6]> = findings.iter().map(row).collect();
    let header = ["SEVERITY", "FINDING", "SERIAL", "DEVICE", "ISSUED BY", "SUBJECT"];
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].len()]).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3), width(4)];
    for row in [header.map(str::to_owned)].iter().chain(&rows) {
        let [severity, kind, serial, device, issuer, subject] = row;
        let [a, b, c, d, e] = widths;
        writeln!(to, "{severity:a$}  {kind:b$}  {serial:c$}  {device:d$}  {issuer:e$}  {subject}")?;
    }
    writeln!(to, "\n{} findings", findings.len())
}

fn row(finding: &Disagreement) -> [String; 6] {
    let device = finding.evidence.inventory.first().map_or("-", |item| item.device.as_str());
    let report = finding.evidence.report.as_ref().and_then(|row| row.subject.as_deref());
    let item = finding.evidence.inventory.first().and_then(|item| item.subject.as_deref());
    let name = report.or(item).unwrap_or("-");
    let name = subject::common_name(name).unwrap_or_else(|| name.to_owned());
    [
        finding.kind.severity().name().to_owned(),
        finding.kind.label().to_owned(),
        finding.serial.colons(),
        cell(device),
        issuer(finding),
        cell(&name),
    ]
}

/// `provisioning from 10.20.0.15`; `-`: the trail does not say, or there is none.
fn issuer(finding: &Disagreement) -> String {
    let Some(issuance) = &finding.evidence.issuance else { return "-".to_owned() };
    match (&issuance.identity.invoked_by, &issuance.address) {
        (Some(service), _) => cell(&format!("{} through {service}", issuance.identity.short())),
        (None, Some(address)) => cell(&format!("{} from {address}", issuance.identity.short())),
        (None, None) => cell(issuance.identity.short()),
    }
}

fn unjudged(unjudged: &Unjudged, to: &mut impl Write) -> io::Result<()> {
    if unjudged.count == 0 {
        return Ok(());
    }
    let serials: Vec<String> = unjudged.serials.iter().map(domain::Serial::colons).collect();
    let more = unjudged.count.saturating_sub(serials.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(to, "Could not be judged: {}{more}", serials.join(", "))
}

fn examples(what: &str, unreadable: &Unreadable, to: &mut impl Write) -> io::Result<()> {
    if unreadable.count == 0 {
        return Ok(());
    }
    writeln!(to, "\nUnreadable in the {what}:")?;
    // Places and problems are escaped when they are noted.
    for example in &unreadable.examples {
        writeln!(to, "  {}: {}", example.place, example.problem)?;
    }
    let more = unreadable.count.saturating_sub(unreadable.examples.len().try_into().unwrap_or(u64::MAX));
    if more > 0 { writeln!(to, "  and {more} more") } else { Ok(()) }
}

/// Foreign text as long as a column may be.
fn cell(text: &str) -> String {
    foreign::short_line(text, 120)
}
