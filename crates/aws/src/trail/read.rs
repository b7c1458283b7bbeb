//! The files of a part, in their order.

use domain::run::Unreadable;
use domain::trail::TrailPart;
use domain::{Timestamp, foreign};
use futures::{Stream, StreamExt};

use super::events::{self, Kept};
use super::file::TrailFile;
use crate::item::{Item, body, s, text};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The files after the place `after` with their events, as they are now. One file's events are in memory at a time.
    /// A file that is added later has a higher place than all that are there. What is stored and cannot be read is told by
    /// [`TrailFile::refused`], and keeps no other file back.
    pub fn trail_files(
        &self,
        part: &TrailPart,
        after: u64,
    ) -> impl Stream<Item = Result<(TrailFile, Vec<Kept>), Error>> + use<> {
        let aws = self.clone();
        self.all(self.after(part, after)).then(move |item| {
            let aws = aws.clone();
            async move {
                let item = item?;
                let mut file = head(&item)?;
                let bytes = match aws.blob(Thing::TrailFile, &item).await {
                    Err(error @ (Error::Invalid { .. } | Error::NotFound { .. })) => {
                        damaged(&mut file, &error);
                        Vec::new()
                    }
                    bytes => bytes?,
                };
                let events = tokio::task::spawn_blocking(move || events::read(&bytes)).await;
                let (events, damage) = events.map_err(|error| Error::invalid("reading", &file.key, error))?;
                damage.iter().for_each(|error| damaged(&mut file, error));
                Ok((file, events))
            }
        })
    }

    /// The same without their events.
    pub fn trail_heads(
        &self,
        part: &TrailPart,
        after: u64,
    ) -> impl Stream<Item = Result<TrailFile, Error>> + use<> {
        self.all(self.after(part, after).projection_expression("pk, sk, body")).map(|item| head(&item?))
    }

    /// When the first file of a part was read. `None`: none was.
    pub async fn trail_read_since(&self, part: &TrailPart) -> Result<Option<Timestamp>, Error> {
        let query = self.after(part, 0).projection_expression("pk, sk, body");
        let first = self.first(query, 1).await?.pop();
        first.map(|item| Ok(head(&item)?.read_at)).transpose()
    }

    /// The file at this place, with its events. `None`: the sequence ends before it.
    pub async fn trail_file(
        &self,
        part: &TrailPart,
        seq: u64,
    ) -> Result<Option<(TrailFile, Vec<Kept>)>, Error> {
        let Some(before) = seq.checked_sub(1) else { return Ok(None) };
        let mut files = std::pin::pin!(self.trail_files(part, before).take(1));
        files.next().await.transpose()
    }

    fn after(
        &self,
        part: &TrailPart,
        after: u64,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", s(keys::trail(part)))
            .expression_attribute_values(":first", s(keys::trail_file(part, after.saturating_add(1)).sk))
            .expression_attribute_values(":last", s(keys::trail_file(part, u64::MAX).sk))
    }
}

/// The file that an item tells of. One that cannot be read keeps its place.
fn head(item: &Item) -> Result<TrailFile, Error> {
    body(Thing::TrailFile, item).or_else(|error| {
        let mut file = TrailFile {
            seq: place(item)?,
            bucket: String::new(),
            key: String::new(),
            sha256: String::new(),
            bytes: 0,
            records: 0,
            kept: 0,
            unreadable: Unreadable::default(),
            refused: None,
            delivered_at: Timestamp::EPOCH,
            read_at: Timestamp::EPOCH,
            oldest: None,
            newest: None,
        };
        damaged(&mut file, &error);
        Ok(file)
    })
}

/// Its place in the sequence, as its key says.
pub(super) fn place(item: &Item) -> Result<u64, Error> {
    let key = text(Thing::TrailFile, item, keys::SK)?;
    let place = key.strip_prefix(keys::FILE).and_then(|place| place.parse().ok());
    place.ok_or_else(|| Error::invalid("reading", format!("the log file at {key}"), "its place is no number"))
}

fn damaged(file: &mut TrailFile, error: &Error) {
    tracing::error!(key = file.key, seq = file.seq, "a stored log file cannot be read: {error}");
    let why = format!("What is stored of it cannot be read: {error}");
    file.refused.get_or_insert_with(|| foreign::short_line(&why, 300));
}
