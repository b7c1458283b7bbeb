//! Signing in with a hostile provider, a hostile network, or somebody else's answer.

use std::sync::LazyLock;

use openidconnect::url::Url;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::harness::{Console, shared};
use crate::stub::{Provider, foreign_key};

/// A console that signs people in with the stub.
struct Hostile {
    provider: Provider,
    console: Console,
}

static HOSTILE: LazyLock<Hostile> = LazyLock::new(|| {
    let provider = Provider::start();
    let console = signing_in_with(&provider.issuer, "hostile");
    Hostile { provider, console }
});

/// A console whose provider is not the sandbox's.
pub fn signing_in_with(issuer: &str, name: &str) -> Console {
    let own = shared().sandbox.oidc.issuer.clone();
    Console::start(&shared().sandbox, name, |config| {
        let config = config.replace(&format!("issuer = {own:?}"), &format!("issuer = {issuer:?}"));
        config.replace("allow_sandbox_sign_in = true", "")
    })
}

/// A browser that has been sent to the provider.
struct Begun {
    browser: Client,
    state: String,
    nonce: String,
}

impl Begun {
    async fn at(path: &str) -> Self {
        let browser = HOSTILE.console.browser();
        let url = browser.begin(path).await;
        let (state, nonce) = (parameter(&url, "state"), parameter(&url, "nonce"));
        Self { browser, state, nonce }
    }

    async fn new() -> Self {
        Self::at("/auth/login?return=%2F").await
    }

    fn claims(&self, changes: Value) -> Value {
        let mut claims = HOSTILE.provider.claims(&self.nonce);
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// The provider's answer with these parameters, as the browser brings it.
    async fn answer(&self, parameters: &[(&str, &str)]) -> Answer {
        let mut url: Url = self.browser.url("/auth/callback");
        url.query_pairs_mut().extend_pairs(parameters);
        self.browser.come_back(url).await
    }

    /// The provider's answer with a code that is worth `token`.
    async fn finish(&self, token: String) -> Answer {
        let code = HOSTILE.provider.code_for(token);
        self.answer(&[("code", &code), ("state", &self.state), ("iss", &HOSTILE.provider.issuer)]).await
    }
}

pub fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

async fn assert_nobody(begun: &Begun, answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {}", answer.text);
    assert!(begun.browser.cookie("__Host-sid").is_none(), "{what} signed somebody in");
    assert_eq!(begun.browser.get("/").await.status, StatusCode::SEE_OTHER, "{what}");
}

async fn signed_in_with(changes: Value) -> (Begun, Answer) {
    let begun = Begun::new().await;
    let token = HOSTILE.provider.signed(&begun.claims(changes));
    let answer = begun.finish(token).await;
    (begun, answer)
}

#[tokio::test]
async fn an_honest_token_signs_in() {
    // Our clock may be ahead of the provider's.
    let just_expired = console::Clock::system().now().unix() - 20;
    for honest in [json!({}), json!({"groups": "pki-auditors"}), json!({"exp": just_expired})] {
        let (begun, answer) = signed_in_with(honest.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{honest}: {}", answer.text);
        assert_eq!(begun.browser.get("/").await.status, StatusCode::OK, "{honest}");
    }
}

#[tokio::test]
async fn attack_15_return_paths_stay_here() {
    for hostile in [
        "//evil.example",
        "/\\evil.example",
        "/a\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
        "https://evil.example",
    ] {
        let begun = Begun::at(&format!("/auth/login?return={}", encoded(hostile))).await;
        let answer = begun.finish(HOSTILE.provider.signed(&begun.claims(json!({})))).await;
        assert!(answer.text.contains("content=\"0;url=/\""), "{hostile}: {}", answer.text);
        assert!(!answer.text.contains("evil.example") && !answer.text.contains("alert"), "{hostile}");
    }
    let begun = Begun::at(&format!("/auth/login?return={}", encoded("/findings?a=1&b=2"))).await;
    let answer = begun.finish(HOSTILE.provider.signed(&begun.claims(json!({})))).await;
    assert!(answer.text.contains("content=\"0;url=/findings?a=1&amp;b=2\""), "{}", answer.text);
}

fn encoded(text: &str) -> String {
    openidconnect::url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn attack_16_an_answer_of_another_issuer_is_refused() {
    for issuer in [None, Some("https://evil.example"), Some("http://127.0.0.1")] {
        let begun = Begun::new().await;
        let code = HOSTILE.provider.code_for(HOSTILE.provider.signed(&begun.claims(json!({}))));
        let mut parameters = vec![("code", code.as_str()), ("state", begun.state.as_str())];
        parameters.extend(issuer.map(|issuer| ("iss", issuer)));
        let answer = begun.answer(&parameters).await;
        assert_nobody(&begun, &answer, &format!("{issuer:?}")).await;
    }
    let (begun, answer) = signed_in_with(json!({"iss": "https://evil.example"})).await;
    assert_nobody(&begun, &answer, "a token of another issuer").await;
}

#[tokio::test]
async fn attack_17_state_binds_an_answer_to_the_browser_that_asked() {
    let begun = Begun::new().await;
    let code = HOSTILE.provider.code_for(HOSTILE.provider.signed(&begun.claims(json!({}))));
    let issuer = HOSTILE.provider.issuer.as_str();
    let answer = begun.answer(&[("code", &code), ("state", "another"), ("iss", issuer)]).await;
    assert_nobody(&begun, &answer, "another state").await;
    // The attempt was used up by that.
    let answer = begun.answer(&[("code", &code), ("state", &begun.state), ("iss", issuer)]).await;
    assert_nobody(&begun, &answer, "a second answer").await;

    let (mine, other) = (Begun::new().await, Begun::new().await);
    let code = HOSTILE.provider.code_for(HOSTILE.provider.signed(&mine.claims(json!({}))));
    let answer = other.answer(&[("code", &code), ("state", &mine.state), ("iss", issuer)]).await;
    assert_nobody(&other, &answer, "an answer in another browser").await;

    let stranger = Begun { browser: HOSTILE.console.browser(), ..Begun::new().await };
    let answer = stranger.answer(&[("code", "x"), ("state", &stranger.state), ("iss", issuer)]).await;
    assert_nobody(&stranger, &answer, "a browser that began nothing").await;
}

#[tokio::test]
async fn attack_17_an_answer_is_taken_once() {
    let begun = Begun::new().await;
    let login = begun.browser.cookie("__Host-login").unwrap();
    let token = HOSTILE.provider.signed(&begun.claims(json!({})));
    let codes = [HOSTILE.provider.code_for(token.clone()), HOSTILE.provider.code_for(token)];
    let answers = futures::future::join_all(codes.iter().map(|code| {
        let browser = HOSTILE.console.browser();
        browser.set_cookie("__Host-login", &login);
        let mut url = browser.url("/auth/callback");
        url.query_pairs_mut().extend_pairs([
            ("code", code.as_str()),
            ("state", &begun.state),
            ("iss", &HOSTILE.provider.issuer),
        ]);
        async move { browser.come_back(url).await.status }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn attack_18_a_token_of_another_sign_in_is_refused() {
    for nonce in [Value::Null, json!("another"), json!("")] {
        let (begun, answer) = signed_in_with(json!({"nonce": nonce})).await;
        assert_nobody(&begun, &answer, &format!("nonce {nonce}")).await;
    }
    let earlier = Begun::new().await;
    let token = HOSTILE.provider.signed(&earlier.claims(json!({})));
    assert_eq!(earlier.finish(token.clone()).await.status, StatusCode::OK);
    let later = Begun::new().await;
    let answer = later.finish(token).await;
    assert_nobody(&later, &answer, "a replayed token").await;
}

#[tokio::test]
async fn attack_19_only_the_providers_key_signs() {
    let provider = &HOSTILE.provider;
    let secret = shared().sandbox.env["COUNTERSIGN_OIDC_CLIENT_SECRET"].clone();
    let published = provider.published_key();
    let header = |extra: Value| {
        let mut header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "stub"});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        header
    };
    type Forge<'a> = &'a dyn Fn(&Value) -> String;
    let forgeries: [(&str, Forge<'_>); 9] = [
        ("alg none", &|claims| provider.unsigned(claims)),
        ("HS256 with the client's secret", &|claims| provider.hashed(claims, secret.as_bytes())),
        ("HS256 with the public key", &|claims| {
            provider.hashed(claims, published["x"].as_str().unwrap().as_bytes())
        }),
        ("another key", &|claims| provider.signed_as(&header(json!({})), claims, &foreign_key())),
        ("an unknown kid", &|claims| {
            provider.signed_as(&header(json!({"kid": "other"})), claims, &provider.key)
        }),
        ("a jwk header", &|claims| {
            let key = foreign_key();
            let jwk =
                serde_json::to_value(openidconnect::PrivateSigningKey::as_verification_key(&key)).unwrap();
            provider.signed_as(&header(json!({"jwk": jwk})), claims, &key)
        }),
        ("a jku header", &|claims| {
            provider.signed_as(&header(json!({"jku": "http://127.0.0.1:1/jwks"})), claims, &foreign_key())
        }),
        ("a critical header", &|claims| {
            provider.signed_as(&header(json!({"crit": ["x"]})), claims, &provider.key)
        }),
        ("claims changed after signing", &|claims| {
            let honest = provider.signed(claims);
            let forged = provider.signed(&json!({"iss": claims["iss"], "sub": "1", "aud": claims["aud"]}));
            let (mut parts, other): (Vec<&str>, Vec<&str>) =
                (honest.split('.').collect(), forged.split('.').collect());
            parts[1] = other[1];
            parts.join(".")
        }),
    ];
    for (what, forge) in forgeries {
        let begun = Begun::new().await;
        let answer = begun.finish(forge(&begun.claims(json!({})))).await;
        assert_nobody(&begun, &answer, what).await;
    }
}

#[tokio::test]
async fn attack_20_times_that_cannot_be_are_refused() {
    let now = console::Clock::system().now().unix();
    for wrong in [
        json!({"exp": now - 120}),
        json!({"exp": 0}),
        json!({"exp": null}),
        json!({"iat": now + 3600}),
        json!({"iat": now - 7200}),
        json!({"iat": 0}),
        json!({"iat": null}),
        json!({"auth_time": now + 3600}),
        json!({"auth_time": "now"}),
        json!({"aud": "another"}),
        json!({"aud": ["countersign", "another"]}),
        json!({"azp": "another"}),
        json!({"sub": ""}),
    ] {
        let (begun, answer) = signed_in_with(wrong.clone()).await;
        assert_nobody(&begun, &answer, &wrong.to_string()).await;
    }
}

#[tokio::test]
async fn attack_20_a_fresh_sign_in_needs_a_fresh_proof() {
    let now = console::Clock::system().now().unix();
    for stale in [json!({"auth_time": null}), json!({"auth_time": 0}), json!({"auth_time": now - 3600})] {
        let begun = Begun::at("/auth/login?fresh=1").await;
        let answer = begun.finish(HOSTILE.provider.signed(&begun.claims(stale.clone()))).await;
        assert_nobody(&begun, &answer, &stale.to_string()).await;
    }
    let begun = Begun::at("/auth/login?fresh=1").await;
    let answer = begun.finish(HOSTILE.provider.signed(&begun.claims(json!({})))).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_21_groups_are_what_they_say_exactly() {
    for unreadable in [
        json!({"groups": 7}),
        json!({"groups": {"pki-auditors": true}}),
        json!({"groups": ["pki-auditors", 7]}),
        json!({"groups": null, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}}),
        json!({"groups": null, "hasgroups": true}),
    ] {
        let (begun, answer) = signed_in_with(unreadable.clone()).await;
        assert_nobody(&begun, &answer, &unreadable.to_string()).await;
    }
    for confusable in [
        json!(["PKI-AUDITORS", "pki-auditors2", "pki", " pki-auditors", "pki-аuditors"]),
        json!("pki-auditors,x"),
        json!([]),
    ] {
        let (begun, answer) = signed_in_with(json!({"groups": confusable.clone()})).await;
        assert_eq!(answer.status, StatusCode::OK, "{confusable}");
        assert_eq!(begun.browser.get("/").await.status, StatusCode::FORBIDDEN, "{confusable} gave a role");
    }
}

#[tokio::test]
async fn attack_35_a_sandboxs_sign_in_opens_no_other_console() {
    let (begun, answer) = signed_in_with(json!({"acr": "urn:countersign:sandbox"})).await;
    assert_nobody(&begun, &answer, "a sandbox's sign-in").await;
    let (_, answer) = signed_in_with(json!({"acr": "urn:example:mfa"})).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn what_the_provider_refuses_is_refused_without_its_words() {
    let begun = Begun::new().await;
    let script = "<script>alert(1)</script>\r\nINFO forged";
    let parameters = [("error", script), ("state", &begun.state), ("iss", &HOSTILE.provider.issuer)];
    let answer = begun.answer(&parameters).await;
    assert!(!answer.text.contains("alert"), "{}", answer.text);
    assert_nobody(&begun, &answer, "an error").await;
    // Twice the same parameter: neither is taken.
    let begun = Begun::new().await;
    let url = format!("/auth/callback?state={0}&state={0}&code=x", begun.state);
    let request = begun.browser.bare(Method::GET, begun.browser.url(&url));
    assert_eq!(begun.browser.send(request).await.status, StatusCode::BAD_REQUEST);
}

/// What an honest logout token says of the person that the stub signs in.
fn logout_claims(changes: &Value) -> Value {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let mut claims = HOSTILE.provider.claims("");
    let extra = json!({
        "jti": format!("notice-{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    claims.as_object_mut().unwrap().remove("nonce");
    claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

/// Posts it as a provider does: without cookies, origin or browser.
async fn notify(token: &str) -> StatusCode {
    let provider = HOSTILE.console.browser();
    let request = provider.bare(Method::POST, provider.url("/auth/backchannel-logout"));
    provider.send(request.form(&[("logout_token", token)])).await.status
}

#[tokio::test]
async fn attack_14_only_an_honest_logout_token_ends_sessions() {
    let provider = &HOSTILE.provider;
    let person = json!({"sub": "logged-out", "sid": "session-1"});
    let (begun, _) = signed_in_with(person.clone()).await;
    let (other, _) = signed_in_with(json!({"sub": "logged-out", "sid": "session-2"})).await;
    let header = |typ: &str| json!({"alg": "EdDSA", "typ": typ, "kid": "stub"});
    let with = |changes: Value| {
        let mut all = person.clone();
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        logout_claims(&all)
    };
    for (what, token) in [
        ("an access token", provider.signed_as(&header("at+jwt"), &with(json!({})), &provider.key)),
        ("a nonce", provider.signed(&with(json!({"nonce": "x"})))),
        ("no event", provider.signed(&with(json!({"events": {}})))),
        ("another audience", provider.signed(&with(json!({"aud": "another"})))),
        ("another issuer", provider.signed(&with(json!({"iss": "https://evil.example"})))),
        ("an old notice", provider.signed(&with(json!({"iat": 1_700_000_000})))),
        ("an expired notice", provider.signed(&with(json!({"exp": 1_700_000_000})))),
        ("no jti", provider.signed(&with(json!({"jti": null})))),
        ("another key", provider.signed_as(&header("logout+jwt"), &with(json!({})), &foreign_key())),
        ("no signature", provider.unsigned(&with(json!({})))),
        ("an ID token", provider.signed(&provider.claims("nonce"))),
        ("no token", "x".to_owned()),
    ] {
        assert_eq!(notify(&token).await, StatusCode::BAD_REQUEST, "{what}");
    }
    assert_eq!(begun.browser.get("/").await.status, StatusCode::OK, "nothing of that ended the session");

    let notice = provider.signed_as(&header("logout+jwt"), &with(json!({})), &provider.key);
    assert_eq!(notify(&notice).await, StatusCode::OK);
    assert_eq!(begun.browser.get("/").await.status, StatusCode::SEE_OTHER, "the session has ended");
    assert_eq!(other.browser.get("/").await.status, StatusCode::OK, "another one has not");
    assert_eq!(notify(&notice).await, StatusCode::BAD_REQUEST, "a notice is followed once");

    let all = provider.signed(&logout_claims(&json!({"sub": "logged-out"})));
    assert_eq!(notify(&all).await, StatusCode::OK);
    assert_eq!(other.browser.get("/").await.status, StatusCode::SEE_OTHER, "without sid all have");
}
