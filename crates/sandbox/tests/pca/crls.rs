use super::support::{BUCKET, World, der, tail};
use aws_sdk_acmpca::types::{CertificateAuthorityStatus, CrlConfiguration, CrlType, RevocationConfiguration};
use std::collections::BTreeMap;
use std::time::Duration;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::x509::ReasonCode;

const HALF_HOUR: Duration = Duration::from_secs(1800);
const DAY: Duration = Duration::from_secs(86_400);

struct Crl {
    serials: Vec<String>,
    reasons: Vec<ReasonCode>,
    number: u64,
    this_update: i64,
    next_update: i64,
}

/// Reads a list and verifies its signature with the authority's key.
async fn read(world: &World, authority: &str, bytes: &[u8]) -> Crl {
    let own =
        world.admin().get_certificate_authority_certificate().certificate_authority_arn(authority).send();
    let own = der(&own.await.unwrap().certificate.unwrap());
    let (_, own) = x509_parser::parse_x509_certificate(&own).unwrap();
    let (rest, list) = CertificateRevocationList::from_der(bytes).unwrap();
    assert!(rest.is_empty());
    list.verify_signature(own.public_key()).unwrap();
    assert_eq!(list.issuer().as_raw(), own.subject().as_raw());
    let revoked = list.iter_revoked_certificates().collect::<Vec<_>>();
    Crl {
        serials: revoked.iter().map(|entry| format!("{:032x}", entry.serial())).collect(),
        reasons: revoked.iter().filter_map(|entry| Some(entry.reason_code()?.1)).collect(),
        number: list.crl_number().unwrap().try_into().unwrap(),
        this_update: list.last_update().timestamp(),
        next_update: list.next_update().unwrap().timestamp(),
    }
}

fn key(authority: &str) -> String {
    format!("crl/{}.crl", tail(authority))
}

#[tokio::test]
async fn a_revocation_is_on_the_list_after_the_delay() {
    let world = World::start().await;
    let root = world.root().await;
    let key = key(&root);
    let first = world.issue(&root, "device-1").await;
    let second = world.issue(&root, "device-2").await;
    world.pca.has_looked().await;
    assert!(world.object_now(&key).await.is_none(), "not at once");
    world.pass(HALF_HOUR);
    let empty = world.object(&key, None).await;
    let list = read(&world, &root, &empty).await;
    assert!(list.serials.is_empty());
    assert_eq!(list.next_update - list.this_update, 7 * 86_400);

    world.revoke(&root, tail(&first)).await.unwrap();
    world.pass(Duration::from_secs(1790));
    world.pca.has_looked().await;
    assert_eq!(world.object_now(&key).await.unwrap(), empty, "not before the delay is over");
    world.pass(Duration::from_secs(10));
    let with_one = world.object(&key, Some(&empty)).await;
    let one = read(&world, &root, &with_one).await;
    assert_eq!(one.serials, [tail(&first)]);
    assert_eq!(one.reasons, [ReasonCode::KeyCompromise]);
    assert!(one.number > list.number);

    world.revoke(&root, tail(&second)).await.unwrap();
    world.pass(HALF_HOUR);
    let with_two = world.object(&key, Some(&with_one)).await;
    let two = read(&world, &root, &with_two).await;
    assert_eq!(two.serials, [tail(&first), tail(&second)]);
    assert!(two.number > one.number);
    world.pca.has_looked().await;
    assert_eq!(world.object_now(&key).await.unwrap(), with_two, "nothing new, no new list");
}

#[tokio::test]
async fn a_list_is_renewed_in_time_and_forgets_the_expired() {
    let world = World::start().await;
    let root = world.root().await;
    let key = key(&root);
    let short = world.issue_with(&root, &super::support::csr("a"), super::support::END_ENTITY, 2).await;
    world.revoke(&root, tail(&short)).await.unwrap();
    world.pass(HALF_HOUR);
    let mut last = world.object(&key, None).await;
    let mut number = read(&world, &root, &last).await.number;
    // Expired on the second day, it is on the list of day 3.5 once more, and not on that of day 7.
    for expected in [1, 0] {
        world.pass(DAY * 7 / 2);
        last = world.object(&key, Some(&last)).await;
        let list = read(&world, &root, &last).await;
        assert_eq!(list.serials.len(), expected);
        assert!(list.number > number);
        number = list.number;
    }
    let disable = world.admin().update_certificate_authority().certificate_authority_arn(&root);
    disable.status(CertificateAuthorityStatus::Disabled).send().await.unwrap();
    world.pass(DAY * 4);
    last = world.object(&key, Some(&last)).await;
    world.pass(DAY * 3650);
    world.pca.has_looked().await;
    assert_eq!(world.object_now(&key).await.unwrap(), last, "an EXPIRED authority makes no list");
}

#[tokio::test]
async fn a_list_that_cannot_be_written_is_tried_again() {
    let world = World::start().await;
    let root = world.root().await;
    let point_to = |bucket: &str| {
        let crl = CrlConfiguration::builder().enabled(true).expiration_in_days(7).s3_bucket_name(bucket);
        let configuration =
            RevocationConfiguration::builder().crl_configuration(crl.build().unwrap()).build();
        world
            .admin()
            .update_certificate_authority()
            .certificate_authority_arn(&root)
            .revocation_configuration(configuration)
            .send()
    };
    point_to("not-yet-there").await.unwrap();
    let arn = world.issue(&root, "device-1").await;
    world.revoke(&root, tail(&arn)).await.unwrap();
    world.pass(HALF_HOUR);
    world.pca.has_looked().await;
    world.s3.create_bucket().bucket("not-yet-there").send().await.unwrap();
    let there =
        || async { world.s3.head_object().bucket("not-yet-there").key(key(&root)).send().await.is_ok() };
    world.pca.has_looked().await;
    assert!(!there().await, "the next attempt is half a delay later");
    world.pass(HALF_HOUR / 2);
    world.pca.has_looked().await;
    assert!(there().await);
    assert!(world.object_now(&key(&root)).await.is_none(), "nothing in {BUCKET}");
}

/// The URLs in a certificate's or a list's extension.
fn urls(names: &[GeneralName<'_>]) -> Vec<String> {
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some((*uri).to_owned()),
            _ => None,
        })
        .collect()
}

/// The URL that a certificate names.
async fn distribution_point(world: &World, root: &str, arn: &str) -> String {
    let certificate = der(&world.get(root, arn).await);
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let named = certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::CRLDistributionPoints(points) => points.first()?.distribution_point.clone(),
        _ => None,
    });
    let Some(DistributionPointName::FullName(names)) = named else { panic!() };
    urls(&names).remove(0)
}

#[tokio::test]
async fn each_certificate_is_on_the_partition_that_it_names() {
    let world = World::start().await;
    let root = world.root().await;
    let crl = CrlConfiguration::builder().enabled(true).expiration_in_days(7).s3_bucket_name(BUCKET);
    let crl = crl.crl_type(CrlType::Partitioned).build().unwrap();
    let update = world.admin().update_certificate_authority().certificate_authority_arn(&root);
    let configuration = RevocationConfiguration::builder().crl_configuration(crl).build();
    update.revocation_configuration(configuration).send().await.unwrap();
    let mut named = BTreeMap::<String, Vec<String>>::new();
    for number in 0..12 {
        let arn = world.issue(&root, &format!("device-{number}")).await;
        let url = distribution_point(&world, &root, &arn).await;
        world.revoke(&root, tail(&arn)).await.unwrap();
        named.entry(url).or_default().push(tail(&arn).to_owned());
    }
    assert!(named.len() > 1, "{named:?}");
    world.pass(HALF_HOUR);
    for (url, serials) in named {
        let key = url.strip_prefix(&format!("http://{BUCKET}.s3.eu-central-1.amazonaws.com/")).unwrap();
        assert!(key.starts_with(&format!("crl/{}/", tail(&root))), "{key}");
        let bytes = world.object(key, None).await;
        assert_eq!(read(&world, &root, &bytes).await.serials, serials);
        let (_, list) = CertificateRevocationList::from_der(&bytes).unwrap();
        let point = list.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::IssuingDistributionPoint(point) => {
                Some((extension.critical, point.distribution_point.clone()))
            }
            _ => None,
        });
        let Some((true, Some(DistributionPointName::FullName(names)))) = point else { panic!("{point:?}") };
        assert_eq!(urls(&names), [url]);
    }
}

#[tokio::test]
async fn a_list_can_be_told_to_fail() {
    let world = World::start().await;
    let root = world.root().await;
    let key = key(&root);
    world.trouble(&root, r#"{"crl": "not_written"}"#).await;
    let arn = world.issue(&root, "device-1").await;
    world.revoke(&root, tail(&arn)).await.unwrap();
    world.pass(HALF_HOUR);
    world.pca.has_looked().await;
    assert!(world.object_now(&key).await.is_none());
    world.trouble(&root, r#"{"crl": "other_key"}"#).await;
    world.pass(HALF_HOUR / 2);
    let forged = world.object(&key, None).await;
    let own = world.admin().get_certificate_authority_certificate().certificate_authority_arn(&root);
    let own = der(&own.send().await.unwrap().certificate.unwrap());
    let (_, own) = x509_parser::parse_x509_certificate(&own).unwrap();
    let (_, list) = CertificateRevocationList::from_der(&forged).unwrap();
    assert!(list.verify_signature(own.public_key()).is_err());
}
