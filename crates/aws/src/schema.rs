//! The console's table: what it is made like, and whether one that is there is like it. Nowhere else is this written.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, Projection, ProjectionType,
    ScalarAttributeType, TableDescription, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};

use crate::error::sdk;
use crate::{Error, Thing, keys};

/// The partition key, then the sort key; all are text.
const KEYS: [&str; 2] = [keys::PK, keys::SK];
const LIST_KEYS: [&str; 2] = [keys::LIST_PK, keys::LIST_SK];

/// How often, and how many times, is looked whether a new table can be used.
const INTERVAL: Duration = Duration::from_secs(1);
const LOOKS: u32 = 300;

/// Makes the table if it is not there, waits until it can be used, and switches on what is off: time to live,
/// point-in-time recovery, deletion protection. Gives what was done, a sentence each; nothing the second time.
///
/// # Errors
/// [`Error::Invalid`]: there is such a table, and its keys, index or billing are others; it is left as it is.
pub async fn create_console_table(client: &Client, table: &str) -> Result<Vec<String>, Error> {
    let mut done = Vec::new();
    if find(client, table).await?.is_none() {
        create(client, table).await?;
        done.push(format!("Created the table {table}."));
    }
    let description = usable(client, table).await?;
    let mut faults = shape(&description, table);
    let time_to_live = TimeToLive::of(client, table).await?;
    faults.extend(time_to_live.fault(table).filter(|_| time_to_live != TimeToLive::Off));
    if !faults.is_empty() {
        return Err(Error::invalid("making the console's table", table, faults.join(" ")));
    }
    if time_to_live == TimeToLive::Off {
        switch_on_time_to_live(client, table).await?;
        done.push(format!("Items are deleted by their attribute {}.", keys::EXPIRES));
    }
    if recovery(client, table).await? == Some(false) {
        switch_on_recovery(client, table).await?;
        done.push("It can be restored to any point in time of the last 35 days.".to_owned());
    }
    if description.deletion_protection_enabled() == Some(false) {
        let call = client.update_table().table_name(table).deletion_protection_enabled(true);
        call.send().await.map_err(sdk("dynamodb:UpdateTable", Thing::Table, table))?;
        done.push("It is protected against deletion.".to_owned());
    }
    Ok(done)
}

/// What is wrong with the table, each with its remedy; nothing if it is as [`create_console_table`] makes it.
pub(crate) async fn faults(client: &Client, table: &str) -> Result<Vec<String>, Error> {
    let description = find(client, table).await?;
    let Some(description) = description else {
        return Ok(vec![format!("There is no table {table}. Make it with countersign init.")]);
    };
    let mut faults = shape(&description, table);
    if !matches!(description.table_status(), Some(TableStatus::Active | TableStatus::Updating)) {
        faults.push(format!("The table {table} is not active. Wait until it is."));
    }
    faults.extend(TimeToLive::of(client, table).await?.fault(table));
    if recovery(client, table).await? == Some(false) {
        faults.push(format!(
            "The table {table} cannot be restored to a point in time. Switch it on with countersign init."
        ));
    }
    if description.deletion_protection_enabled() == Some(false) {
        faults.push(format!(
            "The table {table} is not protected against deletion. Switch it on with countersign init."
        ));
    }
    Ok(faults)
}

async fn create(client: &Client, table: &str) -> Result<(), Error> {
    let operation = "dynamodb:CreateTable";
    let built = || {
        let text = |name: &&str| {
            AttributeDefinition::builder()
                .attribute_name(*name)
                .attribute_type(ScalarAttributeType::S)
                .build()
        };
        let definitions: Result<Vec<_>, BuildError> = KEYS.iter().chain(&LIST_KEYS).map(text).collect();
        let list = GlobalSecondaryIndex::builder()
            .index_name(keys::LIST)
            .set_key_schema(Some(key_schema(LIST_KEYS)?))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()?;
        Ok::<_, BuildError>((definitions?, key_schema(KEYS)?, list))
    };
    let (definitions, keys, list) = built().map_err(|error| Error::invalid(operation, table, error))?;
    let call = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    let call = call.set_attribute_definitions(Some(definitions)).set_key_schema(Some(keys));
    let call = call.global_secondary_indexes(list).deletion_protection_enabled(true);
    match call.send().await {
        // Somebody else was faster: what they made is looked at.
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
        other => other.map(drop).map_err(sdk(operation, Thing::Table, table)),
    }
}

fn key_schema(keys: [&str; 2]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let element = |(key, kind)| KeySchemaElement::builder().attribute_name(key).key_type(kind).build();
    keys.into_iter().zip(kinds).map(element).collect()
}

/// `None`: there is none.
async fn find(client: &Client, table: &str) -> Result<Option<TableDescription>, Error> {
    match client.describe_table().table_name(table).send().await {
        Ok(answer) => Ok(answer.table),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(sdk("dynamodb:DescribeTable", Thing::Table, table)(error)),
    }
}

/// Waits until the table and its indexes are active.
async fn usable(client: &Client, table: &str) -> Result<TableDescription, Error> {
    for _ in 0..LOOKS {
        if let Some(description) = find(client, table).await? {
            let active = description.table_status() == Some(&TableStatus::Active);
            let mut indexes = description.global_secondary_indexes().iter();
            if active && indexes.all(|index| index.index_status() == Some(&IndexStatus::Active)) {
                return Ok(description);
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
    let seconds = INTERVAL.as_secs() * u64::from(LOOKS);
    Err(Error::invalid(
        "making the console's table",
        table,
        format!("it was not active after {seconds} seconds"),
    ))
}

/// What is wrong with the table's partition key and sort key, each with its remedy.
pub(super) fn key_faults(table: &TableDescription, name: &str, [pk, sk]: [&str; 2]) -> Vec<String> {
    let mut faults = Vec::new();
    for (kind, wanted, role) in [(KeyType::Hash, pk, "partition"), (KeyType::Range, sk, "sort")] {
        let key = table.key_schema().iter().find(|key| *key.key_type() == kind);
        let found = key.map_or("none", |key| key.attribute_name());
        let is_text = table.attribute_definitions().iter().any(|definition| {
            definition.attribute_name() == wanted && *definition.attribute_type() == ScalarAttributeType::S
        });
        if found != wanted {
            faults.push(format!(
                "The {role} key of the table {name} is {found}, not {wanted}. Correct the configuration or the table."
            ));
        } else if !is_text {
            faults.push(format!("The {role} key {wanted} of the table {name} is not text (S)."));
        }
    }
    faults
}

/// What differs of that which cannot be switched on.
fn shape(description: &TableDescription, table: &str) -> Vec<String> {
    let mut faults = key_faults(description, table, KEYS);
    let mut indexes = description.global_secondary_indexes().iter();
    let list = indexes.find(|index| index.index_name() == Some(keys::LIST));
    let is_good = list.is_some_and(|list| {
        let is_key = |(place, name): (usize, &str)| {
            let kind = [KeyType::Hash, KeyType::Range][place].clone();
            list.key_schema().iter().any(|key| key.attribute_name() == name && *key.key_type() == kind)
        };
        let projected = list.projection().and_then(|projection| projection.projection_type());
        LIST_KEYS.into_iter().enumerate().all(is_key) && projected == Some(&ProjectionType::All)
    });
    if !is_good {
        faults.push(format!(
            "The table {table} has no index {} on {} and {} with all attributes. Make another table with countersign \
             init.",
            keys::LIST,
            keys::LIST_PK,
            keys::LIST_SK
        ));
    }
    let billing = description.billing_mode_summary().and_then(|summary| summary.billing_mode());
    if billing != Some(&BillingMode::PayPerRequest) {
        faults.push(format!("The table {table} is not billed on demand. Change its capacity mode."));
    }
    faults
}

/// Whether items are deleted by time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TimeToLive {
    Off,
    By(String),
}

impl TimeToLive {
    async fn of(client: &Client, table: &str) -> Result<Self, Error> {
        let answer = client.describe_time_to_live().table_name(table).send().await;
        let answer = answer.map_err(sdk("dynamodb:DescribeTimeToLive", Thing::Table, table))?;
        let on = answer.time_to_live_description().filter(|found| {
            matches!(
                found.time_to_live_status(),
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
        });
        let by = on.and_then(|found| found.attribute_name()).map(str::to_owned);
        Ok(by.map_or(Self::Off, Self::By))
    }

    fn fault(&self, table: &str) -> Option<String> {
        match self {
            Self::By(attribute) if attribute == keys::EXPIRES => None,
            Self::By(attribute) => Some(format!(
                "The table {table} deletes items by {attribute}, not by {}. Switch its time to live off.",
                keys::EXPIRES
            )),
            Self::Off => Some(format!(
                "The table {table} deletes nothing by time. Switch it on with countersign init."
            )),
        }
    }
}

async fn switch_on_time_to_live(client: &Client, table: &str) -> Result<(), Error> {
    let operation = "dynamodb:UpdateTimeToLive";
    let by_expires = TimeToLiveSpecification::builder().enabled(true).attribute_name(keys::EXPIRES).build();
    let by_expires = by_expires.map_err(|error| Error::invalid(operation, table, error))?;
    let call = client.update_time_to_live().table_name(table).time_to_live_specification(by_expires);
    call.send().await.map(drop).map_err(sdk(operation, Thing::Table, table))
}

/// Whether the table can be restored to a point in time. `None`: the endpoint is an emulator that knows no backups.
async fn recovery(client: &Client, table: &str) -> Result<Option<bool>, Error> {
    match client.describe_continuous_backups().table_name(table).send().await {
        Ok(answer) => {
            let backups = answer.continuous_backups_description();
            let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description());
            let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status());
            Ok(Some(status == Some(&PointInTimeRecoveryStatus::Enabled)))
        }
        Err(error) if error.code() == Some("UnknownOperationException") => Ok(None),
        Err(error) => Err(sdk("dynamodb:DescribeContinuousBackups", Thing::Table, table)(error)),
    }
}

async fn switch_on_recovery(client: &Client, table: &str) -> Result<(), Error> {
    let operation = "dynamodb:UpdateContinuousBackups";
    let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
    let on = on.map_err(|error| Error::invalid(operation, table, error))?;
    let mut looks = 0;
    loop {
        let call = client.update_continuous_backups().table_name(table);
        match call.point_in_time_recovery_specification(on.clone()).send().await {
            // A new table takes a while until it knows of backups.
            Err(error) if error.code() == Some("ContinuousBackupsUnavailableException") && looks < LOOKS => {
                looks += 1;
                tokio::time::sleep(INTERVAL).await;
            }
            other => return other.map(drop).map_err(sdk(operation, Thing::Table, table)),
        }
    }
}
