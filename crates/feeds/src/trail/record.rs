//! One record: is it ours, and which event is it?
//!
//! Every field is read on its own: one that is of another type than expected is as good as absent, and only a record
//! without an id or a time, or one that has a field twice, is no event. Unknown fields are ignored.
//! Source: AWS CloudTrail User Guide, "CloudTrail record contents"; AWS Private CA User Guide, "Logging AWS Private CA API
//! calls using AWS CloudTrail".

mod access;
mod caller;
mod json;
mod key;
mod names;

use domain::trail::{ACCESS_CALLS, Event, Failure, Identity, RevocationMeans, What};
use domain::{AuthorityArn, Serial};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::json::{flag, list, object, text};

pub(super) const PRIVATE_CA: &str = "acm-pca.amazonaws.com";
pub(super) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const S3: &str = "s3.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";

/// The calls to CloudTrail that are kept: those that end, narrow or resume logging.
const OF_THE_TRAIL: [&str; 5] =
    ["StopLogging", "StartLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"];

/// The calls to S3 and KMS that are kept: those that change who may write, read or remove evidence, or for how long it is
/// kept. Some have another name in CloudTrail than in the API.
/// Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events"; AWS KMS Developer Guide, "Logging AWS KMS API calls".
const OF_S3: [&str; 12] = [
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketAcl",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "DeleteBucketLifecycle",
    "PutBucketVersioning",
    "PutBucketObjectLockConfiguration",
    "PutObjectLockConfiguration",
    "PutBucketEncryption",
    "DeleteBucketEncryption",
    "DeleteBucket",
];
const OF_KMS: [&str; 3] = ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"];

/// What a record that is kept has in it, unless it hides letters behind escapes: the name of a service all of whose records
/// may be kept, or a part of the name of a call.
pub(super) const MARKS: [&str; 15] = [
    PRIVATE_CA,
    CLOUDTRAIL,
    "PutBucket",
    "DeleteBucket",
    "PutObjectLockConfiguration",
    "DisableKey",
    "ScheduleKeyDeletion",
    "PutKeyPolicy",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "CreateAccessKey",
    "RolePolicy",
    "UserPolicy",
    "UpdateAssumeRolePolicy",
    "DeleteLoginProfile",
];

/// How much of a text is kept, in bytes as it is stored. An ARN of a role has up to 630 (IAM user guide, "IAM and AWS STS
/// quotas": a path of 512, a name of 64).
const NAME: usize = 256;
const PRINCIPAL: usize = 1024;
const AGENT: usize = 512;
const MESSAGE: usize = 1024;

type Raw<'a> = Option<&'a RawValue>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    event_version: Raw<'a>,
    #[serde(borrow, rename = "eventID")]
    event_id: Raw<'a>,
    #[serde(borrow)]
    event_time: Raw<'a>,
    #[serde(borrow)]
    event_source: Raw<'a>,
    #[serde(borrow)]
    event_name: Raw<'a>,
    #[serde(borrow)]
    aws_region: Raw<'a>,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip_address: Raw<'a>,
    #[serde(borrow)]
    user_agent: Raw<'a>,
    #[serde(borrow)]
    user_identity: Raw<'a>,
    #[serde(borrow)]
    error_code: Raw<'a>,
    #[serde(borrow)]
    error_message: Raw<'a>,
    #[serde(borrow)]
    request_parameters: Raw<'a>,
    #[serde(borrow)]
    response_elements: Raw<'a>,
    #[serde(borrow)]
    service_event_details: Raw<'a>,
    #[serde(borrow)]
    resources: Raw<'a>,
    #[serde(borrow, rename = "requestID")]
    request_id: Raw<'a>,
    #[serde(borrow)]
    read_only: Raw<'a>,
    #[serde(borrow)]
    recipient_account_id: Raw<'a>,
}

/// What of requestParameters and responseElements matters here; no call has all of it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    #[serde(borrow)]
    certificate_authority_arn: Raw<'a>,
    #[serde(borrow)]
    certificate_arn: Raw<'a>,
    #[serde(borrow)]
    certificate_serial: Raw<'a>,
    /// Of IssueCertificate.
    #[serde(borrow)]
    csr: Raw<'a>,
    #[serde(borrow)]
    revocation_reason: Raw<'a>,
    #[serde(borrow)]
    template_arn: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow, rename = "s3BucketName")]
    bucket: Raw<'a>,
    #[serde(borrow)]
    revocation_configuration: Raw<'a>,
    /// Of PutPolicy: the authority.
    #[serde(borrow)]
    resource_arn: Raw<'a>,
    /// Of CreatePermission: to whom.
    #[serde(borrow)]
    principal: Raw<'a>,
    /// Of calls to S3 and KMS.
    #[serde(borrow)]
    bucket_name: Raw<'a>,
    #[serde(borrow)]
    key_id: Raw<'a>,
}

/// revocationConfiguration of UpdateCertificateAuthority. What it does not name stays as it is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Revocation<'a> {
    #[serde(borrow)]
    crl_configuration: Raw<'a>,
    #[serde(borrow)]
    ocsp_configuration: Raw<'a>,
}

#[derive(Default, Deserialize)]
struct Means<'a> {
    #[serde(borrow)]
    enabled: Raw<'a>,
}

/// serviceEventDetails of IssueCertificateDetails.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    /// What was signed, in base64.
    #[serde(borrow)]
    tbs_certificate: Raw<'a>,
    #[serde(borrow)]
    serial_number: Raw<'a>,
    #[serde(borrow)]
    template_arn: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    status_reason: Raw<'a>,
    #[serde(borrow)]
    requester_account_id: Raw<'a>,
    #[serde(borrow)]
    requester_arn: Raw<'a>,
    #[serde(borrow)]
    requester_service_principal: Raw<'a>,
}

#[derive(Default, Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Raw<'a>,
}

/// The event of a record; `None`: it is another service's, or a call that does not matter here.
///
/// # Errors
/// What keeps it from being an event, in one sentence that may hold foreign text.
pub fn read(record: &str) -> Result<Option<Event>, String> {
    let fields: Fields<'_> = serde_json::from_str(record).map_err(|error| error.to_string())?;
    let source = text(fields.event_source, NAME).unwrap_or_default();
    let name = text(fields.event_name, NAME).unwrap_or_default();
    let is_one_of = |calls: &[&str]| calls.contains(&name.as_str());
    let ours = match source.as_str() {
        PRIVATE_CA => true,
        CLOUDTRAIL => is_one_of(&OF_THE_TRAIL),
        S3 => is_one_of(&OF_S3),
        KMS => is_one_of(&OF_KMS),
        IAM => is_one_of(&ACCESS_CALLS),
        _ => false,
    };
    if !ours {
        return Ok(None);
    }
    let version = text(fields.event_version, NAME);
    if version.as_deref().is_some_and(|version| version.split('.').next() != Some("1")) {
        return Err(format!("its eventVersion is {}, we read 1.x", version.unwrap_or_default()));
    }
    let field = |name: &str, raw| text(raw, NAME).ok_or_else(|| format!("it has no {name}"));
    let id = field("eventID", fields.event_id)?;
    let time = field("eventTime", fields.event_time)?;
    let details: Details<'_> = object(fields.service_event_details);
    let request: Parameters<'_> = object(fields.request_parameters);
    let response: Parameters<'_> = object(fields.response_elements);
    let resources: Vec<Resource<'_>> = list(fields.resources);
    let what = match source.as_str() {
        CLOUDTRAIL if name == "StartLogging" => What::Other,
        CLOUDTRAIL => What::TrailChange,
        S3 => What::StorageChange { bucket: text(request.bucket_name, NAME), key: None },
        KMS => What::StorageChange { bucket: None, key: text(request.key_id, PRINCIPAL) },
        IAM => {
            What::AccessChange { access: access::access(fields.request_parameters, fields.response_elements) }
        }
        _ => what(&name, &request, &details),
    };
    let failure = text(fields.error_code, NAME)
        .map(|code| Failure { code, message: text(fields.error_message, MESSAGE) });
    let (authority, serial) = about(&what, failure.is_some(), &request, &response, &details, &resources);
    let identity = match what {
        What::IssuanceDetails { .. } => requester(&details),
        _ => caller::identity(fields.user_identity),
    };
    let (key, alternative_names) = match what {
        What::Issuance { .. } => key::request(request.csr)
            .map(|der| (key::in_request(&der).ok(), names::in_request(&der)))
            .unwrap_or_default(),
        What::IssuanceDetails { .. } => key::certificate(details.tbs_certificate)
            .map(|der| (key::in_certificate(&der).ok(), names::in_certificate(&der)))
            .unwrap_or_default(),
        _ => Default::default(),
    };
    Ok(Some(Event {
        id: id.parse().map_err(|error| format!("eventID: {error}"))?,
        time: time.parse().map_err(|error| format!("eventTime: {error}"))?,
        name,
        source,
        region: text(fields.aws_region, NAME).unwrap_or_default(),
        account: text(fields.recipient_account_id, NAME),
        identity,
        address: text(fields.source_ip_address, NAME),
        user_agent: text(fields.user_agent, AGENT),
        request_id: text(fields.request_id, NAME),
        failure,
        read_only: flag(fields.read_only).unwrap_or(false),
        authority,
        serial,
        key,
        alternative_names,
        what,
    }))
}

fn what(name: &str, request: &Parameters<'_>, details: &Details<'_>) -> What {
    match name {
        "IssueCertificate" => What::Issuance { template: text(request.template_arn, PRINCIPAL) },
        "IssueCertificateDetails" => What::IssuanceDetails {
            issued: text(details.status, NAME).as_deref() == Some("ISSUED"),
            template: text(details.template_arn, PRINCIPAL),
            reason: text(details.status_reason, MESSAGE),
        },
        "RevokeCertificate" => What::Revocation { reason: text(request.revocation_reason, NAME) },
        "UpdateCertificateAuthority" => What::AuthorityUpdate {
            status: text(request.status, NAME),
            off: switched_off(request.revocation_configuration),
        },
        "PutPolicy" => What::Sharing { with: None },
        "CreatePermission" => What::Sharing { with: text(request.principal, PRINCIPAL) },
        "ImportCertificateAuthorityCertificate" => What::CertificateImport,
        "DeleteCertificateAuthority" => What::Deletion,
        "CreateCertificateAuthorityAuditReport" => What::AuditReport { bucket: text(request.bucket, NAME) },
        _ => What::Other,
    }
}

fn switched_off(configuration: Raw<'_>) -> Vec<RevocationMeans> {
    let Revocation { crl_configuration, ocsp_configuration } = object(configuration);
    let is_off = |raw| flag(object::<Means<'_>>(raw).enabled) == Some(false);
    let means = [(RevocationMeans::Crl, crl_configuration), (RevocationMeans::Ocsp, ocsp_configuration)];
    means.into_iter().filter(|(_, raw)| is_off(*raw)).map(|(means, _)| means).collect()
}

/// The authority and certificate that an event is about. An ARN that cannot be read is as good as absent.
fn about(
    what: &What,
    failed: bool,
    request: &Parameters<'_>,
    response: &Parameters<'_>,
    details: &Details<'_>,
    resources: &[Resource<'_>],
) -> (Option<AuthorityArn>, Option<Serial>) {
    let certificate = |raw| AuthorityArn::parse_certificate(&text(raw, PRINCIPAL)?).ok();
    let serial = |raw| text(raw, NAME)?.parse::<Serial>().ok();
    let of_resources = || resources.iter().find_map(|resource| certificate(resource.arn));
    let made = match what {
        // A call that failed made no certificate, whatever else it says.
        What::Issuance { .. } if failed => None,
        What::Issuance { .. } => certificate(response.certificate_arn).or_else(of_resources),
        _ => certificate(request.certificate_arn).or_else(of_resources),
    };
    let stated = match what {
        What::IssuanceDetails { .. } => serial(details.serial_number),
        What::Revocation { .. } => serial(request.certificate_serial),
        _ => None,
    };
    let (issuer, made) = made.unzip();
    let named = [request.certificate_authority_arn, response.certificate_authority_arn, request.resource_arn];
    let resources = resources.iter().map(|resource| resource.arn);
    let authority = issuer.or_else(|| {
        named.into_iter().chain(resources).find_map(|raw| text(raw, PRINCIPAL)?.parse::<AuthorityArn>().ok())
    });
    (authority, stated.or(made))
}

/// Who had asked for the certificate that IssueCertificateDetails is about.
fn requester(details: &Details<'_>) -> Identity {
    let account = text(details.requester_account_id, NAME);
    let arn = text(details.requester_arn, PRINCIPAL).map(|arn| Identity::of_arn(&arn));
    let service =
        || text(details.requester_service_principal, PRINCIPAL).map(|name| Identity::service(&name));
    let identity = arn.or_else(service).unwrap_or_else(Identity::unknown);
    Identity { account: account.or(identity.account), ..identity }
}
