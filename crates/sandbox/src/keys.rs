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
    /// A person with every right, who sets the authorities up and revokes past the console.
    Administrator,
    /// Private CA itself, when it writes to a bucket. No person or program outside holds this key.
    PrivateCa,
}

impl Role {
    const ALL: [Self; 6] = [
        Self::Console,
        Self::Executor,
        Self::Provisioning,
        Self::LegacyDeploy,
        Self::Administrator,
        Self::PrivateCa,
    ];

    /// The profile's name in the shared credentials file.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Console => "default",
            Self::Executor => "executor",
            Self::Provisioning => "provisioning",
            Self::LegacyDeploy => "legacy-deploy",
            Self::Administrator => "administrator",
            Self::PrivateCa => "private-ca",
        }
    }

    /// Role and session name of the assumed role.
    fn session(self) -> &'static str {
        match self {
            Self::Console => "countersign-console/console",
            Self::Executor => "countersign-executor/console",
            Self::Provisioning => "provisioning/fleet",
            Self::LegacyDeploy => "legacy-deploy/build-17",
            Self::Administrator => "pki-administrator/m.keller",
            Self::PrivateCa => "private-ca/service",
        }
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
            Self::Provisioning | Self::LegacyDeploy => &["IssueCertificate", "GetCertificate"],
            Self::Administrator => &["*"],
            Self::PrivateCa => &[],
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
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}", self.role.session())
    }
}

/// A fresh key for each role.
pub(crate) fn generate() -> Vec<AccessKey> {
    let key = |role: Role| {
        let name = role.profile().replace('-', "").to_uppercase();
        AccessKey {
            role,
            access_key_id: format!("SANDBOX{name:0<13.13}"),
            secret_access_key: secret::token(),
        }
    };
    Role::ALL.into_iter().map(key).collect()
}
