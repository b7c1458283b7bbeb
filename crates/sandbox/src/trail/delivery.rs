//! Delivering: the past of a new sandbox at once, and from then on what happens.

use std::time::Duration;

use anyhow::Context;
use aws_sdk_s3::primitives::ByteStream;
use futures::stream::{self, StreamExt};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::digest::{ALGORITHM, Digest};
use super::evidence::{Damage, Evidence};
use super::file::LogFile;
use super::history::Past;
use super::store::{Batch, Object};
use super::{HISTORY, Trail, noise};

/// How many objects are on their way at once.
const AT_ONCE: usize = 16;
/// Less than this would be no pause.
const SHORTEST: Duration = Duration::from_millis(50);

impl Trail {
    /// Writes what has happened so far as if it had been delivered all along, and damages it.
    pub(crate) async fn write_history(&self, damage: Damage) -> anyhow::Result<Evidence> {
        let evidence = self.blocking(move |trail| trail.plan_history(&damage)).await?;
        self.put().await?;
        Ok(evidence)
    }

    fn plan_history(&self, damage: &Damage) -> anyhow::Result<Evidence> {
        let store = &self.0.store;
        let to = self.now();
        let waiting = store.waiting(to)?;
        let done = waiting.iter().map(|record| record.id).collect();
        let records = waiting.into_iter().map(|record| (record.at, record.content)).collect();
        let from = (to - HISTORY).truncate_to_hour();
        let past = Past { bucket: &self.0.options.bucket, from, to, damage };
        let history = past.write(records, &self.0.key)?;
        let files = history.files.iter().collect();
        store.write(&Batch { done, files, digests: history.digests.iter().collect(), digested: true })?;
        Ok(history.evidence)
    }

    /// Delivers what happens until `stop`, and once more then. What S3 does not take waits.
    pub(crate) async fn serve(self, stop: CancellationToken) {
        let every = |duration: Duration| {
            let mut ticks = interval(duration.max(SHORTEST));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        let (mut files, mut digests) = (every(self.0.options.delay), every(self.0.options.digest_interval));
        let mut repeat = Repeat::default();
        loop {
            let digest = tokio::select! {
                () = stop.cancelled() => break,
                _ = files.tick() => false,
                _ = digests.tick() => true,
            };
            repeat = self.deliver(repeat, digest).await;
        }
        self.deliver(repeat, true).await;
    }

    async fn deliver(&self, mut repeat: Repeat, digest: bool) -> Repeat {
        let plan = move |trail: &Self| {
            trail.plan_file(&mut repeat)?;
            if digest {
                trail.plan_digest()?;
            }
            Ok(repeat)
        };
        let delivered = async {
            let repeat = self.blocking(plan).await?;
            self.put().await?;
            anyhow::Ok(repeat)
        };
        delivered.await.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "the trail has to wait");
            Repeat::default()
        })
    }

    /// Puts the records that wait into a file.
    fn plan_file(&self, repeat: &mut Repeat) -> anyhow::Result<()> {
        let store = &self.0.store;
        let now = self.now();
        let waiting = store.waiting(now)?;
        let (Some(oldest), Some(newest)) =
            (waiting.first().map(|one| one.at), waiting.last().map(|one| one.at))
        else {
            return Ok(());
        };
        let done = waiting.iter().map(|record| record.id).collect();
        let mut records: Vec<Value> = waiting.into_iter().map(|record| record.content).collect();
        records.extend(repeat.next(records.first()));
        records.extend(noise::between(oldest, newest));
        let file = LogFile::new(&self.0.options.bucket, records, now)?;
        store.write(&Batch { done, files: vec![&file], ..Batch::default() })
    }

    /// Signs what was delivered since the last digest, be it nothing.
    fn plan_digest(&self) -> anyhow::Result<()> {
        let store = &self.0.store;
        let to = self.now();
        let chain = store.chain()?;
        let from = chain.as_ref().map_or(to - self.0.options.digest_interval, |chain| chain.ended_at);
        if to <= from {
            return Ok(());
        }
        let files = store.undigested()?;
        let previous = chain.as_ref().map(|chain| &chain.last);
        let digest = Digest { bucket: &self.0.options.bucket, from, to, previous, files: &files };
        let signed = digest.sign(&self.0.key)?;
        store.write(&Batch { digests: vec![&signed], digested: true, ..Batch::default() })
    }

    /// Gives S3 what it does not have yet: first the files, so that a digest names none that is still on its way.
    async fn put(&self) -> anyhow::Result<()> {
        let objects = self.blocking(|trail| Ok(trail.0.store.undelivered()?)).await?;
        let (digests, files) = objects.into_iter().partition(|object| object.signature.is_some());
        self.put_all(files).await?;
        self.put_all(digests).await
    }

    async fn put_all(&self, objects: Vec<Object>) -> anyhow::Result<()> {
        // An object that is there twice would be two versions of it; so each is taken off as soon as it is there.
        let mut put = stream::iter(objects.into_iter().map(|object| self.put_object(object)))
            .buffer_unordered(AT_ONCE)
            .ready_chunks(AT_ONCE);
        while let Some(ids) = put.next().await {
            let (ids, mut failed): (Vec<_>, Vec<_>) = ids.into_iter().partition(Result::is_ok);
            let ids: Vec<i64> = ids.into_iter().flatten().collect();
            self.blocking(move |trail| Ok(trail.0.store.delivered(&ids)?)).await?;
            if let Some(Err(error)) = failed.pop() {
                return Err(error);
            }
        }
        Ok(())
    }

    async fn put_object(&self, Object { id, key, signature, body }: Object) -> anyhow::Result<i64> {
        let put = self.0.options.s3.put_object().bucket(&self.0.options.bucket).key(&key);
        let put = put.content_type("application/json").content_encoding("gzip").body(ByteStream::from(body));
        let put = match signature {
            Some(signature) => {
                put.metadata("signature", signature).metadata("signature-algorithm", ALGORITHM)
            }
            None => put,
        };
        put.send().await.with_context(|| format!("could not deliver {key}"))?;
        Ok(id)
    }

    /// Runs what signs, compresses or reads SQLite on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let trail = self.clone();
        tokio::task::spawn_blocking(move || work(&trail)).await?
    }
}

/// Now and then a file repeats an event of an earlier one.
#[derive(Default)]
struct Repeat {
    files: usize,
    earlier: Option<Value>,
}

impl Repeat {
    const EVERY: usize = 10;

    /// What a file with this record repeats.
    fn next(&mut self, record: Option<&Value>) -> Option<Value> {
        self.files += 1;
        let earlier = std::mem::replace(&mut self.earlier, record.cloned());
        earlier.filter(|_| self.files.is_multiple_of(Self::EVERY))
    }
}
