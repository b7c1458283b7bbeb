//! The packer: makes the files of evidence that people have asked for, one after the other. A file is kept in parts that belong to
//! one attempt, and is there only when the last write of that attempt says so: whatever happens before, another attempt begins anew.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::{Aws, Error as AwsError, Lease};
use domain::ledger::Action;
use domain::views::{Pack, PackFile};
use domain::{Permission, Timestamp};
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::abort::{Point, abort_at};
use crate::journal::system;
use crate::lease::{Leases, Pass};
use crate::verbs::pack::object;
use crate::{Console, Error};

const PACKER: &str = "packer";
/// How many orders are looked at in one pass.
const ORDERS: u32 = 20;
/// How many pieces of the file wait to be kept.
const WAITING: usize = 4;
/// How often it is told how far a file is.
const TELL: Duration = Duration::from_secs(2);
/// So long it is waited that what was committed before a pack was asked for gets its place in the ledger.
const PLACES: Duration = Duration::from_secs(600);
/// The longest file.
const LONGEST: u64 = 4 << 30;

/// Makes the file of a pack as of a moment, and hands it over piece by piece. The program gives it: it knows the formats.
pub type PackMaker = Arc<
    dyn Fn(Console, Pack, Timestamp, mpsc::Sender<Vec<u8>>) -> BoxFuture<'static, Result<Packed, Error>>
        + Send
        + Sync,
>;

/// What a file was that has been handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// Entries of the ledger that no checkpoint showed.
    pub without_proof: u64,
}

/// Makes packs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Packer {
    pub console: Console,
    pub leases: Leases,
    pub make: PackMaker,
}

/// Why an attempt has come to nothing.
enum Stop {
    /// The process is asked to stop: another one goes on.
    Asked,
    TooLong,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Packer {
    /// Makes all that was asked for.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        // Before the records are read, no list is whole.
        if !self.console.readiness().is_read() || self.aws().packs_under_way(1).await?.is_empty() {
            return Ok(Pass::Done);
        }
        self.leases.under(PACKER, |lease| Box::pin(self.work(lease, stop))).await
    }

    fn aws(&self) -> &Aws {
        &self.console.aws
    }

    async fn work(&self, lease: Lease, stop: &CancellationToken) -> Result<(), Error> {
        for one in self.aws().packs_under_way(ORDERS).await? {
            let pack = match self.aws().pack(&one.id).await {
                Err(AwsError::NotFound { .. }) => continue,
                pack => pack?,
            };
            if pack.is_under_way() && !stop.is_cancelled() {
                self.attempt(pack, &lease, stop).await?;
            }
        }
        Ok(())
    }

    async fn attempt(&self, pack: Pack, lease: &Lease, stop: &CancellationToken) -> Result<(), Error> {
        let (person, now) = (&pack.by.person, self.console.clock.now());
        let roles = self.aws().roles_of(&[person.id.clone()].into()).await?;
        if !roles.get(&person.id).is_some_and(|roles| Permission::Read.granted_to(roles)) {
            let why = format!("{} may not read here any more.", person.name);
            return self.save(&pack.failed(why, now), lease).await;
        }
        if self.aws().unplaced(1).await?.iter().any(|entry| entry.committed_at() <= pack.asked_at) {
            if now <= pack.asked_at.plus(PLACES) {
                return Ok(());
            }
            let why = "Entries of the ledger have had no place for too long: they would be missing. See the alerts.";
            return self.save(&pack.failed(why.to_owned(), now), lease).await;
        }
        if pack.begun >= Pack::TRIES {
            let why = format!("It was begun {} times and never came to its end.", pack.begun);
            return self.save(&pack.failed(why, now), lease).await;
        }
        let mut pack = pack.begins();
        self.save(&pack, lease).await?;
        match self.make(&mut pack, lease, stop).await {
            Ok(file) => self.end(&pack.ready(file), lease).await,
            Err(Stop::Asked) => Ok(()),
            Err(Stop::TooLong) => {
                let why = format!("It would be longer than {} GB. Ask for less of it.", LONGEST >> 30);
                self.save(&pack.failed(why, self.console.clock.now()), lease).await
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Makes the file and keeps it.
    async fn make(&self, pack: &mut Pack, lease: &Lease, stop: &CancellationToken) -> Result<PackFile, Stop> {
        let (attempt, now) = (uuid::Uuid::new_v4().to_string(), self.console.clock.now());
        let expires = now.plus(Pack::KEPT * 2);
        let (to, from) = mpsc::channel(WAITING);
        let making = (self.make)(self.console.clone(), pack.clone(), now, to);
        let made = async { making.await.map_err(Stop::Failed) };
        let kept = self.keep(pack, (&attempt, expires), from, lease);
        let (packed, parts) = tokio::select! {
            both = async { tokio::try_join!(made, kept) } => both?,
            () = stop.cancelled() => return Err(Stop::Asked),
        };
        let Packed { bytes, sha256, without_proof } = packed;
        Ok(PackFile { at: self.console.clock.now(), attempt, parts, bytes, sha256, without_proof })
    }

    /// Keeps what comes, in parts; gives how many they are.
    async fn keep(
        &self,
        pack: &mut Pack,
        (attempt, expires): (&str, Timestamp),
        mut from: mpsc::Receiver<Vec<u8>>,
        lease: &Lease,
    ) -> Result<u64, Stop> {
        let (mut waiting, mut parts, mut bytes, mut told) = (Vec::new(), 0, 0_u64, Instant::now());
        loop {
            let piece = from.recv().await;
            let is_last = piece.is_none();
            waiting.extend(piece.unwrap_or_default());
            while waiting.len() >= Aws::PACK_PART || (is_last && !waiting.is_empty()) {
                let part: Vec<u8> = waiting.drain(..Aws::PACK_PART.min(waiting.len())).collect();
                bytes += u64::try_from(part.len()).unwrap_or(u64::MAX);
                self.aws().put_pack_part(&pack.id, (attempt, parts), part, expires).await?;
                parts += 1;
                abort_at(Point::AfterPackPart);
            }
            if is_last {
                return Ok(parts);
            }
            if bytes > LONGEST {
                return Err(Stop::TooLong);
            }
            if told.elapsed() >= TELL {
                (*pack, told) = (pack.reached(bytes), Instant::now());
                self.save(pack, lease).await?;
            }
        }
    }

    async fn save(&self, pack: &Pack, lease: &Lease) -> Result<(), Error> {
        let held = self.aws().holds_lease(lease);
        let changes = vec![held, self.aws().save_pack(pack)?];
        Ok(self.console.journal.pass_over(&changes).await?)
    }

    /// From here on it can be downloaded.
    async fn end(&self, pack: &Pack, lease: &Lease) -> Result<(), Error> {
        let held = self.aws().holds_lease(lease);
        let changes = vec![held, self.aws().save_pack(pack)?];
        let mut body = self.console.journal.told(system(PACKER), Action::EvidenceMade, object());
        body = body.with("file", pack.of.name()).with("pack", &pack.id).with("for", &pack.by.person.id);
        if let Some(file) = pack.file(self.console.clock.now()) {
            body = body.with("bytes", file.bytes).with("sha256", &file.sha256);
            body = body.with("entries_without_proof", file.without_proof);
        }
        self.console.journal.commit(changes, &body).await?;
        Ok(())
    }
}
