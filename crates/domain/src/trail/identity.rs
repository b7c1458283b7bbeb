//! Who stands behind an event. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".

use serde::{Deserialize, Serialize};

/// What kind of caller it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// An assumed role.
    Role,
    /// A federated, SAML or web-identity user.
    Federated,
    /// An AWS service on its own account or on behalf of somebody.
    Service,
    /// Another account, which alone knows who it was.
    Account,
    /// The record does not say.
    Unknown,
}

/// The caller of an event. All texts are foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What kind of caller it was (`userIdentity.type`).
    pub kind: IdentityKind,
    /// The issuer identity: the role's ARN for an assumed role, else the user's, root's or account's, else
    /// the service's name; [`Identity::UNKNOWN`] where the record names nobody.
    pub principal: String,
    /// The principal is a role whose path the record does not have: its ARN was made from that of the session.
    #[serde(default)]
    pub pathless: bool,
    /// The name of the role's session.
    pub session: Option<String>,
    /// Their AWS account, 12 digits; `None`: the record does not say.
    pub account: Option<String>,
    /// The id of the access key (`accessKeyId`), never its secret; `None`: the record does not say.
    pub access_key: Option<String>,
    /// `None`: not said.
    pub mfa: Option<bool>,
    /// The service that called on its behalf.
    pub invoked_by: Option<String>,
}

impl Identity {
    /// The principal where a record names nobody.
    pub const UNKNOWN: &'static str = "unknown";

    /// Nobody is named: [`Identity::UNKNOWN`], of [`IdentityKind::Unknown`].
    pub fn unknown() -> Self {
        Self {
            kind: IdentityKind::Unknown,
            principal: Self::UNKNOWN.to_owned(),
            pathless: false,
            session: None,
            account: None,
            access_key: None,
            mfa: None,
            invoked_by: None,
        }
    }

    /// An AWS service.
    pub fn service(name: &str) -> Self {
        Self { kind: IdentityKind::Service, principal: name.to_owned(), ..Self::unknown() }
    }

    /// Whoever this ARN stands for: a session (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), role, user or root.
    /// An ARN of another shape is kept as it is, of unknown kind.
    pub fn of_arn(arn: &str) -> Self {
        let named = |kind, principal: &str| Self { kind, principal: principal.to_owned(), ..Self::unknown() };
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (scheme, partition, service, _, account, resource) =
            (next(), next(), next(), next(), next(), next());
        if scheme != "arn" {
            return named(IdentityKind::Unknown, if arn.is_empty() { Self::UNKNOWN } else { arn });
        }
        let identity = match (service, resource.split_once('/')) {
            ("sts", Some(("assumed-role", role))) => {
                let (role, session) = role.split_once('/').unwrap_or((role, ""));
                Self {
                    pathless: true,
                    session: (!session.is_empty()).then(|| session.to_owned()),
                    ..named(IdentityKind::Role, &format!("arn:{partition}:iam::{account}:role/{role}"))
                }
            }
            ("sts", Some(("federated-user", _))) => named(IdentityKind::Federated, arn),
            ("iam", Some(("role", _))) => named(IdentityKind::Role, arn),
            ("iam", Some(("user", _))) => named(IdentityKind::User, arn),
            ("iam", None) if resource == "root" => named(IdentityKind::Root, arn),
            _ => named(IdentityKind::Unknown, arn),
        };
        Self { account: (!account.is_empty()).then(|| account.to_owned()), ..identity }
    }

    /// The AWS service that acts here, if one does.
    pub fn as_service(&self) -> Option<&str> {
        (self.kind == IdentityKind::Service).then_some(self.principal.as_str())
    }

    /// The AWS service that acts here, on its own account or on behalf of somebody (a forward access session).
    pub(crate) fn service_behind(&self) -> Option<&str> {
        self.as_service().or(self.invoked_by.as_deref())
    }

    /// The last part of the principal: what people call it.
    pub fn short(&self) -> &str {
        self.principal.rsplit(['/', ':']).next().unwrap_or(&self.principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_who_it_is() {
        let session = Identity::of_arn("arn:aws:sts::111122223333:assumed-role/provisioning/fleet");
        assert_eq!(session.principal, "arn:aws:iam::111122223333:role/provisioning");
        assert_eq!((session.kind, session.session.as_deref()), (IdentityKind::Role, Some("fleet")));
        assert!(session.pathless);
        for (arn, kind, short) in [
            ("arn:aws:iam::111122223333:role/service/provisioning", IdentityKind::Role, "provisioning"),
            ("arn:aws:iam::111122223333:user/ops/ci", IdentityKind::User, "ci"),
            ("arn:aws:iam::111122223333:root", IdentityKind::Root, "root"),
            ("arn:aws:sts::111122223333:federated-user/x", IdentityKind::Federated, "x"),
            ("nonsense", IdentityKind::Unknown, "nonsense"),
            ("", IdentityKind::Unknown, "unknown"),
            ("arn:", IdentityKind::Unknown, ""),
        ] {
            let identity = Identity::of_arn(arn);
            assert_eq!((identity.kind, identity.short(), identity.pathless), (kind, short, false), "{arn}");
        }
    }
}
