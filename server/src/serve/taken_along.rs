//! What the ledger is told of a file that somebody takes along.

use console::{Console, Error};
use domain::Actor;

/// Tells the ledger of a file that is there as a whole, before it leaves.
pub(super) async fn taken_along(
    console: &Console,
    actor: &Actor,
    name: &str,
    filter: &str,
    rows: usize,
) -> Result<(), Error> {
    // Boxed, or the types of the handlers' futures become too deep for the compiler.
    let under_way = Box::pin(console.begin_export(actor, name, filter, "")).await?;
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    Box::pin(console.end_export(actor, &under_way, rows, None)).await
}
