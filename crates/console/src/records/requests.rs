//! The requests that were read to know what they have revoked, with when that took effect: for pages about a time.

use domain::revocation::{ItemProgress, ItemState, Mode, OcspSeen, Request, RequestId, RequestState};
use domain::views::{Effect, PAGE_SIZE, Period, RequestCounts, RevocationFacts};
use domain::{AuthorityId, Serial, Timestamp};
use futures::TryStreamExt;
use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::Records;
use super::rows::foreign;
use crate::Error;

/// `at`: when it was made. `effect`: of those that people have agreed to.
pub(super) const TABLE: &str = "
CREATE TABLE request (id TEXT PRIMARY KEY, at INTEGER NOT NULL, scope TEXT NOT NULL, drill INTEGER NOT NULL,
    countersigned INTEGER NOT NULL, proven INTEGER NOT NULL, alone INTEGER NOT NULL, body TEXT NOT NULL, effect TEXT)
    WITHOUT ROWID;
CREATE INDEX request_at ON request (at, id, scope, drill, countersigned, proven, alone);";

const WRITE: &str = "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
     countersigned = excluded.countersigned, proven = excluded.proven, body = excluded.body, \
     effect = ifnull(excluded.effect, effect) WHERE body <> excluded.body OR excluded.effect IS NOT NULL";

/// Those of a time, and of one authority or of all.
const WHICH: &str = "at >= ?1 AND at < ?2 AND (?3 IS NULL OR scope = ?3)";

impl Records {
    /// When the revocations of a request took effect, and what it has revoked.
    pub async fn effect_of(&self, id: &RequestId) -> Result<(Effect, Vec<(Serial, Timestamp)>), Error> {
        let add = async |(mut effect, mut revoked): (Effect, Vec<_>), item: ItemProgress| {
            if let ItemState::Revoked { at, .. } = item.item {
                revoked.push((item.serial, at));
                count(&mut effect, at, &item);
            }
            Ok((effect, revoked))
        };
        Ok(self.aws.progress_of(id).try_fold(Default::default(), add).await?)
    }

    /// Keeps them, each with its effect if that was read.
    pub(super) async fn note_requests(
        &self,
        requests: impl IntoIterator<Item = (&Request, Option<Effect>)>,
    ) -> Result<(), Error> {
        let rows = requests.into_iter().map(|(request, effect)| {
            let body = serde_json::to_string(request).map_err(Error::internal)?;
            let effect = effect.as_ref().map(serde_json::to_string).transpose();
            Ok((
                request.id.as_str().to_owned(),
                request.requested_at.unix(),
                request.authority.id().to_string(),
                request.mode == Mode::Drill,
                request.state.is_countersigned(),
                request.state == RequestState::Proven,
                request.alone.is_some(),
                body,
                effect.map_err(Error::internal)?,
            ))
        });
        let rows = rows.collect::<Result<Vec<_>, Error>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let write = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(WRITE)?;
            rows.into_iter().try_for_each(|row| statement.execute(row).map(drop))
        };
        self.model.blocking(move |database| Ok(database.write(write)?)).await
    }
}

fn count(effect: &mut Effect, at: Timestamp, item: &ItemProgress) {
    effect.revoked += 1;
    effect.first = Some(effect.first.map_or(at, |first| first.min(at)));
    effect.last = effect.last.max(Some(at));
    effect.on_crl += u64::from(item.crl_at.is_some());
    effect.crl_at = effect.crl_at.max(item.crl_at);
    if let Some(OcspSeen::Revoked { since }) = item.ocsp {
        effect.by_ocsp += 1;
        effect.ocsp_at = effect.ocsp_at.max(Some(since));
    }
}

pub(super) fn counts(
    connection: &Connection,
    period: Period,
    scope: Option<&AuthorityId>,
) -> Result<RequestCounts, rusqlite::Error> {
    // How many seconds after it was made the last certificate was revoked.
    let took = "strftime('%s', json_extract(effect, '$.last')) - at";
    let of = |what: &str| format!("count(*) FILTER (WHERE {what})");
    let counted = [
        of("drill = 0"),
        of("drill = 1"),
        of("drill = 0 AND countersigned"),
        of("drill = 0 AND proven"),
        of("drill = 0 AND alone"),
        of(&format!("{took} IS NOT NULL")),
        of(&format!("{took} <= 86400")),
        of(&format!("{took} <= 432000")),
        format!("max({took})"),
    ];
    let select = format!("SELECT {} FROM request WHERE {WHICH}", counted.join(", "));
    let read = |row: &Row<'_>| {
        Ok(RequestCounts {
            all: row.get(0)?,
            drills: row.get(1)?,
            countersigned: row.get(2)?,
            proven: row.get(3)?,
            break_glass: row.get(4)?,
            carried_out: row.get(5)?,
            within_a_day: row.get(6)?,
            within_five_days: row.get(7)?,
            slowest: row.get::<_, Option<i64>>(8)?.map(|seconds| seconds.unsigned_abs()),
        })
    };
    let scope = scope.map(AuthorityId::as_str);
    connection.prepare_cached(&select)?.query_row((period.from().unix(), period.to().unix(), scope), read)
}

impl Records {
    /// One page of all of them, the newest first.
    pub async fn requests_of(
        &self,
        period: Period,
        scope: Option<AuthorityId>,
        page: u32,
    ) -> Result<Vec<RevocationFacts>, Error> {
        self.model
            .read(move |_, connection| listed(connection, "drill IN (0, 1)", period, scope.as_ref(), page))
            .await
    }
}

/// One page of those that people have agreed to and that are no drills, the newest first.
pub(super) fn countersigned(
    connection: &Connection,
    period: Period,
    scope: Option<&AuthorityId>,
    page: u32,
) -> Result<Vec<RevocationFacts>, rusqlite::Error> {
    listed(connection, "drill = 0 AND countersigned", period, scope, page)
}

/// The newest of those whose requesters execute them alone.
pub(super) fn alone(
    connection: &Connection,
    period: Period,
    scope: Option<&AuthorityId>,
) -> Result<Vec<RevocationFacts>, rusqlite::Error> {
    listed(connection, "drill = 0 AND alone", period, scope, 0)
}

fn listed(
    connection: &Connection,
    which: &str,
    period: Period,
    scope: Option<&AuthorityId>,
    page: u32,
) -> Result<Vec<RevocationFacts>, rusqlite::Error> {
    let offset = u64::from(page) * u64::from(PAGE_SIZE);
    let ids = format!(
        "SELECT id FROM request INDEXED BY request_at WHERE {WHICH} AND {which} \
         ORDER BY at DESC, id DESC LIMIT {PAGE_SIZE} OFFSET {offset}"
    );
    let select = format!("SELECT body, effect FROM request WHERE id IN ({ids}) ORDER BY at DESC, id DESC");
    let read = |row: &Row<'_>| {
        let json = |column: usize, error| foreign(column, Type::Text, error);
        let (body, effect): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let request = serde_json::from_str(&body).map_err(|error| json(0, error))?;
        let effect = effect.as_deref().map(serde_json::from_str).transpose();
        let effect = effect.map_err(|error| json(1, error))?.unwrap_or_default();
        Ok(RevocationFacts { request, effect })
    };
    let mut statement = connection.prepare_cached(&select)?;
    let scope = scope.map(AuthorityId::as_str);
    statement.query_map((period.from().unix(), period.to().unix(), scope), read)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_took_is_counted_from_when_it_was_made() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLE).unwrap();
        let at = |unix: i64| Timestamp::from_unix(unix).unwrap();
        let write = |id: &str, drill: bool, after: Option<i64>| {
            let made = 86_400 * 10;
            let last = after.map(|after| at(made + after));
            let effect = Effect { revoked: 1, last, ..Effect::default() };
            let effect = last.map(|_| serde_json::to_string(&effect).unwrap());
            connection.execute(WRITE, (id, made, "a", drill, true, false, false, "{}", effect)).unwrap();
        };
        write("1", false, Some(86_400));
        write("2", false, Some(86_401));
        write("3", false, None);
        write("4", true, None);
        // What is read again without its effect keeps it.
        write("1", false, None);
        let period = Period::new(at(0), at(86_400 * 20)).unwrap();
        let counts = counts(&connection, period, None).unwrap();
        assert_eq!((counts.all, counts.drills, counts.countersigned), (3, 1, 3));
        assert_eq!((counts.carried_out, counts.within_a_day, counts.within_five_days), (2, 1, 2));
        assert_eq!(counts.slowest, Some(86_401));
        let other = "11223344-1234-1122-2233-112233445566".parse().unwrap();
        assert_eq!(super::counts(&connection, period, Some(&other)).unwrap(), RequestCounts::default());
    }
}
