//! Making the log of the entries that have their place: bundles and tiles, and then the checkpoint.

use countersign_aws::ledger::Noted;
use domain::ledger::{Break, Chain, Link};
use futures::TryStreamExt;
use tlog::{CHECKPOINT, Checkpoint, File, Tree};
use tokio::time::Instant;

use super::Sequencer;
use crate::Error;
use crate::Signer;
use crate::abort::{Point, abort_at};
use crate::lock::lock;
use crate::log::{Files, Log};

/// How many complete files are kept until they are written.
const FILES: usize = 16;

/// The log that is made, and what signs it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub log: Log,
    pub signer: Signer,
}

/// What is known from the pass before.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// When all was done.
    pub looked: Option<Instant>,
    /// The end of the log as it was published last, and the note that says so.
    edge: Option<(Vec<u8>, Edge)>,
}

/// The end of the log.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub tree: Tree,
    /// Follows the links of the old chain as long as there are any.
    chain: Option<Chain>,
}

/// A log that was opened to be gone on with.
pub(super) struct Open<'a> {
    pub written: &'a Written,
    pub edge: Edge,
    /// The checkpoint that is to be replaced, if there is one.
    etag: Option<String>,
    /// Whether the table was held against it.
    pub compared: bool,
}

impl Sequencer {
    /// The log as it is in the bucket: its checkpoint is verified, and its last files make the checkpoint's root.
    pub(super) async fn open<'a>(&self, written: &'a Written) -> Result<Open<'a>, Error> {
        let log = &written.log;
        let signed = match log.checkpoint().await? {
            Ok(Some(signed)) => signed,
            Ok(None) => return self.begin(written).await,
            Err(why) => {
                let what = format!("The checkpoint in {} is not to be believed: {why}.", log.files);
                self.raise("checkpoint", what.clone()).await?;
                return Err(Error::internal(what));
            }
        };
        let known = lock(&self.known).edge.clone().filter(|(note, _)| *note == signed.note);
        let (edge, compared) = match known {
            Some((_, edge)) => (edge, true),
            None => (self.resume(log, &signed.opened.checkpoint).await?, false),
        };
        Ok(Open { written, edge, etag: Some(signed.etag), compared })
    }

    /// A log that has no checkpoint: a new one, unless this one was published before.
    async fn begin<'a>(&self, written: &'a Written) -> Result<Open<'a>, Error> {
        if let Some(noted) = self.aws.checkpoints_from(0, 1).await?.first() {
            let what = format!(
                "The log in {} has lost its checkpoint: it had {} entries at {}. Put it back; nothing is published until then.",
                written.log.files,
                noted.size,
                noted.at.absolute()
            );
            self.raise("checkpoint", what.clone()).await?;
            return Err(Error::internal(what));
        }
        let edge = Edge { tree: Tree::default(), chain: Some(Chain::default()) };
        Ok(Open { written, edge, etag: None, compared: true })
    }

    async fn resume(&self, log: &Log, at: &Checkpoint) -> Result<Edge, Error> {
        let mut files = Vec::new();
        for path in Tree::edge(at.size) {
            files.extend(log.files.read(&path).await?.map(|file| file.bytes));
        }
        match Tree::resume(at.size, &files) {
            Ok(tree) if tree.root() == at.root => Ok(Edge { tree, chain: None }),
            _ => {
                let what = format!(
                    "The last files of the log in {} do not make the root of its checkpoint of {} entries. Nothing is published until they do: put back the versions that did.",
                    log.files, at.size
                );
                self.raise("files", what.clone()).await?;
                Err(Error::internal(what))
            }
        }
    }

    /// Publishes the entries up to number `last`.
    pub(super) async fn publish(&self, open: Open<'_>, last: u64) -> Result<(), Error> {
        let Open { written, mut edge, etag, .. } = open;
        let size = edge.tree.size();
        if last == 0 {
            return Ok(());
        }
        if last <= size && etag.is_some() {
            // Whoever published it may have died before it was noted.
            return Ok(self.aws.note_checkpoint(Noted { size, at: self.clock.now() }).await?);
        }
        let mut complete = Vec::new();
        let mut entries = std::pin::pin!(self.aws.placed_from(size + 1));
        while let Some(entry) = entries.try_next().await? {
            if entry.seq != edge.tree.size() + 1 {
                let (expected, found) = (edge.tree.size() + 1, entry.seq);
                return Err(Error::internal(format!("entry {expected} is missing before entry {found}")));
            }
            if let Err(broken) = edge.follow(&entry.text) {
                let what = format!(
                    "The chain that the ledger was is broken, and is carried over as it is: {broken}."
                );
                self.raise("chain", what).await?;
            }
            edge.tree.append(entry.text.as_bytes(), &mut complete).map_err(Error::internal)?;
            if complete.len() >= FILES {
                self.write_all(&written.log.files, std::mem::take(&mut complete)).await?;
            }
            if entry.seq == last {
                break;
            }
        }
        complete.extend(edge.tree.partial());
        self.write_all(&written.log.files, complete).await?;
        abort_at(Point::BeforeCheckpoint);
        self.sign(written, edge, etag).await
    }

    async fn sign(&self, written: &Written, edge: Edge, etag: Option<String>) -> Result<(), Error> {
        let (size, root) = (edge.tree.size(), edge.tree.root());
        let checkpoint = Checkpoint { origin: written.log.origin.to_string(), size, root };
        let note = self.note(written, &checkpoint).await?;
        let Files::Bucket { aws, bucket, prefix } = &written.log.files else {
            return Err(Error::internal("a log is written to a bucket"));
        };
        let key = format!("{prefix}{CHECKPOINT}");
        let is_written = match &etag {
            Some(etag) => aws.put_over(bucket, &key, &note, etag).await?,
            None => aws.put_new(bucket, &key, &note).await?,
        };
        if !is_written {
            return Err(Error::Conflict("Another process has published meanwhile.".to_owned()));
        }
        abort_at(Point::AfterCheckpoint);
        self.aws.note_checkpoint(Noted { size, at: self.clock.now() }).await?;
        metrics::gauge!("countersign_ledger_published_entries").set(size as f64);
        lock(&self.known).edge = Some((note, edge));
        Ok(())
    }

    /// The checkpoint, signed.
    async fn note(&self, written: &Written, checkpoint: &Checkpoint) -> Result<Vec<u8>, Error> {
        let key = match &written.signer {
            Signer::File(key) => return checkpoint.sign(key).map_err(Error::internal),
            Signer::Kms(key) => key,
        };
        let signature = self.aws.sign_with_kms(key, &checkpoint.text()).await?;
        checkpoint.signed(&written.log.keys, signature).map_err(|_| {
            Error::internal(format!(
                "the public half of {key} is not in ledger.keys: countersign ledger key {} --kms {key} prints it",
                written.log.origin
            ))
        })
    }

    /// Writes files that no checkpoint tells of yet.
    async fn write_all(&self, files: &Files, written: Vec<File>) -> Result<(), Error> {
        let Files::Bucket { aws, bucket, prefix } = files else {
            return Err(Error::internal("a log is written to a bucket"));
        };
        for File { path, bytes } in written {
            let key = format!("{prefix}{path}");
            if aws.put_new(bucket, &key, &bytes).await? {
                abort_at(Point::AfterLogFile);
                continue;
            }
            // A process that died has written it, with the same bytes.
            let there = aws.small_object(bucket, &key).await?;
            let Some(there) = there.filter(|there| there.bytes != bytes) else { continue };
            let what = format!(
                "s3://{bucket}/{key} had another content than the entries in the table make. No checkpoint tells of it: it was made of entries that the table has lost, or by somebody else. It is replaced; look at its versions."
            );
            self.raise("files", what).await?;
            if !aws.put_over(bucket, &key, &bytes, &there.etag).await? {
                return Err(Error::Conflict("Another process writes the log.".to_owned()));
            }
        }
        Ok(())
    }
}

impl Edge {
    /// The links of the old chain come first; a chain that is broken is told of once.
    fn follow(&mut self, text: &str) -> Result<(), Break> {
        let Some(mut chain) = self.chain.take() else { return Ok(()) };
        if let Some(link) = Link::read(text) {
            chain.follow(&link)?;
            self.chain = Some(chain);
        }
        Ok(())
    }
}
