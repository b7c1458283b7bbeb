//! A program's time and memory.

use std::fs;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a program took, and what it said.
pub struct Measured {
    pub time: Duration,
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
    let start = Instant::now();
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
    let time = start.elapsed();
    let Ok(output) = reader.join() else { bail!("its output could not be read") };
    Ok(Measured { time, memory, status, output: output? })
}
