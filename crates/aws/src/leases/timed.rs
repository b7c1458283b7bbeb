//! Leases that end by the clock: what `console` still uses. Goes, with [`Lease::until`], once it watches beats.

use std::time::Duration;

use domain::Timestamp;

use super::{HELD, held};
use crate::error::sdk;
use crate::item::{n, number, s};
use crate::partitions::Access;
use crate::{Aws, Change, Error, Lease, Thing, keys};

impl Aws {
    /// Takes the lease for `ttl`. `None`: somebody holds it (the caller itself, too, under another call).
    pub async fn acquire_lease_until(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Error> {
        let until = now.plus(ttl);
        let key = keys::lease(name);
        self.may(Access::Write, &key.pk)?;
        let answer = self
            .own
            .dynamodb
            .update_item()
            .table_name(self.console_table())
            .set_key(Some(key.item()))
            .update_expression("SET holder = :holder, held_until = :until, beat = :zero ADD fence :one")
            .condition_expression("attribute_not_exists(pk) OR held_until <= :now OR holder = :nobody")
            .expression_attribute_values(":holder", s(holder))
            .expression_attribute_values(":nobody", s(super::NOBODY))
            .expression_attribute_values(":until", n(until.unix()))
            .expression_attribute_values(":now", n(now.unix()))
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":one", n(1))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let item = answer.attributes.unwrap_or_default();
                let fence = number(Thing::Lease, &item, "fence")?;
                Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), fence, until }))
            }
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(None)
            }
            Err(error) => Err(sdk("dynamodb:UpdateItem", Thing::Lease, name)(error)),
        }
    }

    /// Holds on to it for `ttl` from `now`.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken it; stop at once.
    pub async fn renew_lease_until(
        &self,
        lease: &Lease,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Lease, Error> {
        let until = now.plus(ttl);
        let key = keys::lease(&lease.name);
        let set = Change::set(Thing::Lease, &lease.name, key, [("held_until", n(until.unix()))]);
        self.apply(&[set.when(HELD, held(lease))]).await?;
        Ok(Lease { until, ..lease.clone() })
    }
}
