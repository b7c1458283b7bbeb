//! From an authority whose CRL is due to its signed lists in their bucket.

use anyhow::Context;
use bytes::Bytes;
use rcgen::KeyPair;

use super::super::Pca;
use super::super::crl::Publication;
use super::super::event::Event;
use super::super::stamp::Stamp;
use super::super::store::{Authority, AuthorityId, Revocation, RevokedEntry};
use super::super::troubles::CrlTrouble;
use super::super::x509::{ListEntry, reason_code, sign_list};
use super::upload::{Object, UploadError};

/// Publishes the CRLs that are due. One that cannot be written is due again after half the CRL delay; the user
/// guide says 15 minutes, of 30.
pub async fn publish_due(pca: &Pca) -> anyhow::Result<()> {
    for (authority, publication) in super::blocking(pca, due).await? {
        if let Err(error) = publish(pca, &authority, &publication).await {
            tracing::warn!(authority = authority.uuid, error = format!("{error:#}"), "CRL not published");
            super::blocking(pca, move |pca| {
                let retry = pca.now().plus(pca.options().crl_delay / 2);
                Ok(authority.crl_failed(&pca.store().lock(), retry)?)
            })
            .await?;
        }
    }
    Ok(())
}

fn due(pca: &Pca) -> anyhow::Result<Vec<(Authority, Publication)>> {
    let options = pca.options();
    let now = pca.now();
    let db = pca.store().lock();
    let mut due = Vec::new();
    for authority in Authority::page(&db, AuthorityId(0), usize::from(u16::MAX))? {
        if !matches!(authority.status(now), "ACTIVE" | "DISABLED") {
            continue;
        }
        let Some(publication) = Publication::of(&authority, &options.region)? else { continue };
        let oldest = Revocation::oldest_after(&db, authority.id, authority.crl.seen)?;
        if publication.due(&authority, oldest, options.crl_delay).is_some_and(|due| due <= now) {
            due.push((authority, publication));
        }
    }
    Ok(due)
}

struct Signed {
    /// Each with the key of its object.
    lists: Vec<(String, Vec<u8>)>,
    number: i64,
    seen: i64,
    this_update: Stamp,
}

async fn publish(pca: &Pca, authority: &Authority, publication: &Publication) -> anyhow::Result<()> {
    let id = authority.id;
    let trouble = pca.troubles(&authority.uuid).crl;
    anyhow::ensure!(trouble != Some(CrlTrouble::NotWritten), "it was told to fail");
    let (planned, bucket) = (publication.clone(), &publication.bucket);
    let signed = super::blocking(pca, move |pca| sign(pca, id, planned, trouble)).await?;
    let Signed { lists, number, seen, this_update } = signed;
    for (key, der) in lists {
        let object = Object { bucket: bucket.clone(), key, content_type: "application/pkix-crl" };
        object.put(&pca.options().s3, Bytes::from(der)).await.map_err(|error| match error {
            UploadError::Refused(reason) => anyhow::anyhow!(reason),
            UploadError::Unreachable(error) => error,
        })?;
    }
    let authority = authority.clone();
    super::blocking(pca, move |pca| {
        authority.crl_published(&pca.store().lock(), number, seen, this_update)?;
        let arn = pca.authority_arn(&authority.uuid);
        pca.observe(Event::ListPublished { authority: &arn, at: this_update });
        Ok(())
    })
    .await
}

fn sign(
    pca: &Pca,
    id: AuthorityId,
    publication: Publication,
    trouble: Option<CrlTrouble>,
) -> anyhow::Result<Signed> {
    let db = pca.store().reader()?;
    let authority = Authority::by_id(&db, id)?;
    let revoked = RevokedEntry::all(&db, id)?;
    let this_update = pca.now();
    let seen = revoked.last().map_or(authority.crl.seen, |entry| entry.id);
    // "It appears in the CRL until the certificate expires, and then in one additional CRL after expiration."
    let expired = |entry: &RevokedEntry| authority.crl.this_update.is_some_and(|last| entry.not_after < last);
    // AWS numbers its CRLs by the milliseconds of their making.
    let number = this_update.millis().max(authority.crl.number + 1);
    let certificate =
        &authority.installed.as_ref().context("an authority without a certificate")?.certificate;
    let mut lists = Vec::with_capacity(publication.lists.len());
    for list in &publication.lists {
        let on_it = |entry: &&RevokedEntry| {
            !expired(entry) && publication.list_of(&entry.serial).is_some_and(|one| one.key == list.key)
        };
        let mut entries = Vec::new();
        for entry in revoked.iter().filter(on_it) {
            let reason = reason_code(&entry.reason).context("a reason that the API does not have")?;
            entries.push(ListEntry { serial: entry.serial, revoked_at: entry.revoked_at.into(), reason });
        }
        let key = match trouble {
            Some(CrlTrouble::OtherKey) => KeyPair::generate()?,
            _ => KeyPair::try_from(authority.key.as_slice())?,
        };
        let point = match trouble {
            Some(CrlTrouble::OtherPoint) => Some(format!("{}.moved", list.url)),
            _ => list.is_partition.then(|| list.url.clone()),
        };
        let der = sign_list(
            certificate,
            key,
            u64::try_from(number)?,
            this_update.into(),
            this_update.plus(publication.validity).into(),
            &entries,
            point,
        )?;
        lists.push((list.key.clone(), der));
    }
    Ok(Signed { lists, number, seen, this_update })
}
