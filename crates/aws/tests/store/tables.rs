//! What `countersign check` says of tables.

use countersign_aws::{Aws, Error, Settings};

use crate::bench::{Bench, INVENTORY, config, settings, table};

#[tokio::test]
async fn good_tables_have_no_problems() {
    let bench = Bench::new().await;
    assert_eq!(bench.aws().check_console_table().await.unwrap(), Vec::<String>::new());
    assert_eq!(bench.aws().check_inventory_table().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once() {
    let bench = Bench::new().await;
    table(&bench.raw, "bare", ["pk", "other"], None).await;
    let mut settings = Settings { console_table: "bare".to_owned(), ..settings() };
    settings.inventory.attributes.cert_serial = "serial".to_owned();
    let config = config(bench.address);
    let aws = Aws::with_configs(settings.clone(), &config, &config);
    let problems = aws.check_console_table().await.unwrap();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let problems = aws.check_inventory_table().await.unwrap();
    assert!(problems[0].contains("cert_serial, not serial"), "{problems:?}");

    settings.inventory.table = format!("no-{INVENTORY}");
    let aws = Aws::with_configs(settings, &config, &config);
    let error = aws.check_inventory_table().await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    assert!(error.to_string().contains("no-device-certificates"));
}
