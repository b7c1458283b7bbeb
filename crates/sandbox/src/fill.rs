//! Fills a new sandbox: the fleet's certificates, issued over the last months, and the planted trouble.
//!
//! Months pass in seconds because the sandbox's clock is put back and then moved on between the batches.
//! Within a batch it runs as usual, so that the two sides agree on every time.

use std::time::Duration;

use anyhow::{Context, bail};
use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_acmpca::operation::issue_certificate::IssueCertificateError;
use aws_sdk_acmpca::types::RevocationReason;
use futures::future::try_join_all;
use time::OffsetDateTime;

use crate::authorities::{self, Authority};
use crate::clock::Clock;
use crate::fleet::{self, Device, Planned, PlantedCertificate, Trouble};
use crate::provisioning::inventory::Inventory;
use crate::provisioning::{Certificate, Issuer, Requested};
use crate::schedule::{self, Schedule, Step};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Everybody it takes to fill a sandbox.
pub(crate) struct Fill {
    pub(crate) clock: Clock,
    /// How long the authority takes for a certificate.
    pub(crate) issue_delay: Duration,
    pub(crate) crl_bucket: String,
    /// Host and port of the OCSP responder.
    pub(crate) ocsp: String,
    pub(crate) administrator: Client,
    pub(crate) root: Client,
    pub(crate) provisioning: Issuer,
    pub(crate) legacy: Issuer,
    /// Has the provisioning service's key.
    pub(crate) thief: Issuer,
    /// May look, but not issue.
    pub(crate) build: Issuer,
    pub(crate) inventory: Inventory,
}

/// A certificate in trouble that is there, or that the inventory says is there.
struct Held {
    device: Device,
    trouble: Trouble,
    serial: String,
}

/// What filling left behind, before the trail is written.
pub(crate) struct Outcome {
    pub(crate) authorities: Vec<Authority>,
    pub(crate) planted: Vec<PlantedCertificate>,
    /// When the administrator stops logging and starts it again.
    pub(crate) stopped: (OffsetDateTime, OffsetDateTime),
}

impl Fill {
    /// Creates the authorities and the fleet. Leaves the clock where it was.
    pub(crate) async fn run(&self, seed: u64, devices: u32) -> anyhow::Result<Outcome> {
        let began = self.clock.now();
        let schedule = Schedule::from(began);
        let mut left = DAY + schedule::HISTORY;
        self.clock.rewind(left.try_into()?);
        let authorities = authorities::create(&self.administrator, &self.crl_bucket, &self.ocsp).await?;

        let settle = self.issue_delay + Duration::from_secs(1);
        let mut troubled = Vec::new();
        for (at, step) in schedule.steps(fleet::plan(seed, devices)) {
            let until = (at - self.clock.now()).clamp(time::Duration::ZERO, left);
            self.clock.advance(until.try_into()?);
            left -= until;
            match step {
                Step::Issue(batch) => {
                    let requests = batch.into_iter().map(|planned| self.request(&authorities, planned));
                    let requested = try_join_all(requests).await?;
                    self.clock.advance(settle);
                    left -= settle;
                    let collections = requested
                        .into_iter()
                        .map(|(planned, on_its_way)| self.collect(&authorities, planned, on_its_way));
                    troubled.extend(try_join_all(collections).await?.into_iter().flatten());
                }
                Step::BuildLooks => {
                    self.build.client.list_certificate_authorities().send().await?;
                }
                Step::BuildTries => self.try_to_issue(&authorities[fleet::GATEWAYS]).await?,
                Step::RootLooks => {
                    let look = self.root.describe_certificate_authority();
                    look.certificate_authority_arn(&authorities[fleet::DEVICES].arn).send().await?;
                }
                Step::Revoke => {
                    for held in &troubled {
                        self.revoke(&authorities, held).await?;
                    }
                }
            }
        }
        self.clock.advance(left.try_into()?);

        let planted = troubled.into_iter().map(|held| PlantedCertificate {
            trouble: held.trouble,
            authority: authorities[held.device.authority].arn.clone(),
            serial: held.serial,
            device: held.device.id,
        });
        Ok(Outcome { planted: planted.collect(), authorities, stopped: schedule.stopped() })
    }

    fn issuer(&self, trouble: Option<Trouble>) -> &Issuer {
        match trouble {
            Some(Trouble::RogueIssuer | Trouble::LogEdited) => &self.legacy,
            Some(Trouble::StolenKey) => &self.thief,
            _ => &self.provisioning,
        }
    }

    /// Asks with a key that may not.
    async fn try_to_issue(&self, authority: &Authority) -> anyhow::Result<()> {
        let device = fleet::stranger();
        match self.build.request(&device, authority).await {
            Ok(_) => bail!("the build user may issue"),
            Err(error) if code(&error) == Some("AccessDeniedException") => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn request(
        &self,
        authorities: &[Authority],
        planned: Planned,
    ) -> anyhow::Result<(Planned, Option<Requested>)> {
        if planned.trouble == Some(Trouble::FailedIssuance) {
            return Ok((planned, None));
        }
        let authority = &authorities[planned.device.authority];
        let requested = self.issuer(planned.trouble).request(&planned.device, authority).await?;
        Ok((planned, Some(requested)))
    }

    /// Takes the certificate and records it, or not, as its trouble has it.
    async fn collect(
        &self,
        authorities: &[Authority],
        planned: Planned,
        requested: Option<Requested>,
    ) -> anyhow::Result<Option<Held>> {
        let Planned { device, trouble } = planned;
        let authority = &authorities[device.authority];
        let mut certificate = match requested {
            Some(requested) => self.issuer(trouble).collect(requested, authority).await?,
            None => Certificate::that_never_was(&device, authority, self.clock.now()),
        };
        if trouble == Some(Trouble::WrongExpiry) {
            certificate.expires_at += DAY * 30;
        }
        if !matches!(trouble, Some(Trouble::RogueIssuer | Trouble::LostWrite | Trouble::LogEdited)) {
            self.inventory.record(&device, authority, &certificate).await?;
        }
        Ok(trouble.map(|trouble| Held { device, trouble, serial: certificate.serial }))
    }

    /// Revokes at the authority, or in the inventory, or both, as the trouble has it.
    async fn revoke(&self, authorities: &[Authority], held: &Held) -> anyhow::Result<()> {
        let (at_authority, in_inventory) = match held.trouble {
            Trouble::RevokedOutside => (true, false),
            Trouble::RevokedOutsideAndRecorded => (true, true),
            Trouble::RevocationNotMade => (false, true),
            Trouble::RogueIssuer
            | Trouble::LostWrite
            | Trouble::FailedIssuance
            | Trouble::WrongExpiry
            | Trouble::StolenKey
            | Trouble::LogDeleted
            | Trouble::LogEdited
            | Trouble::Incident => (false, false),
        };
        let reason = RevocationReason::CessationOfOperation;
        if at_authority {
            self.administrator
                .revoke_certificate()
                .certificate_authority_arn(&authorities[held.device.authority].arn)
                .certificate_serial(&held.serial)
                .revocation_reason(reason.clone())
                .send()
                .await
                .with_context(|| format!("RevokeCertificate {}", held.serial))?;
        }
        if in_inventory {
            let at = self.clock.now();
            self.inventory.mark_revoked(&held.device, &held.serial, reason.as_str(), at).await?;
        }
        Ok(())
    }
}

/// The code of a refused IssueCertificate.
fn code(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<SdkError<IssueCertificateError>>().and_then(ProvideErrorMetadata::code)
}
