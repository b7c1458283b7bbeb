//! A program's time and memory.

use std::fs;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a program took, and what it said.
pub struct Measured {
    pub time: Duration,
    /// Of all its threads (Linux; elsewhere 0).
    pub processor: Duration,
    /// The most that it ever had, in MB (Linux; elsewhere 0).
    pub memory: u64,
    pub status: ExitStatus,
    pub output: String,
}

/// Runs a program to its end.
///
/// # Errors
/// It could not be started, or what it printed is not UTF-8.
pub fn measure(command: &mut Command) -> Result<Measured> {
    let (start, before) = (Instant::now(), processor());
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().context("it has no output")?;
    let reader = std::thread::spawn(move || {
        let mut output = String::new();
        stdout.read_to_string(&mut output).map(|_| output)
    });
    let file = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let status = fs::read_to_string(&file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        memory = memory.max(kilobytes.unwrap_or(0).div_ceil(1000));
        std::thread::sleep(Duration::from_millis(20));
    };
    let (time, processor) = (start.elapsed(), processor().saturating_sub(before));
    let Ok(output) = reader.join() else { bail!("its output could not be read") };
    Ok(Measured { time, processor, memory, status, output: output? })
}

/// What the programs took that this one has started and that have ended: proc(5), the fields 16 and 17 of `stat`.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(13).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}
