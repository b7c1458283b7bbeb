//! Many people who click at once: what the server needs for each page, by its own clock (`Server-Timing`), and how many lists
//! it makes a second against a file of the same size; and what each page weighs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::paths;
use domain::Severity;
use domain::certificate::CertificateStatus;
use domain::views::{CertificateQuery, CertificateSort, FindingQuery, PAGE_SIZE, Place, Property, Token};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING};
use reqwest::{Method, StatusCode};
use sandbox::Description;

use crate::client::Client;

/// How many people there are, how often each clicks, and how long they look at a page.
const PEOPLE: usize = 20;
const CLICKS: usize = 120;
const LOOK: Duration = Duration::from_millis(500);
/// How long lists and files are asked for without a pause, and by how many.
const RUSH: Duration = Duration::from_secs(5);
const RUSHING: usize = 8;
/// What the server may need for a page, but for one in a hundred.
const BOUND: Duration = Duration::from_millis(25);

/// What a page may weigh as Brotli, in bytes; a build without optimisation compresses nothing.
const WEIGHT: usize = 25_000;

/// What a page needed, in milliseconds, sorted.
type Taken = BTreeMap<&'static str, Vec<f64>>;

/// Whether every page stays within its bounds, and the list is made at least half as often as the file is sent.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub async fn load(sandbox: &Description, findings: u32) -> bool {
    let pages = Arc::new(pages(findings));
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let browser = Client::new(&sandbox.console_url);
        browser.sign_in("operator").await;
        people.push(Arc::new(browser));
    }
    let clicking: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(number, browser)| tokio::spawn(click(browser.clone(), pages.clone(), number)))
        .collect();
    let mut taken = Taken::new();
    for one in clicking {
        for (page, times) in one.await.unwrap() {
            taken.entry(page).or_default().extend(times);
        }
    }
    println!("{PEOPLE} people:{:<21} {:>10} {:>10} {:>12}", "", "median", "99 of 100", "as Brotli");
    let mut holds = true;
    for (page, path) in pages.iter() {
        let mut times = taken.remove(page).expect("somebody looked at it");
        times.sort_by(f64::total_cmp);
        let (median, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        let weight = weight(&people[0], path).await;
        println!("{page:<32} {median:>7.1} ms {most:>7.1} ms {weight:>6} bytes");
        holds &= most <= BOUND.as_secs_f64() * 1000.0 && weight <= WEIGHT;
    }
    let list = paths::certificates(&CertificateQuery::default());
    let style = style(&people[0]).await;
    let (lists, list_size) = rush(&people, &list).await;
    let (files, file_size) = rush(&people, &style).await;
    println!("list of certificates: {lists:.0} a second of {list_size} bytes");
    println!("a file:               {files:.0} a second of {file_size} bytes");
    holds && lists * 2.0 >= files
}

/// One person who goes through the pages, each beginning at another one.
async fn click(browser: Arc<Client>, pages: Arc<Vec<(&'static str, String)>>, number: usize) -> Taken {
    let mut taken = Taken::new();
    tokio::time::sleep(LOOK.mul_f64(number as f64 / PEOPLE as f64)).await;
    for (name, path) in pages.iter().cycle().skip(number).take(CLICKS) {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let (_, took) = answer.header("server-timing").split_once("dur=").expect("it says what it took");
        taken.entry(name).or_default().push(took.parse().unwrap());
        tokio::time::sleep(LOOK).await;
    }
    taken
}

/// How often an address is answered a second when it is asked for without a pause, and how large the answer is.
async fn rush(people: &[Arc<Client>], path: &str) -> (f64, usize) {
    let end = Instant::now() + RUSH;
    let asking = people.iter().take(RUSHING).cloned().map(|browser| {
        let path = path.to_owned();
        tokio::spawn(async move {
            let (mut answers, mut size) = (0_u32, 0);
            while Instant::now() < end {
                let answer = browser.get(&path).await;
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                (answers, size) = (answers + 1, answer.text.len());
            }
            (answers, size)
        })
    });
    let (mut answers, mut size) = (0, 0);
    for one in asking.collect::<Vec<_>>() {
        let (some, of) = one.await.unwrap();
        (answers, size) = (answers + some, of);
    }
    (f64::from(answers) / RUSH.as_secs_f64(), size)
}

/// How many bytes a browser gets for a page.
async fn weight(browser: &Client, path: &str) -> usize {
    let request = browser.bare(Method::GET, browser.url(path)).header(ACCEPT, "text/html");
    let answer = request.header(ACCEPT_ENCODING, "br").send().await.unwrap();
    answer.bytes().await.unwrap().len()
}

/// The address of the style, as a page names it: a file of about the size of a list.
async fn style(browser: &Client) -> String {
    let page = browser.get(paths::OVERVIEW).await.text;
    let (before, _) = page.split_once(".css").expect("a page has a style");
    let (_, name) = before.rsplit_once('"').expect("its address is quoted");
    format!("{name}.css")
}

fn pages(findings: u32) -> Vec<(&'static str, String)> {
    let certificates = |query: CertificateQuery| paths::certificates(&query);
    let all = CertificateQuery::default;
    let token = |property, value| Token::parse(property, value).expect("a filter");
    let both = vec![token(Property::Device, "~7"), token(Property::Status, "active")];
    let list = |query: FindingQuery| paths::findings(&query);
    let last = FindingQuery { page: findings.div_ceil(PAGE_SIZE) - 1, ..FindingQuery::default() };
    let filtered = FindingQuery { severity: Some(Severity::High), ..FindingQuery::default() };
    vec![
        ("overview", paths::OVERVIEW.to_owned()),
        ("certificates, first page", certificates(all())),
        ("certificates, last page", certificates(CertificateQuery { place: Place::Last, ..all() })),
        (
            "certificates, by expiry",
            certificates(CertificateQuery { sort: CertificateSort::Expiry, ..all() }),
        ),
        ("certificates, active", certificates(CertificateQuery::status(CertificateStatus::Active))),
        ("certificates, searched", certificates(CertificateQuery::search("sensor-00"))),
        ("certificates, two filters", certificates(CertificateQuery { filter: both, ..all() })),
        ("expiry", paths::EXPIRY.to_owned()),
        ("findings, first page", list(FindingQuery::default())),
        ("findings, last page", list(last)),
        ("findings, filtered", list(filtered)),
        ("activity", paths::ACTIVITY.to_owned()),
        ("revocations", paths::REVOCATIONS.to_owned()),
        ("compliance", paths::COMPLIANCE.to_owned()),
    ]
}
