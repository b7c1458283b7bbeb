//! More certificates and reports while the sandbox runs, for whoever tries what a console makes of them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::client::Waiters;
use aws_sdk_acmpca::types::AuditReportResponseFormat::Json;

use crate::clock::Clock;
use crate::description::Description;
use crate::fleet;
use crate::keys::{AccessKey, Role};
use crate::provisioning::Issuer;

/// How long a report may take.
const PATIENCE: Duration = Duration::from_secs(30);

impl Description {
    /// Has one certificate of the authority with this ARN issued with the key of a profile, and writes no inventory. Gives
    /// its serial number: lower-case hex without colons.
    ///
    /// # Errors
    /// There is no such profile, or the CA refuses.
    pub async fn issue(&self, profile: &str, authority: &str) -> anyhow::Result<String> {
        let mut all = self.authorities.iter();
        let authority = all.find(|one| one.arn == authority).context("no such authority")?;
        let issuer = Issuer { client: self.acm_pca(profile)?, clock: Clock::system() };
        let requested = issuer.request(&fleet::stranger(), authority).await?;
        Ok(issuer.collect(requested, authority).await?.serial)
    }

    /// Has an audit report of the authority with this ARN made, and waits for it. Gives the file that its object is.
    ///
    /// # Errors
    /// The CA refuses, or the report does not come.
    pub async fn report(&self, authority: &str) -> anyhow::Result<PathBuf> {
        let client = self.acm_pca("default")?;
        let asked = client.create_certificate_authority_audit_report().certificate_authority_arn(authority);
        let asked =
            asked.s3_bucket_name(&self.buckets.reports).audit_report_response_format(Json).send().await?;
        let wait = client.wait_until_audit_report_created().certificate_authority_arn(authority);
        wait.audit_report_id(asked.audit_report_id().unwrap_or_default()).wait(PATIENCE).await?;
        let bucket = self.config.with_file_name("s3").join(&self.buckets.reports);
        Ok(bucket.join(asked.s3_key().context("a report without a key")?))
    }

    fn acm_pca(&self, profile: &str) -> anyhow::Result<Client> {
        let mut keys = self.access_keys.iter();
        let key = keys.find(|key| key.profile == profile).context("no such profile")?;
        Ok(self.endpoints.acm_pca_client(&AccessKey {
            role: Role::of_profile(profile).context("no such role")?,
            access_key_id: key.access_key_id.clone(),
            secret_access_key: key.secret_access_key.clone(),
        }))
    }
}
