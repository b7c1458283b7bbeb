//! Issuing a certificate.

use rcgen::{KeyPair, PublicKeyData};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::super::Pca;
use super::super::call::Caller;
use super::super::crl::{Publication, ocsp_url};
use super::super::error::{Answer, ApiError};
use super::super::event::{Event, Issuance, Names};
use super::super::stamp::Stamp;
use super::super::store::{Authority, Certificate, Scope};
use super::super::x509::{self, Csr, Issued, Issuer, Template};
use super::authorities::wrong_state;
use super::validity::Validity;
use super::{blob, check_token};

/// notBefore by default: "the issuance time minus 60 minutes" (API reference).
pub(super) const EARLIER: Duration = Duration::from_secs(3600);
/// Of an authority whose usage mode is SHORT_LIVED_CERTIFICATE.
const SHORT_LIVED: Duration = Duration::from_secs(7 * 86_400);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Issue {
    certificate_authority_arn: String,
    csr: String,
    signing_algorithm: String,
    validity: Validity,
    validity_not_before: Option<Validity>,
    template_arn: Option<String>,
    idempotency_token: Option<String>,
    api_passthrough: Option<Value>,
}

pub fn issue(pca: &Pca, caller: &Caller, given: Issue) -> Answer {
    let now = caller.at;
    let token = given.idempotency_token.as_deref();
    check_token(token)?;
    let authority = super::authority(pca, &pca.store().lock(), &given.certificate_authority_arn)?;
    let template = Template::from_arn(given.template_arn.as_deref()).ok_or_else(|| {
        let arn = given.template_arn.as_deref().unwrap_or_default();
        ApiError::invalid_args(format!("The sandbox has no template {arn:?}; it has the base templates."))
    })?;
    if given.api_passthrough.is_some() {
        return Err(ApiError::invalid_args(format!("Template {} takes no ApiPassthrough.", template.name)));
    }
    if given.signing_algorithm != "SHA256WITHECDSA" {
        return Err(ApiError::invalid_args(
            "The key of the certificate authority signs SHA256WITHECDSA only.",
        ));
    }
    check_state(&authority, template, now)?;
    let not_after = given.validity.not_after(now)?;
    let not_before = given.validity_not_before.map_or(Ok(now.minus(EARLIER)), |v| v.not_before())?;
    check_validity(&authority, template, now, not_before, not_after)?;

    let csr = Csr::from_pem(&blob("csr", &given.csr, 32_768)?).map_err(|why| {
        ApiError::malformed_csr(format!("The certificate signing request is invalid: {why}."))
    })?;
    let serial = random_serial();
    let publication = Publication::of(&authority, &pca.options().region)?;
    let crl_url = publication.as_ref().and_then(|publication| publication.url_for(&serial));
    let ocsp_url = ocsp_url(&authority, &pca.options().region)?;
    let issued =
        Issued { csr: &csr, template, serial, not_before: not_before.into(), not_after: not_after.into() };
    let key = KeyPair::try_from(authority.key.as_slice())?;
    let public_key = key.subject_public_key_info();
    let der = sign(&authority, &key, &issued, crl_url, ocsp_url.as_deref())?;
    let certificate = Certificate {
        authority: authority.id,
        serial,
        der,
        template: template.arn(),
        not_before,
        not_after,
        issued_at: now,
        ready_at: now.plus(pca.options().issue_delay),
        subject: csr.subject_text,
    };
    let arn = format!("{}/certificate/{}", given.certificate_authority_arn, hex::encode(serial));
    let scope = Scope::CertificatesOf(&authority.uuid);

    let own = authority.installed.as_ref().filter(|_| !template.is_root());
    let names = Names::read(&certificate.der, own.map(|own| own.certificate.as_slice()))
        .map_err(ApiError::internal)?;
    let issuance = Issuance {
        authority: given.certificate_authority_arn,
        certificate: arn.clone(),
        requester: caller.principal.clone(),
        serial: serial.to_vec(),
        subject: certificate.subject.clone(),
        issuer: names.issuer,
        issuer_serial: names.issuer_serial,
        issuer_key_id: x509::key_id(&public_key).to_vec(),
        template: certificate.template.clone(),
        not_before,
        not_after,
        issued_at: now,
        ready_at: certificate.ready_at,
        tbs: names.tbs,
    };

    let mut db = pca.store().lock();
    let change = db.transaction()?;
    if let Some(arn) = scope.seen(&change, token, now)? {
        return Ok(json!({ "CertificateArn": arn }));
    }
    certificate.insert(&change, caller)?;
    scope.remember(&change, token, &arn, now)?;
    if crl_url.is_some() && authority.crl.wanted_at.is_none() {
        authority.want_crl(&change, now)?;
    }
    change.commit()?;
    drop(db);
    pca.observe(Event::Issued(&issuance));
    Ok(json!({ "CertificateArn": arn }))
}

/// Only an ACTIVE authority issues; a ROOT without a valid certificate may sign its own first.
fn check_state(authority: &Authority, template: &Template, now: Stamp) -> Result<(), ApiError> {
    if template.is_root() && !authority.is_root() {
        return Err(ApiError::invalid_args("A SUBORDINATE certificate authority cannot sign a root."));
    }
    match authority.status(now) {
        "ACTIVE" => Ok(()),
        "PENDING_CERTIFICATE" | "EXPIRED" if template.is_root() => Ok(()),
        _ => Err(wrong_state(authority, now, "issue this certificate")),
    }
}

fn check_validity(
    authority: &Authority,
    template: &Template,
    now: Stamp,
    not_before: Stamp,
    not_after: Stamp,
) -> Result<(), ApiError> {
    if not_after <= now || not_after <= not_before {
        return Err(ApiError::validation(
            "The certificate would end before it begins, or has ended already.",
        ));
    }
    if template.is_root() {
        return Ok(());
    }
    if authority.installed.as_ref().is_some_and(|installed| installed.not_after < not_after) {
        return Err(ApiError::validation(
            "The certificate validity specified exceeds the certificate authority validity",
        ));
    }
    if authority.usage_mode == "SHORT_LIVED_CERTIFICATE" && not_after.since(now) > SHORT_LIVED {
        return Err(ApiError::validation(
            "A certificate authority in SHORT_LIVED_CERTIFICATE mode issues for at most 7 days.",
        ));
    }
    Ok(())
}

pub(super) fn sign(
    authority: &Authority,
    key: &KeyPair,
    issued: &Issued<'_>,
    crl_url: Option<&str>,
    ocsp_url: Option<&str>,
) -> Result<Vec<u8>, ApiError> {
    let public_key = key.subject_public_key_info();
    if issued.template.is_root() {
        if issued.csr.public_key != public_key {
            return Err(ApiError::invalid_args("A root signs its own certificate signing request only."));
        }
        let key_id = &x509::key_id(&public_key);
        return Ok(issued.sign(&Issuer {
            key,
            name: &issued.csr.subject,
            key_id,
            crl_url: None,
            ocsp_url: None,
        })?);
    }
    let installed =
        authority.installed.as_ref().ok_or_else(|| ApiError::internal("active without certificate"))?;
    let (_, own) = X509Certificate::from_der(&installed.certificate).map_err(ApiError::internal)?;
    let key_id = &x509::key_id(&public_key);
    Ok(issued.sign(&Issuer { key, name: own.subject().as_raw(), key_id, crl_url, ocsp_url })?)
}

/// 128 bits of which the first octet is not zero, so that every form of the serial has 32 digits.
fn random_serial() -> [u8; 16] {
    loop {
        let serial: [u8; 16] = rand::random();
        if serial[0] != 0 {
            return serial;
        }
    }
}
