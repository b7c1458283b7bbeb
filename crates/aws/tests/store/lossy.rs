//! A network that carries requests to DynamoDB and loses some of them, or of the answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What of a transaction gets lost.
#[derive(Clone, Copy, Debug)]
pub enum Lost {
    Requests,
    Answers,
}

/// Where it listens, and how many it is still to lose.
pub async fn network(to: SocketAddr, lost: Lost, lose: u32) -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let left = Arc::new(AtomicU32::new(lose));
    let counter = left.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, to, lost, counter.clone()));
        }
    });
    (address, left)
}

async fn carry(mut client: TcpStream, to: SocketAddr, lost: Lost, left: Arc<AtomicU32>) -> Option<()> {
    let mut server = TcpStream::connect(to).await.ok()?;
    loop {
        let request = message(&mut client).await?;
        let is_transaction = String::from_utf8_lossy(&request).contains("TransactWriteItems");
        let take = |left: u32| left.checked_sub(1);
        let lose = is_transaction && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
        if lose && matches!(lost, Lost::Requests) {
            return None;
        }
        server.write_all(&request).await.ok()?;
        let answer = message(&mut server).await?;
        if lose {
            return None;
        }
        client.write_all(&answer).await.ok()?;
    }
}

/// One HTTP/1.1 message with a Content-Length.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        bytes.push(stream.read_u8().await.ok()?);
        if bytes.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    let start = bytes.len();
    bytes.resize(start + length, 0);
    stream.read_exact(&mut bytes[start..]).await.ok()?;
    Some(bytes)
}
