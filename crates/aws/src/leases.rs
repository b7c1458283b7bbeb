//! Leases: who may work on something now. Each taking raises a counter, so that writes of a former holder can be told
//! and refused.

use std::time::Duration;

use domain::Timestamp;

use crate::error::sdk;
use crate::item::{n, number, s};
use crate::{Aws, Change, Error, Thing, keys};

/// The right to work on something until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    /// Who holds it: one name for each taking process.
    pub holder: String,
    /// Raised by one each time the lease changes hands; what is written under it carries the number.
    pub fence: u64,
    pub until: Timestamp,
}

const HELD: &str = "holder = :holder AND fence = :fence";

impl Aws {
    /// Takes the lease for `ttl`. `None`: somebody holds it (the caller itself, too, under another call).
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, Error> {
        let until = now.plus(ttl);
        let answer = self
            .reader
            .dynamodb
            .update_item()
            .table_name(self.console_table())
            .set_key(Some(keys::lease(name).item()))
            .update_expression("SET holder = :holder, held_until = :until ADD fence :one")
            .condition_expression("attribute_not_exists(pk) OR held_until <= :now")
            .expression_attribute_values(":holder", s(holder))
            .expression_attribute_values(":until", n(until.unix()))
            .expression_attribute_values(":now", n(now.unix()))
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
    pub async fn renew_lease(&self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<Lease, Error> {
        let until = now.plus(ttl);
        self.hold_until(lease, until).await?;
        Ok(Lease { until, ..lease.clone() })
    }

    /// Gives it up, so that the next one need not wait for its end.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else has taken it.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), Error> {
        self.hold_until(lease, Timestamp::EPOCH).await
    }

    async fn hold_until(&self, lease: &Lease, until: Timestamp) -> Result<(), Error> {
        let key = keys::lease(&lease.name);
        let set = Change::set(Thing::Lease, &lease.name, key, [("held_until", n(until.unix()))]);
        self.apply(&[set.when(HELD, held(lease))]).await
    }

    /// A change that writes nothing and lets a commit pass only while nobody else has taken the lease.
    pub fn holds_lease(&self, lease: &Lease) -> Change {
        Change::check(Thing::Lease, &lease.name, keys::lease(&lease.name)).when(HELD, held(lease))
    }
}

fn held(lease: &Lease) -> [(&'static str, aws_sdk_dynamodb::types::AttributeValue); 2] {
    [(":holder", s(&lease.holder)), (":fence", n(lease.fence))]
}
