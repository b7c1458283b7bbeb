//! The CRL as a device would read it: the object in the sandbox's bucket, not what the console says of it.

use sandbox::Description;
use x509_parser::prelude::parse_x509_crl;

use crate::verbs::until;

/// Waits until the authority's CRL lists the certificate.
pub async fn lists(sandbox: &Description, authority: &str, serial: &str) {
    let bucket = sandbox.config.parent().unwrap().join("s3").join(&sandbox.buckets.crl);
    let file = bucket.join("crl").join(format!("{authority}.crl"));
    until("the CRL's entry", async || {
        let der = std::fs::read(&file).ok()?;
        let (_, crl) = parse_x509_crl(&der).ok()?;
        let serial = serial.trim_start_matches('0');
        crl.iter_revoked_certificates()
            .any(|one| format!("{:x}", one.user_certificate) == serial)
            .then_some(())
    })
    .await;
}
