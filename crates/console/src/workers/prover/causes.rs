//! Why a revocation may not show where it should: the likely causes, for people, with what to do.

use countersign_aws::Error as AwsError;
use domain::Timestamp;

use crate::crls::NOT_WRITTEN;

pub(super) const CRL_OFF: &str = "the authority's CRL was switched off after the revocation; devices that still look at \
                                  the old one learn nothing";
pub(super) const OCSP_OFF: &str = "the authority's OCSP was switched off after the revocation";

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
