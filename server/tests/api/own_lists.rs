//! What people set up for themselves on a list: filters under names, columns and rows. Each person's own, and nobody else's.

use reqwest::StatusCode;

use crate::client::{Answer, Client};
use crate::harness::reconciled;

const SAVE: &str = "/api/save-filter";
const RENAME: &str = "/api/rename-filter";
const DELETE: &str = "/api/delete-filter";
const ARRANGE: &str = "/api/arrange-list";
/// As a page has the second one.
const HOSTILE: &str = "<script>alert('ü')</script>";
const WRITTEN: &str = "&lt;script&gt;alert(";

impl Client {
    async fn set_up(&self, function: &str, list: &str, fields: &[(&str, &str)]) -> Answer {
        self.call(function, &[&[("list", list)], fields].concat()).await
    }
}

#[tokio::test]
async fn a_saved_filter_is_ones_own_and_its_name_is_only_text() {
    let shared = reconciled().await;
    let (auditor, operator) = (shared.browser_of("auditor").await, shared.browser_of("operator").await);
    for (list, query, kept) in [
        ("certificates", "status=expiring&at=last", "/certificates?status=expiring"),
        ("findings", "severity=critical&page=7", "/findings?severity=critical"),
    ] {
        let path = format!("/{list}");
        let save = async |name, query| auditor.set_up(SAVE, list, &[("query", query), ("name", name)]).await;
        let saved = save(HOSTILE, query).await;
        assert_eq!(saved.header("location"), kept, "{}", saved.text);
        let page = auditor.get(&path).await.text;
        assert!(page.contains(WRITTEN) && page.contains(&format!("href=\"{kept}\"")), "{page}");
        assert!(!page.contains("<script>alert("), "{page}");
        assert!(!operator.get(&path).await.text.contains(WRITTEN), "another person's");

        for (name, query, why) in [
            (HOSTILE, query, "a filter of this name already"),
            ("Other", "", "Narrow the list first"),
            ("Other", "authority=../x&severity=evil", ""),
            (" ", query, "Write a name"),
            ("a\u{202e}b", query, "Write a name"),
            (&"x".repeat(61), query, "Write a name"),
        ] {
            let refused = save(name, query).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {query}");
            assert!(refused.text.contains(why), "{name}: {}", refused.text);
        }

        let both = [("query", query), ("renamed", HOSTILE), ("to", "Plain")];
        let renamed = auditor.set_up(RENAME, list, &both).await;
        assert_eq!(renamed.header("location"), kept, "{}", renamed.text);
        assert_eq!(
            auditor.set_up(RENAME, list, &both).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "taken"
        );
        let gone = [("query", query), ("renamed", HOSTILE), ("to", "Again")];
        assert_eq!(auditor.set_up(RENAME, list, &gone).await.status, StatusCode::CONFLICT);
        let page = auditor.get(&path).await.text;
        assert!(page.contains(">Plain</a>") && !page.contains(WRITTEN), "{page}");

        let one = [("query", ""), ("deleted", "Plain")];
        assert_eq!(auditor.set_up(DELETE, list, &one).await.header("location"), path);
        assert_eq!(auditor.set_up(DELETE, list, &one).await.status, StatusCode::CONFLICT);
        assert!(!auditor.get(&path).await.text.contains(">Plain</a>"));
    }
    assert_eq!(auditor.set_up(SAVE, "requests", &[("query", "q=a"), ("name", "a")]).await.status, 422);
    for what in ["saved the filter", "renamed the filter", "deleted the filter"] {
        assert_eq!(auditor.told("own_list_changed", what).await, 2, "{what}");
    }
}

#[tokio::test]
async fn a_refused_form_comes_back_with_its_error_without_javascript() {
    let auditor = reconciled().await.browser_of("auditor").await;
    let fields = [("list", "certificates"), ("query", "status=active"), ("name", " ")];
    let answer = auditor.submit("/certificates?status=active", SAVE, &fields).await;
    let address = answer.location().expect("back to the list");
    let page = auditor.get(&address.as_str()[address.origin().ascii_serialization().len()..]).await;
    assert!(page.text.contains("Write a name of 1 to 60 characters"), "{}", page.text);
    assert!(page.text.contains("<details open class=\"disclosure\">"), "{}", page.text);
}

#[tokio::test]
async fn columns_and_rows_stay_as_they_were_chosen() {
    let shared = reconciled().await;
    let (approver, auditor) = (shared.browser_of("approver").await, shared.browser_of("auditor").await);
    let arrange = async |columns: &[&str], density| {
        let columns = columns.iter().map(|column| ("columns[]", *column));
        let fields: Vec<_> = columns.chain([("query", "status=active"), ("density", density)]).collect();
        approver.set_up(ARRANGE, "certificates", &fields).await
    };
    let head = "sort=subject";
    let kept = arrange(&["device", "status"], "compact").await;
    assert_eq!(kept.header("location"), "/certificates?status=active", "{}", kept.text);
    let page = approver.get("/certificates").await.text;
    assert!(page.contains("class=\"table compact\"") && !page.contains(head), "{page}");
    let others = auditor.get("/certificates").await.text;
    assert!(!others.contains("table compact") && others.contains(head), "{others}");
    assert_eq!(arrange(&["evil"], "compact").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(arrange(&[], "comfortable").await.header("location"), "/certificates?status=active");
    let page = approver.get("/certificates").await.text;
    assert!(!page.contains("table compact") && !page.contains("sort=device"), "{page}");
}
