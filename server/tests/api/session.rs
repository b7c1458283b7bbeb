//! Sessions: not to be planted, stolen back to life, or used by somebody else.

use reqwest::{Method, StatusCode};

use crate::harness::shared;

const SID: &str = "__Host-sid";

#[tokio::test]
async fn a_session_cookie_is_strict_secure_and_out_of_reach() {
    let browser = shared().browser();
    let provider = browser.begin("/auth/login?return=%2F").await;
    let back = browser.choose(provider, "auditor").await;
    let landed = browser.come_back(back).await;
    let cookies = landed.set_cookies();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-sid=")).unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(session.contains(attribute), "{session}");
    }
    assert!(!session.contains("Domain="), "{session}");
    assert!(landed.text.contains("http-equiv=\"refresh\""), "a page of ours moves on: {}", landed.text);
    assert!(browser.cookie("__Host-login").is_none(), "the sign-in's own cookie is gone");
}

#[tokio::test]
async fn attack_13_a_planted_session_is_not_the_one_that_is_used() {
    let browser = shared().browser();
    browser.set_cookie(SID, "AAAAAAAAAAAAAAAAAAAAAA");
    browser.sign_in("operator").await;
    assert_ne!(browser.cookie(SID).unwrap(), "AAAAAAAAAAAAAAAAAAAAAA");

    // The attacker's own session, planted into a victim's browser that even sends it along.
    let attacker = shared().browser_of("stranger").await;
    let planted = attacker.cookie(SID).unwrap();
    let victim = shared().browser();
    let provider = victim.begin("/auth/login?return=%2F").await;
    let back = victim.choose(provider, "approver").await;
    victim.set_cookie(SID, &planted);
    let request = victim.bare(Method::GET, back);
    assert_eq!(victim.send(request).await.status, StatusCode::OK);
    assert_ne!(victim.cookie(SID).unwrap(), planted);
    assert_eq!(victim.get("/").await.status, StatusCode::OK);
    assert_eq!(attacker.get("/").await.status, StatusCode::SEE_OTHER, "the planted session has ended");
}

#[tokio::test]
async fn attack_13_an_ended_session_stays_ended() {
    let browser = shared().browser_of("auditor").await;
    let session = browser.cookie(SID).unwrap();
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    // Requests are under way while it ends.
    let slow: Vec<_> = (0..8).map(|_| browser.get("/")).collect();
    let (_, ended) = tokio::join!(futures::future::join_all(slow), browser.call("/auth/logout", &[]));
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    browser.set_cookie(SID, &session);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "the old cookie opens nothing");
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_provider() {
    let browser = shared().browser_of("auditor").await;
    let answer = browser.call("/auth/logout", &[]).await;
    assert!(browser.cookie(SID).is_none(), "{:?}", answer.set_cookies());
    let provider = answer.location().unwrap();
    assert_eq!(provider.origin().ascii_serialization(), shared().sandbox.oidc.issuer);
    assert!(
        provider.query_pairs().any(|(name, token)| name == "id_token_hint" && token.split('.').count() == 3)
    );
    let request = browser.bare(Method::GET, provider);
    let back = browser.send(request).await.location().unwrap();
    assert_eq!(back, browser.url("/auth/signed-out"));
    assert!(browser.get(back.path()).await.text.contains("Signed out"));
    // The provider asks again: its session has ended as well.
    let provider = browser.begin("/auth/login").await;
    let request = browser.bare(Method::GET, provider);
    assert_eq!(browser.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_fresh_sign_in_takes_the_place_of_the_session_before() {
    let browser = shared().browser_of("approver").await;
    let before = browser.cookie(SID).unwrap();
    let provider = browser.begin("/auth/login?return=%2F&fresh=1").await;
    let asked =
        |name: &str| provider.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!((asked("prompt").as_deref(), asked("max_age").as_deref()), (Some("login"), Some("10")));
    let back = browser.choose(provider, "approver").await;
    assert_eq!(browser.come_back(back).await.status, StatusCode::OK);
    let after = browser.cookie(SID).unwrap();
    assert_ne!(before, after);
    let old = shared().browser();
    old.set_cookie(SID, &before);
    assert_eq!(old.get("/").await.status, StatusCode::SEE_OTHER, "the session before has ended");
}

#[tokio::test]
async fn a_stale_cookie_is_taken_away_for_good() {
    let browser = shared().browser();
    browser.set_cookie(SID, "AAAAAAAAAAAAAAAAAAAAAA");
    let answer = browser.get("/").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.cookie(SID).is_none(), "{:?}", answer.set_cookies());
}

#[tokio::test]
async fn a_link_from_another_site_does_not_cost_a_sign_in() {
    let browser = shared().browser_of("auditor").await;
    let session = browser.cookie(SID).unwrap();
    browser.forget(SID); // as browsers do when another site leads here
    let request = browser.bare(Method::GET, browser.url("/?a=1&b=2")).header("accept", "text/html");
    let bounced = browser.send(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(bounced.status, StatusCode::OK);
    assert!(bounced.text.contains("content=\"0;url=/?a=1&amp;b=2\""), "{}", bounced.text);
    browser.set_cookie(SID, &session);
    assert_eq!(browser.get("/?a=1&b=2").await.status, StatusCode::OK);
}
