//! Nothing that somebody typed is lost when a form does not get through, and nobody is left to guess why it did not: without
//! JavaScript, which is all that forms need.

use reqwest::StatusCode;
use sandbox::Trouble;

use crate::client::{Answer, Client};
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, troubled};

const DISMISS: &str = "/api/dismiss-finding";

/// A page with a form on it, and the hidden fields that it is sent with.
struct Page {
    address: String,
    id: String,
    version: String,
}

async fn finding_of(operator: &Client) -> Page {
    let gateways = authority(&shared().sandbox, "gateways");
    let serial = troubled(&shared().sandbox, &gateways, Trouble::FailedIssuance).remove(0);
    let kind = "issuance_without_certificate";
    let id = format!("{kind}.{gateways}.{serial}");
    let version = operator.finding(kind, &gateways, &serial).await["version"].to_string();
    Page { address: format!("/findings/{id}"), id, version }
}

/// The page that a form leads back to.
async fn led_back(browser: &Client, answer: &Answer) -> Answer {
    assert!(answer.status.is_redirection(), "{} {}", answer.status, answer.text);
    let location = answer.location().unwrap();
    let query = location.query().map(|query| format!("?{query}")).unwrap_or_default();
    browser.get(&format!("{}{query}", location.path())).await
}

/// Certificates in force of the gateways that nothing is wrong with, and that no other test asks about.
pub async fn healthy(browser: &Client, number: usize) -> Vec<String> {
    let gateways = authority(&shared().sandbox, "gateways");
    let list = browser.get(&format!("/certificates?authority={gateways}&status=active")).await;
    let link = format!("href=\"/certificates/{gateways}/");
    let serials = list.text.split(&link).skip(1).filter_map(|rest| rest.split('"').next());
    let mut serials: Vec<String> = serials.map(str::to_owned).collect();
    serials.dedup();
    let planted = &shared().sandbox.planted_detail;
    serials.retain(|serial| !planted.iter().any(|one| one.serial == *serial));
    // The last one, which ends last, is the CA's own.
    let end = serials.len() - 1;
    serials[end - number..end].to_vec()
}

#[tokio::test]
async fn what_was_typed_is_there_again_until_a_form_gets_through() {
    let operator = reconciled().await.browser_of("operator").await;
    let Page { address, id, version } = finding_of(&operator).await;
    let send = async |version: &str, reason: &str| {
        let fields = [("id", id.as_str()), ("version", version), ("reason", reason)];
        led_back(&operator, &operator.submit(&address, DISMISS, &fields).await).await
    };
    // Too short, too long, and decided by a page that is stale.
    let long = "x".repeat(1001);
    for (version, reason, why) in [
        (version.as_str(), "a<b>&", "These are 5."),
        (&version, &long, "These are 1001."),
        ("999999", "No <i>trouble</i> at all & done", "Nothing was changed"),
    ] {
        let page = send(version, reason).await;
        let typed = reason.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.text.contains(&format!(">{typed}</textarea>")), "{typed}: {}", page.text);
        assert!(page.text.contains(why), "{why}: {}", page.text);
        assert!(
            page.text.contains("tabindex=\"-1\" autofocus"),
            "the page opens at its errors: {}",
            page.text
        );
        assert!(page.text.matches("Nothing was changed").count() >= 2, "above, and beside the button");
        assert!(!page.text.contains("maxlength"), "browsers cut what is longer");
    }
    assert!(operator.get(&address).await.text.contains("at all &amp; done</textarea>"));
    assert!(!operator.get("/findings").await.text.contains("at all"), "on its own page");
    let other = shared().browser_of("operator").await;
    assert!(!other.get(&address).await.text.contains("at all &amp; done"), "in its own session");
    let fields = [("id", id.as_str()), ("version", &version), ("due", "")];
    let taken = operator.submit(&address, "/api/acknowledge-finding", &fields).await;
    assert!(!led_back(&operator, &taken).await.text.contains("at all &amp; done"), "it has got through");
}

#[tokio::test]
async fn a_form_that_finds_the_session_ended_comes_back_to_be_sent_again() {
    let operator = reconciled().await.browser_of("operator").await;
    let Page { address, id, version } = finding_of(&operator).await;
    operator.forget("__Host-sid");
    let fields = [("id", id.as_str()), ("version", &version), ("reason", "a <b> c")];
    let page = operator.submit(&address, DISMISS, &fields).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    for part in [
        "action=\"/api/dismiss-finding?from=%2Ffindings%2F",
        "name=\"reason\" value=\"a &lt;b&gt; c\"",
        ">a &lt;b&gt; c</pre>",
        "Send it again",
        "target=\"_blank\"",
    ] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    operator.sign_in("operator").await;
    let (_, action) = page.text.split_once("action=\"").unwrap();
    let (action, _) = action.split_once('"').unwrap();
    let again = led_back(&operator, &operator.submit(DISMISS, action, &fields).await).await;
    assert!(again.text.contains("These are 7."), "the form has got there: {}", again.text);
    assert!(again.text.contains("a &lt;b&gt; c</textarea>"), "and its page: {}", again.text);
}

#[tokio::test]
async fn a_pasted_list_is_there_again() {
    let operator = reconciled().await.browser_of("operator").await;
    let page = crate::lists::send(&operator, &[("serials", None, "0a\r\n0b <c>")]).await;
    let page = led_back(&operator, &page).await;
    assert!(page.text.contains("Choose an authority."), "{}", page.text);
    assert!(page.text.contains("0a\r\n0b &lt;c&gt;</textarea>"), "{}", page.text);
    operator.forget("__Host-sid");
    let page = crate::lists::send(&operator, &[("serials", None, "0a\r\n0b")]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(
        page.text.contains("enctype=\"multipart/form-data\"") && page.text.contains("0a"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn who_decides_too_late_is_told_and_the_request_can_be_made_again() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let serial = healthy(&operator, 1).await.remove(0);
    let id = operator.request(&gateways, &[&serial]).await;

    let form = format!("/revocations/new?authority={gateways}&of=serials:{serial}");
    let second = operator.get(&form).await;
    assert!(second.text.contains("Already asked for: 1 certificate"), "{}", second.text);
    assert!(second.text.contains(&format!("href=\"/revocations/{id}\"")), "with the way there");

    let approver = shared().browser_of("approver").await;
    let seen = approver.sheet(&id).await["seen"].as_str().unwrap().to_owned();
    let cancelled = operator.call("/api/cancel-request", &[("id", &id)]).await;
    assert!(!cancelled.status.is_client_error(), "{}", cancelled.text);
    let fields = [("id", id.as_str()), ("verdict", "approve"), ("seen", &seen), ("count", "1")];
    let page = format!("/revocations/{id}");
    let late = led_back(&approver, &approver.submit(&page, "/api/decide", &fields).await).await;
    assert!(late.text.contains("Nothing was changed") && late.text.contains("cancelled"), "{}", late.text);

    let ended = operator.get(&page).await;
    let again = ended.text.split("href=\"").filter_map(|rest| rest.split('"').next());
    let again = again.filter(|href| href.contains("of=request")).last().expect("it can be asked for again");
    let form = operator.get(&again.replace("&amp;", "&")).await;
    assert!(form.text.contains("Nobody can account for it.</textarea>"), "{}", form.text);
    assert!(form.text.contains("value=\"KEY_COMPROMISE\" checked"), "{}", form.text);
    assert!(!approver.get(&page).await.text.contains("Request again"), "operators ask");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so_and_offers_the_way_out() {
    let auditor = reconciled().await.browser_of("auditor").await;
    for list in ["/findings", "/activity"] {
        let beyond = auditor.get(&format!("{list}?page=999")).await;
        assert!(beyond.text.contains("There is no page 999"), "{list}: {}", beyond.text);
        assert!(beyond.text.contains("the last one"), "{list}");
    }
    let unknown = auditor.get("/findings?severity=dreadful").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.text.contains("href=\"/findings\">Open this page without a filter"), "{}", unknown.text);
    let slash = auditor.get("/certificates/?status=active").await;
    assert_eq!(slash.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(slash.header("location"), "/certificates?status=active");
}

#[tokio::test]
async fn a_list_takes_words_for_people_and_devices() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let planted = &shared().sandbox.planted_detail;
    let arn = |one: &&sandbox::PlantedCertificate| one.authority.ends_with(&gateways);
    let one = planted.iter().filter(arn).find(|one| one.trouble == Trouble::WrongExpiry).unwrap();
    let list = format!("# Stolen on Friday\r\nHamburg:\r\n{}\r\nnonsense\r\n", one.device);
    let fields = [("authority", None, gateways.as_str()), ("serials", None, list.as_str())];
    let page = led_back(&operator, &crate::lists::send(&operator, &fields).await).await;
    for part in ["1 line cannot be read", ">4<", "nonsense", "Go on with 1 certificate"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
}
