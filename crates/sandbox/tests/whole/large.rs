//! A fleet of which most is loaded: it differs in nothing but that its X.509 is made when somebody asks.

use std::collections::HashSet;

use sandbox::{Description, Options, Sandbox};
use x509_parser::pem::parse_x509_pem;

use crate::filled::nothing_else_differs;
use crate::support::{Directory, Item, acm_pca, dynamodb, inventory, small};

#[tokio::test]
async fn what_is_loaded_is_as_if_it_had_been_issued() {
    let directory = Directory::new();
    let options = Options { devices: 2_700, ..small(&directory) };
    let sandbox = Sandbox::start(options.clone()).await.unwrap();
    let description = sandbox.description();
    nothing_else_differs(description).await;
    let items = inventory(description).await;
    let devices: HashSet<&String> = items.values().map(|item| &item["device_id"]).collect();
    assert!(devices.len() >= 2_700, "{}", devices.len());
    segments_are_the_whole(description, items.len()).await;

    // The longest-lived: it can be revoked.
    let loaded = items.values().filter(|item| !item.contains_key("fingerprint"));
    let loaded = loaded.max_by_key(|item| &item["expires_at"]).unwrap();
    let (made, issuer) = certificate(description, loaded).await;
    assert_eq!(certificate(description, loaded).await.0, made, "made once");
    let (_, pem) = parse_x509_pem(made.as_bytes()).unwrap();
    let parsed = pem.parse_x509().unwrap();
    let octets = parsed.raw_serial();
    assert_eq!(hex::encode(octets.strip_prefix(&[0]).unwrap_or(octets)), loaded["cert_serial"]);
    let format = &time::format_description::well_known::Rfc3339;
    let expires = time::OffsetDateTime::parse(&loaded["expires_at"], format).unwrap();
    assert_eq!(parsed.validity().not_after.to_datetime(), expires);
    let common_name = parsed.subject().iter_common_name().next().unwrap().as_str().unwrap();
    assert_eq!(common_name, loaded["device_id"]);
    let names = parsed.subject_alternative_name().unwrap().unwrap().value;
    let name = format!("{}.devices.example.com", loaded["device_id"]);
    assert!(names.general_names.iter().any(|one| one.to_string().contains(&name)), "{names:?}");
    let (_, issuer) = parse_x509_pem(issuer.as_bytes()).unwrap();
    parsed.verify_signature(Some(issuer.parse_x509().unwrap().public_key())).unwrap();

    let revoke = acm_pca(description, "executor").revoke_certificate();
    let revoke =
        revoke.certificate_authority_arn(&loaded["ca_arn"]).certificate_serial(&loaded["cert_serial"]);
    revoke.revocation_reason("KEY_COMPROMISE".into()).send().await.unwrap();
    sandbox.shutdown().await;
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(certificate(sandbox.description(), loaded).await.0, made, "kept");
    sandbox.shutdown().await;
}

/// The certificate and its chain, PEM.
async fn certificate(description: &Description, item: &Item) -> (String, String) {
    let get = acm_pca(description, "default").get_certificate();
    let get = get.certificate_authority_arn(&item["ca_arn"]).certificate_arn(&item["certificate_arn"]);
    let answer = get.send().await.unwrap();
    (answer.certificate.unwrap(), answer.certificate_chain.unwrap())
}

/// A scan without a limit comes in pages all the same, and those of the segments are all items, once.
async fn segments_are_the_whole(description: &Description, count: usize) {
    let client = dynamodb(description);
    let scan = || client.scan().table_name(&description.tables.inventory);
    let first = scan().send().await.unwrap();
    assert!(first.count() == 2_000 && first.last_evaluated_key().is_some(), "{}", first.count());
    let few = scan().limit(7).send().await.unwrap();
    assert_eq!(few.count(), 7);
    let (mut serials, mut seen) = (HashSet::new(), 0);
    for segment in 0..3 {
        let segment = scan().segment(segment).total_segments(3).into_paginator().items().send();
        let items = segment.try_collect().await.unwrap();
        seen += items.len();
        serials.extend(items.into_iter().map(|item| item["cert_serial"].as_s().unwrap().clone()));
    }
    assert_eq!((seen, serials.len()), (count, count));
}
