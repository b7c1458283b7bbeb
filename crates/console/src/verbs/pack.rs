//! Taking evidence along: somebody asks for it, a worker makes the file, and whoever may read downloads it. Each of that is in the
//! ledger, with the hash of the file.

use domain::ledger::{Action, Object};
use domain::views::{Pack, PackFile, PackOf, PackQuery, Period};
use domain::{Actor, PackId, Permission};

use crate::new_id::new_id;
use crate::{Console, Error};

/// How many that are being made are looked at.
const UNDER_WAY: u32 = 200;

impl Console {
    /// Asks for all about an incident, a request, or a time and authorities. Who asks again while it is being made gets the same.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]: the incident, the request or an authority; [`Error::Invalid`]: the time is none;
    /// [`Error::Conflict`]: too many of theirs are being made.
    pub async fn order_pack(&self, actor: &Actor, query: &PackQuery) -> Result<PackId, Error> {
        self.may_pack(actor).await?;
        let of = self.pack_of(query).await?;
        let theirs = self.aws.packs_under_way(UNDER_WAY).await?.into_iter();
        let theirs: Vec<Pack> = theirs.filter(|pack| pack.by.person.id == actor.person.id).collect();
        if let Some(same) = theirs.iter().find(|pack| pack.of == of) {
            return Ok(same.id.clone());
        }
        if theirs.len() >= Pack::AT_ONCE {
            let why = format!("{} packs of yours are being made. Wait for one of them.", theirs.len());
            return Err(Error::Conflict(why));
        }
        let pack = Pack::ordered(new_id()?, actor.clone(), of, self.clock.now());
        let body = self.told(actor, Action::EvidenceBegun, object());
        let body = body.with("file", pack.of.name()).with("pack", &pack.id);
        self.journal.commit(vec![self.aws.save_pack(&pack)?], &body).await?;
        Ok(pack.id)
    }

    /// # Errors
    /// [`Error::Forbidden`]
    pub(crate) async fn may_pack(&self, actor: &Actor) -> Result<(), Error> {
        self.allowed(actor, Permission::Read, object()).await
    }

    /// What exactly is asked for.
    ///
    /// # Errors
    /// As [`Console::order_pack`].
    pub(crate) async fn pack_of(&self, query: &PackQuery) -> Result<PackOf, Error> {
        if let Some(id) = &query.incident {
            return Ok(PackOf::Incident(self.aws.incident(id).await?.id));
        }
        if let Some(id) = &query.request {
            return Ok(PackOf::Request(self.aws.request(id).await?.id));
        }
        let period = Period::of_days(query.from, query.to, self.clock.now());
        let period = period.map_err(|error| Error::invalid("to", error))?;
        let mut authorities = Vec::new();
        for id in &query.authorities {
            authorities.push(self.authority(id)?.authority.arn.id());
        }
        authorities.sort();
        authorities.dedup();
        Ok(PackOf::Period { period, authorities })
    }

    /// Somebody begins to download it. Gives it with its whole file.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`]: it is not made yet, or not kept any more.
    pub async fn take_pack(&self, actor: &Actor, id: &PackId) -> Result<(Pack, PackFile), Error> {
        self.may_pack(actor).await?;
        let pack = self.aws.pack(id).await?;
        let why = match (pack.file(self.clock.now()), pack.is_under_way()) {
            (Some(file), _) => return Ok((pack.clone(), file.clone())),
            (None, true) => "It is still being made. Its page says how far it is.",
            (None, false) => "There is no file of it any more. Ask for it again.",
        };
        Err(Error::Conflict(why.to_owned()))
    }

    /// They have all of it.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn end_pack(&self, actor: &Actor, pack: &Pack, file: &PackFile) -> Result<(), Error> {
        self.may_pack(actor).await?;
        let body = self.told(actor, Action::EvidenceTaken, object());
        let body = body.with("file", pack.of.name()).with("pack", &pack.id);
        let body = body.with("bytes", file.bytes).with("sha256", &file.sha256);
        Ok(self.journal.commit(Vec::new(), &body).await?)
    }
}

pub(crate) fn object() -> Object {
    Object::Route("evidence".to_owned())
}
