//! The access keys of the sandbox's account, and the principal that each one stands for.

use serde::{Deserialize, Serialize};

use crate::secret;

/// The account that everything in the sandbox belongs to.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The Region that the sandbox says it is.
pub(crate) const REGION: &str = "eu-central-1";

/// Who a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The console's web process: reads, and asks for audit reports.
    Console,
    /// The console's executor: revokes.
    Executor,
    /// The provisioning service, the one authorised issuer.
    Provisioning,
    /// A forgotten deployment role that can still issue: the rogue issuer.
    LegacyDeploy,
    /// The tablets of the field service, whose key is stolen in an incident.
    FieldService,
    /// A person with every right, who sets the authorities up and revokes past the console.
    Administrator,
    /// An IAM user of the build machines, who may look, and tries to issue.
    CiBuild,
    /// The account's root user.
    Root,
    /// Private CA itself, when it writes to a bucket. No person or program outside holds this key.
    PrivateCa,
    /// CloudTrail itself, when it delivers. No person or program outside holds this key.
    CloudTrail,
}

/// What kind of principal a role of the sandbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A session of an IAM role.
    Session {
        /// Of the role, with a slash at both ends. The session's ARN does not have it.
        path: &'static str,
        role: &'static str,
        session: &'static str,
    },
    User(&'static str),
    Root,
}

impl Role {
    const ALL: [Self; 10] = [
        Self::Console,
        Self::Executor,
        Self::Provisioning,
        Self::LegacyDeploy,
        Self::FieldService,
        Self::Administrator,
        Self::CiBuild,
        Self::Root,
        Self::PrivateCa,
        Self::CloudTrail,
    ];

    /// The profile's name in the shared credentials file.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Console => "default",
            Self::Executor => "executor",
            Self::Provisioning => "provisioning",
            Self::LegacyDeploy => "legacy-deploy",
            Self::FieldService => "field-service",
            Self::Administrator => "administrator",
            Self::CiBuild => "ci-build",
            Self::Root => "root",
            Self::PrivateCa => "private-ca",
            Self::CloudTrail => "cloudtrail",
        }
    }

    /// The role behind a profile.
    pub(crate) fn of_profile(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.profile() == name)
    }

    /// The principal.
    pub(crate) fn identity(self) -> Identity {
        let session = |path, role, session| Identity::Session { path, role, session };
        match self {
            Self::Console => session("/", "countersign-console", "console"),
            Self::Executor => session("/", "countersign-executor", "console"),
            Self::Provisioning => session("/service/", "provisioning", "fleet"),
            Self::LegacyDeploy => session("/", "legacy-deploy", "build-17"),
            Self::FieldService => session("/", "field-service", "tablet-0413"),
            Self::Administrator => session("/", "pki-administrator", "m.keller"),
            Self::CiBuild => Identity::User("ci-build"),
            Self::Root => Identity::Root,
            Self::PrivateCa => session("/", "private-ca", "service"),
            Self::CloudTrail => session("/", "cloudtrail", "service"),
        }
    }

    /// Where its calls come from, in a network that is not only this machine.
    pub(crate) fn address(self) -> &'static str {
        match self {
            Self::Console | Self::Executor => "10.20.0.5",
            Self::Provisioning => "10.20.0.15",
            Self::LegacyDeploy => "203.0.113.77",
            Self::FieldService => "203.0.113.61",
            Self::Administrator | Self::Root => "198.51.100.23",
            Self::CiBuild => "203.0.113.140",
            Self::PrivateCa | Self::CloudTrail => "127.0.0.1",
        }
    }

    /// The public half of its key, which is the same in every sandbox.
    pub(crate) fn access_key_id(self) -> String {
        let name = self.profile().replace('-', "").to_uppercase();
        format!("SANDBOX{name:0<13.13}")
    }

    /// Whether the key is for people and programs outside the sandbox.
    pub(crate) fn is_published(self) -> bool {
        !matches!(self, Self::PrivateCa | Self::CloudTrail)
    }

    /// The Private CA operations that this principal's policies allow (facts on AWS, section 7b).
    pub(crate) fn may_call(self) -> &'static [&'static str] {
        match self {
            Self::Console => &[
                "ListCertificateAuthorities",
                "DescribeCertificateAuthority",
                "CreateCertificateAuthorityAuditReport",
                "DescribeCertificateAuthorityAuditReport",
                "GetCertificate",
                "GetCertificateAuthorityCertificate",
            ],
            Self::Executor => &["RevokeCertificate", "DescribeCertificateAuthority", "GetCertificate"],
            Self::Provisioning | Self::LegacyDeploy | Self::FieldService => {
                &["IssueCertificate", "GetCertificate"]
            }
            Self::Administrator | Self::Root => &["*"],
            Self::CiBuild => &["ListCertificateAuthorities", "DescribeCertificateAuthority"],
            Self::PrivateCa | Self::CloudTrail => &[],
        }
    }
}

impl Identity {
    /// The caller as `GetCallerIdentity` would name it.
    pub(crate) fn arn(self) -> String {
        match self {
            Self::Session { role, session, .. } => {
                format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")
            }
            _ => self.principal(),
        }
    }

    /// What policies are attached to: the role with its path, the user, the root user.
    pub(crate) fn principal(self) -> String {
        match self {
            Self::Session { path, role, .. } => format!("arn:aws:iam::{ACCOUNT}:role{path}{role}"),
            Self::User(name) => format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
            Self::Root => format!("arn:aws:iam::{ACCOUNT}:root"),
        }
    }
}

/// One access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Whose it is.
    pub role: Role,
    /// The public half, which a signed request names.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
}

impl AccessKey {
    /// The caller as `GetCallerIdentity` would name it.
    pub fn principal(&self) -> String {
        self.role.identity().arn()
    }
}

/// A fresh key for each role.
pub(crate) fn generate() -> Vec<AccessKey> {
    let key = |role: Role| AccessKey {
        role,
        access_key_id: role.access_key_id(),
        secret_access_key: secret::token(),
    };
    Role::ALL.iter().copied().map(key).collect()
}
