//! How long each page takes with many open findings, against how long it takes with few: `cargo xtask bench findings`; and what
//! pages take while many people use them: `cargo xtask bench load`.
//!
//! A sandbox runs in this process; its console's table is filled with findings that no run and no alert made, and the
//! program that people run is started against it, asked by somebody who is signed in, and stopped, once for each number.
#![expect(clippy::print_stdout, reason = "the result is what this program is run for")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement ends at its first surprise"
)]

#[expect(dead_code, reason = "the tests do more with it")]
#[path = "../../tests/api/client.rs"]
mod client;
mod fill;
mod load;

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use app::paths;
use domain::Severity;
use domain::views::{FindingQuery, FindingSort, PAGE_SIZE};
use reqwest::StatusCode;
use sandbox::{Description, Options, Sandbox};

use client::Client;

/// With so many every page is fast.
const FEW: u32 = 100;
/// Each page is asked for so often; the median counts.
const ROUNDS: usize = 7;
/// With many findings a page may take so many times as long, and so much more for what else the machine does.
const SLOWER: u32 = 2;
const NOISE: Duration = Duration::from_millis(50);
/// How long a console may take until it has read everything.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        // What the measurement starts: a process of its own, in the surroundings that the sandbox prescribes.
        ["fill", rest @ ..] => fill::fill(rest).await,
        ["findings", many] => return measure(many.parse().expect("how many findings")).await,
        ["load", findings, devices] => {
            let findings = findings.parse().expect("how many findings");
            return measure_load(findings, devices.parse().expect("how many devices")).await;
        }
        _ => panic!("usage: findings FINDINGS | load FINDINGS DEVICES"),
    }
    ExitCode::SUCCESS
}

async fn start(devices: u32) -> Sandbox {
    let start = Instant::now();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/findings");
    let options = Options {
        reset: true,
        devices,
        port: 0,
        issue_delay: Duration::from_millis(20),
        new_devices_per_minute: 0,
        ..Options::new(directory)
    };
    let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
    println!("a sandbox of {devices} devices starts in {:.1?}", start.elapsed());
    sandbox
}

async fn measure_load(findings: u32, devices: u32) -> ExitCode {
    let sandbox = start(devices).await;
    let description = sandbox.description();
    fill_up(description, 0, findings);
    let console = Console::start(description).await;
    let browser = Client::new(&description.console_url);
    browser.sign_in("operator").await;
    console.knows(&browser, paths::FINDINGS, findings).await;
    console.knows(&browser, paths::CERTIFICATES, devices).await;
    let holds = load::load(description, findings).await;
    drop(console);
    sandbox.shutdown().await;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(many: u32) -> ExitCode {
    let sandbox = start(40).await;
    let description = sandbox.description();
    fill_up(description, 0, FEW);
    let before = times(description, FEW).await;
    fill_up(description, FEW, many);
    let after = times(description, many).await;

    println!("{:<24} {FEW:>10} {many:>10}", "open findings");
    let mut slow = Vec::new();
    for ((page, few), (_, many)) in before.iter().zip(&after) {
        println!("{page:<24} {:>7} ms {:>7} ms", few.as_millis(), many.as_millis());
        if *many > *few * SLOWER + NOISE {
            slow.push(*page);
        }
    }
    sandbox.shutdown().await;
    if slow.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("too slow with many: {}", slow.join(", "));
    ExitCode::FAILURE
}

/// Fills the table from so many findings up to so many.
fn fill_up(sandbox: &Description, from: u32, to: u32) {
    let start = Instant::now();
    let mut fill = Command::new(std::env::current_exe().unwrap());
    fill.args(["fill", &sandbox.region, &sandbox.tables.console, &sandbox.tables.inventory])
        .args([&sandbox.authorities[0].arn, &from.to_string(), &to.to_string()])
        .envs(&sandbox.env);
    assert!(fill.status().unwrap().success(), "the table was not filled");
    println!("filled up to {to} findings in {:.1?}", start.elapsed());
}

/// How long each page takes, by its name.
async fn times(sandbox: &Description, findings: u32) -> Vec<(&'static str, Duration)> {
    let console = Console::start(sandbox).await;
    let browser = Client::new(&sandbox.console_url);
    browser.sign_in("operator").await;
    console.knows(&browser, paths::FINDINGS, findings).await;
    let list = |query: FindingQuery| paths::findings(&query);
    let last = FindingQuery { page: findings.div_ceil(PAGE_SIZE) - 1, ..FindingQuery::default() };
    let filtered = FindingQuery { severity: Some(Severity::High), ..FindingQuery::default() };
    let overdue = FindingQuery { overdue: true, ..FindingQuery::default() };
    let issued = FindingQuery { sort: FindingSort::IssuedLast, ..FindingQuery::default() };
    let pages = [
        ("overview", paths::OVERVIEW.to_owned()),
        ("findings, first page", list(FindingQuery::default())),
        ("findings, last page", list(last)),
        ("findings, filtered", list(filtered)),
        ("findings, overdue", list(overdue)),
        ("findings, by issuance", list(issued)),
        ("findings, all that match", paths::findings_matching(&FindingQuery::default())),
        ("one finding", paths::finding(&fill::finding(&sandbox.authorities[0].arn, 0).id)),
        ("certificates", paths::CERTIFICATES.to_owned()),
        ("revocations", paths::REVOCATIONS.to_owned()),
        ("activity", paths::ACTIVITY.to_owned()),
    ];
    let mut times = Vec::new();
    for (name, path) in pages {
        let mut taken = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let answer = browser.get(&path).await;
            taken.push(start.elapsed());
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
        taken.sort();
        times.push((name, taken[ROUNDS / 2]));
    }
    times
}

/// The program that people run, in a process of its own. Dropping it kills it.
struct Console(Child);

impl Console {
    async fn start(sandbox: &Description) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--config"]).arg(&sandbox.config).envs(&sandbox.env);
        let console = Self(command.env("COUNTERSIGN_LOG", "warn").stdout(Stdio::null()).spawn().unwrap());
        let address = sandbox.console_url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
        let deadline = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(&address).await.is_err() {
            assert!(Instant::now() < deadline, "the console does not listen");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        console
    }

    /// Waits until the list has so many.
    async fn knows(&self, browser: &Client, list: &str, many: u32) {
        let (start, mut shown) = (Instant::now(), 0);
        while shown < u64::from(many) {
            assert!(start.elapsed() < PATIENCE, "{list} has {shown} of {many}");
            tokio::time::sleep(Duration::from_millis(200)).await;
            shown = total(&browser.get(list).await.text);
        }
        println!("{list}: all {many} after {:.1?}", start.elapsed());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How many rows a list says that it has: `1–50 of 100,004`.
fn total(page: &str) -> u64 {
    let foot = page.split_once("table-foot").map_or("", |(_, foot)| foot);
    let number = foot.split_once(" of ").map_or("", |(_, number)| number);
    let digits: String =
        number.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().unwrap_or(0)
}
