//! The public keys with which CloudTrail's digests are verified.

use aws_sdk_cloudtrail::config::{Builder, Region};
use aws_sdk_cloudtrail::primitives::DateTime;
use domain::Timestamp;

use crate::error::sdk;
use crate::moment::moment;
use crate::{Aws, Error, Thing};

/// A key that CloudTrail signed digests with, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// As digests name it.
    pub fingerprint: String,
    /// DER, PKCS #1.
    pub der: Vec<u8>,
    /// When it signs.
    pub valid: Option<(Timestamp, Timestamp)>,
}

impl Aws {
    /// The keys of a Region that were in use at any time from `from` to `to`.
    pub async fn trail_public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PublicKey>, Error> {
        let operation = "cloudtrail:ListPublicKeys";
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let call = self.own.cloudtrail.list_public_keys().set_next_token(token);
            let call =
                call.start_time(DateTime::from_secs(from.unix())).end_time(DateTime::from_secs(to.unix()));
            let there = Builder::new().region(Region::new(region.to_owned()));
            let answer = call.customize().config_override(there).send().await;
            let answer = answer.map_err(sdk(operation, Thing::PublicKey, region))?;
            let named = answer.public_key_list.unwrap_or_default().into_iter();
            keys.extend(named.filter_map(|key| {
                let valid = [&key.validity_start_time, &key.validity_end_time].map(|at| moment(at.as_ref()));
                let valid = valid[0].zip(valid[1]);
                Some(PublicKey { fingerprint: key.fingerprint?, der: key.value?.into_inner(), valid })
            }));
            token = answer.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(keys);
            }
        }
    }
}
