//! What people do in the console, through the same server functions as its pages.

use std::time::Duration;

use domain::views::Shown;
use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use sandbox::Description;
use serde_json::Value;

pub use sandbox::until;

use crate::client::{Answer, Client};

/// The id of the sandbox's authority with this name, as addresses have it.
pub fn authority(sandbox: &Description, name: &str) -> String {
    let arn = &sandbox.authorities.iter().find(|one| one.name == name).unwrap().arn;
    arn.rsplit('/').next().unwrap().to_owned()
}

/// Serials of an authority by what was planted with them.
pub fn troubled(sandbox: &Description, authority: &str, trouble: sandbox::Trouble) -> Vec<String> {
    let of_kind = sandbox.planted_detail.iter().filter(|one| one.trouble == trouble);
    of_kind.filter(|one| one.authority.ends_with(authority)).map(|one| one.serial.clone()).collect()
}

impl Client {
    /// Asks a server function that reads.
    pub async fn ask(&self, function: &str, parameters: &[(&str, &str)]) -> Value {
        let mut url = self.url(function);
        url.query_pairs_mut().extend_pairs(parameters);
        let request = self.bare(Method::GET, url).header(ACCEPT, "application/json");
        let answer = self.send(request.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(answer.status, StatusCode::OK, "{function}: {}", answer.text);
        answer.json()
    }

    /// Starts a run and waits for its end.
    pub async fn run(&self, authority: &str) -> Value {
        let id = self.start_run(authority).await;
        self.ended_run(authority, &id).await
    }

    pub async fn start_run(&self, authority: &str) -> String {
        let answer = self.call("/api/start-run", &[("authority", authority)]).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.text);
        answer.header("location").rsplit('/').next().unwrap().to_owned()
    }

    pub async fn ended_run(&self, authority: &str, id: &str) -> Value {
        until("the end of the run", async || {
            let run = self.ask("/api/run", &[("authority", authority), ("id", id)]).await["run"].clone();
            (run["state"] != "running").then_some(run)
        })
        .await
    }

    pub async fn finding(&self, kind: &str, authority: &str, serial: &str) -> Value {
        let id = format!("{kind}.{authority}.{serial}");
        self.ask("/api/finding", &[("id", &id)]).await["finding"].clone()
    }

    /// Sends the form of a new request.
    pub async fn send_request(&self, authority: &str, serials: &[&str], more: &[(&str, &str)]) -> Answer {
        let (of, count) = (format!("serials:{}", serials.join(" ")), serials.len().to_string());
        let shown = Shown::of(serials.iter().map(|serial| serial.parse().unwrap())).to_string();
        let mut fields = vec![
            ("authority", authority),
            ("of", &of),
            ("shown", &shown),
            ("reason", "KEY_COMPROMISE"),
            ("justification", "Nobody can account for it."),
            ("count", &count),
        ];
        fields.extend(more);
        self.call("/api/request-revocation", &fields).await
    }

    /// The id of a new request.
    pub async fn request(&self, authority: &str, serials: &[&str]) -> String {
        // A console that has just started reads the records first.
        let answer = until("an answer about records that were read", async || {
            let answer = self.send_request(authority, serials, &[]).await;
            (!answer.text.contains("have not been read yet")).then_some(answer)
        })
        .await;
        let location = answer.header("location");
        let path = location.split('?').next().unwrap();
        assert!(path.starts_with("/revocations/"), "{} {location}: {}", answer.status, answer.text);
        path.rsplit('/').next().unwrap().to_owned()
    }

    pub async fn sheet(&self, id: &str) -> Value {
        self.ask("/api/request", &[("id", id), ("page", "0")]).await
    }

    /// Approves or rejects what the page shows now.
    pub async fn decide(&self, id: &str, verdict: &str) -> Answer {
        let sheet = self.sheet(id).await;
        let together = sheet["together"].as_array().unwrap().iter().filter(|one| !one["dry_run"].is_null());
        let requests = together.map(|one| &one["request"]).chain([&sheet["request"]]);
        let count: u64 = requests.map(|request| request["target_count"].as_u64().unwrap()).sum();
        self.decide_on(id, verdict, sheet["seen"].as_str().unwrap(), &count.to_string()).await
    }

    pub async fn decide_on(&self, id: &str, verdict: &str, seen: &str, count: &str) -> Answer {
        let comment = ("comment", "As it was agreed.");
        let fields = [("id", id), ("verdict", verdict), ("seen", seen), ("count", count), comment];
        let answer = self.call("/api/decide", &fields).await;
        match answer.location() {
            Some(provider) if answer.status.is_success() || answer.status.is_redirection() => {
                self.sign(provider).await
            }
            _ => answer,
        }
    }

    /// Approves, and does not mind if nobody answers.
    pub async fn try_decide(&self, id: &str, seen: &str) {
        let fields = [("id", id), ("verdict", "approve"), ("seen", seen), ("count", "1")];
        let provider = self.call("/api/decide", &fields).await.location().unwrap();
        let back = self.choose_again(provider).await;
        drop(self.bare(Method::GET, back).header("sec-fetch-site", "cross-site").send().await);
    }

    /// Waits until the request is in one of these states, and gives its sheet.
    pub async fn reaches(&self, id: &str, states: &[&str]) -> Value {
        until(&format!("{states:?}"), async || {
            let sheet = self.sheet(id).await;
            let state = sheet["request"]["state"].as_str().unwrap();
            states.contains(&state).then_some(sheet)
        })
        .await
    }

    /// Waits until the inventory was told that it is revoked, which is done behind the revocations, and gives the view of it.
    pub async fn told_inventory(&self, authority: &str, serial: &str) -> Value {
        until("the inventory told", async || {
            let view = self.ask("/api/certificate", &[("authority", authority), ("serial", serial)]).await;
            view["inventory"][0]["revoked_at"].is_string().then_some(view)
        })
        .await
    }

    /// Every entry of the ledger, oldest first.
    pub async fn ledger(&self) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut before: Option<String> = None;
        loop {
            let parameters: Vec<(&str, &str)> =
                before.iter().map(|before| ("query[before]", before.as_str())).collect();
            let page = self.ask("/api/ledger", &parameters).await;
            entries.extend(page["lines"].as_array().unwrap().iter().map(|line| line["body"]["Ok"].clone()));
            let Some(next) = page["next"].as_u64() else { break };
            let next = next.to_string();
            assert_ne!(before.as_ref(), Some(&next), "the ledger's pages go on");
            before = Some(next);
        }
        entries.reverse();
        entries
    }

    /// How many entries of the ledger tell of `action` with this text somewhere in them.
    pub async fn told(&self, action: &str, text: &str) -> usize {
        let entries = self.ledger().await;
        entries.iter().filter(|entry| entry["action"] == action && entry.to_string().contains(text)).count()
    }

    pub async fn assert_ledger_is_whole(&self) {
        until("a ledger that is published", async || {
            let report = self.ask("/api/verify-ledger", &[]).await;
            assert!(report["broken"].is_null(), "{report}");
            (report["log"]["size"].as_u64() > Some(0)).then_some(())
        })
        .await;
    }
}
