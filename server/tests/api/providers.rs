//! Signing in with what providers really send: the claims and the token response of `field/oidc`, but for what no file can
//! know: issuer, nonce and times.

use std::path::Path;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::harness::{Console, shared};
use crate::sign_in::parameter;
use crate::stub::Provider;

/// A console that finds groups in its own place.
struct At {
    provider: Provider,
    console: Console,
}

fn at(name: &str, oidc: &str) -> At {
    let provider = Provider::start();
    let own = shared().sandbox.oidc.issuer.clone();
    let console = Console::start(&shared().sandbox, &format!("providers-{name}"), |config| {
        let config =
            config.replace("groups_claim = \"groups\"\n", "").replace("allow_sandbox_sign_in = true", oidc);
        config.replace(&format!("issuer = {own:?}"), &format!("issuer = {:?}", provider.issuer))
    });
    At { provider, console }
}

impl At {
    /// The claims of a file, as this provider would send them now.
    fn claims(&self, name: &str, nonce: &str) -> Value {
        let now = console::Clock::system().now();
        let mut claims = field(name);
        for (claim, value) in self.provider.claims(nonce).as_object().unwrap() {
            if ["iss", "aud", "exp", "iat", "nonce"].contains(&claim.as_str()) {
                claims[claim] = value.clone();
            }
        }
        // In the form that the file has, if it has it at all.
        match claims.get("auth_time") {
            Some(Value::Number(_)) => claims["auth_time"] = json!(now.unix()),
            Some(Value::String(_)) => claims["auth_time"] = json!(now.to_string().replace('Z', ".060Z")),
            _ => {}
        }
        claims
    }

    async fn sign_in(&self, path: &str, answer: impl FnOnce(&str) -> Value) -> (Client, Answer) {
        let browser = self.console.browser();
        let begun = browser.begin(path).await;
        let code = self.provider.code_for_answer(answer(&parameter(&begun, "nonce")));
        let mut url = browser.url("/auth/callback");
        url.query_pairs_mut().extend_pairs([
            ("code", code.as_str()),
            ("state", &parameter(&begun, "state")),
            ("iss", &self.provider.issuer),
        ]);
        let answer = browser.come_back(url).await;
        (browser, answer)
    }

    /// Somebody with the claims of a file, changed by `change`.
    async fn with(&self, name: &str, path: &str, change: impl FnOnce(&mut Value)) -> (Client, Answer) {
        self.sign_in(path, |nonce| {
            let mut claims = self.claims(name, nonce);
            change(&mut claims);
            self.response(&claims)
        })
        .await
    }

    fn response(&self, claims: &Value) -> Value {
        json!({"access_token": "a", "token_type": "Bearer", "id_token": self.provider.signed(claims)})
    }
}

fn field(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/field/oidc/{name}.json"));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

const SIGN_IN: &str = "/auth/login?return=%2F";
const AFRESH: &str = "/auth/login?return=%2F&fresh=1";

async fn is_approver(name: &str, (browser, answer): (Client, Answer)) {
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK, "{name}: {}", page.text);
    assert!(page.text.contains("Olivia Okafor") && page.text.contains("approver"), "{name}");
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert!(answer.text.contains(why), "{}", answer.text);
}

#[tokio::test]
async fn groups_are_found_where_each_provider_puts_them() {
    for (name, claim) in [
        ("auth0-updated_at", "https://pki.example.com/groups"),
        ("cognito", "cognito:groups"),
        ("adfs-one-group", "group"),
        ("keycloak-nested", "/realm_access/roles"),
    ] {
        let at = at(name, &format!("groups_claim = {claim:?}"));
        is_approver(name, at.with(name, SIGN_IN, |_| ()).await).await;
        is_approver(name, at.with(name, AFRESH, |_| ()).await).await;
        // Where they are configured to be, and nowhere else; Entra's words about `groups` mean nothing for another claim.
        let odd = |claims: &mut Value| {
            claims["hasgroups"] = json!(true);
            claims["_claim_names"] = json!({"groups": "src1"});
        };
        is_approver(name, at.with(name, SIGN_IN, odd).await).await;
    }
}

#[tokio::test]
async fn forms_of_claims_and_responses_do_not_matter() {
    let at = at("forms", "");
    for name in ["email_verified-text", "adfs-auth_time-text"] {
        is_approver(name, at.with(name, SIGN_IN, |_| ()).await).await;
        is_approver(name, at.with(name, AFRESH, |_| ()).await).await;
    }
    let odd = |claims: &mut Value| {
        for (name, value) in [
            ("updated_at", json!("yesterday")),
            ("locale", json!({"country": "US"})),
            ("address", json!([])),
            ("amr", json!("pwd")),
            ("acr", json!(1)),
            ("email_verified", json!("perhaps")),
            ("phone_number", json!(7)),
            ("preferred_username", json!(["x"])),
        ] {
            claims[name] = value;
        }
        for time in ["exp", "iat", "auth_time"] {
            claims[time] = json!(claims[time].to_string());
        }
    };
    is_approver("odd claims", at.with("email_verified-text", AFRESH, odd).await).await;

    let response = at.sign_in(SIGN_IN, |nonce| {
        let mut response = field("entra-v1-token-response");
        response["id_token"] = json!(at.provider.signed(&at.claims("email_verified-text", nonce)));
        response
    });
    is_approver("entra-v1-token-response", response.await).await;

    // Too many groups for the token are not none.
    let (browser, answer) = at.with("entra-overage", SIGN_IN, |_| ()).await;
    refused(&answer, "more groups than it lists");
    assert!(browser.cookie("__Host-sid").is_none());
}

#[tokio::test]
async fn a_provider_that_proves_no_fresh_sign_in_is_told_of_at_once() {
    let at = at("fresh", "");
    let name = "dex-no-auth_time";
    let (browser, answer) = at.with(name, SIGN_IN, |_| ()).await;
    assert!(answer.text.contains("not approve or reject"), "{}", answer.text);
    assert!(!answer.text.contains("http-equiv") && answer.text.contains("Go on"), "{}", answer.text);
    is_approver(name, (browser, answer)).await;
    let (_, answer) = at.with(name, AFRESH, |_| ()).await;
    refused(&answer, "does not say when you proved who you are");
    // Whoever does not approve is not troubled.
    let auditor = |claims: &mut Value| claims["groups"] = json!(["pki-auditors"]);
    let (_, answer) = at.with(name, SIGN_IN, auditor).await;
    assert!(answer.text.contains("http-equiv") && !answer.text.contains("reject"), "{}", answer.text);
}

#[tokio::test]
async fn groups_that_are_only_in_userinfo_are_asked_for_there() {
    let at = at("userinfo", "");
    let name = "okta-groups-only-in-userinfo";
    let said = |who: &str| json!({"sub": who, "groups": ["pki-approvers"], "email_verified": "true"});
    let signed_in = async |access_token: &'static str, at_hash: Option<&str>| {
        let answer = at.sign_in(SIGN_IN, |nonce| {
            let mut claims = at.claims(name, nonce);
            if let Some(hash) = at_hash {
                claims["at_hash"] = json!(hash);
            }
            let mut response = at.response(&claims);
            response["access_token"] = json!(access_token);
            response
        });
        answer.await
    };
    at.provider.say("good", said("u|0007"));
    is_approver(name, signed_in("good", None).await).await;
    let (_, answer) = signed_in("good", Some("x")).await;
    refused(&answer, "could not be accepted");
    at.provider.say("another's", said("u|0008"));
    for wrong in ["another's", "not known"] {
        let (_, answer) = signed_in(wrong, None).await;
        refused(&answer, "did not list your groups");
    }
    // Who is in no group has no role, and is nobody's fault.
    at.provider.say("no groups", json!({"sub": "u|0007"}));
    let (browser, answer) = signed_in("no groups", None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(browser.get("/").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn cognito_is_signed_out_of_in_its_own_way() {
    let out = async |at: &At| {
        let (browser, _) = at.with("email_verified-text", SIGN_IN, |_| ()).await;
        let answer = browser.submit("/", "/auth/logout", &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        (answer.location().unwrap(), browser)
    };
    let cognito = at("cognito-logout", "cognito_logout = \"https://x.auth.example.com/logout\"");
    let (to, browser) = out(&cognito).await;
    let back = browser.url("/auth/signed-out").to_string();
    let expected =
        [("client_id".to_owned(), "countersign".to_owned()), ("logout_uri".to_owned(), back.clone())];
    assert_eq!(to.host_str(), Some("x.auth.example.com"));
    assert_eq!(to.query_pairs().into_owned().collect::<Vec<_>>(), expected);
    let policy = browser.get("/auth/signed-out").await;
    assert!(
        policy.header("content-security-policy").contains(" https://x.auth.example.com"),
        "the form leads there"
    );
    assert!(policy.text.contains("and at the identity provider."), "{}", policy.text);

    // The stub has no such place: nobody is told that their session there has ended.
    let nowhere = at("no-logout", "");
    let (to, browser) = out(&nowhere).await;
    assert_eq!((to.path(), to.host_str()), ("/auth/signed-out", browser.url("/").host_str()));
    let said = browser.get(&format!("/auth/signed-out?{}", to.query().unwrap_or_default())).await.text;
    assert!(said.contains("may still be signed in"), "{said}");
}
