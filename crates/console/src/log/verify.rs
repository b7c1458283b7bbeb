//! A whole log, verified: each entry makes the files that are there, and all make the root that the checkpoint signs. One
//! bundle after the other, in bounded memory.

use domain::ledger::decided::Decided;
use domain::ledger::{Chain, Link, read};
use futures::{StreamExt, TryStreamExt, stream};
use tlog::{Checkpoint, File, Opened, Tree, WIDTH, bundle_path, entries};

use super::Log;
use crate::Error;

/// How many files are read at the same time.
const AT_ONCE: usize = 16;

/// A log that is whole.
#[derive(Clone, Debug)]
pub struct Whole {
    pub opened: Opened,
    /// How many of its entries were links of the chain that the ledger was.
    pub carried_over: u64,
    /// What it says of revocations: each of them was decided.
    pub decided: Decided,
}

/// What came of a verification.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// There is nothing: not even a checkpoint.
    Nothing,
    Whole(Whole),
    /// The first place that does not hold.
    Broken(String),
}

/// What does not hold, or why that cannot be said.
enum Stop {
    Broken(String),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Log {
    /// Verifies all of it. `since`: a checkpoint that somebody has kept, from which it must go on.
    ///
    /// # Errors
    /// The files cannot be read.
    pub async fn verify(&self, since: Option<&Checkpoint>) -> Result<Verdict, Error> {
        let signed = match self.checkpoint().await? {
            Ok(Some(signed)) => signed,
            Ok(None) if since.is_none() => return Ok(Verdict::Nothing),
            Ok(None) => return Ok(Verdict::Broken("The checkpoint is missing.".to_owned())),
            Err(why) => return Ok(Verdict::Broken(format!("The checkpoint is not to be believed: {why}."))),
        };
        match self.follow(&signed.opened.checkpoint, since).await {
            Ok((carried_over, decided)) => {
                Ok(Verdict::Whole(Whole { opened: signed.opened, carried_over, decided }))
            }
            Err(Stop::Broken(why)) => Ok(Verdict::Broken(why)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn follow(&self, at: &Checkpoint, since: Option<&Checkpoint>) -> Result<(u64, Decided), Stop> {
        if let Some(since) = since.filter(|since| since.size > at.size) {
            return Err(Stop::Broken(format!(
                "The log has shrunk: its checkpoint is of {} entries, and the one that was kept of {}.",
                at.size, since.size
            )));
        }
        let wide = WIDTH as u64;
        let bundles = (0..at.size.div_ceil(wide)).map(|number| {
            // At most 256: it fits.
            let width = (at.size - number * wide).min(wide) as usize;
            let path = bundle_path(number, width);
            async move { self.files.read(&path).await.map(|file| (path, width, file)) }
        });
        let mut bundles = std::pin::pin!(stream::iter(bundles).buffered(AT_ONCE));
        let (mut tree, mut chain, mut carried_over) = (Tree::default(), Some(Chain::default()), 0);
        let mut decided = Decided::default();
        goes_on(&tree, since)?;
        while let Some((path, width, file)) = bundles.try_next().await? {
            let file =
                file.ok_or_else(|| broken(tree.size() + 1, &format!("its bundle {path} is missing")))?;
            let entries = entries(&file.bytes)
                .map_err(|error| broken(tree.size() + 1, &format!("the bundle {path}: {error}")))?;
            if entries.len() != width {
                let count = entries.len();
                return Err(broken(
                    tree.size() + 1,
                    &format!("its bundle {path} has {count} entries and not {width}"),
                ));
            }
            let mut complete = Vec::new();
            for entry in entries {
                // Whatever a bundle holds is short enough.
                if tree.append(entry, &mut complete).is_err() {
                    return Err(broken(tree.size() + 1, "it is too long"));
                }
                carried_over += u64::from(follows(&mut chain, entry)?);
                goes_on(&tree, since)?;
                follows_from(&mut decided, tree.size(), entry)?;
            }
            self.compare(complete).await?;
        }
        self.compare(tree.partial()).await?;
        if tree.root() != at.root {
            return Err(Stop::Broken(format!(
                "The {} entries do not make the root that the checkpoint signs: the log was rewritten.",
                at.size
            )));
        }
        Ok((carried_over, decided))
    }

    /// Whether the tiles that the entries make are those that are there.
    async fn compare(&self, made: Vec<File>) -> Result<(), Stop> {
        let tiles = made.into_iter().filter(|file| !file.path.starts_with("tile/entries/"));
        let read =
            tiles.map(|made| async move { self.files.read(&made.path).await.map(|file| (made, file)) });
        let mut read = std::pin::pin!(stream::iter(read).buffered(AT_ONCE));
        while let Some((made, file)) = read.try_next().await? {
            let path = &made.path;
            let Some(file) = file else { return Err(Stop::Broken(format!("The tile {path} is missing."))) };
            if file.bytes == made.bytes {
                continue;
            }
            let hashes = made.bytes.chunks(32).zip(file.bytes.chunks(32));
            let place = hashes.take_while(|(made, there)| made == there).count();
            return Err(Stop::Broken(match entry_of(path, place) {
                Some(seq) => format!("Entry {seq} is not the one whose hash the tile {path} has."),
                None => format!("The tile {path} is not what the entries make it, from its hash {place} on."),
            }));
        }
        Ok(())
    }
}

fn broken(seq: u64, why: &str) -> Stop {
    Stop::Broken(format!("Entry {seq} cannot be verified: {why}."))
}

/// The number of the entry whose hash is at this place of a tile of the lowest level.
fn entry_of(path: &str, place: usize) -> Option<u64> {
    let number = path.strip_prefix("tile/0/")?;
    let number = number.split_once(".p/").map_or(number, |(number, _)| number);
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    Some(number.parse::<u64>().ok()? * WIDTH as u64 + u64::try_from(place).ok()? + 1)
}

fn goes_on(tree: &Tree, since: Option<&Checkpoint>) -> Result<(), Stop> {
    match since {
        Some(since) if tree.size() == since.size && tree.root() != since.root => Err(Stop::Broken(format!(
            "The log does not go on from the checkpoint of {} entries that was kept: what they were is another by now.",
            since.size
        ))),
        _ => Ok(()),
    }
}

/// Whether what it says of a revocation follows from what was decided before it.
fn follows_from(decided: &mut Decided, seq: u64, entry: &[u8]) -> Result<(), Stop> {
    if !Decided::concerns(entry) {
        return Ok(());
    }
    // What a newer version writes is none of what is known here.
    let Some(body) = std::str::from_utf8(entry).ok().and_then(|text| read(text).ok()) else { return Ok(()) };
    let followed = decided.follow(seq, &body);
    followed.map_err(|why| Stop::Broken(format!("Entry {seq} does not follow from those before it: {why}.")))
}

/// Whether it is a link of the old chain; those come first.
fn follows(chain: &mut Option<Chain>, entry: &[u8]) -> Result<bool, Stop> {
    let Some(following) = chain else { return Ok(false) };
    match std::str::from_utf8(entry).ok().and_then(Link::read) {
        Some(link) => {
            let followed = following.follow(&link);
            followed.map_err(|broken| Stop::Broken(format!("The entries carried over: {broken}.")))?;
            Ok(true)
        }
        None => {
            *chain = None;
            Ok(false)
        }
    }
}
