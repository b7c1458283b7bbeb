//! The identity provider's keys: read again when it is time, and what is new of them told by the ledger, so that decisions can be
//! verified when the provider has long forgotten them.

use std::sync::{Arc, Mutex};

use countersign_aws::{Aws, Error as AwsError};
use domain::ledger::decided::KEYS;
use domain::ledger::{Action, Object};

use crate::Error;
use crate::journal::{Journal, system};
use crate::lock::lock;
use crate::proofs::Proofs;

/// What was told last is kept beside what the processes were started with.
const NAME: &str = "provider keys";

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct ProviderKeys {
    pub aws: Aws,
    pub journal: Journal,
    pub proofs: Proofs,
    /// What this process has told, or seen that another one has.
    pub told: Arc<Mutex<Vec<String>>>,
}

impl ProviderKeys {
    /// # Errors
    /// The provider does not answer, or the ledger cannot be written.
    pub async fn pass(&self) -> Result<(), Error> {
        self.proofs.keep_keys().await?;
        let keys = self.proofs.keys.published().await;
        if keys.is_empty() || *lock(&self.told) == keys {
            return Ok(());
        }
        let set = format!("[{}]", keys.join(","));
        let stored = self.aws.configuration(NAME).await?;
        if stored.as_deref() != Some(&set) {
            let about = Object::Route("configuration".to_owned());
            let body = self.journal.told(system("identity provider"), Action::ProviderKeysSeen, about);
            let body = body.with_each(KEYS, keys.iter().cloned());
            let change = self.aws.configured(NAME, stored.as_deref(), &set);
            match self.journal.commit(vec![change], &body).await {
                // Another worker has told it at the same time; the next pass sees what.
                Err(AwsError::Conflict { .. }) => return Ok(()),
                done => done?,
            }
        }
        *lock(&self.told) = keys;
        Ok(())
    }
}
