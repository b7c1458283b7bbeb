//! Who is told of what, through which channel, and that whoever dies when, everybody is told once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use console::{Channel, Clock, NotifySettings, Parts, Way};
use countersign_aws::Aws;
use domain::ledger::About;
use domain::notify::{ChannelKind, Delivery, Digest, Kind, Notice, Route, Telling, Told, TopicArn};
use domain::revocation::{RequestState, Verdict};
use domain::{FindingId, Role, Severity};
use serde_json::Value;

use crate::alerts::{raised, until};
use crate::child;
use crate::endpoints::sdk;
use crate::signed::decide;
use crate::support::{Bench, aws_settings, description, raw_dynamodb, says, take, test};

/// Nobody listens there.
pub const NOWHERE: &str = "http://127.0.0.1:1/";
const DAY: Duration = Duration::from_secs(86_400);

/// A webhook that takes everything.
pub fn channel(name: &str, address: &str) -> Channel {
    Channel {
        name: name.to_owned(),
        kind: ChannelKind::Webhook,
        host: "hooks.example.com".to_owned(),
        route: Route::default(),
        way: Some(Way::Webhook(address.parse().unwrap(), [1; 32].into())),
    }
}

/// Waits until so many deliveries tell of the finding.
pub async fn until_told(bench: &Bench, id: &FindingId, number: usize) -> Vec<Delivery> {
    sandbox::until("the notification", async || {
        let view = bench.console.finding(&bench.operator().await, id).await.unwrap();
        (view.notifications.len() == number).then_some(view.notifications)
    })
    .await
}

/// What came to a channel.
#[derive(Clone)]
struct Receiver {
    address: String,
    came: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let receiver = Self { address, came: Arc::default() };
        let take = async |State(receiver): State<Self>, body: String| {
            receiver.came.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            StatusCode::NO_CONTENT
        };
        let router = Router::new().route("/", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    fn came(&self) -> Vec<Value> {
        self.came.lock().unwrap().clone()
    }

    fn kinds(&self) -> Vec<String> {
        self.came().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits for the first of this kind.
    async fn until_of(&self, kind: &str) -> Value {
        sandbox::until(kind, async || self.came().into_iter().find(|one| one["kind"] == kind)).await
    }

    /// Waits until so many have come.
    async fn until(&self, number: usize) -> Vec<Value> {
        sandbox::until("what is told", async || {
            let came = self.came();
            (came.len() >= number).then_some(came)
        })
        .await
    }
}

fn page(about: Option<&About>) -> String {
    about.map_or_else(|| "https://pki/".to_owned(), |about| format!("https://pki/{about}"))
}

/// A bench whose notices go to receivers: all to the first, those of the route to the second.
async fn benched(route: Route) -> (Bench, Receiver, Receiver) {
    let (all, some) = (Receiver::start().await, Receiver::start().await);
    let channels = vec![channel("all", &all.address), Channel { route, ..channel("some", &some.address) }];
    let notify = NotifySettings { channels, page: Arc::new(page) };
    (Bench::with(|parts| parts.notify = notify).await, all, some)
}

impl Bench {
    /// What another worker is made of whose clock stands so far ahead.
    fn ahead(&self, by: Duration) -> Parts {
        let clock = Clock::standing_at(self.parts.clock.now().plus(by));
        Parts { aws: self.aws.clone(), clock, ..self.parts.clone() }
    }
}

fn only(kind: Kind) -> Route {
    Route { kinds: vec![kind], ..Route::default() }
}

#[test]
fn people_are_told_from_the_request_to_its_execution() {
    test(async {
        let (bench, all, approvers) = benched(only(Kind::RequestWaits)).await;
        bench.work().await;
        let request = bench.pending(&take(1).await).await;
        let waits = approvers.until(1).await.remove(0);
        assert_eq!(waits["about"], format!("request:{}", request.id));
        assert_eq!(waits["url"], format!("https://pki/request:{}", request.id));
        assert_eq!((&waits["severity"], &waits["by"]["name"]), (&"high".into(), &"operator".into()));
        assert_eq!(waits["for"]["roles"], serde_json::json!(["approver"]));
        assert!(waits["sentence"].as_str().unwrap().contains("revoke 1 certificate of devices"), "{waits}");
        // Whoever asks is not told of what they did, and whoever can decide is.
        let notice = bench.parts.aws.told(10).await.unwrap().remove(0);
        assert!(notice.is_for(&bench.approver().await) && !notice.is_for(&bench.operator().await));
        let both = bench.sign_in("operator", &[Role::Operator, Role::Approver]).await;
        assert!(!notice.is_for(&both));

        bench.approve(&request, "approver").await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        let came = all.until(3).await;
        assert_eq!(all.kinds(), ["request_waits", "decided", "executed"]);
        assert_eq!(came[1]["for"]["people"][0]["name"], "operator");
        assert!(came[1]["sentence"].as_str().unwrap().starts_with("approver approved: operator's request"));
        assert_eq!(approvers.came().len(), 1, "which takes nothing else");
        let decided = bench.parts.aws.told(10).await.unwrap().remove(1);
        assert!(decided.is_for(&bench.operator().await) && !decided.is_for(&bench.approver().await));
    });
}

#[test]
fn what_cannot_be_read_keeps_nobody_from_being_told() {
    test(async {
        let (bench, all, _) = benched(only(Kind::Test)).await;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let client = raw_dynamodb(description().await);
        let put = |pk: &str, sk: &str| {
            let put = client.put_item().table_name(&bench.table);
            put.item("pk", text(pk)).item("sk", text(sk)).item("body", text("{"))
        };
        put("TELLING", "0").send().await.unwrap();
        let due = put("NOTICE#0", "0#all").item("attempts", AttributeValue::N("0".to_owned()));
        let due = due.item("list_pk", text("DELIVERING#all")).item("list_sk", text("000000000000#0"));
        due.send().await.unwrap();
        bench.work().await;
        bench.pending(&take(1).await).await;
        assert_eq!(all.until(1).await[0]["kind"], "request_waits");
    });
}

#[test]
fn whoever_asked_hears_of_a_rejection_and_what_is_decided_waits_no_more() {
    test(async {
        let (bench, all, _) = benched(only(Kind::Test)).await;
        let request = bench.pending(&take(1).await).await;
        let approver = bench.approver().await;
        decide(&bench.console, &approver, &request.id, says(Verdict::Reject, &request.hash)).await.unwrap();
        bench.work().await;
        let came = all.until(1).await.remove(0);
        assert_eq!(came["kind"], "decided", "nobody is told that it waits");
        let sentence = came["sentence"].as_str().unwrap();
        assert!(sentence.starts_with("approver rejected: ") && sentence.ends_with(": Seen."), "{sentence}");
        assert!(bench.aws.tellings(1).await.unwrap().is_empty());
    });
}

#[test]
fn a_death_between_change_and_notice_loses_nothing_and_doubles_nothing() {
    test(async {
        for point in ["before-notices", "after-notices"] {
            let (bench, all, _) = benched(only(Kind::Test)).await;
            let request = bench.pending(&take(1).await).await;
            let mut dying = child::start_telling(&bench, point, &all.address).await;
            let died = tokio::time::timeout(sandbox::PATIENCE, dying.wait()).await.expect("it dies").unwrap();
            assert!(!died.success(), "{point}");
            let about = About::Request(request.id.clone());
            let told = bench.parts.aws.told(10).await.unwrap();
            let left = bench.aws.tellings(10).await.unwrap();
            match point {
                "before-notices" => assert_eq!((told.len(), left.len()), (0, 1)),
                _ => assert_eq!((told.len(), left.len()), (1, 0)),
            }
            // Two replicas race.
            bench.another_works().await;
            bench.another_works().await;
            sandbox::until("all is told", async || {
                let told = bench.parts.aws.told(10).await.unwrap().len() == 1;
                (told && bench.aws.tellings(1).await.unwrap().is_empty()).then_some(())
            })
            .await;
            all.until(1).await;
            sandbox::until("the end of the delivery", async || {
                bench.aws.ended_at("all", 10).await.unwrap().pop()
            })
            .await;
            assert_eq!(bench.aws.sendings_about(&about).await.unwrap().len(), 1, "{point}");
            assert_eq!(all.came().len(), 1, "{point}");
        }
    });
}

#[test]
fn what_is_not_urgent_comes_together_in_a_digest() {
    test(async {
        let route =
            Route { digest: Some(Digest { at: Duration::ZERO, up_to: Severity::Low }), ..Route::default() };
        let (bench, all, digest) = benched(route).await;
        let now = bench.parts.clock.now();
        let put = async |number: u8, severity: Severity| {
            let id = format!("0193a000-0000-7000-8000-00000000000{number}");
            let notice = Notice { severity, ..Notice::test(id.clone(), None, now) };
            let telling = Telling { id, what: Told::Notice(Box::new(notice)) };
            bench.aws.apply(&[bench.aws.tell(&telling).unwrap()]).await.unwrap();
        };
        put(1, Severity::Low).await;
        put(2, Severity::Low).await;
        put(3, Severity::High).await;
        let first = bench.work().await;
        all.until(3).await;
        assert_eq!(digest.until(1).await[0]["severity"], "high", "what is urgent is told at once");
        let waiting = bench.aws.waiting_at("some", 10).await.unwrap();
        assert_eq!(waiting.len(), 2);
        assert!(waiting.iter().all(|one| one.delivery.digest && one.delivery.due_at > now));
        bench.stop().await;
        first.await.unwrap();
        // The next morning.
        bench.work_with(bench.ahead(DAY)).await;
        let came = digest.until_of("digest").await;
        assert_eq!(came["notices"].as_array().unwrap().len(), 2);
        assert_eq!(came["text"].as_str().unwrap().lines().count(), 2, "{came}");
        sandbox::until("the end of both", async || {
            bench.aws.waiting_at("some", 10).await.unwrap().is_empty().then_some(())
        })
        .await;
    });
}

#[test]
fn attack_a_channel_that_takes_nothing_for_a_day_is_told_of() {
    test(async {
        let good = Receiver::start().await;
        let bench = Bench::with(|parts| {
            parts.notify.channels = vec![channel("on-call", NOWHERE), channel("good", &good.address)];
        })
        .await;
        let now = bench.parts.clock.now();
        // The last attempt of each is due.
        for number in 0..3 {
            let notice = Notice::test(format!("0193a000-0000-7000-8000-00000000000{number}"), None, now);
            let telling = Telling { id: notice.id.clone(), what: Told::Notice(Box::new(notice.clone())) };
            bench.aws.apply(&[bench.aws.tell(&telling).unwrap()]).await.unwrap();
            let delivery = Delivery {
                due_at: now.minus(DAY),
                attempts: 30,
                next_attempt: Some(now),
                ..Delivery::new("on-call", "hooks.example.com", now, false)
            };
            bench.aws.spread(&telling, None, Some((&notice, &[delivery])), now).await.unwrap();
        }
        bench.another_works().await;
        let id: FindingId = "channel_failing.countersign.on-call".parse().unwrap();
        let finding = until(&bench, std::slice::from_ref(&id)).await.remove(0);
        let what = finding.evidence.alert.unwrap().what;
        let began = format!(
            "The channel on-call (hooks.example.com) has not taken a notification since {}: It cannot be reached:",
            now.minus(DAY).absolute()
        );
        assert!(what.starts_with(&began), "{what}");
        // All three are given up, and that is told once: through the channels that work.
        sandbox::until("the end of all attempts", async || {
            bench.aws.due_at("on-call", now, 10).await.unwrap().is_empty().then_some(())
        })
        .await;
        assert_eq!(raised(&bench).await.len(), 1);
        assert_eq!(good.until(1).await[0]["about"], format!("finding:{id}"));
        let ended = bench.aws.ended_at("on-call", 10).await.unwrap();
        assert_eq!(ended.len(), 3);
        assert!(ended.iter().all(|one| one.delivery.is_given_up()));
    });
}

#[test]
fn what_nobody_decides_is_told_again_before_it_expires_and_once() {
    test(async {
        let (bench, all, _) = benched(only(Kind::Test)).await;
        let request = bench.pending(&take(1).await).await;
        // Its last quarter of an hour.
        let parts = bench.ahead(Duration::from_secs(3000));
        bench.work_with(parts.clone()).await;
        bench.work_with(parts).await;
        let soon = all.until_of("expires_soon").await;
        assert_eq!(soon["about"], format!("request:{}", request.id));
        assert_eq!(soon["for"]["people"][0]["name"], "operator");
        all.until_of("request_waits").await;
        let about = About::Request(request.id.clone());
        let told = bench.parts.aws.told(10).await.unwrap();
        assert_eq!(told.iter().filter(|one| one.about.as_ref() == Some(&about)).count(), 2);
    });
}

/// What the sandbox shows of what it was sent, its topic too.
async fn shown() -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = client.get(&description().await.notifications.webhook).send().await.unwrap();
    page.text().await.unwrap()
}

#[test]
fn a_topic_is_published_to_and_one_that_is_not_there_again_and_again() {
    test(async {
        let description = description().await;
        let topic: TopicArn = description.notifications.topic.parse().unwrap();
        let missing: TopicArn = format!("{topic}-2").parse().unwrap();
        let channel = |name: &str, topic: &TopicArn| Channel {
            kind: ChannelKind::Sns,
            host: format!("sns.{}: {}", topic.region(), topic.name()),
            way: Some(Way::Sns(topic.clone())),
            ..channel(name, NOWHERE)
        };
        let channels = vec![channel("topic", &topic), channel("gone", &missing)];
        let notify = NotifySettings { channels, page: Arc::new(page) };
        let bench = Bench::with(|parts| parts.notify = notify.clone()).await;
        bench.work().await;
        let request = bench.pending(&take(1).await).await;
        let url = format!("For approvers.\nhttps://pki/request:{}", request.id);
        let came =
            sandbox::until("the message", async || Some(shown().await).filter(|all| all.contains(&url)))
                .await;
        let notice = bench.parts.aws.told(10).await.unwrap().remove(0);
        for said in
            [format!("Topic: {topic}\nSubject: [Countersign] HIGH: "), format!("\nid: {}\n", notice.id)]
        {
            assert!(came.contains(&said), "{said}: {came}");
        }
        assert!(came.contains("\nkind: request_waits\n") && came.contains("\nseverity: high\n"), "{came}");

        let operator = bench.operator().await;
        let problem = sandbox::until("the second attempt", async || {
            let view = bench.console.channels(&operator).await.unwrap();
            let gone = view.channels.into_iter().find(|channel| channel.name == "gone").unwrap();
            let again = gone.waiting.first().is_some_and(|sent| sent.delivery.attempts > 1);
            gone.problem().filter(|_| again).map(str::to_owned)
        })
        .await;
        assert_eq!(problem, format!("There is no SNS topic {missing}."));
        assert!(bench.aws.ended_at("topic", 10).await.unwrap()[0].delivery.delivered_at.is_some());

        let executor = sdk(description, "executor");
        let denied = Aws::with_configs(aws_settings(description, &bench.table), &executor, &executor);
        let problem =
            notify.send_test(&notify.channels[0], &denied, bench.parts.clock.now()).await.unwrap_err();
        assert!(problem.starts_with(&format!("AWS refuses sns:Publish on {topic}: User: ")), "{problem}");
    });
}
