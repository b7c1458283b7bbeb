//! Following the stream of the inventory, where it has one: lists know what is written a moment later, and scans are rare.

use std::time::Duration;

use countersign_aws::inventory::Follower;
use tokio::time::Instant;

use super::Records;
use crate::Error;

/// How often it is looked again for a stream where there is none.
const AGAIN: Duration = Duration::from_secs(600);

#[derive(Default)]
pub(super) struct Stream {
    follower: Option<Follower>,
    /// When it was looked for one.
    looked: Option<Instant>,
}

impl Records {
    /// Takes in what was written to the inventory since the last time, if it has a stream that can be followed.
    pub async fn follow(&self) -> Result<(), Error> {
        let mut stream = self.following.lock().await;
        if stream.follower.is_none() {
            if stream.looked.is_some_and(|at| at.elapsed() < AGAIN) {
                return Ok(());
            }
            stream.looked = Some(Instant::now());
            // What an earlier start has left is there once the file is open.
            self.model.blocking(|_| Ok(())).await?;
            let now = self.clock.now();
            let is_kept = |stream: &str| self.model.has_kept(&self.source(stream), now);
            stream.follower = match self.aws.follow_inventory(is_kept).await {
                Err(error @ countersign_aws::Error::Denied { .. }) => {
                    tracing::warn!("the inventory is scanned: its stream may not be read: {error}");
                    None
                }
                found => found?,
            };
            if let Some(follower) = &stream.follower {
                let source = self.source(follower.stream());
                match follower.is_from_the_beginning() {
                    true => self.model.go_on_following(source),
                    false => self.model.begin_following(source, self.clock.now()),
                }
            }
        }
        let Some(follower) = &mut stream.follower else { return Ok(()) };
        let taken = self.take_in_all(follower).await;
        match &taken {
            // After no answer it is read on from the same place.
            Ok(true) | Err(Error::Unavailable(_)) => return taken.map(drop),
            // What was lost is in the next scan; what is written from now on, in the stream.
            Ok(false) => *stream = Stream::default(),
            Err(_) => stream.follower = None,
        }
        self.model.stop_following().await?;
        taken.map(drop)
    }

    /// Who reads what: the same program goes on with the same stream, read by the same settings for the same authorities.
    fn source(&self, stream: &str) -> String {
        let program = std::env::current_exe().and_then(std::fs::metadata);
        let program = program.map(|file| (file.len(), file.modified().ok()));
        let authorities: Vec<&str> = self.authorities.iter().map(|one| one.arn.as_str()).collect();
        let version = env!("CARGO_PKG_VERSION");
        format!("{version} {program:?} {:?} {authorities:?} {stream}", self.aws.inventory())
    }

    /// False: something that was written is not to be had any more.
    async fn take_in_all(&self, follower: &mut Follower) -> Result<bool, Error> {
        loop {
            let now = self.clock.now();
            let Some(changes) = self.aws.followed(follower).await? else { return Ok(false) };
            let was_all = changes.is_empty();
            self.model.take_in(changes, now).await?;
            if was_all {
                return Ok(true);
            }
        }
    }
}
