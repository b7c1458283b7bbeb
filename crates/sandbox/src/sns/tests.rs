//! The topic through the SDK's own client, and through the console's way to AWS.

use aws_sdk_sns::config::Region;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::types::MessageAttributeValue;
use countersign_aws::{Aws, Error, InventorySettings, Process, Publication, Settings};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::clients::{Endpoints, local};
use crate::keys;
use crate::ports::Ports;

/// The topic's service, with what comes to it and everybody's keys.
async fn started() -> (Endpoints, Told, Vec<AccessKey>) {
    let (keys, told) = (keys::generate(), Told::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = local(listener.local_addr().unwrap().port());
    let sns = Sns::new(&keys, told.clone());
    tokio::spawn(crate::http::serve(listener, sns.router(), CancellationToken::new()));
    (Endpoints { sns: endpoint, ..Endpoints::at(&Ports::ANY) }, told, keys)
}

fn key(keys: &[AccessKey], role: Role) -> &AccessKey {
    keys.iter().find(|key| key.role == role).unwrap()
}

#[tokio::test]
async fn the_console_publishes_what_sns_takes_and_nobody_else_does() {
    let (endpoints, told, keys) = started().await;
    let publish = |role: Role, topic: String, subject: &str, message: &str| {
        let severity = MessageAttributeValue::builder().data_type("String").string_value("high");
        let call = endpoints.sns_client(key(&keys, role)).publish().topic_arn(topic);
        let call = call.subject(subject).message(message);
        call.message_attributes("severity", severity.build().unwrap()).send()
    };
    let sent = publish(Role::Console, topic_arn(), "[Countersign] HIGH: x", "<x> & ü").await.unwrap();
    assert!(sent.message_id.is_some());
    let came = told.last();
    assert_eq!(
        came,
        [format!("Topic: {}\nSubject: [Countersign] HIGH: x\nseverity: high\n\n<x> & ü\n", topic_arn())]
    );
    let long = "x".repeat(101);
    let longest = "x".repeat(MESSAGE - "severityStringhigh".len());
    assert!(publish(Role::Console, topic_arn(), "x", &longest).await.is_ok());
    for (role, topic, subject, message, code) in [
        (Role::Executor, topic_arn(), "x", "x", "AuthorizationError"),
        (Role::Administrator, topic_arn(), "x", "x", "AuthorizationError"),
        (Role::Console, format!("{}2", topic_arn()), "x", "x", "NotFound"),
        (Role::Console, topic_arn(), long.as_str(), "x", "InvalidParameter"),
        (Role::Console, topic_arn(), "ü", "x", "InvalidParameter"),
        (Role::Console, topic_arn(), "x\nBcc: y", "x", "InvalidParameter"),
        (Role::Console, topic_arn(), " x", "x", "InvalidParameter"),
        (Role::Console, topic_arn(), "x", "", "InvalidParameter"),
        (Role::Console, topic_arn(), "x", &format!("{longest}x"), "InvalidParameter"),
    ] {
        let refused = publish(role, topic, subject, message).await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{subject}");
    }
    let other = endpoints.sns_client(key(&keys, Role::Console)).list_topics().send().await.unwrap_err();
    assert_eq!(other.code(), Some("InvalidAction"));
    assert_eq!(told.last().len(), 2);
}

#[tokio::test]
async fn the_console_signs_for_the_topics_region_and_says_what_is_missing() {
    let (endpoints, told, keys) = started().await;
    let aws = |role: Role| {
        let config = endpoints.sns_config(key(&keys, role)).into_builder();
        let elsewhere = config.region(Region::from_static("us-east-1")).build();
        let settings = Settings {
            process: Process::Worker { executor_profile: None },
            region: "us-east-1".to_owned(),
            console_table: "none".to_owned(),
            inventory: InventorySettings { table: "none".to_owned(), attributes: Default::default() },
        };
        Aws::with_configs(settings, &elsewhere, &elsewhere)
    };
    let topic = topic_arn().parse().unwrap();
    let said = Publication { subject: "x", text: "y", attributes: &[("id", "4711"), ("kind", "test")] };
    aws(Role::Console).publish(&topic, &said).await.unwrap();
    assert!(told.last()[0].contains("\nid: 4711\n") && told.last()[0].contains("\nkind: test\n"));
    let denied = aws(Role::Executor).publish(&topic, &said).await.unwrap_err();
    assert!(matches!(denied, Error::Denied { by_policy: true, .. }), "{denied}");
    assert!(
        denied.to_string().starts_with(&format!("AWS refuses sns:Publish on {topic}: User: ")),
        "{denied}"
    );
    let another = format!("{topic}-2").parse().unwrap();
    let missing = aws(Role::Console).publish(&another, &said).await.unwrap_err();
    assert_eq!(missing.to_string(), format!("There is no SNS topic {another}."));
}
