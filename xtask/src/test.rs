//! `cargo xtask test`: installs what the tests need, runs them step by step, says how long each took.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;

use crate::process::{RUSTUP, cargo, run as run_program};
use crate::profile::Profile;
use crate::wasm::{Toolchain, Warnings};
use crate::{bench, browser, build, container, lints, supply, templates};

/// Which of the tests.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// All of them, as CI runs them.
    #[default]
    All,
    /// Clippy, unit and integration tests.
    Rust,
    /// That the browser's half compiles.
    Wasm,
    /// Playwright against the sandbox.
    Browser,
    /// Formatting, and what this project forbids in its sources.
    Fmt,
    /// Small sizes of the benchmarks.
    Bench,
    /// The linters of the templates in `deploy/`, and spelling.
    Templates,
    /// What others wrote: licences, duplicates, what is unused, known weaknesses. All of them leaves out what needs a network, and says
    /// so where there is no database of weaknesses.
    Supply,
    /// The program in a read-only root, as a container runs it; not one of all.
    Container,
    /// Workers killed 200 times while they revoke 10,000 certificates; not one of all.
    Chaos,
}

type Work = fn() -> Result<()>;

/// In the order of their cost: what fails fast comes first.
const STEPS: [(&str, &[Part], Work); 15] = [
    ("formatting", &[Part::All, Part::Fmt], formatting),
    ("lints", &[Part::All, Part::Fmt], lints::run),
    ("dependencies", &[Part::All, Part::Supply], supply::dependencies),
    ("known weaknesses", &[Part::All], supply::weaknesses),
    ("advisories", &[Part::Supply], supply::advisories),
    ("templates", &[Part::All, Part::Templates], templates::lint),
    ("spelling", &[Part::All, Part::Templates], templates::spelling),
    ("programs, tests, clippy, site", &[Part::All, Part::Browser, Part::Container], || {
        build::everything(Profile::Tested, Warnings::Denied)
    }),
    ("programs, tests, clippy", &[Part::Rust, Part::Bench], || build::programs(Profile::Tested)),
    ("unit and integration tests", &[Part::All, Part::Rust], rust_tests),
    ("benchmarks, small", &[Part::All, Part::Bench], bench::small),
    ("read-only root", &[Part::Container], || container::of_build(Profile::Tested)),
    ("site: app for the browser", &[Part::Wasm], || build::site(Profile::Dev, Warnings::Denied)),
    ("domain for the browser", &[Part::All, Part::Wasm], || Toolchain::ready()?.domain()),
    ("browser tests", &[Part::All, Part::Browser], browser::run_tests),
];

/// Runs the steps of a part and prints a table of them. Stops at the first that fails. `seed`: of the chaos.
///
/// # Errors
/// That of the step that failed.
pub fn run(part: Part, seed: Option<u64>) -> Result<()> {
    if part == Part::Chaos {
        return chaos(seed);
    }
    let mut taken = Vec::new();
    let mut outcome = Ok(());
    for (name, _, work) in STEPS.iter().filter(|(_, parts, _)| parts.contains(&part)) {
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let _watched = Watchdog::over(name);
        outcome = work();
        taken.push((*name, start.elapsed(), outcome.is_ok()));
        eprintln!("=== {name}: {}", minutes(start.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    table(&taken);
    if let Some(why) = supply::unknown().filter(|_| part == Part::All) {
        eprintln!("{why}");
    }
    outcome
}

/// Nothing here takes this long on two cores: a step that does has stopped, and says so while the log can be read.
const LONGEST: Duration = Duration::from_secs(40 * 60);

/// Ends the whole run when a step does not end by itself; dropped when it did.
struct Watchdog {
    _ended: mpsc::Sender<()>,
}

impl Watchdog {
    fn over(step: &'static str) -> Self {
        let (ended, waiting) = mpsc::channel::<()>();
        thread::spawn(move || {
            if waiting.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
                eprintln!("\n=== {step}: not ended after {}, given up", minutes(LONGEST));
                std::process::exit(1);
            }
        });
        Self { _ended: ended }
    }
}

fn formatting() -> Result<()> {
    run_program(cargo().args(["fmt", "--all", "--check"]), "rustup component add rustfmt")
}

/// Most tests wait most of the time: for a worker's next pass, for the sandbox.
const THREADS: &str = "6";

/// One of the tests drives the sandbox with boto3, in a virtual environment that it makes itself.
fn rust_tests() -> Result<()> {
    templates::python()?;
    let mut tests = cargo();
    Profile::Tested.flags(&mut tests);
    run_program(tests.args(["test", "--workspace"]).env("RUST_TEST_THREADS", THREADS), RUSTUP)
}

/// The test ends itself when it takes too long.
fn chaos(seed: Option<u64>) -> Result<()> {
    let mut test = cargo();
    Profile::Tested.flags(&mut test);
    test.args(["test", "--workspace", "--test", "suite", "--", "--exact", "chaos::whole"]);
    test.args(["--ignored", "--nocapture"]);
    test.envs(seed.map(|seed| ("COUNTERSIGN_CHAOS_SEED", seed.to_string())));
    run_program(&mut test, RUSTUP)
}

#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
fn table(steps: &[(&str, Duration, bool)]) {
    println!();
    for (name, time, passed) in steps {
        println!("{name:<30} {:>8}  {}", minutes(*time), if *passed { "ok" } else { "FAILED" });
    }
    let total = steps.iter().map(|(_, time, _)| *time).sum();
    let passed = steps.iter().filter(|(_, _, passed)| *passed).count();
    println!("{:<30} {:>8}", "total", minutes(total));
    println!("steps: {passed} passed, {} failed", steps.len() - passed);
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
