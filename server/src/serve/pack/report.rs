//! The numbers of a time as one HTML file, without scripts and without anything from elsewhere: to be read and printed.

use std::fmt::Write;

use domain::Timestamp;
use domain::timestamp::words;
use domain::trail::Proof;
use domain::views::{ComplianceView, by_severity, by_whom};

/// The beginning of such a file.
pub const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Evidence</title><style>\
    body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#111;background:#fff}\
    table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{border-bottom:1px solid #bbb;padding:.25rem .5rem;\
    text-align:left;vertical-align:top;overflow-wrap:anywhere}h1{font-size:1.5rem}h2{font-size:1.15rem;break-after:avoid}\
    thead{display:table-header-group}tr{break-inside:avoid}@page{margin:15mm}@media print{body{margin:0;max-width:none}}\
    </style>";

const ENTRIES: &str = "ledger/entries.jsonl";

/// The whole of it.
pub fn html(view: &ComplianceView, made: Timestamp) -> String {
    let mut page = String::from(HEAD);
    let (first, last) = (view.period.from().date(), view.period.last().date());
    add(&mut page, format_args!("<h1>Evidence of {first} to {last}</h1>"));
    let as_of = view.as_of.map_or_else(|| "never read".to_owned(), Timestamp::absolute);
    let of: Vec<String> = view.authorities.iter().map(|one| one.arn.to_string()).collect();
    add(
        &mut page,
        format_args!(
            "<p>Made {} by Countersign. Both days are whole, UTC. Certificates as of {as_of}.</p>",
            made.absolute()
        ),
    );
    add(&mut page, format_args!("<p>Authorities: {}</p>", escaped(&of.join(", "))));
    table(
        &mut page,
        "Certificates",
        &["Authority", "Template", "Issued", "Revoked", "Expired"],
        view.certificates.iter().map(|one| {
            let template = one.template.clone().unwrap_or_else(|| "–".to_owned());
            vec![
                one.authority.to_string(),
                template,
                one.issued.to_string(),
                one.revoked.to_string(),
                one.expired.to_string(),
            ]
        }),
    );
    table(
        &mut page,
        "Who had them issued",
        &["Issuer", "Issued", "Unauthorised"],
        view.issuers
            .iter()
            .map(|one| vec![one.issuer.clone(), one.issued.to_string(), one.unauthorised.to_string()]),
    );
    rest(&mut page, view.issuers.len(), view.totals.issuers, "issuers.csv");
    let by = by_severity(&view.findings);
    table(
        &mut page,
        "Findings",
        &["Severity", "Opened", "Closed", "Dismissed", "Mean time open"],
        by.iter().map(|(severity, flow)| {
            let mean = flow.mean().map_or_else(|| "–".to_owned(), words);
            vec![
                severity.name().to_owned(),
                flow.opened.to_string(),
                flow.closed.to_string(),
                flow.dismissed.to_string(),
                mean,
            ]
        }),
    );
    table(
        &mut page,
        "By whom findings ended",
        &["By", "How", "Findings"],
        by_whom(&view.findings).into_iter().map(|(how, by, number)| {
            let who = by.map_or_else(|| "a run or a revocation".to_owned(), |by| by.name);
            vec![who, how.name().to_owned(), number.to_string()]
        }),
    );
    let requests = view.requests;
    add(
        &mut page,
        format_args!(
            "<h2>Revocations</h2><p>{} requests, {} agreed to by people, {} proven, {} by break-glass; {} drills. Each request is in \
         requests.jsonl, each certificate in revocations.csv, what proves the decisions in decisions/.</p>",
            requests.all, requests.countersigned, requests.proven, requests.break_glass, requests.drills,
        ),
    );
    table(
        &mut page,
        "Runs",
        &["Authority", "Held", "Incomplete", "Failed", "Longest time without one"],
        view.runs.iter().map(|held| {
            let gap = held.gap.map_or_else(
                || "–".to_owned(),
                |(from, to)| format!("{}, from {from} to {to}", words(to.since(from))),
            );
            let at_least = if held.cut { "at least " } else { "" };
            vec![
                held.authority.to_string(),
                format!("{at_least}{}", held.finished),
                held.incomplete.to_string(),
                held.failed.to_string(),
                gap,
            ]
        }),
    );
    let proofs: Vec<&str> = Proof::ALL.iter().map(|proof| proof.label()).collect();
    let columns: Vec<&str> = ["Trail"].into_iter().chain(proofs).chain(["Nothing known"]).collect();
    table(
        &mut page,
        "Hours of the trail",
        &columns,
        view.trails.iter().map(|trail| {
            let hours = Proof::ALL.iter().map(|proof| trail.hours.get(proof).copied().unwrap_or(0));
            let name = format!("{} {}", trail.account, trail.region);
            std::iter::once(name).chain(hours.chain([trail.unknown]).map(|hours| hours.to_string())).collect()
        }),
    );
    table(
        &mut page,
        "Changes of policy, roles and mode",
        &["Entry", "When", "Process", "What"],
        view.policy_changes.iter().map(|change| {
            let what: Vec<String> =
                change.changes.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            vec![change.seq.to_string(), change.at.to_string(), change.process.clone(), what.join("; ")]
        }),
    );
    rest(&mut page, view.policy_changes.len(), view.totals.policy_changes, ENTRIES);
    table(
        &mut page,
        "Who signed in with which roles",
        &["Person", "Id", "Roles", "First", "Last", "Sign-ins"],
        view.people.iter().map(|seen| {
            let roles: Vec<&str> = seen.roles.iter().map(|role| role.name()).collect();
            let (name, id) = (seen.person.name.clone(), seen.person.id.to_string());
            vec![
                name,
                id,
                roles.join(", "),
                seen.first.to_string(),
                seen.last.to_string(),
                seen.sign_ins.to_string(),
            ]
        }),
    );
    rest(&mut page, view.people.len(), view.totals.roles_seen, ENTRIES);
    page + "</html>\n"
}

/// Says that these are not all, and which file of the pack has those.
fn rest(page: &mut String, shown: usize, total: u64, file: &str) {
    if u64::try_from(shown).is_ok_and(|shown| shown < total) {
        add(page, format_args!("<p>The first {shown} of {total}: all of them are in {file}.</p>"));
    }
}

/// One more table; of no row says so.
pub fn table(page: &mut String, title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    add(page, format_args!("<h2>{title}</h2>"));
    if rows.peek().is_none() {
        return add(page, format_args!("<p>None.</p>"));
    }
    page.push_str("<table><thead><tr>");
    columns.iter().for_each(|column| add(page, format_args!("<th scope=\"col\">{column}</th>")));
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        row.iter().for_each(|cell| add(page, format_args!("<td>{}</td>", escaped(cell))));
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
}

/// Appends.
pub fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes all.
    let _ = page.write_fmt(text);
}

/// Foreign text stays text, and nothing in it hides or turns around.
pub fn escaped(text: &str) -> String {
    let text = domain::foreign::line(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn foreign_text_stays_text() {
        let hostile = "</td><script>alert(1)</script>\u{202e}\"&";
        let escaped = super::escaped(hostile);
        assert!(!escaped.contains(['<', '>', '"', '\u{202e}']), "{escaped}");
    }
}
