//! Packs of evidence: the form that asks for one, those of late, and how far one is.

use domain::views::{Pack, PackFile, PackQuery, PackView, PacksView};
use domain::{Actor, PackId};

use crate::{Console, Error};

/// How many are listed.
const SHOWN: u32 = 20;

impl Console {
    /// What would be in a pack that is asked for so, and those of late.
    ///
    /// # Errors
    /// [`Error::NotFound`]: the incident, the request or an authority; [`Error::Invalid`]: the time is none.
    pub async fn packs(&self, actor: &Actor, query: &PackQuery) -> Result<PacksView, Error> {
        self.may_pack(actor).await?;
        let of = self.pack_of(query).await?;
        Ok(PacksView { of, authorities: self.authorities(), packs: self.aws.packs(SHOWN).await? })
    }

    /// How far it is.
    pub async fn pack(&self, actor: &Actor, id: &PackId) -> Result<PackView, Error> {
        self.may_pack(actor).await?;
        Ok(PackView { pack: self.aws.pack(id).await?, authorities: self.authorities() })
    }

    /// A part of its file.
    pub async fn pack_part(
        &self,
        actor: &Actor,
        pack: &Pack,
        file: &PackFile,
        place: u64,
    ) -> Result<Vec<u8>, Error> {
        self.may_pack(actor).await?;
        Ok(self.aws.pack_part(&pack.id, file, place).await?)
    }
}
