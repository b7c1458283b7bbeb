//! What `countersign check` says of tables, and what `countersign init` makes of them.

use aws_sdk_dynamodb::types::TimeToLiveSpecification;
use countersign_aws::{Aws, Error, Settings, create_console_table};

use crate::bench::{Bench, INVENTORY, config, settings, table};

#[tokio::test]
async fn good_tables_have_no_problems() {
    let bench = Bench::new().await;
    assert_eq!(bench.worker().check_console_table().await.unwrap(), Vec::<String>::new());
    assert_eq!(bench.worker().check_inventory_table().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once() {
    let bench = Bench::new().await;
    table(&bench.raw, "bare", ["pk", "other"]).await;
    let mut settings = Settings { console_table: "bare".to_owned(), ..settings() };
    settings.inventory.attributes.cert_serial = "serial".to_owned();
    let config = config(bench.address);
    let aws = Aws::with_configs(settings.clone(), &config, &config);
    let problems = aws.check_console_table().await.unwrap();
    assert_eq!(problems.len(), 4, "{problems:?}");
    let problems = aws.check_inventory_table().await.unwrap();
    assert!(problems[0].contains("cert_serial, not serial"), "{problems:?}");

    settings.inventory.table = format!("no-{INVENTORY}");
    let aws = Aws::with_configs(settings, &config, &config);
    let error = aws.check_inventory_table().await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    assert!(error.to_string().contains("no-device-certificates"));
}

#[tokio::test]
async fn a_table_is_made_once_and_what_is_off_is_switched_on() {
    let bench = Bench::new().await;
    let aws = Aws::with_configs(
        Settings { console_table: "new".to_owned(), ..settings() },
        &config(bench.address),
        &config(bench.address),
    );
    let missing = aws.check_console_table().await.unwrap();
    assert!(missing[0].contains("countersign init"), "{missing:?}");
    let done = aws.create_console_table().await.unwrap();
    assert!(done[0].contains("Created the table new"), "{done:?}");
    assert_eq!(aws.create_console_table().await.unwrap(), Vec::<String>::new());
    assert_eq!(aws.check_console_table().await.unwrap(), Vec::<String>::new());

    bench.raw.update_table().table_name("new").deletion_protection_enabled(false).send().await.unwrap();
    assert_eq!(aws.check_console_table().await.unwrap().len(), 1);
    assert_eq!(aws.create_console_table().await.unwrap(), ["It is protected against deletion."]);
}

#[tokio::test]
async fn a_table_of_another_shape_is_left_as_it_is() {
    let bench = Bench::new().await;
    table(&bench.raw, "bare", ["pk", "other"]).await;
    let refused = create_console_table(&bench.raw, "bare").await.unwrap_err().to_string();
    assert!(refused.contains("other, not sk") && refused.contains("no index list"), "{refused}");

    let by = TimeToLiveSpecification::builder().enabled(true).attribute_name("other").build().unwrap();
    let on = bench.raw.update_time_to_live().table_name("bare").time_to_live_specification(by);
    on.send().await.unwrap();
    let refused = create_console_table(&bench.raw, "bare").await.unwrap_err().to_string();
    assert!(refused.contains("by other, not by expires"), "{refused}");
    let bare = bench.raw.describe_table().table_name("bare").send().await.unwrap().table.unwrap();
    assert_eq!(bare.deletion_protection_enabled(), Some(false));
}
