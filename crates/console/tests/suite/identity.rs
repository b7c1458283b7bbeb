//! The page of an identity: what it had issued by judgement, and what its button takes.

use console::{Console, Error};
use domain::trail::{Authorisation, Event};
use domain::views::{CertificateQuery, IdentityKey, IdentityQuery, Issued, Judgement, Test, Words};
use domain::{Actor, AuthorityArn};

use crate::attribution::ROGUE;

/// `rogue` is one of the `by_rogue` issuances of an identity that is no authorised issuer.
pub async fn pages(console: &Console, actor: &Actor, arn: &AuthorityArn, rogue: &Event, by_rogue: u64) {
    let of = |key| IdentityQuery { key, only: Issued::All, page: 0 };
    let identity = console.identity(actor, &of(IdentityKey::Principal(ROGUE.to_owned()))).await.unwrap();
    assert_eq!(identity.events, by_rogue);
    assert_eq!(identity.unauthorised, [(arn.clone(), by_rogue)]);
    assert_eq!(identity.authorisations, [(Authorisation::NotAnIssuer, by_rogue)]);
    let certificate = identity.certificates.iter().find(|one| Some(one.serial) == rogue.serial).unwrap();
    assert!(certificate.device.is_some() && certificate.status.is_some());
    assert_eq!((&certificate.event, certificate.authorisation), (&rogue.id, Authorisation::NotAnIssuer));
    let address = of(IdentityKey::Address("10.20.0.15".to_owned()));
    let seen = console.identity(actor, &address).await.unwrap();
    let authorised = seen.authorisations.iter().find(|(one, _)| *one == Authorisation::Authorised).unwrap().1;
    let unauthorised: u64 = seen.unauthorised.iter().map(|(_, number)| number).sum();
    assert!(authorised > 10 && unauthorised > 0, "{:?}", seen.authorisations);
    assert_ne!(seen.certificates[0].authorisation, Authorisation::Authorised, "the unauthorised first");
    let only = IdentityQuery { only: Issued::Authorised, ..address.clone() };
    let part = console.identity(actor, &only).await.unwrap().certificates;
    assert!(part.iter().all(|one| one.authorisation == Authorisation::Authorised) && !part.is_empty());
    // What its button asks for, and what the list of certificates finds: all of the rogue's and none of the others.
    let matching = CertificateQuery {
        filter: vec![
            Test::Address(Words::Is("10.20.0.15".to_owned())).into(),
            Test::Judgement(Judgement::Unauthorised).into(),
        ],
        ..CertificateQuery::default()
    };
    assert_eq!(console.certificates(actor, &matching).await.unwrap().total.number, unauthorised);
    let nobody = console.identity(actor, &of(IdentityKey::AccessKey("AKIANOBODY".to_owned()))).await;
    assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");
}
