//! Reading the console's table: one item by key, or many by partition, page after page.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{Stream, StreamExt, TryStreamExt, stream};

use crate::error::sdk;
use crate::item::{Item, s};
use crate::keys::{Key, LIST};
use crate::partitions::Access;
use crate::{Aws, Error, Thing};

const QUERY: &str = "dynamodb:Query";

impl Aws {
    /// The item as it is now. `None`: there is none.
    pub(crate) async fn item(&self, what: Thing, key: &Key) -> Result<Option<Item>, Error> {
        self.may(Access::Read, &key.pk)?;
        let get = self.own.dynamodb.get_item().table_name(self.console_table()).consistent_read(true);
        let answer = get.set_key(Some(key.item())).send().await;
        let resource = || format!("{} ({} / {})", self.console_table(), key.pk, key.sk);
        Ok(answer.map_err(|error| sdk("dynamodb:GetItem", what, resource())(error))?.item)
    }

    /// Items of one partition whose sort key begins with `prefix` (all for an empty one), as they are now.
    pub(crate) fn partition(&self, pk: impl Into<String>, prefix: &str) -> QueryFluentBuilder {
        with_prefix(self.query().consistent_read(true), "pk", "sk", pk.into(), prefix)
    }

    /// Items of one partition of the index, as they were a moment ago.
    pub(crate) fn list(&self, list_pk: impl Into<String>, prefix: &str) -> QueryFluentBuilder {
        with_prefix(self.query().index_name(LIST), "list_pk", "list_sk", list_pk.into(), prefix)
    }

    pub(crate) fn query(&self) -> QueryFluentBuilder {
        self.own.dynamodb.query().table_name(self.console_table())
    }

    /// Follows a query over all its pages.
    pub(crate) fn all(&self, query: QueryFluentBuilder) -> impl Stream<Item = Result<Item, Error>> + use<> {
        if let Err(error) = self.may_query(&query) {
            return stream::iter([Err(error)]).left_stream();
        }
        let table = self.console_table().to_owned();
        let items = query.into_paginator().items().send();
        stream::unfold(items, |mut items| async move { items.next().await.map(|item| (item, items)) })
            .map(move |item| item.map_err(sdk(QUERY, Thing::Table, table.clone())))
            .right_stream()
    }

    /// Follows a query until `limit` items are there.
    pub(crate) async fn first(&self, query: QueryFluentBuilder, limit: u32) -> Result<Vec<Item>, Error> {
        let query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        self.all(query).take(usize::try_from(limit).unwrap_or(usize::MAX)).try_collect().await
    }

    /// How many items a query finds.
    pub(crate) async fn count(&self, query: QueryFluentBuilder) -> Result<u64, Error> {
        self.may_query(&query)?;
        let mut pages = query.select(aws_sdk_dynamodb::types::Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(sdk(QUERY, Thing::Table, self.console_table()))?;
            count += u64::try_from(page.count).unwrap_or(0);
        }
        Ok(count)
    }

    /// Every query of this crate names its partition `:pk`.
    fn may_query(&self, query: &QueryFluentBuilder) -> Result<(), Error> {
        let access = if query.get_index_name().is_some() { Access::ReadIndex } else { Access::Read };
        let values = query.get_expression_attribute_values().as_ref();
        match values.and_then(|values| values.get(":pk")) {
            Some(AttributeValue::S(pk)) => self.may(access, pk),
            _ => Err(Error::invalid(QUERY, self.console_table(), "it names no partition")),
        }
    }
}

fn with_prefix(
    query: QueryFluentBuilder,
    pk_name: &str,
    sk_name: &str,
    pk: String,
    prefix: &str,
) -> QueryFluentBuilder {
    let query = query.expression_attribute_values(":pk", AttributeValue::S(pk));
    match prefix.is_empty() {
        true => query.key_condition_expression(format!("{pk_name} = :pk")),
        false => query
            .key_condition_expression(format!("{pk_name} = :pk AND begins_with({sk_name}, :prefix)"))
            .expression_attribute_values(":prefix", s(prefix)),
    }
}
