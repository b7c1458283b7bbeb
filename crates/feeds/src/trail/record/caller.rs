//! Who called: userIdentity. Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".

use domain::trail::{Identity, IdentityKind};
use serde::Deserialize;

use super::json::{flag, object, text};
use super::{NAME, PRINCIPAL, Raw};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    arn: Raw<'a>,
    #[serde(borrow)]
    account_id: Raw<'a>,
    #[serde(borrow)]
    access_key_id: Raw<'a>,
    #[serde(borrow)]
    user_name: Raw<'a>,
    #[serde(borrow)]
    principal_id: Raw<'a>,
    #[serde(borrow)]
    session_context: Raw<'a>,
    #[serde(borrow)]
    invoked_by: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(borrow)]
    attributes: Raw<'a>,
    #[serde(borrow)]
    session_issuer: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes<'a> {
    #[serde(borrow)]
    mfa_authenticated: Raw<'a>,
}

#[derive(Default, Deserialize)]
struct SessionIssuer<'a> {
    #[serde(borrow)]
    arn: Raw<'a>,
}

/// The caller of an event; absent or unusable: unknown.
pub fn identity(raw: Raw<'_>) -> Identity {
    let user: UserIdentity<'_> = object(raw);
    let context: SessionContext<'_> = object(user.session_context);
    let issuer: SessionIssuer<'_> = object(context.session_issuer);
    let attributes: Attributes<'_> = object(context.attributes);
    let kind = kind(text(user.kind, NAME).as_deref());
    let invoked_by = text(user.invoked_by, NAME);
    let account = text(user.account_id, NAME);
    let named = named(&user, kind, account.as_deref(), invoked_by.as_deref());
    let named = match text(issuer.arn, PRINCIPAL).map(|arn| Identity::of_arn(&arn)) {
        // The issuer of a role's session is the role, with its path.
        Some(role) if role.kind == IdentityKind::Role && is_role(&named) => Identity {
            session: named.session.or_else(|| session(&user)),
            account: named.account.or(role.account.clone()),
            ..role
        },
        _ => named,
    };
    Identity {
        account: account.or(named.account),
        access_key: text(user.access_key_id, NAME),
        mfa: flag(attributes.mfa_authenticated),
        invoked_by,
        ..named
    }
}

/// Whoever the record names: by ARN, else the service that called, else what there is.
fn named(
    user: &UserIdentity<'_>,
    kind: IdentityKind,
    account: Option<&str>,
    invoked_by: Option<&str>,
) -> Identity {
    if let Some(arn) = text(user.arn, PRINCIPAL) {
        let identity = Identity::of_arn(&arn);
        let kind = if identity.kind == IdentityKind::Unknown { kind } else { identity.kind };
        return Identity { kind, ..identity };
    }
    if kind == IdentityKind::Role {
        // Only the session's issuer can say which.
        return Identity { kind, ..Identity::unknown() };
    }
    let name = match (kind, invoked_by) {
        (IdentityKind::Service | IdentityKind::Unknown, Some(service)) => return Identity::service(service),
        (IdentityKind::Account | IdentityKind::Root, _) => account.map(str::to_owned),
        (IdentityKind::Unknown, _) => None,
        _ => text(user.user_name, PRINCIPAL).or_else(|| text(user.principal_id, PRINCIPAL)),
    };
    let principal = name.unwrap_or_else(|| Identity::UNKNOWN.to_owned());
    Identity { kind, principal, ..Identity::unknown() }
}

fn is_role(identity: &Identity) -> bool {
    identity.kind == IdentityKind::Role
}

/// The part of principalId behind the colon: `AROA…:SESSION`.
fn session(user: &UserIdentity<'_>) -> Option<String> {
    let id = text(user.principal_id, PRINCIPAL)?;
    id.split_once(':').map(|(_, session)| session.to_owned()).filter(|session| !session.is_empty())
}

fn kind(named: Option<&str>) -> IdentityKind {
    match named {
        Some("Root") => IdentityKind::Root,
        Some("IAMUser") => IdentityKind::User,
        Some("AssumedRole" | "Role") => IdentityKind::Role,
        Some("FederatedUser" | "SAMLUser" | "WebIdentityUser" | "Directory" | "IdentityCenterUser") => {
            IdentityKind::Federated
        }
        Some("AWSService") => IdentityKind::Service,
        Some("AWSAccount") => IdentityKind::Account,
        _ => IdentityKind::Unknown,
    }
}
