//! CloudTrail's public keys, asked for when a digest names one that is not known.

use std::time::Duration;

use countersign_aws::Error as AwsError;
use feeds::trail::{Digest, PublicKeys};

use super::Verifier;

/// How far around the end of a digest keys are asked for.
const AROUND: Duration = Duration::from_secs(86_400);

impl Verifier {
    /// The keys of a Region, with the one that `digest` names if CloudTrail has it.
    pub(crate) async fn public_keys(&self, region: &str, digest: &Digest) -> Result<PublicKeys, AwsError> {
        let mut regions = self.files.memory.keys.lock().await;
        let known = regions.entry(region.to_owned()).or_default();
        if known.keys.contains(&digest.fingerprint) {
            return Ok(known.keys.clone());
        }
        let question = (digest.fingerprint.clone(), digest.end.date());
        if known.asked.contains(&question) {
            return Ok(known.keys.clone());
        }
        // Not by its beginning: anybody may have written it, and CloudTrail refuses some times.
        let from = digest.end.minus(AROUND);
        let to = digest.end.plus(AROUND).min(self.clock.now().max(digest.end));
        for key in self.aws.trail_public_keys(region, from, to).await? {
            if let Err(error) = known.keys.insert(&key.fingerprint, &key.der, key.valid) {
                tracing::warn!(region, "a public key of CloudTrail is not used: {error}");
            }
        }
        known.asked.insert(question);
        Ok(known.keys.clone())
    }
}
