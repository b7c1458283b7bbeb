//! The provider as the console and a browser meet it, over HTTP.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::url::Url;
use openidconnect::{ClientId, IdTokenVerifier, IssuerUrl, Nonce};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::claims::SandboxIdToken;
use super::*;

const SECRET: &str = "s3cret";
const CALLBACK: &str = "http://localhost:4711/auth/callback";
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters-in-all";

/// A provider and the browser in front of it.
struct Setup {
    issuer: String,
    clock: Clock,
    http: reqwest::Client,
    _stop: DropGuard,
}

async fn setup() -> Setup {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = crate::clients::local(listener.local_addr().unwrap().port());
    let clock = Clock::system();
    let provider = Provider::new(issuer.clone(), SECRET.to_owned(), clock.clone()).unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(crate::http::serve(listener, provider.router(), stop.clone()));
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Setup { issuer, clock, http, _stop: stop.drop_guard() }
}

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

impl Setup {
    /// An authentication request, with some parameters replaced, or left out when empty.
    fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let mut parameters = vec![
            ("client_id", CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "a state & more"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for change in changes {
            parameters.retain(|(name, _)| name != &change.0);
            parameters.push(*change);
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Url::parse_with_params(&format!("{}/authorize", self.issuer), parameters).unwrap().into()
    }

    async fn get(&self, url: &str, cookie: &str) -> Response {
        self.http.get(url).header(COOKIE, cookie).send().await.unwrap()
    }

    /// Chooses somebody on the page of this request.
    async fn choose(&self, url: &str, username: &str) -> Response {
        self.http.post(url).form(&[("username", username)]).send().await.unwrap()
    }

    /// Signs somebody in; the code and the session's cookie.
    async fn code(&self, username: &str) -> (String, String) {
        let response = self.choose(&self.authorize(&[]), username).await;
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        (answer(&response)["code"].clone(), cookie)
    }

    fn exchange(&self, code: &str, verifier: &str) -> RequestBuilder {
        self.http.post(format!("{}/token", self.issuer)).basic_auth(CLIENT_ID, Some(SECRET)).form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ])
    }

    async fn claims(&self, token: &SandboxIdToken, nonce: &str) -> Result<Value, String> {
        let keys: CoreJsonWebKeySet =
            self.get(&format!("{}/jwks.json", self.issuer), "").await.json().await.unwrap();
        let issuer = IssuerUrl::new(self.issuer.clone()).unwrap();
        let verifier = IdTokenVerifier::new_public_client(ClientId::new(CLIENT_ID.to_owned()), issuer, keys)
            .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa]);
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|e| e.to_string())?;
        Ok(serde_json::to_value(claims).unwrap())
    }
}

/// The parameters that a redirect to the client carries.
fn answer(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = Url::parse(response.headers()[LOCATION].to_str().unwrap()).unwrap();
    assert!(location.as_str().starts_with(CALLBACK), "{location}");
    location.query_pairs().into_owned().collect()
}

async fn error_of(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_person_signs_in_and_the_console_learns_who_it_is() {
    let setup = setup().await;
    let found: CoreProviderMetadata = setup
        .get(&format!("{}/.well-known/openid-configuration", setup.issuer), "")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(found.issuer().as_str(), setup.issuer);
    let url = setup.authorize(&[]);
    let page = setup.get(&url, "").await.text().await.unwrap();
    assert!(page.contains("SANDBOX") && page.contains("value=\"operator-approver\""));

    let response = setup.choose(&url, "operator-approver").await;
    let answer = answer(&response);
    assert_eq!(answer["state"], "a state & more");
    assert_eq!(answer["iss"], setup.issuer, "RFC 9207");
    let tokens: Value = setup.exchange(&answer["code"], VERIFIER).send().await.unwrap().json().await.unwrap();
    let token = SandboxIdToken::from_str(tokens["id_token"].as_str().unwrap()).unwrap();
    let claims = setup.claims(&token, "n-1").await.unwrap();
    assert_eq!(claims["groups"], serde_json::json!(["pki-operators", "pki-approvers"]));
    assert_eq!(claims["preferred_username"], "operator-approver");
    assert_eq!(claims["acr"], "urn:countersign:sandbox");
    assert!((claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap()) < 5);
    assert!(setup.claims(&token, "another nonce").await.is_err());

    let userinfo = setup.http.get(found.userinfo_endpoint().unwrap().as_str());
    let bearer = userinfo.try_clone().unwrap().bearer_auth(tokens["access_token"].as_str().unwrap());
    let person: Value = bearer.send().await.unwrap().json().await.unwrap();
    assert_eq!((&person["sub"], &person["groups"]), (&claims["sub"], &claims["groups"]));
    assert_eq!(userinfo.bearer_auth("made up").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_is_good_once_for_whoever_knows_its_verifier_and_only_for_a_minute() {
    let setup = setup().await;
    let (code, _) = setup.code("operator").await;
    assert_eq!(setup.exchange(&code, VERIFIER).send().await.unwrap().status(), StatusCode::OK);
    let replayed = setup.exchange(&code, VERIFIER).send().await.unwrap();
    assert_eq!(error_of(replayed).await, (400, "invalid_grant".to_owned()));

    let (code, _) = setup.code("operator").await;
    let wrong = setup.exchange(&code, "not the verifier").send().await.unwrap();
    assert_eq!(error_of(wrong).await, (400, "invalid_grant".to_owned()));
    let second_try = setup.exchange(&code, VERIFIER).send().await.unwrap();
    assert_eq!(error_of(second_try).await, (400, "invalid_grant".to_owned()));

    let (code, _) = setup.code("operator").await;
    setup.clock.advance(Duration::from_secs(61));
    let late = setup.exchange(&code, VERIFIER).send().await.unwrap();
    assert_eq!(error_of(late).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn only_the_client_redeems_codes() {
    let setup = setup().await;
    let token = format!("{}/token", setup.issuer);
    let (code, _) = setup.code("auditor").await;
    let form = |secret: &str, redirect_uri: &str| {
        setup.http.post(&token).form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
            ("client_id", CLIENT_ID),
            ("client_secret", secret),
        ])
    };
    let wrong = form("guessed", CALLBACK).send().await.unwrap();
    assert_eq!(error_of(wrong).await, (401, "invalid_client".to_owned()));
    let both = form(SECRET, CALLBACK).basic_auth(CLIENT_ID, Some(SECRET)).send().await.unwrap();
    assert_eq!(error_of(both).await, (400, "invalid_request".to_owned()));
    // Failed authentication costs nothing; the code is still there.
    assert_eq!(form(SECRET, CALLBACK).send().await.unwrap().status(), StatusCode::OK);

    let (code, _) = setup.code("auditor").await;
    let elsewhere = setup.http.post(&token).basic_auth(CLIENT_ID, Some(SECRET)).form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://localhost:1/auth/callback"),
        ("code_verifier", VERIFIER),
    ]);
    assert_eq!(error_of(elsewhere.send().await.unwrap()).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn requests_that_could_lead_elsewhere_get_a_page_and_others_an_answer() {
    let setup = setup().await;
    for changes in [
        ("client_id", "somebody"),
        ("redirect_uri", "https://example.com/auth/callback"),
        ("redirect_uri", "http://localhost:1/elsewhere"),
        ("redirect_uri", ""),
    ] {
        let response = setup.get(&setup.authorize(&[changes]), "").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{changes:?}");
    }
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("request", "eyJ"), "request_not_supported"),
        (("prompt", "none"), "login_required"),
    ] {
        let answer = answer(&setup.get(&setup.authorize(&[change]), "").await);
        assert_eq!((answer["error"].as_str(), answer.contains_key("code")), (error, false), "{change:?}");
        assert_eq!((answer["state"].as_str(), &answer["iss"]), ("a state & more", &setup.issuer));
    }
}

#[tokio::test]
async fn a_session_answers_for_the_person_unless_a_new_sign_in_is_asked_for() {
    let setup = setup().await;
    let (_, cookie) = setup.code("approver").await;
    let at = |changes: &[(&'static str, &'static str)]| setup.authorize(changes);
    assert!(answer(&setup.get(&at(&[]), &cookie).await).contains_key("code"));
    assert!(answer(&setup.get(&at(&[("prompt", "none")]), &cookie).await).contains_key("code"));
    assert!(answer(&setup.get(&at(&[("max_age", "600")]), &cookie).await).contains_key("code"));
    for asking in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
        assert_eq!(
            setup.get(&at(&[asking]), &cookie).await.status(),
            StatusCode::OK,
            "{asking:?} shows the page"
        );
    }
    setup.clock.advance(Duration::from_secs(601));
    assert_eq!(setup.get(&at(&[("max_age", "600")]), &cookie).await.status(), StatusCode::OK);
    let silent = answer(&setup.get(&at(&[("max_age", "600"), ("prompt", "none")]), &cookie).await);
    assert_eq!(silent["error"], "login_required");

    // The session keeps the time of the sign-in, not of the question.
    let code = answer(&setup.get(&at(&[]), &cookie).await)["code"].clone();
    let tokens: Value = setup.exchange(&code, VERIFIER).send().await.unwrap().json().await.unwrap();
    let token = SandboxIdToken::from_str(tokens["id_token"].as_str().unwrap()).unwrap();
    let payload =
        token.to_string().split('.').nth(1).map(|p| BASE64_URL_SAFE_NO_PAD.decode(p).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert!(claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap() >= 601);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_leads_back_to_this_machine_only() {
    let setup = setup().await;
    let (code, cookie) = setup.code("operator").await;
    let tokens: Value = setup.exchange(&code, VERIFIER).send().await.unwrap().json().await.unwrap();
    let end = |hint: &str, back: &str| {
        let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", back), ("state", "s")];
        Url::parse_with_params(&format!("{}/end-session", setup.issuer), parameters).unwrap().to_string()
    };
    let hint = tokens["id_token"].as_str().unwrap();
    let away = setup.get(&end(hint, "https://example.com/"), &cookie).await;
    assert_eq!(away.status(), StatusCode::BAD_REQUEST);
    let forged = setup.get(&end("eyJhbGciOiJub25lIn0.e30.", "http://localhost:4711/bye"), "").await;
    assert_eq!(forged.status(), StatusCode::OK, "a page, not a redirect");

    setup.clock.advance(Duration::from_secs(3600));
    let response = setup.get(&end(hint, "http://localhost:4711/bye"), &cookie).await;
    assert_eq!(response.headers()[LOCATION], "http://localhost:4711/bye?state=s");
    let silent = answer(&setup.get(&setup.authorize(&[("prompt", "none")]), &cookie).await);
    assert_eq!(silent["error"], "login_required");
}

#[tokio::test]
async fn nothing_that_is_typed_becomes_markup() {
    let setup = setup().await;
    let script = "\"><script>alert(1)</script>";
    let asked = setup.get(&setup.authorize(&[("login_hint", script)]), "").await.text().await.unwrap();
    let unknown = setup.choose(&setup.authorize(&[]), script).await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for page in [asked, unknown.text().await.unwrap()] {
        assert!(!page.contains("<script") && page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
    }
}
