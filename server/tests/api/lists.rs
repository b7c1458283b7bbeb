//! Lists of certificates, pasted or as a file, and what is chosen by a filter: with no JavaScript, to the request.

use domain::views::Shown;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use reqwest::{Method, StatusCode};
use sandbox::Trouble;
use serde_json::Value;

use crate::client::{Answer, Client};
use crate::harness::{reconciled, shared};
use crate::verbs::{authority, troubled};

const BOUNDARY: &str = "----boundary-of-a-browser";

/// Sends the form as a browser does.
pub async fn send(browser: &Client, fields: &[(&str, Option<&str>, &str)]) -> Answer {
    let part = |(name, file, value): &(&str, Option<&str>, &str)| {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: text/csv"));
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n\r\n{value}\r\n",
            file.unwrap_or_default()
        )
    };
    let body: String = fields.iter().map(part).chain([format!("--{BOUNDARY}--\r\n")]).collect();
    let request = browser.bare(Method::POST, browser.url("/lists")).header(ACCEPT, "text/html");
    let request = request.header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    let request = request.header(ORIGIN, &browser.base).header("sec-fetch-site", "same-origin");
    browser.send(request.body(body)).await
}

/// The page that an answer leads to.
async fn followed(browser: &Client, answer: &Answer) -> Answer {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    browser.get(answer.header("location")).await
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a Answer, name: &str) -> &'a str {
    let rest = page.text.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {name} in {}", page.text))
}

#[tokio::test]
async fn a_file_with_bad_lines_goes_on_only_when_told() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let good = troubled(&shared().sandbox, &gateways, Trouble::LostWrite).remove(0);
    let csv = format!("device;cert_serial\r\na;{good}\r\nb;<script>x</script>\r\n");
    let sent = [("authority", None, gateways.as_str()), ("serials", None, ""), ("file", Some("a.csv"), &csv)];
    let page = followed(&operator, &send(&operator, &sent).await).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["1 line cannot be read", "&lt;script&gt;x", ">3<", "Go on with 1 certificate"] {
        assert!(page.text.contains(part), "no {part} in {}", page.text);
    }
    assert!(!page.text.contains("name=\"shown\""), "nothing can be requested yet");
    let on = page.text.split("href=\"").filter_map(|rest| rest.split('"').next());
    let on = on.filter(|href| href.contains("of=readable")).last().unwrap().replace("&amp;", "&");
    let page = operator.get(&on).await;
    assert_eq!(hidden(&page, "shown"), Shown::of([good.parse().unwrap()]).to_string(), "{}", page.text);
    assert!(!page.text.contains(&format!("value=\"{good}")), "the page holds no list");
}

#[tokio::test]
async fn what_is_no_list_is_refused_on_the_form_in_words() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let id = ("authority", None, gateways.as_str());
    let many: String = (1..=100_001).map(|number| format!("{number:x}\n")).collect();
    for (fields, words) in [
        (vec![], "Choose an authority."),
        (vec![id, ("serials", None, " ")], "Paste at least one serial number, or choose a file."),
        (vec![id, ("serials", None, "0a"), ("file", Some("a"), "0b")], "not both"),
        (vec![id, ("file", Some("a.xlsx"), "PK\u{0}")], "It is not text."),
        (vec![id, ("file", Some("a.txt"), &many)], "One request revokes at most"),
    ] {
        let page = followed(&operator, &send(&operator, &fields).await).await;
        assert!(page.text.contains(words), "no {words} in {}", page.text);
        assert!(page.text.contains("action=\"/lists\""), "the form is there again");
    }
    let long = "0".repeat(17_500_000);
    let answer = send(&operator, &[id, ("file", Some("a.txt"), &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text);
    for person in ["auditor", "approver"] {
        let answer = send(&shared().browser_of(person).await, &[id, ("serials", None, "0a")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{person}");
    }
}

#[tokio::test]
async fn all_that_match_a_filter_are_asked_for_as_they_were_shown() {
    let operator = reconciled().await.browser_of("operator").await;
    let gateways = authority(&shared().sandbox, "gateways");
    let list = operator.get(&format!("/certificates?authority={gateways}&status=active")).await;
    assert!(list.text.contains("Request revocation of all"), "{}", list.text);
    let href = format!(
        "/revocations/new?authority={gateways}&of=certificates%3Aauthority%3D{gateways}%26status%3Dactive"
    );
    assert!(list.text.contains(&href.replace('&', "&amp;")), "no {href} in {}", list.text);
    let page = operator.get(&href).await;
    let (of, shown) = (hidden(&page, "of").replace("&amp;", "&"), hidden(&page, "shown"));
    assert!(shown.parse::<Shown>().unwrap().count > 1, "{shown}");
    // Somebody else's list: the page shows anew what it is, and keeps what was written.
    let wrong = Shown::of(["0a".parse().unwrap(), "0b".parse().unwrap()]).to_string();
    let fields = [
        ("authority", gateways.as_str()),
        ("of", of.as_str()),
        ("shown", wrong.as_str()),
        ("count", "2"),
        ("reason", "SUPERSEDED"),
        ("justification", "All of them are renewed."),
    ];
    let refused = operator.submit(&href, "/api/request-revocation", &fields).await;
    let again = operator.get(&refused.location().unwrap().as_str()[operator.base.len()..]).await;
    for part in ["Nothing was requested", "All of them are renewed."] {
        assert!(again.text.contains(part), "no {part} in {}", again.text);
    }
    // The sandbox goes on issuing: what matches now is shown, whatever it is.
    let anew: Shown = hidden(&again, "shown").parse().unwrap();
    assert!(anew.count > 1 && anew.to_string() != wrong, "{anew}");
}

#[tokio::test]
async fn a_list_is_a_file_of_all_that_its_filter_names_in_its_order() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let query = "status=active&sort=serial&order=desc";
    let page = auditor.get(&format!("/certificates?{query}")).await;
    let file = auditor.get(&format!("/exports/certificates.csv?{query}")).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    let mut rows = csv::Reader::from_reader(file.text.as_bytes());
    assert_eq!(rows.headers().unwrap().iter().take(3).collect::<Vec<_>>(), ["authority", "serial", "device"]);
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().unwrap();
    assert!(!rows.is_empty());
    assert!(page.text.contains(&format!(" of {}", rows.len())), "as many as the list says: {}", rows.len());
    assert!(rows.iter().all(|row| &row[7] == "active"));
    assert!(rows.is_sorted_by(|one, next| one[1] >= next[1]));

    let file = auditor.get(&format!("/exports/certificates.jsonl?{query}")).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"certificates.jsonl\"");
    let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["filter"], query);
    assert!(lines[0]["as_of"].is_string());
    let serials = |line: &Value| line["serial"].as_str().unwrap().to_owned();
    assert_eq!(
        lines[1..].iter().map(serials).collect::<Vec<_>>(),
        rows.iter().map(|row| row[1].to_owned()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_file_is_not_made_of_a_filter_that_is_not_understood() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let answer = auditor.get("/exports/certificates.csv?status=sleeping").await;
    assert!(!answer.status.is_success(), "{}", answer.text);
    assert!(!answer.header("content-type").contains("csv"));
}
