//! `countersign health`: asks a process of this machine whether it is alive, where there is no other program that could.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::operations::HEALTH;

const PATIENCE: Duration = Duration::from_secs(3);
const ALIVE: &[u8] = b"HTTP/1.1 200 ";

/// # Errors
/// Nobody answers there, or not as a process that is alive.
pub fn health(address: SocketAddr) -> anyhow::Result<()> {
    let asked = || {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        write!(stream, "GET {HEALTH} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = [0; ALIVE.len()];
        stream.read_exact(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = asked().with_context(|| format!("{address} does not answer"))?;
    if answer != ALIVE {
        bail!("{address} is not well: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
