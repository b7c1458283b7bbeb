//! The whole inventory, read by several segments at once.

use domain::inventory::ReadItem;
use futures::{Stream, stream};
use tokio::sync::mpsc;

use super::UnreadableItem;
use crate::error::sdk;
use crate::{Aws, Error, Thing};

/// A page of the scan: at most 1 MB of the table.
pub type Page = Vec<Result<ReadItem, UnreadableItem>>;

impl Aws {
    /// Pages of all items, in no order, from `segments` (1 to 1,000,000) parts of the table at once. Pages wait until
    /// they are taken; dropping the stream ends the scan. What is written meanwhile may be in it or not.
    /// Call it within a Tokio runtime.
    pub fn scan_inventory(&self, segments: u32) -> impl Stream<Item = Result<Page, Error>> + use<> {
        let segments = i32::try_from(segments.clamp(1, 1_000_000)).unwrap_or(1);
        let (sender, receiver) = mpsc::channel(usize::try_from(segments).unwrap_or(1));
        for segment in 0..segments {
            let (aws, sender) = (self.clone(), sender.clone());
            tokio::spawn(async move {
                if let Err(error) = aws.scan_segment(segment, segments, &sender).await {
                    // Nobody waits for it any more when sending fails.
                    let _ = sender.send(Err(error)).await;
                }
            });
        }
        stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) })
    }

    async fn scan_segment(
        &self,
        segment: i32,
        segments: i32,
        pages: &mpsc::Sender<Result<Page, Error>>,
    ) -> Result<(), Error> {
        let inventory = self.inventory();
        let (projection, names) = inventory.projection();
        let scan = self.own.dynamodb.scan().table_name(&inventory.table).segment(segment);
        let scan = scan.total_segments(segments).projection_expression(projection);
        let mut answers = scan.set_expression_attribute_names(Some(names)).into_paginator().send();
        while let Some(answer) = answers.next().await {
            let answer = answer.map_err(sdk("dynamodb:Scan", Thing::Table, &inventory.table))?;
            let page = answer.items().iter().map(|item| inventory.read(item)).collect();
            if pages.send(Ok(page)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}
