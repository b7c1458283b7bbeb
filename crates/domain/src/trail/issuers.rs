//! Who may have certificates issued, from configuration, and whether an issuance keeps to it.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::identity::{Identity, IdentityKind};
use super::issuance::Issuance;
use crate::report::{is_infrastructure, template_name};

/// The template that AWS takes when the caller names none. Source: API reference, IssueCertificate.
const DEFAULT_TEMPLATE: &str = "EndEntityCertificate/V1";

/// One authorised issuer: everything it says must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// ARN of a role (with its path) or a user; or the name of an AWS service, for what it asks for, whoever it does so for.
    pub principal: String,
    /// Name of the role's session; `*` stands for any text.
    pub session: Option<String>,
    /// Empty: from anywhere.
    pub addresses: Vec<IpNet>,
    /// Template ARNs, or their part behind `template/`. Empty: any but those of CAs and of OCSP responders.
    pub templates: Vec<String>,
}

/// An entry names nobody who could be authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "neither the ARN of a role or user (arn:aws:iam::ACCOUNT:role/PATH/NAME) nor an AWS service (acm.amazonaws.com)"
)]
pub struct IssuerError;

/// All authorised issuers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuers(Vec<Issuer>);

/// Whether an issuance was authorised.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Authorisation {
    /// An entry allows it.
    Authorised,
    /// No entry names the identity.
    NotAnIssuer,
    /// The identity is an authorised issuer, but its session has another name.
    OtherSession,
    /// The identity is an authorised issuer, but it called from another address.
    OtherAddress,
    /// The identity is an authorised issuer, but used another template.
    OtherTemplate,
    /// The identity is an authorised issuer, but an AWS service called for it that is none.
    OtherService,
}

impl Authorisation {
    /// Every authorisation, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The rest of a sentence that begins with the identity.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Authorised => "is an authorised issuer",
            Self::NotAnIssuer => "is not an authorised issuer",
            Self::OtherSession => "is an authorised issuer, but not under this session name",
            Self::OtherAddress => "is an authorised issuer, but not from this address",
            Self::OtherTemplate => "is an authorised issuer, but not with this template",
            Self::OtherService => "is an authorised issuer, but not through this AWS service",
        }
    }

    /// The same of what is over.
    pub fn past(self) -> String {
        self.sentence().replacen("is", "was", 1)
    }
}

impl Issuer {
    /// An entry without bounds.
    ///
    /// # Errors
    /// It is neither the ARN of a role or user nor the name of an AWS service.
    pub fn new(principal: &str) -> Result<Self, IssuerError> {
        let identity = Identity::of_arn(principal);
        let named = matches!(identity.kind, IdentityKind::Role | IdentityKind::User) && !identity.pathless;
        let whole = principal.len() <= 512 && identity.account.is_some() && !identity.short().is_empty();
        if !((named && whole) || is_service(principal)) {
            return Err(IssuerError);
        }
        Ok(Self {
            principal: principal.to_owned(),
            session: None,
            addresses: Vec::new(),
            templates: Vec::new(),
        })
    }

    /// Whether the entry is one for an AWS service.
    pub fn is_service(&self) -> bool {
        is_service(&self.principal)
    }

    fn is(&self, identity: &Identity) -> bool {
        if self.is_service() {
            return identity.service_behind() == Some(self.principal.as_str());
        }
        if identity.pathless {
            // A role's name is unique within its account, whatever its path.
            let own = Identity::of_arn(&self.principal);
            return own.kind == IdentityKind::Role
                && own.short() == identity.short()
                && own.account == identity.account;
        }
        self.principal == identity.principal
    }

    fn judge(&self, issuance: &Issuance) -> Authorisation {
        if !self.is(&issuance.identity) {
            return Authorisation::NotAnIssuer;
        }
        if !self.is_service() && issuance.identity.service_behind().is_some() {
            return Authorisation::OtherService;
        }
        // What an event does not say speaks against nobody: IssueCertificateDetails may name the role alone. The call itself
        // always has both session and address.
        if let Some(pattern) = &self.session
            && let Some(session) = &issuance.identity.session
            && !matches(pattern, session)
        {
            return Authorisation::OtherSession;
        }
        // A service's name in the place of an address is none of these.
        if let Some(address) = &issuance.address
            && !self.addresses.is_empty()
            && !address.parse::<IpAddr>().is_ok_and(|ip| self.addresses.iter().any(|net| net.contains(&ip)))
        {
            return Authorisation::OtherAddress;
        }
        let template = issuance.template.as_deref().unwrap_or(DEFAULT_TEMPLATE);
        let allowed = match self.templates.is_empty() {
            true => !is_infrastructure(template),
            false => self.templates.iter().any(|own| template_name(own) == template_name(template)),
        };
        if allowed { Authorisation::Authorised } else { Authorisation::OtherTemplate }
    }
}

impl Issuers {
    /// Of these entries: one that allows an issuance is enough. Without any, nobody is authorised.
    pub fn new(entries: Vec<Issuer>) -> Self {
        Self(entries)
    }

    /// The entries, as they are configured.
    pub fn entries(&self) -> &[Issuer] {
        &self.0
    }

    /// The templates that entries name.
    pub fn templates(&self) -> Vec<String> {
        self.0.iter().flat_map(|entry| entry.templates.iter().cloned()).collect()
    }

    /// Whether an entry names this AWS service.
    pub fn name_service(&self, service: &str) -> bool {
        self.0.iter().any(|entry| entry.is_service() && entry.principal == service)
    }

    /// Whether any entry allows it; otherwise what stands against it in the entry that comes closest.
    pub fn judge(&self, issuance: &Issuance) -> Authorisation {
        let mut closest = Authorisation::NotAnIssuer;
        for entry in &self.0 {
            match entry.judge(issuance) {
                Authorisation::Authorised => return Authorisation::Authorised,
                Authorisation::NotAnIssuer => (),
                other => closest = other,
            }
        }
        closest
    }
}

/// `acm.amazonaws.com`, `NAME.REGION.amazonaws.com.cn`: the name under which an AWS service calls.
fn is_service(name: &str) -> bool {
    let own = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com");
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    own.is_some_and(|own| (1..=100).contains(&own.len()) && own.bytes().all(good))
}

/// Whether `text` is what `pattern` describes; `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/service/provisioning";

    fn issuance(arn: &str, session: &str, address: Option<&str>) -> Issuance {
        Issuance {
            event: "1".parse().unwrap(),
            at: crate::Timestamp::EPOCH,
            identity: Identity { session: Some(session.to_owned()), ..Identity::of_arn(arn) },
            address: address.map(str::to_owned),
            user_agent: None,
            template: None,
            key: None,
        }
    }

    fn issuers() -> Issuers {
        let bounded = Issuer {
            session: Some("fleet*".to_owned()),
            addresses: vec!["10.20.0.0/16".parse().unwrap()],
            templates: vec!["arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()],
            ..Issuer::new(ROLE).unwrap()
        };
        Issuers::new(vec![bounded])
    }

    #[test]
    fn all_bounds_must_hold() {
        let inside = Some("10.20.0.15");
        let judge = |arn, session, address| issuers().judge(&issuance(arn, session, address));
        assert_eq!(judge(ROLE, "fleet-7", inside), Authorisation::Authorised);
        assert_eq!(judge(ROLE, "fleet", None), Authorisation::Authorised, "no address, nothing against it");
        assert_eq!(judge(ROLE, "mallory", inside), Authorisation::OtherSession);
        let unnamed = Issuance { identity: Identity::of_arn(ROLE), ..issuance(ROLE, "", None) };
        assert_eq!(issuers().judge(&unnamed), Authorisation::Authorised, "no session, nothing against it");
        assert_eq!(judge(ROLE, "fleet", Some("192.0.2.66")), Authorisation::OtherAddress);
        assert_eq!(judge(ROLE, "fleet", Some("acm.amazonaws.com")), Authorisation::OtherAddress);
        assert_eq!(
            judge("arn:aws:iam::111122223333:role/legacy", "fleet", inside),
            Authorisation::NotAnIssuer
        );
        let other = "arn:aws:iam::999922223333:role/service/provisioning";
        assert_eq!(judge(other, "fleet", inside), Authorisation::NotAnIssuer, "another account");
        assert_eq!(Issuers::default().judge(&issuance(ROLE, "fleet", None)), Authorisation::NotAnIssuer);
        let mut sub = issuance(ROLE, "fleet", inside);
        sub.template = Some("arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen0/V1".to_owned());
        assert_eq!(issuers().judge(&sub), Authorisation::OtherTemplate);
        let unbounded = Issuers::new(vec![Issuer::new(ROLE).unwrap()]);
        assert_eq!(unbounded.judge(&sub), Authorisation::OtherTemplate, "a CA must be named");
        let of_a_ca = "SubordinateCACertificate_PathLen0/V1".to_owned();
        let named = Issuer { templates: vec![of_a_ca], ..Issuer::new(ROLE).unwrap() };
        assert_eq!(Issuers::new(vec![named]).judge(&sub), Authorisation::Authorised);
    }

    #[test]
    fn a_session_arn_has_no_path_but_names_the_role() {
        let session = Identity::of_arn("arn:aws:sts::111122223333:assumed-role/provisioning/fleet");
        let with = |identity| issuers().judge(&Issuance { identity, ..issuance(ROLE, "fleet", None) });
        assert_eq!(with(session), Authorisation::Authorised);
        // A role of this very name without a path is another role, when the record knows its path.
        let named = Identity::of_arn("arn:aws:iam::111122223333:role/provisioning");
        assert_eq!(with(named), Authorisation::NotAnIssuer);
    }

    #[test]
    fn what_a_service_asks_for_is_judged_by_the_service() {
        let acm = Identity::service("acm.amazonaws.com");
        let through = Identity { invoked_by: Some("acm.amazonaws.com".to_owned()), ..Identity::of_arn(ROLE) };
        let judge = |issuers: &Issuers, identity: &Identity| {
            issuers.judge(&Issuance {
                identity: identity.clone(),
                ..issuance(ROLE, "fleet", Some("acm.amazonaws.com"))
            })
        };
        let role = Issuers::new(vec![Issuer::new(ROLE).unwrap()]);
        assert_eq!(judge(&role, &acm), Authorisation::NotAnIssuer);
        assert_eq!(judge(&role, &through), Authorisation::OtherService);
        let service = Issuers::new(vec![Issuer::new("acm.amazonaws.com").unwrap()]);
        assert!(service.name_service("acm.amazonaws.com") && !service.name_service("iot.amazonaws.com"));
        for identity in [&acm, &through] {
            assert_eq!(judge(&service, identity), Authorisation::Authorised);
        }
        let other = Identity { invoked_by: Some("iot.amazonaws.com".to_owned()), ..through };
        assert_eq!(judge(&service, &other), Authorisation::NotAnIssuer);
        assert_eq!(judge(&service, &Identity::of_arn(ROLE)), Authorisation::NotAnIssuer);
    }

    #[test]
    fn an_entry_must_name_a_role_or_user_or_service() {
        assert!(Issuer::new("arn:aws:iam::111122223333:user/ci").is_ok());
        for wrong in [
            "",
            "provisioning",
            "amazonaws.com",
            ".amazonaws.com/x",
            "Acm.amazonaws.com",
            "acm.amazonaws.com.example.com",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:sts::111122223333:assumed-role/provisioning/fleet",
        ] {
            assert_eq!(Issuer::new(wrong), Err(IssuerError), "{wrong}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, is) in [
            ("fleet", "fleet", true),
            ("fleet", "fleet-1", false),
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axc", false),
            ("a*a", "a", false),
            ("*x", "x", true),
            ("é*", "éa", true),
        ] {
            assert_eq!(matches(pattern, text), is, "{pattern} {text}");
        }
    }
}
