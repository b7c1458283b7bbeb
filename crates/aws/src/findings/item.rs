//! A finding's item. Whoever can write the table can put anything there: what cannot be read is a finding that says so, for
//! one bad item must not hide the others, nor stop whoever goes through them.

use domain::Finding;

use crate::item::{Item, body, number, text};
use crate::{Error, Thing, keys};

pub(super) const VERSION: &str = "version";

/// The finding that an item of the table or of the index holds. A body that names another finding is not read.
///
/// # Errors
/// The item's key is no finding's.
pub(super) fn finding(item: &Item) -> Result<Finding, Error> {
    let key = (text(Thing::Finding, item, keys::PK)?, text(Thing::Finding, item, keys::SK)?);
    let read = body::<Finding>(Thing::Finding, item).and_then(|finding| {
        let own = keys::finding(&finding.id);
        match (own.pk.as_str(), own.sk.as_str()) == key {
            true => Ok(finding),
            false => Err(Error::invalid(
                "reading",
                format!("the finding at {} / {}", key.0, key.1),
                "it is another",
            )),
        }
    });
    read.or_else(|error| {
        let Some(id) = keys::finding_at(key.0, key.1) else { return Err(error) };
        tracing::error!(finding = %id, "a stored finding cannot be read: {error}");
        Ok(Finding::unreadable(id, number(Thing::Finding, item, VERSION).unwrap_or(0)))
    })
}
