//! A verification as JSON for other programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use domain::Timestamp;
use domain::trail::{Problem, Proof, Span};
use feeds::trail::{Directory, Verification};
use serde::Serialize;

use super::{Files, files};

#[derive(Serialize)]
struct Output<'a> {
    whole: bool,
    /// Objects that are not there as a lifecycle rule removed them.
    removed: u64,
    places: Vec<Place<'a>>,
    problems: Vec<Located<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    organization: Option<&'a str>,
    account: &'a str,
    region: &'a str,
    chains: Vec<Chain<'a>>,
    log_files: Files,
    /// Seconds by their proof.
    seconds: BTreeMap<Proof, u64>,
    coverage: &'a [Span],
}

#[derive(Serialize)]
struct Chain<'a> {
    trail: &'a str,
    home_region: &'a str,
    backfill: bool,
    digests: u64,
    from: Timestamp,
    to: Timestamp,
}

#[derive(Serialize)]
struct Located<'a> {
    account: &'a str,
    region: &'a str,
    #[serde(flatten)]
    problem: &'a Problem,
}

pub(super) fn write(directory: &Directory, found: &Verification, mut to: impl Write) -> io::Result<()> {
    let places = found.coverage.iter().map(|(place, coverage)| {
        let mut seconds = BTreeMap::new();
        for span in coverage.spans() {
            *seconds.entry(span.proof).or_default() += span.to.since(span.from).as_secs();
        }
        Place {
            organization: place.organization.as_deref(),
            account: &place.account,
            region: &place.region,
            chains: found.chains_of(place).map(chain).collect(),
            log_files: files(directory, found, place),
            seconds,
            coverage: coverage.spans(),
        }
    });
    let problems = found.problems.iter().map(|(place, problem)| Located {
        account: &place.account,
        region: &place.region,
        problem,
    });
    let (places, problems) = (places.collect(), problems.collect());
    let output = Output { whole: found.is_whole(), removed: found.removed, places, problems };
    serde_json::to_writer_pretty(&mut to, &output)?;
    writeln!(to)?;
    to.flush()
}

fn chain(chained: &feeds::trail::Chained) -> Chain<'_> {
    Chain {
        trail: &chained.name.trail,
        home_region: &chained.name.home_region,
        backfill: chained.name.backfill,
        digests: chained.digests,
        from: chained.from,
        to: chained.to,
    }
}
