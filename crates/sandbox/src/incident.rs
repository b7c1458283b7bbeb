//! A bad day: somebody has stolen the key of the field service's tablets, and has certificates issued until it is noticed.
//!
//! The calls are the thief's own, at their own times; only the wire is left out, which would take minutes for thousands.

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::KeyPair;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::authorities::Authority;
use crate::fleet::{Device, PlantedCertificate, Trouble};
use crate::keys::AccessKey;
use crate::pca::{Caller, Pca};
use crate::provisioning::{TEMPLATE, signing_request};

/// From one certificate to the next, and how long all of them take at most.
const EVERY: Duration = Duration::seconds(4);
const LONGEST: Duration = Duration::hours(6);
/// How long ago the last one is: older than the console's grace, young enough to be on its first page.
const LAST: Duration = Duration::minutes(3);
/// So many certificates are an alert of their own: the default of the console's `burst` in its `burst_within`, at
/// [`EVERY`] and faster.
pub(crate) const BURST: usize = 100;
const ADDRESS: &str = "192.0.2.199";
const AGENT: &str =
    "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.11.9";

/// Has a certificate issued for each of the devices, the last a few minutes before `now`, and writes no inventory.
///
/// # Errors
/// The authority refuses.
pub(crate) fn plant(
    pca: &Pca,
    key: &AccessKey,
    authorities: &[Authority],
    devices: Vec<Device>,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<PlantedCertificate>> {
    let count = u32::try_from(devices.len())?;
    let every = if count == 0 { EVERY } else { EVERY.min(LONGEST / count) };
    let own = KeyPair::generate()?;
    let mut planted = Vec::with_capacity(devices.len());
    for (left, device) in (0..count).rev().zip(devices) {
        let authority = &authorities[device.authority];
        let parameters = json!({
            "CertificateAuthorityArn": authority.arn,
            "Csr": STANDARD.encode(signing_request(&device, &own)?),
            "SigningAlgorithm": "SHA256WITHECDSA",
            "TemplateArn": TEMPLATE,
            "Validity": { "Type": "DAYS", "Value": device.days },
        });
        let caller = Caller {
            at: (now - LAST - every * left).into(),
            request_id: uuid::Uuid::new_v4().to_string(),
            access_key: key.access_key_id.clone(),
            principal: key.principal(),
            source_ip: ADDRESS.to_owned(),
            user_agent: AGENT.to_owned(),
        };
        let answer = pca.call(caller, "IssueCertificate", parameters).map_err(|error| anyhow!(error))?;
        let arn = answer["CertificateArn"].as_str().context("IssueCertificate answered without an ARN")?;
        planted.push(PlantedCertificate {
            trouble: Trouble::Incident,
            authority: authority.arn.clone(),
            serial: arn.rsplit('/').next().unwrap_or_default().to_owned(),
            device: device.id,
        });
    }
    Ok(planted)
}
