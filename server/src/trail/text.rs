//! A verification as text for a terminal. Foreign text cannot steer it.

use std::io::{self, Write};
use std::time::Duration;

use domain::foreign;
use domain::timestamp::words;
use domain::trail::{Problem, Proof, Span};
use feeds::trail::{Directory, Place, Verification};

use super::files;

pub(super) fn write(directory: &Directory, found: &Verification, mut to: impl Write) -> io::Result<()> {
    for (place, coverage) in &found.coverage {
        summary(directory, found, place, coverage.spans(), &mut to)?;
    }
    for (place, problem) in &found.problems {
        show(place, problem, &mut to)?;
    }
    unsigned(found, &mut to)?;
    if found.removed > 0 {
        writeln!(
            to,
            "{} objects are not here: by the stated rule, they were removed when they were old.",
            found.removed
        )?;
    }
    let count = |proof| found.problems.iter().filter(|(_, problem)| problem.proof == proof).count();
    match found.is_whole() {
        true => writeln!(to, "The trail is whole.")?,
        false => writeln!(
            to,
            "The trail is NOT whole: {} missing, {} altered, {} that cannot be checked.",
            count(Proof::Missing),
            count(Proof::Altered),
            count(Proof::Unproven)
        )?,
    }
    to.flush()
}

fn summary(
    directory: &Directory,
    found: &Verification,
    place: &Place,
    spans: &[Span],
    to: &mut impl Write,
) -> io::Result<()> {
    let organization = place.organization.as_deref().map(|id| format!(" of {id}")).unwrap_or_default();
    writeln!(to, "Account {} in {}{organization}", place.account, place.region)?;
    for chain in found.chains_of(place) {
        writeln!(
            to,
            "  Trail      {}{}: {} digests, {} to {}",
            chain.name.trail,
            if chain.name.backfill { " (backfill)" } else { "" },
            chain.digests,
            chain.from.absolute(),
            chain.to.absolute()
        )?;
    }
    let time = |wanted: Proof| -> Duration {
        spans.iter().filter(|span| span.proof == wanted).map(|span| span.to.since(span.from)).sum()
    };
    let bad =
        [Proof::Missing, Proof::Altered].map(|proof| format!(", {} {}", words(time(proof)), proof.name()));
    writeln!(to, "  Time       {} proven{}", words(time(Proof::Proven)), bad.concat())?;
    let files = files(directory, found, place);
    writeln!(
        to,
        "  Log files  {} proven, {} unproven, {} altered\n",
        files.proven, files.unproven, files.altered
    )
}

fn show(place: &Place, problem: &Problem, to: &mut impl Write) -> io::Result<()> {
    writeln!(
        to,
        "{:<9} {} to {}, account {} in {}\n          {}\n          {}\n",
        problem.proof.name().to_uppercase(),
        problem.from.absolute(),
        problem.to.absolute(),
        place.account,
        place.region,
        foreign::line(&problem.object),
        foreign::line(&problem.what),
    )
}

/// How to get at the signatures that are only in S3.
fn unsigned(found: &Verification, to: &mut impl Write) -> io::Result<()> {
    if found.unsigned.is_empty() {
        return Ok(());
    }
    writeln!(
        to,
        "The newest digest's signature is in the metadata of its S3 object only. To prove its hour too, put it beside the file:"
    )?;
    for digest in &found.unsigned {
        let key = foreign::line(&digest.key);
        let path = foreign::line(&digest.path.display().to_string());
        writeln!(
            to,
            "  aws s3api head-object --bucket BUCKET --key '[PREFIX/]{key}' --query Metadata.signature --output text > '{path}.signature'"
        )?;
    }
    writeln!(to)
}
