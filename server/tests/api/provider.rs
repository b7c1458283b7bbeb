//! The identity provider comes late, or changes its keys, while the console runs.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::{Answer, Client};
use crate::sign_in::{parameter, signing_in_with};
use crate::stub::{self, Provider};
use crate::verbs::until;

#[tokio::test]
async fn a_console_without_its_provider_says_so_and_goes_on_trying() {
    // A port on which nobody listens until the end of this test.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let console = signing_in_with(&format!("http://127.0.0.1:{port}"), "late-provider");
    let browser = console.browser();
    assert_eq!(browser.get("/health").await.status, StatusCode::OK);
    assert_eq!(browser.get("/").await.location().unwrap().path(), "/auth/login");
    for path in ["/auth/login?return=%2F", "/auth/login?fresh=1"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", answer.text);
        assert!(answer.text.contains("Sign-in is not available"), "{path}: {}", answer.text);
        assert!(answer.header("content-security-policy").ends_with("form-action 'self'"), "{path}");
    }
    let notice = browser.bare(Method::POST, browser.url("/auth/backchannel-logout"));
    let notice = browser.send(notice.form(&[("logout_token", "x")])).await;
    assert_eq!(notice.status, StatusCode::BAD_REQUEST, "no token at all");

    let provider = Provider::start_at(port);
    let begun = until("a provider that is found", async || {
        let answer = browser.get("/auth/login?return=%2F").await;
        (answer.status == StatusCode::SEE_OTHER).then_some(answer)
    })
    .await;
    let policy = begun.header("content-security-policy");
    assert!(policy.ends_with(&format!("form-action 'self' {}", provider.issuer)), "{policy}");
    let token = provider.signed(&provider.claims(&parameter(&begun.location().unwrap(), "nonce")));
    let answer = come_back(&browser, &provider, &begun, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn attack_19_keys_change_while_it_runs_and_forgeries_do_not_make_it_ask() {
    let provider = Provider::start();
    let console = signing_in_with(&provider.issuer, "new-keys");
    // Pages and workers each ask for themselves.
    let at_start =
        until("both know the keys", async || Some(provider.asked()).filter(|asked| *asked == 2)).await;
    let (key, header) = (stub::key("next"), json!({"alg": "EdDSA", "typ": "JWT", "kid": "next"}));
    provider.publish(&key);
    let sign_in = async |kid: &str| {
        let browser = console.browser();
        let begun = browser.get("/auth/login?return=%2F").await;
        let claims = provider.claims(&parameter(&begun.location().unwrap(), "nonce"));
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid});
        let token = provider.signed_as(&header, &claims, &key);
        come_back(&browser, &provider, &begun, token).await.status
    };
    assert_eq!(sign_in("next").await, StatusCode::OK, "the new key was asked for at once");
    assert_eq!(provider.asked(), at_start + 1);

    // Whoever sends tokens of unknown keys does not make it ask again, by neither door.
    let stranger = console.browser();
    for number in 0..20 {
        let kid = format!("forged-{number}");
        assert_eq!(sign_in(&kid).await, StatusCode::BAD_REQUEST);
        let mut header = header.clone();
        header["kid"] = json!(kid);
        let token = provider.signed_as(&header, &provider.claims(""), &stub::foreign_key());
        let notice = stranger.bare(Method::POST, stranger.url("/auth/backchannel-logout"));
        let notice = stranger.send(notice.form(&[("logout_token", &token)])).await;
        assert_eq!(notice.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(provider.asked(), at_start + 1);
}

/// The provider's answer, with a code that is worth `token`.
async fn come_back(browser: &Client, provider: &Provider, begun: &Answer, token: String) -> Answer {
    let mut url = browser.url("/auth/callback");
    url.query_pairs_mut().extend_pairs([
        ("code", provider.code_for(token).as_str()),
        ("state", &parameter(&begun.location().unwrap(), "state")),
        ("iss", &provider.issuer),
    ]);
    browser.come_back(url).await
}
