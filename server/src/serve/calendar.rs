//! `GET /calendar.ics?key=…`: the days on which certificates expire, for calendar programs (RFC 5545). They have no session:
//! the key is all that they show.

use std::sync::Arc;

use app::error::{AppError, Correlation};
use app::paths;
use app::standalone::Standalone;
use app::ui::visible;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::Console;
use domain::CalendarKey;
use domain::views::ExpiryView;
use icalendar::{Calendar, Component, Event, Property};
use serde::Deserialize;

use super::answer::refuse;
use crate::config::PublicUrl;

#[derive(Deserialize)]
struct Asked {
    key: String,
}

pub fn routes(console: Console, public_url: Arc<PublicUrl>) -> Router {
    Router::new().route(paths::CALENDAR, get(calendar)).with_state((console, public_url))
}

async fn calendar(
    State((console, public_url)): State<(Console, Arc<PublicUrl>)>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    let read = match asked.key.parse::<CalendarKey>() {
        Ok(key) => console.calendar(&key).await.map_err(AppError::from),
        Err(_) => Ok(None),
    };
    match read {
        Ok(Some(view)) => {
            ([(CONTENT_TYPE, "text/calendar; charset=utf-8")], write(&view, &public_url)).into_response()
        }
        Ok(None) => {
            refuse(&parts, Standalone::not_found(), &AppError::NotFound { what: app::error::Noun::Page })
        }
        Err(error) => refuse(&parts, Standalone::broken(&Correlation::of(&parts)), &error),
    }
}

/// An event for each day and authority with certificates that expire; its link leads to just these.
fn write(view: &ExpiryView, public_url: &PublicUrl) -> String {
    let mut calendar = Calendar::new();
    calendar.name("Certificates that expire").append_property(typed("REFRESH-INTERVAL", "DURATION", "PT12H"));
    let stamp = digits(&view.as_of.map(|at| at.to_string()).unwrap_or_default());
    for span in &view.spans {
        for (id, count) in &span.counts {
            let named = view.authorities.iter().find(|one| one.arn.id() == *id);
            let name = named.map_or_else(|| id.to_string(), |one| visible(&one.name));
            let words = if *count == 1 { "certificate expires" } else { "certificates expire" };
            let date = span.from.date();
            let mut event = Event::new();
            event.uid(&format!("{date}-{id}@countersign"));
            event.summary(&format!("{count} {words} ({name})"));
            event.url(&public_url.at(&paths::certificates(&span.list(Some(id)))));
            event.add_property("DTSTAMP", &stamp);
            event.append_property(day("DTSTART", &date)).append_property(day("DTEND", &span.to.date()));
            // A certificate that expires keeps nobody busy.
            event.add_property("TRANSP", "TRANSPARENT");
            calendar.push(event.done());
        }
    }
    calendar.to_string()
}

/// A day (RFC 5545 §3.3.4).
fn day(name: &str, date: &str) -> Property {
    typed(name, "DATE", &digits(date))
}

fn typed(name: &str, of: &str, value: &str) -> Property {
    Property::new(name, value).add_parameter("VALUE", of).done()
}

/// `2026-11-29T18:00:00Z` as `20261129T180000Z`.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

#[cfg(test)]
mod tests {
    use domain::views::{Authority, CalendarUnit, ExpirySpan};

    use super::*;

    #[test]
    fn each_day_and_authority_is_an_event_and_no_name_adds_lines() {
        let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
        let authority =
            Authority { arn: arn.parse().unwrap(), name: "Devices, EU\r\nBEGIN:VEVENT".to_owned() };
        let mut spans = ExpirySpan::follow(CalendarUnit::Day, "2026-11-30T00:00:00Z".parse().unwrap(), 2);
        spans[1].counts = [(authority.arn.id(), 37)].into();
        let as_of = Some("2026-11-29T18:00:00Z".parse().unwrap());
        let view = ExpiryView { authorities: vec![authority], spans, as_of, calendar: None };
        let text = write(&view, &PublicUrl::local(3000)).replace("\r\n ", "");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 1, "{text}");
        for expected in [
            "DTSTART;VALUE=DATE:20261201",
            "DTEND;VALUE=DATE:20261202",
            "DTSTAMP:20261129T180000Z",
            "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
            "UID:2026-12-01-11223344-1234-1122-2233-112233445566@countersign",
        ] {
            assert!(lines.contains(&expected), "{expected} is not in {text}");
        }
        assert!(text.contains("37 certificates expire (Devices\\, EU"), "{text}");
        assert!(text.contains("http://localhost:3000/certificates?"), "{text}");
    }
}
