//! The console as child processes: started, watched, stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::Description;

/// The console's program.
#[derive(Clone, Debug)]
pub struct Console {
    pub program: PathBuf,
    /// Directory of the browser's files, if the program is to be told.
    pub site: Option<PathBuf>,
}

/// How long the console may take until it is healthy, and until it has stopped.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(5);

/// A console that runs: the process that serves pages, and the worker.
pub(crate) struct Running {
    serve: Child,
    work: Child,
}

impl Console {
    /// Starts both processes and waits until `GET /health` answers 200 on `port`.
    ///
    /// # Errors
    /// One cannot be started or ends, or it is not healthy within a minute.
    pub(crate) async fn start(&self, description: &Description, port: u16) -> anyhow::Result<Running> {
        let serve = self.spawn("serve", &description.config, &description.env)?;
        let work = self.spawn("work", &description.worker_config, &description.env)?;
        let mut running = Running { serve, work };
        let deadline = Instant::now() + START;
        while !healthy(port).await {
            for child in [&mut running.serve, &mut running.work] {
                if let Some(status) = child.try_wait()? {
                    bail!("the console ended while it was starting ({status}); its own message is above");
                }
            }
            if Instant::now() > deadline {
                running.stop().await;
                bail!("the console did not answer GET /health with 200 within {} seconds", START.as_secs());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(running)
    }

    fn spawn(&self, verb: &str, config: &Path, env: &BTreeMap<String, String>) -> anyhow::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args([verb, "--config"]).arg(config).kill_on_drop(true);
        // A group of its own: a terminal's Ctrl-C reaches the sandbox alone, which stops things in their order.
        command.process_group(0);
        // Whatever AWS settings the person has must not mix with the sandbox's.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.envs(env);
        if let Some(site) = &self.site {
            command.env("LEPTOS_SITE_ROOT", site);
        }
        command.spawn().with_context(|| format!("could not start {} {verb}", self.program.display()))
    }
}

impl Running {
    /// Waits until both have ended by themselves: one goes on without the other.
    pub(crate) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        let watch = async |child: &mut Child, verb| {
            let status = child.wait().await?;
            tracing::warn!("countersign {verb} has ended ({status}); the other process goes on without it");
            std::io::Result::Ok(status)
        };
        let (serve, work) = tokio::join!(watch(&mut self.serve, "serve"), watch(&mut self.work, "work"));
        work.and(serve)
    }

    /// Asks both to stop, and kills what does not.
    pub(crate) async fn stop(&mut self) {
        tokio::join!(stop(&mut self.serve), stop(&mut self.work));
    }
}

async fn stop(child: &mut Child) {
    if let Some(id) = child.id() {
        // The standard library can only kill; the shell's own `kill` is there on every Unix.
        let term = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await;
        if term.is_ok() && timeout(STOP, child.wait()).await.is_ok() {
            return;
        }
        tracing::warn!("the console did not stop when asked and is killed");
    }
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "the console could not be killed");
    }
}

async fn healthy(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        std::io::Result::Ok(status)
    };
    timeout(Duration::from_secs(2), ask).await.is_ok_and(|answer| answer.is_ok_and(|s| &s == b"HTTP/1.1 200"))
}
