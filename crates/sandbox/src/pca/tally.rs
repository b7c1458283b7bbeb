//! What was asked of RevokeCertificate, call by call: `GET /revocations/<the authority's id>` on the endpoint. AWS has no such
//! thing; a test compares it with what it has approved. Calls are counted since the process began, revocations since ever.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Pca;
use super::call::Call;
use super::error::ApiError;
use super::store::{Authority, RevokedEntry};

/// What one authority was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many calls there were, understood or not.
    pub calls: u64,
    /// How many of them were refused because there were too many.
    pub throttled: u64,
    /// By serial number: lower-case hex without colons and leading zeros.
    pub certificates: BTreeMap<String, Certificate>,
}

/// What was asked about one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub calls: u64,
    /// How many of the calls have revoked it, or said so.
    pub succeeded: u64,
    /// Why it is revoked, as the API names it: by whatever call.
    pub reason: Option<String>,
}

/// By the authority's ARN.
#[derive(Default)]
pub struct Tallies(Mutex<HashMap<String, Tally>>);

impl Tallies {
    /// Counts a call that reaches RevokeCertificate. Gives back which one it is, from 0.
    pub fn call(&self, parameters: &Value) -> u64 {
        self.change(parameters, |tally, serial| {
            tally.calls += 1;
            tally.certificates.entry(serial).or_default().calls += 1;
            tally.calls - 1
        })
    }

    /// Counts what came of one.
    pub fn answered(&self, Call { parameters, answer, .. }: &Call) {
        self.change(parameters, |tally, serial| match answer {
            Ok(_) => tally.certificates.entry(serial).or_default().succeeded += 1,
            Err(error) if error.code == ApiError::throttled("").code => tally.throttled += 1,
            Err(_) => {}
        });
    }

    fn change<T>(&self, parameters: &Value, change: impl FnOnce(&mut Tally, String) -> T) -> T {
        let text = |name| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        let authority = text("CertificateAuthorityArn").to_owned();
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(tallies.entry(authority).or_default(), plain(&text("CertificateSerial").replace(':', "")))
    }
}

fn plain(serial: &str) -> String {
    serial.trim_start_matches('0').to_lowercase()
}

impl Pca {
    /// What the authority of this id was asked.
    pub fn tally(&self, authority: &str) -> Result<Tally, ApiError> {
        let arn = self.authority_arn(authority);
        let tallies = self.0.tallies.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tally = tallies.get(&arn).cloned().unwrap_or_default();
        drop(tallies);
        let db = self.store().lock();
        if let Some(authority) = Authority::find(&db, authority)? {
            for entry in RevokedEntry::all(&db, authority.id)? {
                let serial = plain(&hex::encode(entry.serial));
                tally.certificates.entry(serial).or_default().reason = Some(entry.reason);
            }
        }
        Ok(tally)
    }
}
