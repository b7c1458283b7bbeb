//! `userIdentity`: who a record names.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::clock::iso;
use crate::keys::{ACCOUNT, Identity};

/// The element of a caller with this access key, at this time.
pub(super) fn of(identity: Identity, access_key: &str, at: OffsetDateTime) -> Value {
    match identity {
        Identity::Session { role, session, .. } => {
            let id = unique("AROA", role);
            json!({
                "type": "AssumedRole",
                "principalId": format!("{id}:{session}"),
                "arn": identity.arn(),
                "accountId": ACCOUNT,
                "accessKeyId": access_key,
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": id,
                        "arn": identity.principal(),
                        "accountId": ACCOUNT,
                        "userName": role,
                    },
                    "attributes": {
                        "creationDate": iso(at.truncate_to_hour()),
                        // A person's name has a dot; services have no second factor.
                        "mfaAuthenticated": session.contains('.').to_string(),
                    },
                },
            })
        }
        Identity::User(name) => json!({
            "type": "IAMUser",
            "principalId": unique("AIDA", name),
            "arn": identity.arn(),
            "accountId": ACCOUNT,
            "accessKeyId": access_key,
            "userName": name,
        }),
        Identity::Root => json!({
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": identity.arn(),
            "accountId": ACCOUNT,
            "accessKeyId": access_key,
        }),
    }
}

/// A service of AWS that calls another one.
pub(super) fn service(name: &str) -> Value {
    json!({ "type": "AWSService", "invokedBy": name })
}

/// Private CA in its own events: neither type nor ARN.
pub(super) fn private_ca() -> Value {
    json!({ "accountId": ACCOUNT, "invokedBy": "acm-pca.amazonaws.com" })
}

/// The id that IAM gave this name: the same in every sandbox.
fn unique(prefix: &str, name: &str) -> String {
    let digest = hex::encode_upper(Sha256::digest(name));
    format!("{prefix}{}", &digest[..17])
}
