//! The ledger in its address.

use domain::ledger::{Action, Ending};
use domain::views::LedgerQuery;

use super::text;
use crate::address::{Pairs, Query};
use crate::error::AppError;

pub fn read_ledger(pairs: &Pairs) -> Result<LedgerQuery, AppError> {
    Ok(LedgerQuery {
        person: pairs.text("by").map(str::to_owned),
        action: pairs.one_of("action", Action::ALL, Action::name)?,
        outcome: pairs.one_of("outcome", Ending::ALL, Ending::name)?,
        about: pairs.get("about")?,
        from: pairs.moment("from")?,
        to: pairs.moment("to")?,
        before: pairs.get("before")?,
    })
}

pub(crate) fn write_ledger(query: &LedgerQuery) -> Query {
    Query::new()
        .with("by", query.person.as_deref().unwrap_or_default())
        .with("action", query.action.map_or("", Action::name))
        .with("outcome", query.outcome.map_or("", Ending::name))
        .with("about", text(query.about.as_ref()))
        .with("from", text(query.from.as_ref()))
        .with("to", text(query.to.as_ref()))
        .with("before", text(query.before.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_is_its_address() {
        let query = LedgerQuery {
            person: Some("Olivia & é".to_owned()),
            action: Some(Action::FindingDismissed),
            outcome: Some(Ending::Done),
            about: Some("finding:duplicate.a-1.0a".parse().unwrap()),
            from: Some("2026-11-22T09:00:00Z".parse().unwrap()),
            to: Some("2026-11-22T10:30:15Z".parse().unwrap()),
            before: Some(17),
        };
        assert_eq!(read_ledger(&Pairs::of(&write_ledger(&query).text())), Ok(query));
        assert_eq!(write_ledger(&LedgerQuery::default()), Query::new());
        for wrong in ["action=evil", "outcome=maybe", "about=session", "from=never", "before=-1"] {
            assert!(read_ledger(&Pairs::of(wrong)).is_err(), "{wrong}");
        }
    }
}
