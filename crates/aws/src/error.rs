//! What can go wrong with AWS, in our words: every SDK error becomes one of these here and nowhere else.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What a condition or a look-up was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    Authority,
    Bulk,
    Certificate,
    Calendar,
    Configuration,
    Decision,
    ExecutionItem,
    Finding,
    Incident,
    InventoryItem,
    LedgerEntry,
    Lease,
    List,
    Notification,
    MonthLoad,
    Object,
    Outbox,
    Pack,
    Person,
    Preferences,
    PublicKey,
    Report,
    Request,
    Run,
    Schedule,
    Session,
    SigningKey,
    Table,
    Topic,
    Trail,
    TrailFile,
    Untold,
    Wake,
    Worker,
}

impl Thing {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Bulk => "handling of many findings",
            Self::Calendar => "calendar",
            Self::Certificate => "certificate",
            Self::Configuration => "configuration",
            Self::Decision => "decision",
            Self::ExecutionItem => "item of an execution",
            Self::Finding => "finding",
            Self::Incident => "incident",
            Self::InventoryItem => "inventory item",
            Self::LedgerEntry => "ledger entry",
            Self::Lease => "lease",
            Self::List => "list",
            Self::Notification => "notification",
            Self::MonthLoad => "loading of a month",
            Self::Object => "S3 object",
            Self::Outbox => "outbox item",
            Self::Pack => "pack of evidence",
            Self::Person => "person",
            Self::Preferences => "set-up of your lists",
            Self::PublicKey => "public key",
            Self::Report => "audit report",
            Self::Request => "request",
            Self::Run => "run",
            Self::Schedule => "schedule",
            Self::Session => "session",
            Self::SigningKey => "KMS key",
            Self::Table => "table",
            Self::Topic => "SNS topic",
            Self::Trail => "state of a trail",
            Self::TrailFile => "log file",
            Self::Untold => "revocation that the inventory is to be told of",
            Self::Wake => "wake-up",
            Self::Worker => "worker",
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why AWS did not do what it was asked to. The text says operation, resource and remedy; it may hold foreign text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no {what} {id}.")]
    NotFound { what: Thing, id: String },
    /// The stored state is not what the write demanded: nothing was written. Read it again before another try.
    #[error("The {what} {id} has changed meanwhile; nothing was written. Read it again.")]
    Conflict { what: Thing, id: String },
    #[error("AWS is throttling {operation} on {resource}. Try again in a moment, or raise the quota.")]
    Throttled { operation: &'static str, resource: String },
    /// `by_policy`: the credentials are good, and lack a right.
    #[error("AWS refuses {operation} on {resource}: {message}. Check the credentials and their policy.")]
    Denied { operation: &'static str, resource: String, message: String, by_policy: bool },
    /// What was asked or what is stored makes no sense; asking again changes nothing.
    #[error("{operation} on {resource} is not possible: {reason}")]
    Invalid { operation: &'static str, resource: String, reason: String },
    /// No answer, or one that says nothing: whether a write was done is not known.
    #[error(
        "{operation} on {resource} got no usable answer ({}).{} Check the connection, the region and the credentials.",
        root(source.as_ref()), aftermath(operation)
    )]
    Unavailable { operation: &'static str, resource: String, source: Box<dyn StdError + Send + Sync> },
}

impl Error {
    pub(crate) fn not_found(what: Thing, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }

    pub(crate) fn conflict(what: Thing, id: impl Into<String>) -> Self {
        Self::Conflict { what, id: id.into() }
    }

    pub(crate) fn invalid(
        operation: &'static str,
        resource: impl Into<String>,
        reason: impl fmt::Display,
    ) -> Self {
        Self::Invalid { operation, resource: resource.into(), reason: reason.to_string() }
    }

    /// Whether it may go better in a moment without anybody's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }
}

/// What may have come of an operation without an answer: of one that only reads, nothing.
fn aftermath(operation: &str) -> &'static str {
    const READS: [&str; 7] = ["Get", "BatchGet", "List", "Describe", "Scan", "Query", "Head"];
    let name = operation.rsplit(':').next().unwrap_or(operation);
    match READS.iter().any(|read| name.starts_with(read)) {
        true => "",
        false => " It may have been done all the same.",
    }
}

/// The text of the error at the bottom.
fn root(error: &(dyn StdError + Send + Sync + 'static)) -> String {
    let mut error: &dyn StdError = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Turns an SDK error into ours. `thing` and `resource` name what was asked for.
pub(crate) fn sdk<E, R>(
    operation: &'static str,
    thing: Thing,
    resource: impl Into<String>,
) -> impl FnOnce(SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let resource = resource.into();
    move |error| {
        let code = error.code().unwrap_or_default();
        let message = || error.message().unwrap_or(code).trim_end_matches('.').to_owned();
        if is_throttling(code) {
            Error::Throttled { operation, resource }
        } else if is_denial(code) {
            Error::Denied { operation, resource, message: message(), by_policy: is_by_policy(code) }
        } else if is_absence(code) {
            match code {
                // Not the thing itself but what holds it.
                "NoSuchBucket" => Error::invalid(
                    operation,
                    resource,
                    "there is no such bucket. Check its name in the configuration",
                ),
                "ResourceNotFoundException" if operation.starts_with("dynamodb:") => Error::invalid(
                    operation,
                    resource,
                    "there is no such table or index. Check its name, the Region and the account in the configuration",
                ),
                _ => Error::NotFound { what: thing, id: resource },
            }
        } else if is_our_mistake(code) {
            Error::Invalid { operation, resource, reason: message() }
        } else {
            Error::Unavailable { operation, resource, source: Box::new(error) }
        }
    }
}

/// Codes of "not now" over all services; most are in no service model.
pub(crate) fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "ThrottlingError"
            | "ProvisionedThroughputExceededException"
            | "ProvisionedThroughputExceeded"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "SlowDown"
            | "KMSThrottling"
            | "TransactionInProgressException"
            | "TransactionConflictException"
            | "TransactionConflict"
            | "ConcurrentModificationException"
    )
}

pub(crate) fn is_denial(code: &str) -> bool {
    is_by_policy(code) || is_by_credentials(code)
}

fn is_by_policy(code: &str) -> bool {
    matches!(
        code,
        "AccessDeniedException"
            | "AccessDenied"
            | "AuthorizationError"
            | "KMSAccessDenied"
            | "KMSAccessDeniedException"
    )
}

fn is_by_credentials(code: &str) -> bool {
    matches!(
        code,
        "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "ExpiredTokenException"
            | "ExpiredToken"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature"
            | "InvalidSecurity"
            | "KMSOptInRequired"
            | "IncompleteSignatureException"
            | "OptInRequired"
            | "AllAccessDisabled"
    )
}

fn is_absence(code: &str) -> bool {
    matches!(
        code,
        "ResourceNotFoundException"
            | "NotFoundException"
            | "NoSuchKey"
            | "NoSuchVersion"
            | "NoSuchBucket"
            | "NotFound"
    )
}

/// Codes of what no waiting mends. S3 and SNS answer with the last ones for what is archived, or encrypted with a key that is not
/// given, disabled or deleted.
fn is_our_mistake(code: &str) -> bool {
    matches!(
        code,
        "ValidationException"
            | "ValidationError"
            | "InvalidArnException"
            | "InvalidArgsException"
            | "InvalidRequestException"
            | "InvalidStateException"
            | "ItemCollectionSizeLimitExceededException"
            | "LimitExceededException"
            | "PermanentRedirect"
            | "InvalidBucketName"
            | "SerializationException"
            | "InvalidTimeRangeException"
            | "InvalidObjectState"
            | "InvalidRequest"
            | "InvalidArgument"
            | "DisabledException"
            | "InvalidKeyUsageException"
            | "KMSInvalidStateException"
            | "InvalidParameter"
            | "ParameterValueInvalid"
            | "KMSDisabled"
            | "KMSInvalidState"
            | "KMSNotFound"
            | "KMS.DisabledException"
            | "KMS.InvalidKeyUsageException"
            | "KMS.InvalidStateException"
            | "KMS.KMSInvalidStateException"
            | "KMS.NotFoundException"
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_s3::operation::get_object::GetObjectError;

    use super::*;

    #[test]
    fn only_a_write_may_have_been_done_all_the_same() {
        let of = |operation: &'static str| {
            let error = GetObjectError::generic(ErrorMetadata::builder().code("InternalError").build());
            sdk(operation, Thing::Object, "x")(SdkError::service_error(error, ())).to_string()
        };
        for reads in [
            "s3:GetObject",
            "dynamodb:Query",
            "dynamodb:BatchGetItem",
            "acm-pca:DescribeCertificateAuthority",
        ] {
            assert!(!of(reads).contains("done"), "{reads}");
        }
        for writes in [
            "acm-pca:RevokeCertificate",
            "dynamodb:TransactWriteItems",
            "acm-pca:CreateCertificateAuthorityAuditReport",
        ] {
            assert!(of(writes).contains("). It may have been done all the same. Check"), "{writes}");
        }
    }

    #[test]
    fn an_object_that_cannot_be_read_is_not_asked_for_again_and_again() {
        let of = |code: &str| {
            let error = GetObjectError::generic(ErrorMetadata::builder().code(code).build());
            sdk("s3:GetObject", Thing::Object, "s3://trail/key")(SdkError::service_error(error, ()))
        };
        for code in ["AccessDenied", "InvalidObjectState", "InvalidRequest", "KMS.DisabledException"] {
            assert!(!of(code).is_transient(), "{code}");
        }
        for code in ["SlowDown", "InternalError", "KMS.KMSInternalException"] {
            assert!(of(code).is_transient(), "{code}");
        }
    }
}
