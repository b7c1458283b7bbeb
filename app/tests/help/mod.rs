//! The documents as pages: each link leads somewhere, and nothing of a document is HTML of its own.

use std::collections::{BTreeMap, BTreeSet};

use app::help::DOCUMENTS;

use super::*;

/// The values of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    let begin = format!(" {attribute}=\"");
    html.split(begin.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn every_link_inside_the_help_answers() {
    let mut pages = BTreeMap::new();
    let addresses = DOCUMENTS.iter().map(|document| paths::help(document.slug, None));
    for address in addresses.chain([paths::HELP.to_owned()]) {
        let (status, html) = render(&address, "operator", document).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert_eq!(html.matches("<h1").count(), 1, "{address}");
        pages.insert(address, html);
    }
    let (mut inside, mut places) = (0, 0);
    for (address, html) in &pages {
        for href in values(html, "href") {
            if href.starts_with("https://") || href.starts_with("/pkg/") || href.ends_with(".svg") {
                continue;
            }
            let (path, place) = href.split_once('#').unwrap_or((href, ""));
            let Some(target) = pages.get(if path.is_empty() { address.as_str() } else { path }) else {
                let known = app::permissions::of_page(path).is_some() && !path.starts_with(paths::HELP);
                assert!(known, "{address} links to {href}, which does not answer");
                continue;
            };
            inside += 1;
            if !place.is_empty() {
                places += 1;
                assert!(
                    values(target, "id").contains(place),
                    "{address} links to {href}, which has no such place"
                );
            }
        }
    }
    assert!(inside > 100 && places > 50, "{inside} links, {places} of them to places: were they found?");
}

#[tokio::test]
async fn an_unknown_document_is_not_found() {
    for slug in ["nothing", "..%2F..%2Fetc%2Fpasswd", "RUNBOOK.md"] {
        let (status, _) = render(&format!("/help/{slug}"), "operator", document).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{slug}");
    }
}

#[tokio::test]
async fn the_page_is_the_markdown_of_the_document() {
    let (_, html) = render("/help/adding-a-page", "operator", document).await;
    // Code of views is text.
    assert!(html.contains("&lt;FormErrors error /&gt;") && !html.contains("<FormErrors"), "{html}");
    let (_, html) = render("/help/runbook", "operator", document).await;
    for part in [
        "<h2 id=\"2-collect\">",
        "<ol>",
        "<th scope=\"col\"",
        "href=\"/help/deploy\"",
        "aria-label=\"Breadcrumb\"",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
}
