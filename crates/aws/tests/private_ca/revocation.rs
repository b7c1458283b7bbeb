//! Certificates: read, revoked once, seen on the CRL.

use countersign_aws::authorities::CrlKind;
use countersign_aws::certificates::{Issued, NotYet, Revocation};
use countersign_aws::{Error, Thing};
use domain::{InventoryItem, RevocationReason, Serial};
use futures::TryStreamExt;
use tokio::io::AsyncReadExt;

use crate::support::{Place, eventually};

const REASON: RevocationReason = RevocationReason::KeyCompromise;

/// A certificate of the first authority with nothing the matter.
async fn healthy(place: &Place) -> InventoryItem {
    let pages: Vec<_> = place.aws().scan_inventory(2).try_collect().await.unwrap();
    let mut items = pages.into_iter().flatten().map(|read| read.unwrap().item);
    let troubled = |serial: Serial| {
        let mut planted = place.description().planted_detail.iter();
        planted.any(|planted| planted.serial.parse() == Ok(serial))
    };
    items.find(|item| item.authority == place.authority() && !troubled(item.serial)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_revoked_once_and_appears_on_the_crl() {
    let place = Place::new().await;
    let (aws, authority) = (place.aws(), place.authority());
    let serial = healthy(&place).await.serial;
    let Issued::Ready { pem, chain } = aws.certificate(&authority, serial).await.unwrap() else { panic!() };
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && chain.is_some());

    let details = aws.describe_authority(&authority).await.unwrap();
    assert_eq!((details.status.as_str(), details.is_short_lived), ("ACTIVE", false));
    let place = details.crl.unwrap();
    let (bucket, CrlKind::Complete { key }) = (place.bucket, place.kind) else { panic!() };
    let revoke = async |serial| aws.revoke_certificate(&authority, serial, REASON).await.unwrap();
    assert_eq!(revoke(serial).await, Revocation::Revoked);
    assert_eq!(revoke(serial).await, Revocation::AlreadyRevoked);
    let Revocation::Refused(reason) = revoke("0badc0de".parse().unwrap()).await else { panic!() };
    assert!(!reason.is_empty());
    assert!(
        matches!(aws.certificate(&authority, serial).await, Ok(Issued::Ready { .. })),
        "revoked, not gone"
    );

    let lists = |crl: &Vec<u8>| crl.windows(serial.as_bytes().len()).any(|part| part == serial.as_bytes());
    let read = async || {
        let mut object = aws.open_object(&bucket, &key).await.ok()?;
        let mut crl = Vec::new();
        object.body.read_to_end(&mut crl).await.ok()?;
        Some((object.etag, crl)).filter(|(_, crl)| lists(crl))
    };
    let (etag, _) = eventually(read).await;
    assert!(etag.is_some(), "an unchanged list is known by it");
    let missing = aws.open_object(&bucket, "crl/none.crl").await;
    assert!(matches!(missing, Err(Error::NotFound { what: Thing::Object, .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_process_cannot_revoke_with_its_own_credentials() {
    let place = Place::new().await;
    let serial = healthy(&place).await.serial;
    let error =
        place.aws_as("default").revoke_certificate(&place.authority(), serial, REASON).await.unwrap_err();
    let NotYet::Authority(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, Error::Denied { operation: "acm-pca:RevokeCertificate", .. }), "{error:?}");
    assert!(place.aws_as("provisioning").describe_authority_as_executor(&place.authority()).await.is_err());
    place.aws().describe_authority_as_executor(&place.authority()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_are_found_and_unknown_ones_are_not() {
    let place = Place::new().await;
    let aws = place.aws();
    aws.describe_authority(&place.authority()).await.unwrap();
    let own = aws.authority_certificate(&place.authority()).await.unwrap();
    assert!(own.pem.starts_with("-----BEGIN CERTIFICATE-----"));

    let id = place.authority().id().to_string();
    let unknown = place.authority().as_str().replace(&id, "00000000-0000-4000-8000-000000000000");
    let unknown = unknown.parse().unwrap();
    let missing = aws.describe_authority(&unknown).await;
    assert!(matches!(missing, Err(Error::NotFound { what: Thing::Authority, .. })), "{missing:?}");
    let issued = aws.certificate(&place.authority(), "0badc0de".parse().unwrap()).await.unwrap();
    assert_eq!(issued, Issued::Unknown);
}
