//! Who an ID token says somebody is. Its signature, issuer, audience and times were checked before.

use domain::people::{Human, Person, Strength};
use domain::{PersonId, Timestamp, foreign};
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Oidc, Refusal};

/// Every claim that OpenID Connect Core does not define.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extra(Map<String, Value>);

impl AdditionalClaims for Extra {}

pub type Claims = IdTokenClaims<Extra, CoreGenderClaim>;

/// Somebody, as the provider vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub person: Person,
    /// All their groups that the claims list, whatever they mean here.
    pub groups: Vec<String>,
    /// When they proved who they are; 1970 if the provider does not say.
    pub signed_in_at: Timestamp,
    /// How they proved it.
    pub strength: Strength,
    /// The provider's name for this session (OpenID Connect Back-Channel Logout §2.1).
    pub provider_session: Option<String>,
}

impl Identity {
    /// Reads the claims that are used here: groups and the human behind the account under these names, or where these JSON
    /// pointers lead.
    ///
    /// # Errors
    /// The subject cannot be an identity, or the groups are somewhere else or in another form.
    pub fn of(claims: &Claims, groups_claim: &str, people_claim: Option<&str>) -> Result<Self, Refusal> {
        let extra = &claims.additional_claims().0;
        let id = PersonId::new(claims.issuer(), claims.subject()).map_err(|_| Refusal::Subject)?;
        let name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.as_str())
            .or_else(|| claims.preferred_username().map(|name| name.as_str()))
            .or_else(|| claims.email().map(|address| address.as_str()));
        let name = shown(name.unwrap_or_default());
        let name = if name.is_empty() { shown(claims.subject()) } else { name };
        let signed_in_at = claims.auth_time().and_then(|time| Timestamp::from_unix(time.timestamp()).ok());
        Ok(Self {
            person: Person { id, name, human: people_claim.and_then(|claim| human(extra, claim)) },
            groups: groups(extra, groups_claim)?.unwrap_or_default(),
            signed_in_at: signed_in_at.unwrap_or(Timestamp::EPOCH),
            strength: Strength {
                acr: claims.auth_context_ref().map(|class| class.as_str().to_owned()),
                amr: claims
                    .auth_method_refs()
                    .into_iter()
                    .flatten()
                    .map(|method| method.to_string())
                    .collect(),
                by_iat: false,
            },
            provider_session: extra.get("sid").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

impl Oidc {
    /// The same by what is configured.
    ///
    /// # Errors
    /// As [`Identity::of`].
    pub fn identity(&self, claims: &Claims) -> Result<Identity, Refusal> {
        let identity = Identity::of(claims, &self.groups_claim, self.people_claim.as_deref())?;
        if !self.iat_counts || identity.signed_in_at != Timestamp::EPOCH {
            return Ok(identity);
        }
        let made_at = Timestamp::from_unix(claims.issue_time().timestamp()).unwrap_or(Timestamp::EPOCH);
        let strength = Strength { by_iat: true, ..identity.strength };
        Ok(Identity { signed_in_at: made_at, strength, ..identity })
    }
}

/// What a logout token asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// `jti`: each is followed once.
    pub id: String,
    pub person: PersonId,
    /// `None`: all sessions of the person.
    pub provider_session: Option<String>,
    pub expires_at: Timestamp,
}

impl Logout {
    /// Reads the claims of a token whose signature, issuer, audience, times and absence of a nonce were checked
    /// (OpenID Connect Back-Channel Logout §2.4). A provider that names only `sid` and no `sub` is not understood.
    pub fn of(claims: &Claims) -> Result<Self, Refusal> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let extra = &claims.additional_claims().0;
        let event = extra.get("events").and_then(|events| events.get(EVENT));
        let id = extra.get("jti").and_then(Value::as_str).filter(|id| (1..=200).contains(&id.len()));
        let (Some(Value::Object(_)), Some(id)) = (event, id) else { return Err(Refusal::NoLogout) };
        Ok(Self {
            id: id.to_owned(),
            person: PersonId::new(claims.issuer(), claims.subject()).map_err(|_| Refusal::Subject)?,
            provider_session: extra.get("sid").and_then(Value::as_str).map(str::to_owned),
            expires_at: Timestamp::from_unix(claims.expiration().timestamp())
                .map_err(|_| Refusal::NoLogout)?,
        })
    }
}

impl Extra {
    /// `sub`, where these are all the claims.
    pub fn subject(&self) -> Option<&str> {
        self.0.get("sub").and_then(Value::as_str)
    }

    /// The groups under the claim of this name, or where a JSON pointer (RFC 6901: it begins with `/`) leads. `None`: they
    /// are not here. One text is one group.
    ///
    /// # Errors
    /// They are too many to be listed, or in another form: that is never none.
    pub fn groups(&self, claim: &str) -> Result<Option<Vec<String>>, Refusal> {
        groups(&self.0, claim)
    }
}

/// Who is behind the account: a text or a number. `None`: the claim is not there, or cannot name anybody.
fn human(claims: &Map<String, Value>, claim: &str) -> Option<Human> {
    match find(claims, claim)? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// The names on the way to a claim: one, or those of a JSON pointer.
fn steps(claim: &str) -> impl Iterator<Item = String> {
    let path = claim.strip_prefix('/');
    let names = path.map_or_else(|| vec![claim.to_owned()], |path| path.split('/').map(unescaped).collect());
    names.into_iter()
}

fn find<'c>(claims: &'c Map<String, Value>, claim: &str) -> Option<&'c Value> {
    let mut steps = steps(claim);
    let first = claims.get(&steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(&step))
}

fn groups(claims: &Map<String, Value>, claim: &str) -> Result<Option<Vec<String>>, Refusal> {
    let name = steps(claim).next().unwrap_or_default();
    // OpenID Connect Core §5.6.2; Microsoft's platform uses it, or `hasgroups` for `groups`, when there are too many to list.
    let sourced = claims.get("_claim_names").and_then(|names| names.get(&name)).is_some();
    let has_groups = name == "groups"
        && claims.get("hasgroups").is_some_and(|has| *has != Value::Bool(false) && *has != "false");
    if sourced || has_groups {
        return Err(Refusal::GroupsElsewhere);
    }
    let text = |entry: &Value| entry.as_str().map(str::to_owned).ok_or(Refusal::GroupsForm);
    match find(claims, claim) {
        None => Ok(None),
        Some(Value::Array(entries)) => entries.iter().map(text).collect::<Result<_, _>>().map(Some),
        Some(one) => Ok(Some(vec![text(one)?])),
    }
}

/// RFC 6901 §4.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// A name that can be shown: without characters that are invisible or turn text around, at most 100 of the others.
fn shown(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !foreign::is_hidden(*c)).take(100).collect();
    visible.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn identity(changes: Value) -> Result<Identity, Refusal> {
        let mut claims = json!({
            "iss": "https://login.example.com", "sub": "7", "aud": "countersign",
            "exp": 1_700_000_300, "iat": 1_700_000_000, "auth_time": 1_699_999_990,
            "name": "Olivia Okafor", "groups": ["pki-operators"], "sid": "s1",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        Identity::of(&serde_json::from_value(claims).unwrap(), "groups", Some("/hr/employee_id"))
    }

    #[test]
    fn the_human_behind_an_account_is_a_text_or_a_number() {
        let human = |value: Value| identity(json!({"hr": {"employee_id": value}})).unwrap().person.human;
        assert_eq!(human(json!(" E-7 ")).unwrap().as_str(), "E-7");
        assert_eq!(human(json!(7)).unwrap().as_str(), "7");
        for nobody in
            [json!(""), json!("  "), json!(null), json!(["7"]), json!("7\u{200b}"), json!("x".repeat(201))]
        {
            assert_eq!(human(nobody.clone()), None, "{nobody}");
        }
        assert_eq!(identity(json!({})).unwrap().person.human, None);
    }

    #[test]
    fn a_person_is_issuer_and_subject_whatever_they_are_called() {
        let identity = identity(json!({"email": "someone@else.example"})).unwrap();
        assert_eq!(identity.person.id.as_str(), "https://login.example.com|7");
        assert_eq!(identity.person.name, "Olivia Okafor");
        assert_eq!(identity.groups, ["pki-operators"]);
        assert_eq!(identity.signed_in_at.unix(), 1_699_999_990);
        assert_eq!(identity.provider_session.as_deref(), Some("s1"));
    }

    #[test]
    fn groups_are_an_array_of_strings_or_one_text() {
        assert_eq!(
            identity(json!({"groups": "pki-operators, staff"})).unwrap().groups,
            ["pki-operators, staff"]
        );
        for form in [json!({"0": "pki-operators"}), json!(["a", 1]), json!([["a"]]), json!(7), Value::Null] {
            let refusal = identity(json!({"groups": form.clone()})).unwrap_err();
            assert!(matches!(refusal, Refusal::GroupsForm), "{form}");
        }
        let none = identity(json!({"groups": []})).unwrap();
        assert!(none.groups.is_empty());
    }

    #[test]
    fn groups_are_found_by_name_or_by_pointer() {
        let claims = json!({
            "https://pki.example.com/groups": ["url"], "cognito:groups": "colon", "realm.roles": ["dot"],
            "realm_access": {"roles": ["nested"]}, "a/b": {"~": {"x": "escaped"}},
        });
        let extra: Extra = serde_json::from_value(claims).unwrap();
        for (claim, group) in [
            ("https://pki.example.com/groups", Some("url")),
            ("cognito:groups", Some("colon")),
            ("realm.roles", Some("dot")),
            ("/realm_access/roles", Some("nested")),
            ("/a~1b/~0/x", Some("escaped")),
            ("/realm_access/groups", None),
            ("/realm_access/roles/x", None),
            ("realm_access.roles", None),
        ] {
            let groups = extra.groups(claim).unwrap();
            assert_eq!(groups, group.map(|group| vec![group.to_owned()]), "{claim}");
        }
        assert!(matches!(extra.groups("/realm_access"), Err(Refusal::GroupsForm)));
    }

    #[test]
    fn groups_that_are_somewhere_else_are_no_empty_list() {
        let sources = |name: &str| json!({"_claim_names": {name: "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}});
        for overage in [sources("groups"), json!({"hasgroups": true}), json!({"hasgroups": "true"})] {
            let refusal = identity(overage.clone()).unwrap_err();
            assert!(matches!(refusal, Refusal::GroupsElsewhere), "{overage}");
            // Whoever takes roles does not mind.
            let extra: Extra = serde_json::from_value(overage).unwrap();
            assert_eq!(extra.groups("roles").unwrap(), None);
        }
        assert!(identity(json!({"_claim_names": {"address": "src1"}, "hasgroups": false})).is_ok());
        let extra: Extra = serde_json::from_value(sources("realm_access")).unwrap();
        assert!(matches!(extra.groups("/realm_access/roles"), Err(Refusal::GroupsElsewhere)));
    }

    #[test]
    fn names_show_what_they_are() {
        let name = |name: &str| identity(json!({"name": name})).unwrap().person.name;
        assert_eq!(name("Eve \u{202e}nimda\u{200b}\r\n"), "Eve nimda");
        assert_eq!(name("\u{200b}"), "7");
        assert_eq!(name(&"x".repeat(500)).len(), 100);
    }

    #[test]
    fn how_somebody_signed_in_is_what_the_provider_says() {
        let strength = |changes: Value| identity(changes).unwrap().strength;
        assert_eq!(strength(json!({})), Strength::default());
        let said = strength(json!({"acr": "phr", "amr": ["pin", "hwk"]}));
        assert_eq!((said.acr.as_deref(), said.amr), (Some("phr"), vec!["pin".to_owned(), "hwk".to_owned()]));
    }

    #[test]
    fn a_sign_in_of_unknown_age_is_never_fresh() {
        assert_eq!(identity(json!({"auth_time": null})).unwrap().signed_in_at, Timestamp::EPOCH);
        assert_eq!(identity(json!({"auth_time": 0})).unwrap().signed_in_at, Timestamp::EPOCH);
    }

    #[test]
    fn a_logout_token_names_its_event_and_itself() {
        let logout = |changes: Value| {
            let mut claims = json!({
                "iss": "https://login.example.com", "sub": "7", "aud": "countersign", "exp": 1_700_000_300,
                "iat": 1_700_000_000, "jti": "1", "sid": "s1",
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            });
            claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            Logout::of(&serde_json::from_value(claims).unwrap())
        };
        assert_eq!(logout(json!({})).unwrap().provider_session.as_deref(), Some("s1"));
        for wrong in [json!({"events": {}}), json!({"events": "x"}), json!({"jti": null}), json!({"jti": ""})]
        {
            assert!(matches!(logout(wrong.clone()), Err(Refusal::NoLogout)), "{wrong}");
        }
    }

    #[test]
    fn a_subject_must_be_one() {
        assert!(matches!(identity(json!({"sub": ""})).unwrap_err(), Refusal::Subject));
        assert!(matches!(identity(json!({"sub": "x".repeat(1000)})).unwrap_err(), Refusal::Subject));
    }
}
