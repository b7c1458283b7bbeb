//! What each error of `RevokeCertificate` means for the work. The modelled ones are those of the API reference
//! (RevokeCertificate, "Errors"); the others are AWS's common ones, which every service may give.

use crate::error::{is_denial, is_throttling};

/// What becomes of the certificate, and of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is revoked.
    Done,
    /// The same call may go better in a moment; until a deadline.
    Later,
    /// So too, and it is this certificate's own matter.
    Busy,
    /// It cannot be revoked; others can.
    Refused,
    /// No certificate of the authority can be revoked until somebody has seen to it.
    Authority,
    /// Nobody can revoke anything with these credentials.
    Everything,
}

/// `code`: the error's name; empty for a call without an answer.
pub(super) fn meaning(code: &str) -> Meaning {
    match code {
        "RequestAlreadyProcessedException" => Meaning::Done,
        // "In progress" is an earlier call, or the certificate's issuance; "failed" has "an unspecified reason".
        "RequestInProgressException" | "ConcurrentModificationException" | "RequestFailedException" => {
            Meaning::Busy
        }
        // Expired, a root's own, of another authority, unknown.
        "InvalidRequestException"
        | "ResourceNotFoundException"
        | "InvalidArnException"
        | "InvalidArgsException"
        | "ValidationException"
        | "ValidationError" => Meaning::Refused,
        // The authority is neither active nor disabled; its CRL holds as many as it can.
        "InvalidStateException" | "LimitExceededException" => Meaning::Authority,
        // A policy may name single authorities; it may also be the CRL's bucket that AWS may not write for the caller.
        "AccessDeniedException" | "AccessDenied" => Meaning::Authority,
        code if is_denial(code) => Meaning::Everything,
        code if is_throttling(code) => Meaning::Later,
        // No answer, a fault of AWS's own, or a name that nobody has heard of: nothing says that it never goes.
        _ => Meaning::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_answer() {
        for (code, expected) in [
            ("RequestAlreadyProcessedException", Meaning::Done),
            ("RequestInProgressException", Meaning::Busy),
            ("ConcurrentModificationException", Meaning::Busy),
            ("RequestFailedException", Meaning::Busy),
            ("ThrottlingException", Meaning::Later),
            ("TooManyRequestsException", Meaning::Later),
            ("RequestLimitExceeded", Meaning::Later),
            ("InternalFailure", Meaning::Later),
            ("InternalServerError", Meaning::Later),
            ("ServiceUnavailable", Meaning::Later),
            ("ServiceUnavailableException", Meaning::Later),
            ("RequestTimeout", Meaning::Later),
            ("SomethingNewException", Meaning::Later),
            ("", Meaning::Later),
            ("InvalidRequestException", Meaning::Refused),
            ("ResourceNotFoundException", Meaning::Refused),
            ("InvalidArnException", Meaning::Refused),
            ("InvalidArgsException", Meaning::Refused),
            ("ValidationException", Meaning::Refused),
            ("InvalidStateException", Meaning::Authority),
            ("LimitExceededException", Meaning::Authority),
            ("AccessDeniedException", Meaning::Authority),
            ("UnrecognizedClientException", Meaning::Everything),
            ("InvalidClientTokenId", Meaning::Everything),
            ("InvalidSignatureException", Meaning::Everything),
            ("IncompleteSignatureException", Meaning::Everything),
            ("MissingAuthenticationTokenException", Meaning::Everything),
            ("ExpiredTokenException", Meaning::Everything),
            ("OptInRequired", Meaning::Everything),
        ] {
            assert_eq!(meaning(code), expected, "{code:?}");
        }
    }
}
