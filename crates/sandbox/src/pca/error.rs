//! One refusal: the code AWS clients match on, the HTTP status, and a text for people.

use axum::http::StatusCode;

/// What an operation answers when it does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    pub status: StatusCode,
    /// The exception's name, as in `__type`.
    pub code: &'static str,
    pub message: String,
}

/// An operation's answer: the body of its response.
pub type Answer = Result<serde_json::Value, ApiError>;

macro_rules! bad_request {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl ApiError {
            $($(#[$doc])*
            pub fn $name(message: impl Into<String>) -> Self {
                Self { status: StatusCode::BAD_REQUEST, code: $code, message: message.into() }
            })*
        }
    };
}

bad_request! {
    access_denied = "AccessDeniedException";
    certificate_mismatch = "CertificateMismatchException";
    invalid_args = "InvalidArgsException";
    invalid_arn = "InvalidArnException";
    invalid_next_token = "InvalidNextTokenException";
    invalid_request = "InvalidRequestException";
    invalid_state = "InvalidStateException";
    invalid_tag = "InvalidTagException";
    limit_exceeded = "LimitExceededException";
    malformed_certificate = "MalformedCertificateException";
    malformed_csr = "MalformedCSRException";
    already_processed = "RequestAlreadyProcessedException";
    in_progress = "RequestInProgressException";
    /// Of IAM.
    invalid_action = "InvalidAction";
    /// Of IAM.
    malformed_policy = "MalformedPolicyDocument";
    /// Of IAM.
    no_such_entity = "NoSuchEntity";
    not_found = "ResourceNotFoundException";
    /// The body is not JSON, or a value has the wrong type.
    serialization = "SerializationException";
    throttled = "ThrottlingException";
    unknown_operation = "UnknownOperationException";
    /// An operation that AWS has and this endpoint does not; not an AWS code.
    unsupported = "UnsupportedOperationException";
    /// A constraint of the API model is not met.
    validation = "ValidationException";
}

impl ApiError {
    /// The caller is not known: 403, as the common errors of AWS have it.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code, message: message.into() }
    }

    /// Our own failure; the cause goes to the log, not to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal failure");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "InternalFailure",
            message: "The request failed because of an internal failure; the sandbox's log has the cause."
                .into(),
        }
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}

impl From<rcgen::Error> for ApiError {
    fn from(error: rcgen::Error) -> Self {
        Self::internal(error)
    }
}
