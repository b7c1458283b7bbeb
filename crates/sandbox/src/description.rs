//! `sandbox.json`: everything another program needs to drive the sandbox.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::authorities::Authority;
use crate::clients::Endpoints;
use crate::dynamodb::Tables;
use crate::fleet::PlantedCertificate;
use crate::keys::AccessKey;
use crate::people::PEOPLE;
use crate::planted::Planted;
use crate::s3::Buckets;

/// The file's name in the data directory. It is there only while the sandbox is ready.
pub(crate) const FILE: &str = "sandbox.json";

/// The content of `sandbox.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Where the console is, or would be.
    pub console_url: String,
    /// The configuration file of the process that serves pages.
    pub config: PathBuf,
    /// That of the worker, or of one process that does both.
    pub worker_config: PathBuf,
    /// The environment that the console, and any other AWS client, needs to meet this sandbox.
    pub env: BTreeMap<String, String>,
    pub endpoints: Endpoints,
    pub region: String,
    pub account: String,
    pub authorities: Vec<Authority>,
    pub tables: Tables,
    pub buckets: Buckets,
    /// The KMS key that signs the ledger's log.
    pub ledger_key: String,
    pub trail_arn: String,
    /// In front of `AWSLogs/` in the trail's bucket.
    pub trail_prefix: String,
    pub oidc: Oidc,
    /// What the console tells people.
    pub notifications: Notifications,
    pub people: Vec<Person>,
    pub access_keys: Vec<PublishedKey>,
    /// What is to be found, by the kind of finding. Nothing else is wrong.
    pub planted: Planted,
    /// The certificates in trouble, by what was done to them.
    pub planted_detail: Vec<PlantedCertificate>,
}

/// How the console signs people in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oidc {
    pub issuer: String,
    pub client_id: String,
}

/// Where notifications go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    /// Takes what is posted to it, and shows the last of it, of the mail and of the topic.
    pub webhook: String,
    /// The mail server.
    pub mail: String,
    /// The ARN of the topic of SNS.
    pub topic: String,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub username: String,
    pub name: String,
    pub roles: Vec<String>,
    pub groups: Vec<String>,
}

/// An access key and the principal it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedKey {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// ARN of the assumed role's session, or of the user.
    pub principal: String,
    /// Its profile in the shared credentials file.
    pub profile: String,
}

/// Everybody, as the file lists them.
pub(crate) fn people() -> Vec<Person> {
    let owned = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect();
    PEOPLE
        .iter()
        .map(|person| Person {
            username: person.username.to_owned(),
            name: person.name.to_owned(),
            roles: owned(person.roles),
            groups: owned(person.groups),
        })
        .collect()
}

/// An access key, as the file lists it.
pub(crate) fn published(key: &AccessKey) -> PublishedKey {
    PublishedKey {
        access_key_id: key.access_key_id.clone(),
        secret_access_key: key.secret_access_key.clone(),
        principal: key.principal(),
        profile: key.role.profile().to_owned(),
    }
}
