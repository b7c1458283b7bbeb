//! What the console tells people: a webhook, a mail server and a topic ([`mod@crate::sns`]) that take everything, and a page that shows the last of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How much of it is kept.
const KEPT: usize = 200;
/// The most bytes of a message.
const LONGEST: usize = 1 << 20;
/// What the webhook is signed with. Nothing here is secret.
pub(crate) const SECRET: &str = "of the sandbox alone, where nothing is secret";

/// What came, the last first. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Told {
    came: Arc<Mutex<VecDeque<String>>>,
}

impl Told {
    pub(crate) fn keep(&self, text: String) {
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.push_front(text);
        came.truncate(KEPT);
    }

    pub(crate) fn last(&self) -> Vec<String> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// `POST /`: a notification. `GET /`: the last ones.
    pub(crate) fn router(&self) -> Router {
        let take = async |State(told): State<Self>, body: String| {
            told.keep(body);
            StatusCode::NO_CONTENT
        };
        let show = async |State(told): State<Self>| told.last().join("\n\n");
        Router::new().route("/", get(show).post(take)).with_state(self.clone())
    }

    /// Takes e-mail until `stop`.
    pub(crate) async fn mail(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let (stream, _) = accepted?;
            let told = self.clone();
            tokio::spawn(async move {
                if let Err(error) = told.talk(stream).await {
                    tracing::warn!("a mail did not come: {error}");
                }
            });
        }
        Ok(())
    }

    /// The little of SMTP (RFC 5321) that a sender needs.
    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let (mut message, mut in_data) = (String::new(), false);
        writer.write_all(b"220 sandbox\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match (in_data, line.get(..4).unwrap_or(&line).to_ascii_uppercase().as_str()) {
                (true, ".") => {
                    self.keep(std::mem::take(&mut message));
                    in_data = false;
                    "250 kept\r\n"
                }
                (true, _) => {
                    if message.len() < LONGEST {
                        message += line.strip_prefix('.').unwrap_or(&line);
                        message.push('\n');
                    }
                    continue;
                }
                (false, "DATA") => {
                    in_data = true;
                    "354 go on\r\n"
                }
                (false, "QUIT") => {
                    writer.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                (false, "EHLO" | "MAIL" | "RCPT" | "RSET" | "NOOP") => "250 yes\r\n",
                (false, _) => "502 no\r\n",
            };
            writer.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }
}
