//! How fast log files are read, measured against `zcat`: `cargo xtask bench trail`.
//!
//! The files are generated, the same ones at every run, and stay in `target/bench`. The claim that this checks: one thread
//! reads them at no less than half the speed of `zcat FILES > /dev/null`, in under 200 MB.
#![expect(clippy::print_stdout, reason = "the result is what this program is run for")]

mod generate;

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use feeds::trail::LogReader;

/// At least this much of the speed of zcat.
const SPEED: f64 = 0.5;
/// At most this much memory, in MB.
const MEMORY: u64 = 200;
const ROUNDS: u32 = 3;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let good = match arguments.as_slice() {
        // What the measurement starts: a process of its own, so that its memory is its own.
        ["parse", threads, folder] => parse(threads, Path::new(folder)).map(|()| true),
        [size, threads] => measure(size, threads),
        _ => Err("usage: SIZE_IN_MB THREADS".into()),
    };
    match good {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(size: &str, threads: &str) -> Outcome<bool> {
    let bytes = size.parse::<u64>()? * 1_000_000;
    let trail = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/bench/trail-{size}mb"));
    let folder = trail.join(generate::FOLDER);
    generate::files(&folder, bytes)?;
    let files = list(&folder)?;
    let packed: u64 = files.iter().map(|file| file.metadata().map_or(0, |about| about.len())).sum();
    println!("{} files, {} MB gzipped, in {}", files.len(), packed / 1_000_000, folder.display());
    let (mut zcat, mut ours) = (Duration::MAX, Duration::MAX);
    let mut said = String::new();
    for round in 0..=ROUNDS {
        let start = Instant::now();
        let status = Command::new("zcat").args(&files).stdout(Stdio::null()).status()?;
        let (zcat_now, start) = (start.elapsed(), Instant::now());
        let output = Command::new(std::env::current_exe()?)
            .args(["parse", threads])
            .arg(&folder)
            .stderr(Stdio::inherit())
            .output()?;
        let ours_now = start.elapsed();
        if !(status.success() && output.status.success()) {
            return Err("zcat or the reader failed".into());
        }
        said = String::from_utf8(output.stdout)?;
        // The first round only brings the files into memory.
        if round > 0 {
            println!("round {round}: zcat {zcat_now:.2?}, ours {ours_now:.2?}");
            (zcat, ours) = (zcat.min(zcat_now), ours.min(ours_now));
        }
    }
    let numbers: Vec<u64> = said.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let &[plain, records, kept, unreadable, memory] = numbers.as_slice() else {
        return Err(format!("the reader said {said:?}").into());
    };
    let rate = |time: Duration| plain as f64 / 1e6 / time.as_secs_f64();
    let ratio = zcat.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{} MB uncompressed, {records} records, {kept} kept, {unreadable} unreadable",
        plain / 1_000_000
    );
    println!(
        "zcat {:.0} MB/s, ours {:.0} MB/s with {threads} thread(s), best of {ROUNDS}",
        rate(zcat),
        rate(ours)
    );
    println!("{ratio:.2} of the speed of zcat (at least {SPEED}), {memory} MB of memory (at most {MEMORY})");
    Ok(ratio >= SPEED && memory <= MEMORY && unreadable == 0)
}

fn list(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
    let mut files: Vec<PathBuf> = entries?.iter().map(std::fs::DirEntry::path).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "gz"));
    files.sort();
    Ok(files)
}

/// Reads all files and says: bytes, records, kept, unreadable, memory.
fn parse(threads: &str, folder: &Path) -> Outcome<()> {
    let files = list(folder)?;
    let next = AtomicUsize::new(0);
    let work = || -> Result<[u64; 4], String> {
        let mut sums = [0; 4];
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = File::open(file).map_err(|error| error.to_string())?;
            let mut reader = LogReader::open(file).map_err(|error| error.to_string())?;
            for record in reader.by_ref() {
                std::hint::black_box(record.map_err(|error| error.to_string())?);
            }
            let summary = reader.finish();
            let counts = [summary.bytes, summary.records, summary.kept, summary.unreadable.count];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        Ok(sums)
    };
    let threads = threads.parse::<usize>()?;
    let all: Vec<Result<[u64; 4], String>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a panic".to_owned())))
            .collect()
    });
    let mut sums = [0; 4];
    for part in all {
        sums.iter_mut().zip(part?).for_each(|(sum, count)| *sum += count);
    }
    let [bytes, records, kept, unreadable] = sums;
    println!("{bytes} {records} {kept} {unreadable} {}", peak_memory()?);
    Ok(())
}

/// The most memory that this process ever had, in MB (Linux).
fn peak_memory() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes.div_ceil(1000))
}
