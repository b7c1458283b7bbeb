//! `[oidc]` and `[roles]`: who signs people in, and which of their groups mean what here.

use domain::Role;
use domain::people::RoleGroups;
use identity::Oidc;
use openidconnect::url::{Host, Url};
use openidconnect::{ClientId, IssuerUrl, Scope};
use toml::de::DeValue;

use super::section::Section;
use super::value::{flag, text, texts, texts_of};

pub(super) fn oidc(section: Section<'_>) -> Option<Oidc> {
    const ISSUER: &str = "Write the provider's issuer, exactly as its discovery document has it; with https unless it is on this machine.";
    let issuer = section.required("issuer", ISSUER, |value| issuer(&text(value)?));
    let client_id =
        section.required("client_id", "Write the client's id, as the provider registered it.", text);
    let scopes = section.optional(
        "scopes",
        "List the scopes to ask for beyond openid, as the provider names them.",
        texts_of(scope),
    );
    let scopes = scopes.unwrap_or_else(|| vec!["profile".to_owned()]);
    let groups_claim = section.optional(
        "groups_claim",
        "Name the claim that lists a person's groups, or write a JSON pointer to it, such as \"/realm_access/roles\".",
        claim,
    );
    let only_in_userinfo = section.optional(
        "groups_only_in_userinfo",
        "Write true if the ID token never lists groups; prefer a provider that puts them there.",
        flag,
    );
    let cognito_logout = section.optional(
        "cognito_logout",
        "Write https://DOMAIN/logout with the domain of the user pool; for other providers leave it out.",
        |value| address(&text(value)?),
    );
    let sandbox = section.optional("allow_sandbox_sign_in", "Remove it: it is for the sandbox.", flag);
    let sandbox = sandbox.unwrap_or_default();
    if sandbox && issuer.as_ref().is_some_and(|issuer| !is_loopback(issuer.url())) {
        let what = "is true, but the issuer is not on this machine";
        section.report("allow_sandbox_sign_in", what, "Remove it: it is for the sandbox.");
    }
    section.finish();
    Some(Oidc {
        issuer: issuer?,
        client_id: ClientId::new(client_id?),
        scopes: scopes.into_iter().map(Scope::new).collect(),
        groups_claim: groups_claim.unwrap_or_else(|| "groups".to_owned()),
        people_claim: None,
        iat_counts: false,
        groups_only_in_userinfo: only_in_userinfo.unwrap_or_default(),
        cognito_logout,
        allow_sandbox_sign_in: sandbox,
    })
}

/// OpenID Connect Core §2.
fn issuer(text: &str) -> Result<IssuerUrl, String> {
    address(text)?;
    IssuerUrl::new(text.to_owned()).map_err(|_| "is not a URL".to_owned())
}

/// An address of the provider, without a query and a fragment.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("does not begin with https://".to_owned()),
    }
}

/// A name, or a JSON pointer, which begins with `/` (RFC 6901 §3: `~` stands before 0 or 1 alone).
fn claim(value: &DeValue<'_>) -> Result<String, String> {
    let claim = text(value)?;
    let escaped = |rest: &str| rest.starts_with(['0', '1']);
    match claim.strip_prefix('/') {
        Some(path) if !path.split('~').skip(1).all(escaped) => {
            Err("begins with / but is no JSON pointer: write ~0 for ~ and ~1 for / within a name".to_owned())
        }
        _ => Ok(claim),
    }
}

/// RFC 6749 §3.3.
fn scope(value: &DeValue<'_>) -> Result<String, String> {
    let name = text(value)?;
    let allowed = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    match name.as_str() {
        "openid" => Err("is asked for in any case".to_owned()),
        _ if !name.bytes().all(allowed) => Err("has a character that no scope can have".to_owned()),
        _ => Ok(name),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `[people]`: the claim that names the human behind an account.
pub(super) fn people(section: Section<'_>) -> Option<String> {
    const CLAIM: &str = "Name the claim of the ID token that names the human behind an account, or write a JSON pointer to it.";
    let claim = section.optional("claim", CLAIM, claim);
    section.finish();
    claim
}

pub(super) fn roles(section: Section<'_>) -> RoleGroups {
    const GROUPS: &str = "List the groups that give the role, as the provider names them.";
    let keys = [("auditor", Role::Auditor), ("operator", Role::Operator), ("approver", Role::Approver)];
    let groups = keys.map(|(key, role)| (role, section.optional(key, GROUPS, texts)));
    if groups.iter().all(|(_, names)| names.is_none()) {
        section.report(
            "auditor",
            "is missing, as are operator and approver: nobody could do anything",
            GROUPS,
        );
    }
    section.finish();
    groups.into_iter().map(|(role, names)| (role, names.unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_on_this_machine_needs_no_https() {
        for good in [
            "https://login.example.com/realms/x",
            "http://127.0.0.1:3001",
            "http://[::1]:3001",
            "http://localhost",
        ] {
            assert!(issuer(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "login.example.com",
            "http://login.example.com",
            "http://localhost.example.com",
            "https://x/?y",
            "ftp://localhost",
        ] {
            assert!(issuer(wrong).is_err(), "{wrong}");
        }
    }
}
