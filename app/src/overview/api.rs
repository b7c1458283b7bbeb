//! What the first page asks the server for.

use domain::views::FrontPage;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// What must not wait, what waits, and how fresh the records are.
#[server(endpoint = "overview", input = GetUrl)]
pub async fn get_overview() -> Result<FrontPage, AppError> {
    use domain::finding::FindingStateName;
    use domain::views::{Alarms, FindingQuery, TrailNow};

    let (console, actor) = session::acting()?;
    let overview = console.overview(&actor).await?;
    let mut findings = Vec::new();
    for kind in Alarms::KINDS {
        if overview.waiting_findings.get(&kind).is_some_and(|number| *number > 0) {
            let open = FindingQuery {
                kind: Some(kind),
                state: Some(FindingStateName::Open),
                ..FindingQuery::default()
            };
            findings.extend(console.findings(&actor, &open).await?.findings);
        }
    }
    let trail = TrailNow::of(console.coverage(&actor).await?);
    Ok(FrontPage { overview, alarms: Alarms::of(findings), trail })
}
