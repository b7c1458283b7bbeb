//! Whoever may not does not get through: every page and every server function, as nobody and as each wrong role; forms
//! of other sites; bodies that are too large; answers without their headers.

use app::permissions::{FUNCTIONS, PAGES};
use domain::{Permission, Role, Roles};
use reqwest::header::{ACCEPT, ORIGIN};
use reqwest::{Method, StatusCode};

use crate::client::{Answer, Client};
use crate::harness::shared;

/// The sandbox's people, and the roles that its configuration gives them.
const PEOPLE: [(&str, &[Role]); 5] = [
    ("operator", &[Role::Operator]),
    ("approver", &[Role::Approver]),
    ("operator-approver", &[Role::Operator, Role::Approver]),
    ("auditor", &[Role::Auditor]),
    ("stranger", &[]),
];

/// An address that the pattern of a page stands for.
fn example(pattern: &str) -> String {
    let id = "0192f0c1-2345-7abc-8def-0123456789ab";
    let segment = |segment: &str| match segment {
        // Whose deeds are asked for is in the query.
        "identity" => "identity?address=192.0.2.1".to_owned(),
        ":serial" => "0a1b".to_owned(),
        ":finding" => format!("duplicate.{id}.0a1b"),
        name if name.starts_with(':') => id.to_owned(),
        text => text.to_owned(),
    };
    pattern.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Whatever a refused request is answered with, it holds nothing of what was asked for.
fn assert_refused(answer: &Answer, who: &str, what: &str) {
    let refused = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND];
    assert!(refused.contains(&answer.status), "{who} got {} from {what}", answer.status);
    assert_headers(answer, what);
}

fn assert_headers(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    for directive in [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(directive), "{what} lacks {directive}: {policy}");
    }
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert!(answer.header("server-timing").starts_with("total;dur="), "{what}");
}

#[tokio::test]
async fn every_page_is_closed_to_strangers_and_open_to_its_roles() {
    let nobody = shared().browser();
    for (pattern, permission) in PAGES {
        let path = example(pattern);
        let answer = nobody.get(&path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "nobody got {} from {path}", answer.status);
        assert_eq!(answer.location().unwrap().path(), "/auth/login");
        assert_headers(&answer, &path);
        assert!(*permission >= Permission::Read, "{pattern} is open to people without a role");
    }
    for (person, roles) in PEOPLE {
        let browser = shared().browser_of(person).await;
        let roles = Roles::from_iter(roles.iter().copied());
        for (pattern, permission) in PAGES {
            let path = example(pattern);
            let answer = browser.get(&path).await;
            match permission.granted_to(&roles) {
                // What is asked for need not exist: then the page says so.
                true => assert!(
                    [StatusCode::OK, StatusCode::NOT_FOUND].contains(&answer.status),
                    "{person} got {} from {path}: {}",
                    answer.status,
                    answer.text
                ),
                false => assert_refused(&answer, person, &path),
            }
            assert_headers(&answer, &path);
        }
    }
}

#[tokio::test]
async fn attack_31_every_server_function_is_closed_to_strangers_and_wrong_roles() {
    for (path, permission) in FUNCTIONS {
        let nobody = shared().browser();
        assert_refused(&nobody.call(path, &[]).await, "nobody", path);
        assert_refused(&nobody.submit("/", path, &[]).await, "nobody", path);
        for (person, roles) in PEOPLE {
            if permission.granted_to(&Roles::from_iter(roles.iter().copied())) {
                continue;
            }
            let browser = shared().browser_of(person).await;
            let answer = browser.call(path, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{person} got {} from {path}", answer.status);
            assert_refused(&browser.submit("/", path, &[]).await, person, path);
        }
    }
}

/// What is registered is declared, and what is declared is registered: a function that nobody declared answers nobody.
#[tokio::test]
async fn attack_31_no_server_function_is_undeclared() {
    let registered: Vec<(&str, Method)> = server_fn::axum::server_fn_paths().collect();
    assert!(!registered.is_empty(), "the app's server functions are linked into this test");
    for (path, method) in &registered {
        let declared = FUNCTIONS.iter().find(|(known, _)| known == path);
        let (_, permission) = declared.unwrap_or_else(|| panic!("{path} is not in app::permissions"));
        assert!(
            *method == Method::POST || *permission == Permission::Read,
            "{path} changes something by GET"
        );
    }
    for (path, _) in FUNCTIONS {
        assert!(registered.iter().any(|(known, _)| known == path), "{path} is declared and does not exist");
    }
    let browser = shared().browser_of("operator-approver").await;
    for path in ["/api/nothing", "/api/theme1", "/api/", "/api/theme/"] {
        assert_eq!(browser.call(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn somebody_without_a_role_is_told_so() {
    let browser = shared().browser_of("stranger").await;
    let answer = browser.get("/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("Sam Novak"), "{}", answer.text);
    assert!(answer.text.contains("action=\"/auth/logout\""), "{}", answer.text);
}

#[tokio::test]
async fn attack_12_forms_of_other_sites_change_nothing() {
    let browser = shared().browser_of("operator").await;
    let send = |headers: &'static [(&'static str, &'static str)]| {
        let request = browser.bare(Method::POST, browser.url("/api/theme")).form(&[("theme", "dark")]);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for foreign in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        &[("origin", "https://evil.example"), ("x-forwarded-host", "evil.example")],
    ] {
        let answer = browser.send(send(foreign)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
        assert!(answer.set_cookies().is_empty(), "{foreign:?} set {:?}", answer.set_cookies());
    }
    let by_get = browser.get("/api/theme?theme=dark").await;
    assert_eq!(by_get.status, StatusCode::NOT_FOUND);
    let ours = browser.call("/api/theme", &[("theme", "dark")]).await;
    assert_eq!(ours.status, StatusCode::OK, "{}", ours.text);
}

#[tokio::test]
async fn attack_12_no_socket_is_opened() {
    let browser = shared().browser_of("operator").await;
    for path in ["/", "/api/theme"] {
        let request = browser
            .bare(Method::GET, browser.url(path))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header(ORIGIN, "https://evil.example");
        assert_ne!(browser.send(request).await.status, StatusCode::SWITCHING_PROTOCOLS, "{path}");
    }
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_before_they_are_read() {
    let browser = shared().browser_of("operator").await;
    let long = "a".repeat(70_000);
    let answer = browser.call("/api/theme", &[("theme", &long)]).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(answer.text.contains("larger than the console takes"), "{}", answer.text);
    let unknown = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>("theme=dark")]));
    let request = browser.bare(Method::POST, browser.url("/api/theme")).header(ORIGIN, &browser.base);
    let answer =
        browser.send(request.header("content-type", "application/x-www-form-urlencoded").body(unknown)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let nobody = shared().browser();
    for path in [
        "/health",
        "/nothing",
        "/pkg/nothing.js",
        "/favicon.svg",
        "/auth/login",
        "/auth/callback",
        "/auth/signed-out",
    ] {
        assert_headers(&nobody.get(path).await, path);
    }
    let page = shared().browser_of("auditor").await.get("/").await;
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(page.text.contains(&format!("nonce=\"{nonce}\"")), "the page's scripts carry the nonce");
    let again = shared().browser_of("auditor").await.get("/").await;
    assert!(!again.header("content-security-policy").contains(nonce), "a nonce is used once");
}

#[tokio::test]
async fn attack_30_forwarded_headers_mean_nothing() {
    let nobody = shared().browser();
    let request = nobody
        .bare(Method::GET, nobody.url("/"))
        .header(ACCEPT, "text/html")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.example")
        .header("x-original-url", "/health");
    let answer = nobody.send(request).await;
    let location = answer.header("location");
    assert!(location.starts_with("/auth/login?"), "{location}");
    let login = nobody
        .bare(Method::GET, nobody.url("/auth/login"))
        .header("x-forwarded-host", "evil.example")
        .header("host", "evil.example");
    let provider = nobody.send(login).await.location().unwrap();
    let redirect = provider.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    assert_eq!(redirect, format!("{}/auth/callback", nobody.base));
}

#[tokio::test]
async fn paths_that_climb_reach_no_files() {
    let nobody = shared().browser();
    for path in
        ["/pkg/../../../Cargo.toml", "/pkg/..%2f..%2f..%2fCargo.toml", "/pkg/%2e%2e/%2e%2e/Cargo.toml"]
    {
        let answer = raw_get(&nobody, path).await;
        assert!(!answer.contains("[workspace]"), "{path}: {answer}");
    }
}

/// Sends a path as it is: libraries tidy it up.
async fn raw_get(client: &Client, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = client.base.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
