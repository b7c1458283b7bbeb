//! The ledger's log: made of so many entries, and verified by the program that people run; and approvals at the same time, by a test
//! of the `console` crate.

use std::fs;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Args;
use tlog::{CHECKPOINT, Checkpoint, File, SigningKey, Tree};

use super::measure::measure;
use super::test;
use crate::build::programs;
use crate::process::{RUSTUP, program, run as run_program, within};
use crate::profile::Profile;

#[derive(Args)]
pub struct Options {
    /// How many entries the log has; made once, into target/bench.
    #[arg(long, default_value_t = MILLION)]
    pub entries: u64,
    /// How many requests are approved at the same time, and one before them; 0: none.
    #[arg(long, default_value_t = 200)]
    pub approvals: u64,
    /// Without optimisation: whether it works, not how fast.
    #[arg(long)]
    pub debug: bool,
}

const MILLION: u64 = 1_000_000;
/// For a million entries or fewer: seconds, and MB of memory.
const TIME: f64 = 10.0;
const MEMORY: u64 = 200;
const ROUNDS: u32 = 3;
const ORIGIN: &str = "bench.example/countersign";

/// # Errors
/// The log does not verify, or it takes more time or memory than it must.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(options: &Options) -> Result<()> {
    let Options { entries, approvals, debug } = *options;
    let profile = Profile::measured(debug);
    programs(profile)?;
    let folder = within(format!("target/bench/ledger-{entries}"));
    let keys = folder.join("keys");
    if !keys.exists() {
        let begun = Instant::now();
        let key = generate(&folder.join("log"), entries)?;
        fs::write(&keys, key)?;
        println!("{entries} entries appended in {:.2?}", begun.elapsed());
    }
    let (mut time, mut memory) = (f64::MAX, 0);
    for _ in 0..if debug { 1 } else { ROUNDS } {
        let mut verify = program(profile.program("countersign"));
        let took =
            measure(verify.args(["ledger", "verify"]).arg(folder.join("log")).arg("--key").arg(&keys))?;
        ensure!(
            took.status.success() && took.output.contains(&format!(": {entries} entries")),
            "{}",
            took.output
        );
        (time, memory) = (time.min(took.time.as_secs_f64()), memory.max(took.memory));
    }
    println!(
        "{entries} entries verified in {time:.2} s, {memory} MB (at most {TIME} s and {MEMORY} MB for a million)"
    );
    if approvals > 0 {
        let mut test = test(["--test", "suite"], debug);
        test.args(["--", "--exact", "decide::approvals_at_once_measured", "--ignored", "--nocapture"]);
        test.env("COUNTERSIGN_BENCH_APPROVALS", (approvals + 1).to_string());
        run_program(&mut test, RUSTUP)?;
    }
    let kept = debug || entries > MILLION || (time <= TIME && memory <= MEMORY);
    ensure!(kept, "it is slower, or takes more memory, than it must");
    Ok(())
}

/// Writes the log, and gives its public key.
fn generate(folder: &std::path::Path, entries: u64) -> Result<String> {
    let key = SigningKey::generate(ORIGIN)?;
    let (mut tree, mut files) = (Tree::default(), Vec::new());
    for number in 0..entries {
        tree.append(entry(number).as_bytes(), &mut files)?;
        write(folder, files.drain(..))?;
    }
    write(folder, tree.partial().into_iter())?;
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: tree.size(), root: tree.root() };
    fs::write(folder.join(CHECKPOINT), checkpoint.sign(&key)?)?;
    Ok(key.public().to_string())
}

fn write(folder: &std::path::Path, files: impl Iterator<Item = File>) -> Result<()> {
    for File { path, bytes } in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Of a hundred, one asks for a revocation, one approves it, one tells that it is done; the others are what a console writes all day.
fn entry(number: u64) -> String {
    let (request, place) = (number / 100, number % 100);
    let object = format!("{{\"request\":\"0193533a-0000-7000-8000-{request:012x}\"}}");
    let person = |name: &str| {
        format!(
            "{{\"person\":{{\"person\":{{\"id\":\"https://login.example.com|{name}\",\"name\":\"{name}\"}},\"roles\":[]}}}}"
        )
    };
    let (who, action, object, detail) = match place {
        0 => (
            person("anna"),
            "revocation_requested",
            object,
            "\"approvals_needed\":\"1\",\"hash\":\"h\",\"targets\":\"1\"".to_owned(),
        ),
        1 => (person("ben"), "revocation_approved", object, "\"hash\":\"h\"".to_owned()),
        2 => (
            "{\"system\":{\"part\":\"executor\"}}".to_owned(),
            "certificate_revoked",
            format!(
                "{{\"certificate\":{{\"authority\":\"arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566\",\"serial\":\"{:032x}\"}}}}",
                request + 1
            ),
            format!("\"reason\":\"KEY_COMPROMISE\",\"request\":\"0193533a-0000-7000-8000-{request:012x}\""),
        ),
        _ => (
            person("anna"),
            "signed_in",
            "\"session\"".to_owned(),
            format!("\"detail\":\"{}\"", "as everybody does, from an address of the office ".repeat(3)),
        ),
    };
    format!(
        "{{\"version\":2,\"id\":\"{number:032x}.00\",\"entry\":{{\"at\":\"2026-11-22T12:00:00Z\",\"who\":{who},\"action\":\"{action}\",\"object\":{object},\"detail\":{{{detail}}}}}}}"
    )
}
