//! What strangers hold open is cut off, and whoever asks for too much is told to wait.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::{Console, shared};

/// Longer than any limit that these consoles have.
const SOON: Duration = Duration::from_secs(20);

/// A console with these lines under `[limits]` instead of the sandbox's.
pub fn limited(name: &str, limits: &str, server: &str) -> Console {
    Console::start(&shared().sandbox, name, |config| {
        let (head, rest) = config.split_once("[limits]\n").unwrap();
        let (sandboxs, rest) = rest.split_once("\n[").unwrap();
        let known = |line: &&str| !limits.contains(line.split(' ').next().unwrap());
        let kept: Vec<&str> = sandboxs.lines().filter(known).collect();
        let head = head.replace("[server]\n", &format!("[server]\n{server}\n"));
        format!("{head}[limits]\n{limits}\n{}\n[{rest}", kept.join("\n"))
    })
}

/// Connects from one of this machine's many addresses.
async fn connect(console: &Console, from: [u8; 4]) -> TcpStream {
    let port = console.url.rsplit(':').next().unwrap().parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect((IpAddr::V4(Ipv4Addr::LOCALHOST), port).into()).await.unwrap()
}

const HERE: [u8; 4] = [127, 0, 0, 1];
const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Whether there is an answer now; `None`: the connection is closed.
async fn answered(stream: &mut TcpStream) -> Option<String> {
    let mut answer = vec![0; 4096];
    let read = timeout(SOON, stream.read(&mut answer)).await.expect("an answer or an end").unwrap_or(0);
    answer.truncate(read);
    (read > 0).then(|| String::from_utf8(answer).unwrap())
}

/// Sends `start`, then an octet again and again, until the other side ends it; how long that took.
async fn trickled(console: &Console, start: &[u8]) -> Duration {
    let mut stream = connect(console, HERE).await;
    stream.write_all(start).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let began = Instant::now();
    let trickle = async {
        while writer.write_all(b"a").await.is_ok() {
            // time passes: between two octets.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::future::pending::<()>().await;
    };
    let ended = async { while reader.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {} };
    let ended = async {
        tokio::select! { () = ended => {}, () = trickle => {} }
    };
    timeout(SOON, ended).await.expect("the connection is cut");
    began.elapsed()
}

#[tokio::test]
async fn attack_slow_requests_are_cut_off() {
    let console = limited("slow", "headers = \"2s\"\nbody = \"3s\"\nidle = \"4s\"\nanswer = \"60s\"", "");
    let (nothing, headers, body) = tokio::join!(
        async {
            let began = Instant::now();
            assert_eq!(answered(&mut connect(&console, HERE).await).await, None);
            began.elapsed()
        },
        trickled(&console, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
        trickled(
            &console,
            b"POST /api/theme HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 60000\r\n\r\n"
        ),
    );
    for (what, took, least) in [("nothing", nothing, 2), ("headers", headers, 2), ("a body", body, 3)] {
        let least = Duration::from_secs(least);
        assert!(took + Duration::from_millis(300) > least, "{what} had {took:?}");
        assert!(took < least + Duration::from_secs(5), "{what} had {took:?}");
    }
    let metrics = console.operator().get("/metrics").await.text;
    assert!(metrics.contains("countersign_http_connections_cut_total{step=\"headers\"} 2"), "{metrics}");
    assert!(metrics.contains("countersign_http_connections_cut_total{step=\"body\"} 1"), "{metrics}");
}

#[tokio::test]
async fn idle_connections_are_used_again_and_then_closed() {
    let console = limited("idle", "headers = \"1s\"\nidle = \"3s\"", "");
    let mut stream = connect(&console, HERE).await;
    for _ in 0..2 {
        stream.write_all(HEALTH).await.unwrap();
        assert!(answered(&mut stream).await.unwrap().starts_with("HTTP/1.1 200"));
        // time passes: longer than headers may take, shorter than it may be idle.
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    assert_eq!(answered(&mut stream).await, None, "it is closed");
}

#[tokio::test]
async fn attack_connections_are_bounded_and_no_address_has_them_all() {
    let console = limited("connections", "connections = 8\nheaders = \"60s\"\nidle = \"60s\"", "");
    let mut held = Vec::new();
    for address in 1..=4 {
        for _ in 0..2 {
            let mut stream = connect(&console, [127, 0, 0, address]).await;
            stream.write_all(HEALTH).await.unwrap();
            assert!(answered(&mut stream).await.is_some());
            held.push(stream);
        }
        if address == 1 {
            assert_eq!(
                answered(&mut connect(&console, HERE).await).await,
                None,
                "a fourth is for one address"
            );
        }
    }
    let mut waiting = connect(&console, [127, 0, 0, 5]).await;
    waiting.write_all(HEALTH).await.unwrap();
    let none = timeout(Duration::from_secs(1), waiting.read(&mut [0; 1])).await;
    assert!(none.is_err(), "there is no room: {none:?}");
    assert_eq!(console.operator().get("/health").await.text, "ok", "the other listener has its own room");
    held.pop();
    assert!(answered(&mut waiting).await.unwrap().starts_with("HTTP/1.1 200"), "it had to wait");
}

/// The whole answer to a request of nobody.
async fn ask(console: &Console, from: [u8; 4], path: &str, forwarded: &str) -> String {
    let mut stream = connect(console, from).await;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nX-Forwarded-For: {forwarded}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(SOON, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn attack_sign_ins_are_limited_by_address_and_strangers_do_not_choose_theirs() {
    let proxy = [127, 0, 0, 9];
    let console = limited("sign-ins", "sign_ins = 4", "trusted_proxies = [\"127.0.0.9\"]");
    for number in 0..4 {
        let answer = ask(&console, HERE, "/auth/login", &format!("198.51.100.{number}")).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    }
    let answer = ask(&console, HERE, "/auth/login", "198.51.100.99").await;
    assert!(answer.starts_with("HTTP/1.1 429"), "another name is the same address: {answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
    assert!(answer.contains("Too many requests") && answer.contains("Nothing was changed"), "{answer}");
    assert!(answer.contains("content-security-policy"), "{answer}");
    assert!(ask(&console, HERE, "/", "").await.starts_with("HTTP/1.1 303"), "the rest still answers");
    for number in 0..8 {
        let forwarded = format!("203.0.113.1, 198.51.100.{number}");
        let answer = ask(&console, proxy, "/auth/login", &forwarded).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "behind the proxy each has an address: {answer}");
    }
}

#[tokio::test]
async fn attack_whoever_is_refused_again_and_again_is_shut_out_alone() {
    let console = limited("refusals", "refusals = 5", "");
    let (eve, auditor) = (console.browser(), console.browser());
    eve.sign_in("approver").await;
    auditor.sign_in("auditor").await;
    let mut refused = 0;
    let answer = loop {
        let answer = eve.call("/api/start-run", &[]).await;
        if answer.status != StatusCode::FORBIDDEN {
            break answer;
        }
        refused += 1;
        assert!(refused < 20, "nothing stops her");
    };
    assert!((5..=8).contains(&refused), "{refused} were refused");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text);
    assert!(answer.json()["message"].as_str().unwrap().contains("Try again in"), "{}", answer.text);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 60);
    assert_eq!(eve.get("/").await.status, StatusCode::TOO_MANY_REQUESTS, "nothing of hers is looked at");
    assert_eq!(auditor.get("/").await.status, StatusCode::OK, "others share her address, not her fate");

    let stranger = console.browser();
    let mut refused = 0;
    while stranger.call("/api/start-run", &[]).await.status != StatusCode::TOO_MANY_REQUESTS {
        refused += 1;
        assert!(refused < 20, "nothing stops the stranger");
    }
    assert_eq!(auditor.get("/").await.status, StatusCode::OK, "nor a stranger's at her address");
}
