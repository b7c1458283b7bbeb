//! The files of a part, in their order.

use domain::Timestamp;
use domain::trail::TrailPart;
use futures::{Stream, StreamExt};

use super::events::{self, Kept};
use super::file::TrailFile;
use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// The files after the place `after` with their events, as they are now. One file's events are in memory at a time.
    /// A file that is added later has a higher place than all that are there.
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
                let file: TrailFile = body(Thing::TrailFile, &item)?;
                let bytes = aws.blob(Thing::TrailFile, &item).await?;
                let events = tokio::task::spawn_blocking(move || events::read(&bytes)).await;
                let events = events.map_err(|error| Error::invalid("reading", &file.key, error))??;
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
        self.all(self.after(part, after).projection_expression("pk, sk, body"))
            .map(|item| body(Thing::TrailFile, &item?))
    }

    /// When the first file of a part was read. `None`: none was.
    pub async fn trail_read_since(&self, part: &TrailPart) -> Result<Option<Timestamp>, Error> {
        let query = self.after(part, 0).projection_expression("pk, sk, body");
        let first = self.first(query, 1).await?.pop();
        first.map(|item| Ok(body::<TrailFile>(Thing::TrailFile, &item)?.read_at)).transpose()
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
