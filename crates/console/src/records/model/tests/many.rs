//! The records of many certificates. `cargo xtask bench lists` measures what the test does with fewer.

use std::time::{Duration, Instant};

use domain::dry_run::DryRun;
use domain::reconcile::{Context, Infrastructure};
use domain::revocation::MAX_TARGETS;
use domain::views::DryRunCounts;

use super::*;

/// Of so many certificates one is revoked.
const REVOKED: u64 = 500;
/// More than counts go up to, and than one request takes.
const ENOUGH: u64 = 150_000;
/// How many there are at each measurement, fewer first, and how many times as long what is measured may take then.
const SIZES: &str = "COUNTERSIGN_BENCH_CERTIFICATES";
const GROWTH: &str = "COUNTERSIGN_BENCH_GROWTH";
/// Each page is asked for so often; the median counts.
const ROUNDS: usize = 5;

const FILTERS: [&[&str]; 9] = [
    &[],
    &["status=active"],
    &["status=revoked"],
    &["q=sensor-"],
    &["q=sensor-00999"],
    &["q=9e:37:79:b9…00:00"],
    &["device=~777", "status=active"],
    &["in_inventory=no"],
    &["open_finding=yes", "expires=<30d"],
];

/// What one size took.
struct Took {
    /// From the first row until lists show it, and what a run does when it is there; of one certificate.
    loading: f64,
    comparing: f64,
    /// All first pages, the last ones, and those before them.
    pages: [Duration; 3],
}

#[tokio::test]
async fn many_certificates_are_loaded_compared_and_paged() {
    let model = filled(ENOUGH).await;
    are_compared(&model, ENOUGH).await;
    for filter in FILTERS {
        for &sort in CertificateSort::ALL {
            page(&model, asked(filter, sort)).await;
        }
    }
    let last = page(&model, CertificateQuery { place: Place::Last, ..CertificateQuery::default() }).await;
    assert_eq!((last.lines.len(), last.before, last.next), (50, Some(ENOUGH - 50), None));
    assert_eq!(page(&model, search("sensor-00999")).await.total.number, 10);
    let query = CertificateQuery { descending: true, ..CertificateQuery::status(Active) };
    assert_eq!(page(&model, query).await.total, Total { number: 100_000, more: true });
    model.counts(at(0)).await.unwrap();
    assert_eq!(foretold(&model).await, u64::try_from(MAX_TARGETS).unwrap());
}

#[tokio::test]
#[ignore = "a measurement: cargo xtask bench lists"]
async fn measured() {
    let named = |name: &str| std::env::var(name).unwrap();
    let mut all = Vec::new();
    for certificates in named(SIZES).split(',') {
        all.push(measure(certificates.parse().unwrap()).await);
    }
    let (few, many) = (&all[0], &all[all.len() - 1]);
    let sum = |took: &Took| took.pages.iter().sum::<Duration>().as_secs_f64();
    let growth = [many.loading / few.loading, many.comparing / few.comparing, sum(many) / sum(few)];
    let bounds: Vec<f64> = named(GROWTH).split(',').map(|bound| bound.parse().unwrap()).collect();
    let mut kept = true;
    for ((what, grows), bound) in
        ["loading one", "comparing one", "all pages"].into_iter().zip(growth).zip(bounds)
    {
        eprintln!("{what}: {grows:.2} times what it takes with the fewest (at most {bound})");
        kept &= grows <= bound;
    }
    assert!(kept, "it grows more than it may");
}

async fn measure(certificates: u64) -> Took {
    let started = Instant::now();
    let model = filled(certificates).await;
    let loading = started.elapsed();
    let comparing = are_compared(&model, certificates).await;
    eprintln!("{certificates} certificates: loaded in {loading:.2?}, compared in {comparing:.2?}");
    let mut pages = [Duration::ZERO; 3];
    for filter in FILTERS {
        let mut most = [Duration::ZERO; 3];
        let (mut counting, mut lines) = (Duration::ZERO, 0);
        for &sort in CertificateSort::ALL {
            let started = Instant::now();
            lines = page(&model, asked(filter, sort)).await.total.number;
            counting = counting.max(started.elapsed());
            let last = CertificateQuery { place: Place::Last, ..asked(filter, sort) };
            let before = page(&model, last.clone()).await.previous;
            let before = before.map(|place| CertificateQuery { place, ..last.clone() });
            for (place, query) in [Some(asked(filter, sort)), Some(last), before].into_iter().enumerate() {
                let Some(query) = query else { continue };
                let took = median(&model, query).await;
                pages[place] += took;
                most[place] = most[place].max(took);
            }
        }
        let [first, last, before] = most;
        eprintln!(
            "{:<28} {lines:>7} lines, in the slowest order: {counting:>8.1?} once, then {first:>8.1?}, last page {last:>8.1?}, the one before {before:>8.1?}",
            filter.join(" ")
        );
    }
    let started = Instant::now();
    let targets = foretold(&model).await;
    eprintln!("{targets} of them foretold in {:.1?}", started.elapsed());
    let each = |time: Duration| time.as_secs_f64() / certificates as f64;
    Took { loading: each(loading), comparing: each(comparing), pages }
}

async fn median(model: &ReadModel, query: CertificateQuery) -> Duration {
    let mut taken = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        page(model, query.clone()).await;
        taken.push(started.elapsed());
    }
    taken.sort();
    taken[ROUNDS / 2]
}

async fn filled(certificates: u64) -> ReadModel {
    let model = ReadModel::new(None);
    let revoked =
        |number: u64| ReportRow { revoked_at: number.is_multiple_of(REVOKED).then(|| at(-9)), ..row(number) };
    load(&model, (0..certificates).map(revoked), (0..certificates).map(item), 0).await;
    model
}

fn asked(filter: &[&str], sort: CertificateSort) -> CertificateQuery {
    let filter = filter.iter().copied().map(token).collect();
    CertificateQuery { filter, sort, ..CertificateQuery::default() }
}

/// What a run does when the inventory and the report have been read, and how long it takes.
async fn are_compared(model: &ReadModel, certificates: u64) -> Duration {
    let snapshot = model.snapshot();
    let context = Context {
        authority: arn(),
        report_created_at: at(0),
        now: at(0),
        grace: Default::default(),
        report_complete: true,
        requests_known: false,
        trail: None,
        infrastructure: Infrastructure::default(),
        expired_after: None,
    };
    let started = Instant::now();
    let tally = model.blocking(move |database| {
        let (report, inventory) = (&snapshot.reports[&arn().id()], snapshot.inventory.as_ref().unwrap());
        let none = HashSet::new();
        let tally = judge(database, &context, report, inventory, &none, |_| Ok::<_, DatabaseError>(()));
        Ok(tally.map_err(MergeError::into_inner)?)
    });
    let counts = tally.await.unwrap().counts;
    let took = started.elapsed();
    let expected = [(FindingKind::RevocationNotRecorded, certificates.div_ceil(REVOKED))];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
    took
}

/// The selection and the dry run of what one request takes: how many of them can be revoked.
async fn foretold(model: &ReadModel) -> u64 {
    let query = asked(&["q=sensor-", "status=!revoked"], CertificateSort::default());
    let serials = model.matching(&arn().id(), &query, MAX_TARGETS, at(0)).await.unwrap();
    let targets = serials.len();
    let knowledge = model.knowledge(&arn(), serials, at(0)).await.unwrap();
    let run = DryRun::of(arn(), knowledge.known, &knowledge.in_force, Vec::new(), knowledge.as_of, at(0));
    let revocable = DryRunCounts::of(&run, 20).revocable;
    assert_eq!(revocable, u64::try_from(targets).unwrap());
    revocable
}
