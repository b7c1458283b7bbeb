//! Why a revocation may not show where it should: the likely causes, for people, with what to do.

use countersign_aws::Error as AwsError;
use domain::Timestamp;

/// What keeps Private CA from writing a list. "MisconfiguredCRLBucket" and the event are AWS's words.
const NOT_WRITTEN: &str = "Private CA does not write it: most often the bucket's policy no longer lets it \
                           (CloudWatch counts MisconfiguredCRLBucket), else its generation failed (the event \"ACM Private CA \
                           CRL Generation\" says why)";

pub(super) const CRL_OFF: &str = "the authority's CRL was switched off after the revocation; devices that still look at \
                                  the old one learn nothing";
pub(super) const OCSP_OFF: &str = "the authority's OCSP was switched off after the revocation";

/// `place`: where the list should be.
pub(super) fn unread(place: &str, error: &AwsError) -> String {
    match error {
        AwsError::NotFound { .. } => format!("there is no CRL at {place}: {NOT_WRITTEN}"),
        AwsError::Denied { .. } => format!(
            "the CRL at {place} cannot be read: the bucket's policy, or ours, does not let us (s3:GetObject): {error}"
        ),
        _ => format!("the CRL at {place} cannot be read: {error}"),
    }
}

/// Certificates of which it is not known which list they name.
pub(super) fn unnamed(error: &AwsError) -> String {
    format!("the certificates, which name their CRL, cannot be read: {error}")
}

/// A list made before the revocation.
pub(super) fn old(place: &str, made: Timestamp) -> String {
    format!("the newest CRL at {place} is of {}, before the revocation: {NOT_WRITTEN}", made.absolute())
}

pub(super) fn expired(place: &str, end: Timestamp) -> String {
    format!("the newest CRL at {place} has expired at {}: {NOT_WRITTEN}", end.absolute())
}

/// A newer list that lacks some all the same.
pub(super) fn lacking(place: &str, made: Timestamp, count: usize) -> String {
    let made = made.absolute();
    format!(
        "the CRL at {place} of {made} was made after the revocation and lacks {count} of the certificates"
    )
}

/// A list that says that it is for other certificates.
pub(super) fn other_scope(place: &str, points: &[String]) -> String {
    let points = points.join(", ");
    format!(
        "the CRL at {place} is for certificates that name {points}, and these do not: it proves nothing for them"
    )
}

pub(super) fn some_reasons(place: &str, reasons: &str) -> String {
    format!("the CRL at {place} is for some reasons only ({reasons})")
}

/// Certificates that name another place than the one where the authority publishes.
pub(super) fn other_address(named: &[String], place: &str) -> String {
    match named {
        [] => {
            "the certificates name no distribution point, so that it is not known which partition lists them"
                .to_owned()
        }
        named => format!(
            "the certificates name {}, where the authority does not publish ({place}): devices look there and learn nothing",
            named.join(", ")
        ),
    }
}
