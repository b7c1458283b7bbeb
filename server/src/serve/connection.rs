//! Connections of strangers: how many there may be, and how long each may take over each step.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use metrics::{counter, gauge};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::io::InspectReader;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::address::{Peer, Proxies};
use super::watch::{Step, Watch, Watched};
use crate::config::Limits;

/// One address may hold this part of all connections, so that no single one can take them all. Proxies may hold all.
const SHARE: u32 = 4;
/// The most octets of a connection that are held, its headers among them.
const BUFFER: usize = 64 * 1024;
/// How long nothing is accepted after the system would not: it has run out of something.
const RESPITE: Duration = Duration::from_millis(100);

/// Answers until `stop`, and then lets requests that are under way come to their end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    proxies: Proxies,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(usize::try_from(limits.connections).unwrap_or(usize::MAX)));
    let share = (limits.connections / SHARE).max(1);
    let (seats, open) = (Seats::default(), TaskTracker::new());
    loop {
        // Whoever finds no room waits in the system's queue.
        let Some(Ok(permit)) = stop.run_until_cancelled(room.clone().acquire_owned()).await else { break };
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(RESPITE).await;
                continue;
            }
        };
        let most = if proxies.trust(peer) { u32::MAX } else { share };
        let Some(seat) = seats.take(peer, most) else {
            counter!("countersign_http_connections_cut_total", "step" => "share").increment(1);
            continue;
        };
        // Answers are written in small pieces: without this each waits for the one before it to be acknowledged.
        drop(stream.set_nodelay(true));
        let (router, stop) = (router.clone(), stop.clone());
        open.spawn(async move {
            gauge!("countersign_http_connections").increment(1);
            answer(stream, Peer(peer), router, Watch::new(limits), stop).await;
            gauge!("countersign_http_connections").decrement(1);
            drop((permit, seat));
        });
    }
    open.close();
    open.wait().await;
}

/// One connection, to its end.
async fn answer(stream: TcpStream, peer: Peer, router: Router, watch: Watch, stop: CancellationToken) {
    let reading = watch.clone();
    let stream = InspectReader::new(stream, move |octets: &[u8]| {
        if !octets.is_empty() {
            reading.pass(Step::Idle, Step::Headers);
        }
    });
    let service = service_fn(|request: Request<Incoming>| {
        watch.begin(if request.body().is_end_stream() { Step::Answer } else { Step::Body });
        let mut request = request.map(|body| Body::new(Watched::request(body, watch.clone())));
        request.extensions_mut().insert(peer);
        let (router, watch) = (router.clone(), watch.clone());
        async move {
            let response = router.oneshot(request).await?;
            Ok::<_, Infallible>(response.map(|body| Watched::answer(body, watch)))
        }
    });
    // Its own time limit does not tell idleness from headers.
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut asked = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended badly");
                }
                return;
            }
            step = watch.overdue() => {
                tracing::debug!(step = step.name(), "a connection took too long and is cut");
                counter!("countersign_http_connections_cut_total", "step" => step.name()).increment(1);
                return;
            }
            () = stop.cancelled(), if !asked => {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// How many connections each address holds. As many addresses as there are connections, at most.
#[derive(Clone, Default)]
struct Seats(Arc<Mutex<HashMap<IpAddr, u32>>>);

/// Given back when it is dropped.
struct Seat {
    seats: Seats,
    of: IpAddr,
}

impl Seats {
    /// `None`: `of` has `most` already.
    fn take(&self, of: IpAddr, most: u32) -> Option<Seat> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = held.entry(of).or_default();
        if *mine >= most {
            return None;
        }
        *mine += 1;
        Some(Seat { seats: self.clone(), of })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = held.get_mut(&self.of) {
            *mine -= 1;
            if *mine == 0 {
                held.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_by_address_and_given_back() {
        let (seats, one) = (Seats::default(), IpAddr::from([192, 0, 2, 1]));
        let mut held: Vec<Seat> = (0..3).map(|_| seats.take(one, 3).unwrap()).collect();
        assert!(seats.take(one, 3).is_none());
        assert!(seats.take(IpAddr::from([192, 0, 2, 2]), 3).is_some());
        held.pop();
        assert!(seats.take(one, 3).is_some());
        drop(held);
        assert!(seats.0.lock().unwrap().is_empty(), "nothing is remembered of those who left");
    }
}
