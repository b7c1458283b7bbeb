//! Create, describe, list and update certificate authorities.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Pca;
use super::super::call::Caller;
use super::super::crl::RevocationConfiguration;
use super::super::error::{Answer, ApiError};
use super::super::stamp::Stamp;
use super::super::store::{Authority, AuthorityId, CrlState, Scope};
use super::super::x509;
use super::{check_token, one_of, outside};

/// "Number of private certificate authorities (CAs)" in Service Quotas.
const MOST_AUTHORITIES: u32 = 200;
/// "Although the maximum value is 1000, the action only returns a maximum of 100 items" (API reference).
const PAGE: usize = 100;

const KEY_ALGORITHMS: [&str; 10] = [
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "SM2",
];
const KEY_STORAGE: [&str; 3] =
    ["FIPS_140_2_LEVEL_2_OR_HIGHER", "FIPS_140_2_LEVEL_3_OR_HIGHER", "CCPC_LEVEL_1_OR_HIGHER"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    certificate_authority_configuration: Configuration,
    certificate_authority_type: String,
    #[serde(default)]
    revocation_configuration: RevocationConfiguration,
    idempotency_token: Option<String>,
    key_storage_security_standard: Option<String>,
    tags: Option<Value>,
    usage_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    key_algorithm: String,
    signing_algorithm: String,
    subject: Value,
    csr_extensions: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Named {
    pub certificate_authority_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct List {
    max_results: Option<usize>,
    next_token: Option<String>,
    resource_owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Update {
    certificate_authority_arn: String,
    revocation_configuration: Option<RevocationConfiguration>,
    status: Option<String>,
}

pub fn create(pca: &Pca, caller: &Caller, given: Create) -> Answer {
    let configuration = given.certificate_authority_configuration;
    let usage_mode = given.usage_mode.unwrap_or_else(|| "GENERAL_PURPOSE".to_owned());
    let key_storage = given.key_storage_security_standard.unwrap_or_else(|| KEY_STORAGE[1].to_owned());
    let token = given.idempotency_token.as_deref();
    one_of("certificateAuthorityType", &given.certificate_authority_type, &["ROOT", "SUBORDINATE"])?;
    one_of("usageMode", &usage_mode, &["GENERAL_PURPOSE", "SHORT_LIVED_CERTIFICATE"])?;
    one_of("keyStorageSecurityStandard", &key_storage, &KEY_STORAGE)?;
    one_of("keyAlgorithm", &configuration.key_algorithm, &KEY_ALGORITHMS)?;
    check_token(token)?;
    if configuration.key_algorithm != "EC_prime256v1" || configuration.signing_algorithm != "SHA256WITHECDSA"
    {
        return Err(ApiError::invalid_args("The sandbox has EC_prime256v1 with SHA256WITHECDSA only."));
    }
    if configuration.csr_extensions.is_some() {
        return Err(ApiError::invalid_args("The sandbox has no CsrExtensions."));
    }
    if given.tags.is_some() {
        return Err(ApiError::invalid_tag("The sandbox keeps no tags."));
    }
    given.revocation_configuration.check()?;
    let name = x509::distinguished_name(&configuration.subject).map_err(ApiError::invalid_args)?;

    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut request = CertificateParams::default();
    request.distinguished_name = name;
    let csr = request.serialize_request(&key)?;

    let now = caller.at;
    let uuid = uuid::Uuid::new_v4().to_string();
    let arn = pca.authority_arn(&uuid);
    let authority = Authority {
        id: AuthorityId(0),
        uuid,
        kind: given.certificate_authority_type,
        usage_mode,
        key_storage,
        configuration: json!({
            "KeyAlgorithm": configuration.key_algorithm,
            "SigningAlgorithm": configuration.signing_algorithm,
            "Subject": configuration.subject,
        })
        .to_string(),
        revocation: serde_json::to_string(&given.revocation_configuration).map_err(ApiError::internal)?,
        key: key.serialize_der(),
        csr: x509::encode_pem("CERTIFICATE REQUEST", csr.der()),
        created_at: now,
        ready_at: now.plus(pca.options().issue_delay),
        changed_at: now,
        disabled: false,
        installed: None,
        crl: CrlState { wanted_at: None, seen: 0, number: 0, this_update: None, retry_at: None },
    };
    let mut db = pca.store().lock();
    let change = db.transaction()?;
    if let Some(arn) = Scope::Authorities.seen(&change, token, now)? {
        return Ok(json!({ "CertificateAuthorityArn": arn }));
    }
    if Authority::count(&change)? >= MOST_AUTHORITIES {
        return Err(ApiError::limit_exceeded(format!(
            "You have exceeded the maximum number of {MOST_AUTHORITIES} certificate authorities."
        )));
    }
    authority.insert(&change)?;
    Scope::Authorities.remember(&change, token, &arn, now)?;
    change.commit()?;
    Ok(json!({ "CertificateAuthorityArn": arn }))
}

pub fn describe(pca: &Pca, caller: &Caller, given: Named) -> Answer {
    let authority = super::authority(pca, &pca.store().lock(), &given.certificate_authority_arn)?;
    Ok(json!({ "CertificateAuthority": described(pca, &authority, caller.at)? }))
}

pub fn list(pca: &Pca, caller: &Caller, given: List) -> Answer {
    let limit = given.max_results.unwrap_or(PAGE);
    if !(1..=1000).contains(&limit) {
        return Err(outside("maxResults", &limit.to_string(), "Member must be between 1 and 1000"));
    }
    let limit = limit.min(PAGE);
    let owner = given.resource_owner.as_deref().unwrap_or("SELF");
    one_of("resourceOwner", owner, &["SELF", "OTHER_ACCOUNTS"])?;
    let after = match given.next_token {
        None => AuthorityId(0),
        Some(token) => decode_page(&token).ok_or_else(|| {
            ApiError::invalid_next_token("The token specified in the NextToken argument is not valid.")
        })?,
    };
    if owner == "OTHER_ACCOUNTS" {
        return Ok(json!({ "CertificateAuthorities": [] }));
    }
    let mut page = Authority::page(&pca.store().lock(), after, limit + 1)?;
    let more = page.len() > limit;
    page.truncate(limit);
    let items = page.iter().map(|a| described(pca, a, caller.at)).collect::<Result<Vec<_>, _>>()?;
    let mut answer = json!({ "CertificateAuthorities": items });
    if let (true, Some(last)) = (more, page.last()) {
        answer["NextToken"] = encode_page(last.id).into();
    }
    Ok(answer)
}

pub fn update(pca: &Pca, caller: &Caller, given: Update) -> Answer {
    if let Some(status) = &given.status {
        one_of("status", status, &["ACTIVE", "DISABLED"])?;
    }
    if let Some(configuration) = &given.revocation_configuration {
        configuration.check()?;
    }
    let db = &pca.store().lock();
    let authority = super::authority(pca, db, &given.certificate_authority_arn)?;
    if !matches!(authority.status(caller.at), "ACTIVE" | "DISABLED") {
        return Err(wrong_state(&authority, caller.at, "be updated"));
    }
    if let Some(configuration) = &given.revocation_configuration {
        authority.set_revocation(db, &serde_json::to_string(configuration).map_err(ApiError::internal)?)?;
    }
    if let Some(status) = given.status {
        authority.set_disabled(db, status == "DISABLED", caller.at)?;
    }
    Ok(Value::Null)
}

/// The authority's status does not allow what was asked.
pub fn wrong_state(authority: &Authority, now: Stamp, what: &str) -> ApiError {
    let status = authority.status(now);
    ApiError::invalid_state(format!("The certificate authority cannot {what} while its status is {status}."))
}

fn described(pca: &Pca, authority: &Authority, now: Stamp) -> Result<Value, ApiError> {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).map_err(ApiError::internal);
    let mut out = json!({
        "Arn": pca.authority_arn(&authority.uuid),
        "OwnerAccount": pca.options().account,
        "CreatedAt": authority.created_at.json(),
        "LastStateChangeAt": authority.changed_at.json(),
        "Type": authority.kind,
        "Status": authority.status(now),
        "CertificateAuthorityConfiguration": parsed(&authority.configuration)?,
        "RevocationConfiguration": parsed(&authority.revocation)?,
        "KeyStorageSecurityStandard": authority.key_storage,
        "UsageMode": authority.usage_mode,
    });
    if let Some(installed) = &authority.installed {
        out["Serial"] = installed.serial.clone().into();
        out["NotBefore"] = installed.not_before.json();
        out["NotAfter"] = installed.not_after.json();
    }
    Ok(out)
}

fn encode_page(last: AuthorityId) -> String {
    URL_SAFE_NO_PAD.encode(format!("after {}", last.0))
}

fn decode_page(token: &str) -> Option<AuthorityId> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("after ")?.parse().ok().map(AuthorityId)
}
