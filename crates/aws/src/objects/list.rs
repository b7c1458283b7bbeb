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
    /// Another one means other bytes.
    pub etag: Option<String>,
}

impl Aws {
    /// Every object whose key begins with `prefix`, by key.
    pub fn list_objects(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> impl Stream<Item = Result<Listed, Error>> + use<> {
        let resource = format!("s3://{bucket}/{prefix}");
        let pages = self.own.s3.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
        stream::unfold(pages, |mut pages| async move { pages.next().await.map(|page| (page, pages)) })
            .map(move |page| {
                let page = page.map_err(sdk("s3:ListBucket", Thing::Object, resource.clone()))?;
                let objects = page.contents.unwrap_or_default().into_iter().filter_map(listed).map(Ok);
                Ok(stream::iter(objects.collect::<Vec<_>>()))
            })
            .try_flatten()
            .boxed()
    }

    /// The folders right below a prefix that ends with a slash: their names without slashes, by name.
    pub async fn list_folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let resource = format!("s3://{bucket}/{prefix}");
        let list = self.own.s3.list_objects_v2().bucket(bucket).prefix(prefix).delimiter("/");
        let mut pages = list.into_paginator().send();
        let mut folders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(sdk("s3:ListBucket", Thing::Object, &resource))?;
            let names =
                page.common_prefixes.unwrap_or_default().into_iter().filter_map(|folder| folder.prefix);
            folders.extend(
                names.filter_map(|name| Some(name.strip_prefix(prefix)?.trim_end_matches('/').to_owned())),
            );
        }
        Ok(folders)
    }
}

fn listed(object: aws_sdk_s3::types::Object) -> Option<Listed> {
    Some(Listed {
        size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        last_modified: moment(object.last_modified.as_ref())?,
        key: object.key?,
        etag: object.e_tag,
    })
}
