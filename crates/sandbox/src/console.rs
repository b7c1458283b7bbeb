//! The console as a child process: started, watched, stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

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

/// A console that runs.
pub(crate) struct Running(Child);

impl Console {
    /// Starts the console and waits until `GET /health` answers 200 on `port`.
    ///
    /// # Errors
    /// It cannot be started, ends, or is not healthy within a minute.
    pub(crate) async fn start(
        &self,
        config: &Path,
        env: &BTreeMap<String, String>,
        port: u16,
    ) -> anyhow::Result<Running> {
        let mut command = Command::new(&self.program);
        command.args(["serve", "--with-work", "--config"]).arg(config).kill_on_drop(true);
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
        let child = command.spawn().with_context(|| format!("could not start {}", self.program.display()))?;
        let mut running = Running(child);
        let deadline = Instant::now() + START;
        while !healthy(port).await {
            if let Some(status) = running.0.try_wait()? {
                bail!("the console ended while it was starting ({status}); its own message is above");
            }
            if Instant::now() > deadline {
                running.stop().await;
                bail!("the console did not answer GET /health with 200 within {} seconds", START.as_secs());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(running)
    }
}

impl Running {
    /// Waits until the console ends by itself.
    pub(crate) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.0.wait().await
    }

    /// Asks the console to stop, and kills it if it does not.
    pub(crate) async fn stop(&mut self) {
        if let Some(id) = self.0.id() {
            // The standard library can only kill; the shell's own `kill` is there on every Unix.
            let term = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await;
            if term.is_ok() && timeout(STOP, self.0.wait()).await.is_ok() {
                return;
            }
            tracing::warn!("the console did not stop when asked and is killed");
        }
        if let Err(error) = self.0.kill().await {
            tracing::warn!(%error, "the console could not be killed");
        }
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
