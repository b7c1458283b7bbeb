//! One digest by itself: is it where it says, and did CloudTrail sign it?

use super::{Delivered, Signature};
use crate::trail::digest::Digest;
use crate::trail::public_keys::PublicKeys;

/// How far one digest can be trusted; the texts end a sentence that begins with "The digest".
pub(in crate::trail) enum Standing<'a> {
    Good(&'a Digest),
    Unproven(&'a Digest, String),
    Altered(String),
}

pub(in crate::trail) fn judge<'a>(delivered: &Delivered<'a>, keys: &PublicKeys) -> Standing<'a> {
    match delivered.digest {
        Err(why) => Standing::Altered(format!("cannot be read: {why}")),
        Ok(digest) => judge_read(delivered, digest, keys),
    }
}

fn judge_read<'a>(delivered: &Delivered<'_>, digest: &'a Digest, keys: &PublicKeys) -> Standing<'a> {
    let elsewhere = delivered.bucket.is_some_and(|bucket| bucket != digest.bucket);
    if elsewhere || delivered.key != digest.object {
        return Standing::Altered(format!(
            "was delivered to another place, {}/{}, and copied here",
            digest.bucket, digest.object
        ));
    }
    // What the time in the name of a backfill digest is, AWS does not say.
    if delivered.name.end != digest.end && !delivered.name.chain.backfill {
        return Standing::Altered(format!("ends at {}, which is not what its name says", digest.end));
    }
    let signature = match delivered.signature {
        Signature::Given(signature) => signature,
        Signature::Absent => return Standing::Altered("has no signature in its metadata".to_owned()),
        Signature::Unknown => {
            return Standing::Unproven(
                digest,
                "is unproven: its signature is in the metadata of the S3 object only".to_owned(),
            );
        }
    };
    let Ok(signature) = hex::decode(signature) else {
        return Standing::Altered("has a signature that is not hexadecimal".to_owned());
    };
    match keys.verify(&digest.fingerprint, digest.string_to_sign().as_bytes(), &signature) {
        Some(true) => Standing::Good(digest),
        Some(false) => Standing::Altered("has a signature that is not CloudTrail's".to_owned()),
        None if !keys.covers(digest.end) => Standing::Unproven(
            digest,
            format!(
                "is unproven: there is no public key for its time, with the fingerprint {}",
                digest.fingerprint
            ),
        ),
        None => Standing::Altered(format!(
            "is signed with a key, of fingerprint {}, that is not one of CloudTrail's public keys of its time",
            digest.fingerprint
        )),
    }
}
