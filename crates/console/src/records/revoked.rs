//! What was revoked since the reports were made: by requests of this console, by others as intact events of the trail say, and
//! by whomever, as CRLs say. All are added to the lines that are shown, and to those that are built later.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use domain::revocation::{Mode, Request, RequestId, RequestState};
use domain::{AuthorityArn, Serial, Timestamp};
use futures::TryStreamExt;
use rusqlite::{Connection, OptionalExtension};
use tokio::time::Instant;

use super::events::EVIDENCE;
use super::{Records, rows};
use crate::Error;

/// Own revocations, in the order in which they became known.
pub(super) const TABLE: &str = "CREATE TABLE revoked (number INTEGER PRIMARY KEY, authority TEXT NOT NULL, \
     serial BLOB NOT NULL, at INTEGER NOT NULL, UNIQUE (authority, serial));";

/// The `standing` of a line whose certificate is revoked: behind all times.
pub(super) const REVOKED: i64 = i64::MAX;
/// A time that nobody knows.
pub(super) const UNKNOWN: i64 = i64::MAX - 1;

/// Clocks of replicas differ, and a request that its requester signs for is there up to ten minutes after the time that it bears:
/// those so much older than the newest are read again.
const OVERLAP: Duration = Duration::from_secs(900);

/// Our own rows are a claim, and a report is the CA's word: one that was made so much later than a revocation, and shows the
/// certificate in force, is right. Less may be the clocks.
const DENIED_AFTER: Duration = Duration::from_secs(900);

/// How many entries of CRLs are marked in one go.
const LISTED: i64 = 20_000;

/// Who says of a certificate that it is revoked.
const OWN: i64 = 1;
const OTHERS: i64 = 0;
const ON_CRL: i64 = 2;

/// How far the requests are in.
#[derive(Default)]
pub(super) struct Executed {
    /// Until when all requests that were made are known; `None`: none was read yet.
    since: Option<Timestamp>,
    /// Those of which more may come, however old.
    open: BTreeSet<RequestId>,
    read: HashMap<RequestId, Read>,
}

/// A request whose items were read.
struct Read {
    state: RequestState,
    executed_at: Option<Timestamp>,
    interventions: usize,
    unproven: u32,
    at: Instant,
}

impl Read {
    fn of(request: &Request) -> Self {
        let Request { state, executed_at, unproven, ref interventions, .. } = *request;
        Self { state, executed_at, interventions: interventions.len(), unproven, at: Instant::now() }
    }

    /// Nothing was revoked for it since, or learned to be. While it is carried out it is read less often the larger it is.
    fn is_enough(&self, request: &Request) -> bool {
        let pause = Duration::from_millis(request.target_count.into());
        (self.state, self.executed_at, self.interventions)
            == (request.state, request.executed_at, request.interventions.len())
            && request.unproven <= self.unproven
            && (request.state != RequestState::Executing || self.at.elapsed() < pause)
    }
}

impl Records {
    /// Reads what requests have revoked since the last time; drills revoke nothing.
    pub(super) async fn catch_up_with_requests(&self) -> Result<(), Error> {
        let mut executed = self.executed.lock().await;
        let begun = self.clock.now();
        let requests = self.aws.requests_since(executed.since.unwrap_or(Timestamp::EPOCH));
        let mut requests: Vec<Request> = requests.try_collect().await?;
        let newest: HashSet<RequestId> = requests.iter().map(|request| request.id.clone()).collect();
        // By name: one that is left for months must not have all since then read each time.
        for id in executed.open.iter().filter(|id| !newest.contains(*id)) {
            requests.push(self.aws.request(id).await?);
        }
        for request in &requests {
            let is_read = executed.read.get(&request.id).is_some_and(|read| read.is_enough(request));
            if is_read || request.mode == Mode::Drill || !request.state.is_countersigned() {
                continue;
            }
            let read = Read::of(request);
            let (effect, revoked) = self.effect_of(&request.id).await?;
            self.note_requests([(request, Some(effect))]).await?;
            if !revoked.is_empty() {
                self.model.note_revoked(request.authority.clone(), revoked).await?;
            }
            executed.read.insert(request.id.clone(), read);
        }
        let known: HashSet<&RequestId> = requests.iter().map(|request| &request.id).collect();
        executed.read.retain(|id, _| known.contains(id));
        let open = requests.iter().filter(|request| !is_over(request.state));
        executed.open = open.map(|request| request.id.clone()).collect();
        self.note_requests(requests.iter().map(|request| (request, None))).await?;
        executed.since = Some(begun.minus(OVERLAP));
        Ok(())
    }
}

/// Nothing more is revoked for it.
fn is_over(state: RequestState) -> bool {
    use RequestState::{Cancelled, Closed, Expired, Proven, Rejected};
    matches!(state, Closed | Proven | Rejected | Expired | Cancelled)
}

/// Adds own revocations; one that is there stays.
pub(super) fn add(
    connection: &Connection,
    authority: &AuthorityArn,
    revoked: &[(Serial, Timestamp)],
) -> Result<(), rusqlite::Error> {
    let insert = "INSERT OR IGNORE INTO revoked (authority, serial, at) VALUES (?, ?, ?)";
    let mut insert = connection.prepare_cached(insert)?;
    revoked.iter().try_for_each(|(serial, at)| {
        insert.execute((authority.as_str(), serial.as_bytes(), at.unix())).map(drop)
    })
}

/// When a certificate that the report shows as in force was revoked all the same: here, and not long before the report was made
/// at `made`, or by others after it; or at any time, as a CRL says: the CA signed it, and takes nothing back.
pub(super) fn revoked_since(
    connection: &Connection,
    authority: &AuthorityArn,
    serial: Serial,
    made: Option<Timestamp>,
) -> Result<Option<Timestamp>, rusqlite::Error> {
    let select = format!(
        "SELECT at FROM revoked WHERE authority = ?1 AND serial = ?2 AND at > ?4 UNION ALL SELECT time FROM trail_event \
         WHERE authority = (SELECT number FROM trail_authority WHERE arn = ?1) AND serial = ?2 AND deed = 3 \
         AND {EVIDENCE} AND time > ?3 UNION ALL SELECT l.at FROM listed l CROSS JOIN crl c ON c.number = l.crl \
         WHERE l.serial = ?2 AND c.authority = ?1 LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&select)?;
    let (others, own) = after(made);
    let found = statement
        .query_row((authority.as_str(), serial.as_bytes(), others, own), |row| rows::needed(row, 0))
        .optional()?;
    Ok(found)
}

/// Whether a report that was made at `made` and shows a certificate as in force is right against a revocation at `at`, of our own or by
/// others.
pub(crate) fn is_denied(at: Timestamp, made: Option<Timestamp>, is_own: bool) -> bool {
    let (others, own) = after(made);
    at.unix() <= if is_own { own } else { others }
}

/// After which time revocations count that a report made at `made` does not show: those by others, and our own.
fn after(made: Option<Timestamp>) -> (i64, i64) {
    let unix = |made: Option<Timestamp>| made.map_or(i64::MIN, Timestamp::unix);
    (unix(made), unix(made.map(|made| made.minus(DENIED_AFTER))))
}

/// How far lines have these revocations: the numbers of the newest own one, of the newest event and of the newest entry of a CRL.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    own: i64,
    event: i64,
    listed: i64,
}

/// What was marked.
pub(super) struct Marked {
    pub lines: usize,
    /// No more is known that is to be marked.
    pub is_all: bool,
}

/// Marks lines of the table `line` as revoked by what is newer than `reached`, which goes on: of CRLs some at a time, as they may
/// be long. `authorities`: of each, by its number, when the report was made that the lines are from.
pub(super) fn mark(
    connection: &Connection,
    line: &str,
    authorities: &[(AuthorityArn, Option<Timestamp>)],
    reached: &mut Reached,
) -> Result<Marked, rusqlite::Error> {
    let newest = "SELECT (SELECT ifnull(max(number), 0) FROM revoked), (SELECT ifnull(max(number), 0) FROM trail_event), \
                  (SELECT ifnull(max(number), 0) FROM listed)";
    let newest = connection.query_row(newest, [], |row| {
        Ok(Reached { own: row.get(0)?, event: row.get(1)?, listed: row.get(2)? })
    })?;
    let next = Reached { listed: newest.listed.min(reached.listed + LISTED), ..newest };
    let select = format!(
        "SELECT authority, serial, at, {OWN} FROM revoked WHERE number > ?1 UNION ALL SELECT a.arn, e.serial, e.time, {OTHERS} \
         FROM trail_event e NOT INDEXED JOIN trail_authority a ON a.number = e.authority \
         WHERE e.number > ?2 AND e.deed = 3 AND {EVIDENCE} UNION ALL SELECT c.authority, l.serial, l.at, {ON_CRL} \
         FROM listed l NOT INDEXED CROSS JOIN crl c ON c.number = l.crl WHERE l.number > ?3 AND l.number <= ?4"
    );
    let update = format!(
        "UPDATE {line} INDEXED BY {line}_serial SET revoked_at = ?1, standing = {REVOKED} WHERE serial = ?2 AND authority = ?3 \
         AND revoked_at IS NULL AND (in_report = 0 OR ?1 > ?4)"
    );
    let (mut select, mut update) = (connection.prepare(&select)?, connection.prepare(&update)?);
    let mut revoked = select.query((reached.own, reached.event, reached.listed, next.listed))?;
    let mut lines = 0;
    while let Some(row) = revoked.next()? {
        let (arn, at, by): (String, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
        let serial = rows::serial(row, 1)?;
        let Some(number) = authorities.iter().position(|(authority, _)| authority.as_str() == arn) else {
            continue;
        };
        let (others, own) = after(authorities.get(number).and_then(|(_, made)| *made));
        let after = match by {
            OWN => own,
            OTHERS => others,
            _ => i64::MIN,
        };
        lines += update.execute((at, serial.as_bytes(), number, after))?;
    }
    *reached = next;
    Ok(Marked { lines, is_all: next.listed == newest.listed })
}
