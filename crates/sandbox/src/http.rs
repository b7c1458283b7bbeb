//! Serving a router on a socket until the sandbox stops, and what the services of AWS have in common on the wire.

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers on `listener` until `stop`, then lets the requests that are running finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Without TCP_NODELAY an answer in two writes waits for the peer's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?)
}

/// Of `Authorization: AWS4-HMAC-SHA256 Credential=AKIA…/20260101/eu-central-1/kms/aws4_request, …` the credential: the access
/// key id, and what it signed for.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&str> {
    let signed = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    signed.split(',').find_map(|part| part.trim().strip_prefix("Credential="))
}

/// A text within XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
