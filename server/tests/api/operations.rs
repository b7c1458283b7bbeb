//! What tells those who run the program how it is, and tells nobody else.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;

use crate::client::Client;
use crate::harness::{Console, program, shared};
use crate::limits::limited;
use crate::processes::without_executor;
use crate::verbs::until;

const DOCS: &str = include_str!("../../../docs/OPERATING.md");

/// Measured only in trouble that no test makes.
const TROUBLE: &[&str] = &["countersign_aws_throttles_total"];

/// What a worker measures when it has something to do: held by the test that goes the whole way (`chain.rs`).
pub const OF_WORK: &[&str] = &[
    "countersign_trail_files_total",
    "countersign_trail_events_total",
    "countersign_trail_lag_seconds",
    "countersign_alerts_raised_total",
    "countersign_notifications_total",
    "countersign_executions_total",
];

/// A metric: its type and its labels.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

/// The table of docs/OPERATING.md.
pub fn documented() -> Metrics {
    let section = DOCS.split("\n## Metrics\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let labels = cells[2].split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (cells[0].trim_matches('`').to_owned(), (cells[1].to_owned(), labels))
    };
    rows.map(row).collect()
}

/// What the program measures now.
pub async fn scraped(operator: &Client) -> Metrics {
    let answer = operator.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    let mut all = Metrics::new();
    for line in answer.text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            all.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        }
    }
    let series = answer.text.lines().filter(|line| !line.starts_with('#') && line.contains('{'));
    for (name, rest) in series.filter_map(|line| line.split_once('{')) {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let metric = match base.filter(|base| all.contains_key(*base)) {
            Some(base) => all.get_mut(base),
            None => all.get_mut(name),
        };
        let labels = rest.rsplit_once('}').unwrap().0.split("\",").filter_map(|pair| pair.split_once('='));
        let labels = labels.map(|(label, _)| label.to_owned()).filter(|label| label != "le");
        metric.unwrap_or_else(|| panic!("{name} has no type")).1.extend(labels);
    }
    all
}

#[tokio::test]
async fn every_metric_is_in_the_table_and_every_row_is_measured() {
    let console = limited("metrics", "sign_ins = 3\nidle = \"1s\"", "");
    let (operator, browser) = (console.operator(), console.browser());
    browser.sign_in("operator").await;
    browser.call("/api/decide", &[]).await;
    browser.get("/auth/callback").await;
    assert_eq!(browser.get("/auth/login").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(browser.get("/metrics").await.status, StatusCode::NOT_FOUND, "strangers see none");
    let documented = documented();
    for (name, (kind, _)) in &documented {
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}: Prometheus' naming");
    }
    let wanted = documented.keys();
    let wanted = wanted.filter(|name| !TROUBLE.contains(&name.as_str()) && !OF_WORK.contains(&name.as_str()));
    let wanted: BTreeSet<&String> = wanted.collect();
    let found = until("every metric", async || {
        let found = scraped(&operator).await;
        wanted.iter().all(|name| found.contains_key(*name)).then_some(found)
    })
    .await;
    for (name, measured) in &found {
        assert_eq!(Some(measured), documented.get(name), "{name}: type and labels, in docs/OPERATING.md");
    }
}

#[tokio::test]
async fn routes_are_measured_by_their_template_and_methods_are_few() {
    let console = Console::start(&shared().sandbox, "metric-routes", |config| config);
    let (operator, browser) = (console.operator(), console.browser());
    browser.sign_in("auditor").await;
    browser.get("/runs/some-authority/some-run").await;
    browser.get("/nothing/at/all").await;
    let strange = reqwest::Method::from_bytes(b"STRANGE").unwrap();
    browser.send(browser.bare(strange, browser.url("/"))).await;
    let text = operator.get("/metrics").await.text;
    assert!(text.contains("route=\"/runs/{authority}/{run}\""), "{text}");
    assert!(text.contains("route=\"none\",method=\"GET\",status=\"404\""), "{text}");
    for stranger in ["some-authority", "nothing", "STRANGE"] {
        assert!(!text.contains(stranger), "{stranger}: a stranger makes series: {text}");
    }
}

#[tokio::test]
async fn readiness_says_which_part_is_missing() {
    let sandbox = &shared().sandbox;
    let console = Console::run(
        &["serve"],
        sandbox,
        "not-ready",
        |config| {
            let config = without_executor(config);
            let issuer = format!("issuer = {:?}", sandbox.oidc.issuer);
            let config = config.replace(&issuer, "issuer = \"http://127.0.0.1:1\"");
            config.replace("console = \"countersign\"", "console = \"not-there\"")
        },
        &[],
    );
    for asked in [console.browser(), console.operator()] {
        assert_eq!(asked.get("/health").await.text, "ok");
        let answer = asked.get("/ready").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let said = answer.json();
        assert_eq!(said["ready"], false, "{said}");
        for part in ["table", "provider"] {
            assert_eq!(said["parts"][part]["ok"], false, "{said}");
            assert!(said["parts"][part]["why"].is_string(), "{said}");
        }
        assert!(!answer.text.contains("not-there"), "strangers learn no names: {said}");
    }
    let answer = until("a console that is ready", async || {
        let answer = shared().browser().get("/ready").await;
        (answer.status == StatusCode::OK).then_some(answer)
    })
    .await;
    assert_eq!(answer.json()["parts"]["provider"]["ok"], true);
}

#[test]
fn the_program_itself_asks_whether_a_process_is_alive() {
    let console = &shared().console;
    let asked = |address: &str| program(&shared().sandbox).args(["health", address]).output().unwrap();
    for url in [&console.url, &console.operations] {
        let address = url.replace("http://", "").replace("localhost", "127.0.0.1");
        let answer = asked(&address);
        assert!(answer.status.success(), "{url}: {}", String::from_utf8_lossy(&answer.stderr));
    }
    let nobody = asked("127.0.0.1:1");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("127.0.0.1:1 does not answer"));
}
