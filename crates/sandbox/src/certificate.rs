//! Waiting for a certificate: IssueCertificate answers before the authority has signed.

use std::time::Duration;

use anyhow::{Context, bail};
use aws_sdk_acmpca::Client;

/// Between two looks whether the certificate is there, and how many of them.
const POLL: Duration = Duration::from_millis(100);
const POLLS: u32 = 600;

/// Asks for a certificate until the authority has signed it. Returns its PEM.
pub(crate) async fn await_certificate(client: &Client, authority: &str, arn: &str) -> anyhow::Result<String> {
    for _ in 0..POLLS {
        let request = client.get_certificate().certificate_authority_arn(authority).certificate_arn(arn);
        match request.send().await {
            Ok(answer) => return answer.certificate.context("GetCertificate answered without a certificate"),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_request_in_progress_exception()) => {
                tokio::time::sleep(POLL).await;
            }
            Err(error) => return Err(error).with_context(|| format!("GetCertificate {arn}")),
        }
    }
    bail!("{arn} did not become ready")
}
