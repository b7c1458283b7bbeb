//! One `TransactWriteItems` call and what its answer means. Knows nothing of the ledger.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use crate::error::{is_throttling, sdk};
use crate::partitions::{Access, Partition};
use crate::{Aws, Change, Error, Thing};

/// How many changes one commit takes: a transaction has 100 actions; one of them is the ledger's, and one may be what people
/// are to be told of it.
pub const MAX_CHANGES: usize = 98;
/// The most bytes of one item, below DynamoDB's 400 KB.
pub(crate) const MAX_ITEM: usize = 400 * 1024;

const OPERATION: &str = "dynamodb:TransactWriteItems";
/// The same call is being done right now.
const UNDER_WAY: &str = "TransactionInProgressException";

/// What became of a transaction.
pub(crate) enum Transaction {
    Done,
    /// The conditions of the changes at these places do not hold. Nothing was written.
    Refused(Vec<usize>),
    /// Another transaction was in the way, or AWS is throttling. Nothing was written.
    Busy,
}

impl Aws {
    /// Does all changes or none. Use [`Aws::commit`] for everything that the ledger must tell of.
    ///
    /// # Errors
    /// [`Error::Conflict`] names the first change whose condition does not hold.
    pub async fn apply(&self, changes: &[Change]) -> Result<(), Error> {
        let mut backoff = Backoff::default();
        loop {
            match self.transact(changes).await? {
                Transaction::Done => {
                    if have_news(changes) {
                        self.wake().await;
                    }
                    return Ok(());
                }
                Transaction::Refused(places) => return Err(refusal(changes, &places)),
                Transaction::Busy if backoff.wait().await => {}
                Transaction::Busy => {
                    let resource = self.console_table().to_owned();
                    return Err(Error::Throttled { operation: OPERATION, resource });
                }
            }
        }
    }

    /// One call. The SDK repeats it under one client request token, so that a lost answer does no harm.
    pub(crate) async fn transact(&self, changes: &[Change]) -> Result<Transaction, Error> {
        self.transact_once(changes, &uuid::Uuid::new_v4().simple().to_string()).await
    }

    /// One call. What was done under this token within ten minutes is not done again.
    pub(crate) async fn transact_once(&self, changes: &[Change], token: &str) -> Result<Transaction, Error> {
        changes.iter().try_for_each(|change| self.may(change.access(), change.partition()))?;
        let table = self.console_table();
        if let Some(change) = changes.iter().find(|change| change.size() > MAX_ITEM) {
            let resource = format!("the {} {:.100}", change.what, change.id);
            let reason = format!("it has {} bytes, and an item of DynamoDB 400 KB at most", change.size());
            return Err(Error::invalid(OPERATION, resource, reason));
        }
        let actions = changes.iter().map(|change| change.action(table)).collect::<Result<Vec<_>, _>>();
        let actions = actions.map_err(|error| Error::invalid(OPERATION, table, error))?;
        let call = self.own.dynamodb.transact_write_items().client_request_token(token);
        let call = call.set_transact_items(Some(actions)).send().await;
        match call {
            Ok(_) => Ok(Transaction::Done),
            Err(error) => match canceled(&error) {
                Some(reasons) => judge(reasons, table),
                None if error.code().is_some_and(|code| is_throttling(code) || code == UNDER_WAY) => {
                    Ok(Transaction::Busy)
                }
                None => Err(sdk(OPERATION, Thing::Table, table)(error)),
            },
        }
    }
}

/// Whether any of these is news to other processes.
fn have_news(changes: &[Change]) -> bool {
    let written = changes.iter().filter(|change| change.access() == Access::Write);
    written.filter_map(|change| Partition::of(change.partition())).any(Partition::is_news)
}

fn canceled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            Some(canceled.cancellation_reasons())
        }
        _ => None,
    }
}

fn judge(reasons: &[CancellationReason], table: &str) -> Result<Transaction, Error> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let failed = |(place, reason): (usize, &CancellationReason)| {
        (code(reason) == "ConditionalCheckFailed").then_some(place)
    };
    let places: Vec<usize> = reasons.iter().enumerate().filter_map(failed).collect();
    if !places.is_empty() {
        return Ok(Transaction::Refused(places));
    }
    match reasons.iter().find(|reason| code(reason) != "None") {
        Some(reason) if !is_throttling(&code(reason)) => {
            let text = reason.message().unwrap_or_default();
            Err(Error::invalid(OPERATION, table, format!("{}: {text}", code(reason))))
        }
        _ => Ok(Transaction::Busy),
    }
}

/// The first change whose condition did not hold, as an error.
pub(crate) fn refusal(changes: &[Change], places: &[usize]) -> Error {
    match places.first().and_then(|place| changes.get(*place)) {
        Some(change) => Error::conflict(change.what, change.id.clone()),
        None => Error::invalid(OPERATION, "an unknown change", "AWS refused a change that was not sent"),
    }
}

/// Waits that grow, with jitter, so that racing writers spread out.
#[derive(Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Enough for dozens of writers that all want to be next: about a minute in all.
    const TRIES: u32 = 120;
    const LONGEST: u64 = 800;

    /// False: it has been tried often enough.
    pub(crate) async fn wait(&mut self) -> bool {
        if self.tries == Self::TRIES {
            return false;
        }
        let ceiling = (10 << self.tries.min(7)).min(Self::LONGEST);
        self.tries += 1;
        tokio::time::sleep(Duration::from_millis(rand::random_range(1..=ceiling))).await;
        true
    }
}
