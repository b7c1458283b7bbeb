//! What lies in a bucket.

use domain::Timestamp;
use futures::{Stream, StreamExt, TryStreamExt, stream};

use crate::error::sdk;
use crate::moment::moment;
use crate::{Aws, Error, Thing};

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    /// In bytes.
    pub size: u64,
    pub last_modified: Timestamp,
}

impl Aws {
    /// Every object whose key begins with `prefix`, by key.
    pub fn list_objects(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> impl Stream<Item = Result<Listed, Error>> + use<> {
        let resource = format!("s3://{bucket}/{prefix}");
        let pages = self.reader.s3.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
        stream::unfold(pages, |mut pages| async move { pages.next().await.map(|page| (page, pages)) })
            .map(move |page| {
                let page = page.map_err(sdk("s3:ListBucket", Thing::Object, resource.clone()))?;
                let objects = page.contents.unwrap_or_default().into_iter().filter_map(listed).map(Ok);
                Ok(stream::iter(objects.collect::<Vec<_>>()))
            })
            .try_flatten()
            .boxed()
    }
}

fn listed(object: aws_sdk_s3::types::Object) -> Option<Listed> {
    Some(Listed {
        size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        last_modified: moment(object.last_modified.as_ref())?,
        key: object.key?,
    })
}
