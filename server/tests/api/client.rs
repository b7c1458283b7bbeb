//! A browser without scripts: keeps cookies, says where its requests come from, walks through the provider's pages.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

/// One browser. Cookies are kept by host and port, unlike in a real one, whose hosts differ here anyway.
pub struct Client {
    http: reqwest::Client,
    pub base: String,
    cookies: Mutex<BTreeMap<(String, String), String>>,
    /// Whoever signed in last.
    username: Mutex<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub url: Url,
}

impl Answer {
    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        self.url.join(location).ok()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        // Already done by another test, for all but the first.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { http, base: base.to_owned(), cookies: Mutex::default(), username: Mutex::default() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().get(&(self.base_host(), name.to_owned())).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies().insert((self.base_host(), name.to_owned()), value.to_owned());
    }

    pub fn forget(&self, name: &str) {
        self.cookies().remove(&(self.base_host(), name.to_owned()));
    }

    fn cookies(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base_host(&self) -> String {
        authority(&self.base.parse().unwrap())
    }

    pub fn url(&self, path: &str) -> Url {
        format!("{}{path}", self.base).parse().unwrap()
    }

    /// A request with this browser's cookies and nothing else.
    pub fn bare(&self, method: Method, url: Url) -> RequestBuilder {
        let host = authority(&url);
        let cookies: Vec<String> = self
            .cookies()
            .iter()
            .filter(|((of, _), _)| *of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let request = self.http.request(method, url);
        if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) }
    }

    /// Sends it and keeps the cookies that come back.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response: Response = request.send().await.unwrap();
        let host = authority(response.url());
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            // What browsers demand of the prefix, and of a cookie that is to remove one with it.
            if name.starts_with("__Host-") {
                assert!(
                    cookie.contains("; Secure") && cookie.contains("Path=/"),
                    "no browser takes {cookie}"
                );
            }
            let key = (host.clone(), name.to_owned());
            match cookie.contains("Max-Age=0") {
                true => self.cookies().remove(&key),
                false => self.cookies().insert(key, value.to_owned()),
            };
        }
        let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
        // The marks that a page with erased types has behind each element: nobody sees them.
        let text = response.text().await.unwrap().replace("<!>", "");
        Answer { status, headers, text, url }
    }

    /// A navigation within the console.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.bare(Method::GET, self.url(path)).header(ACCEPT, "text/html");
        self.send(request.header("sec-fetch-site", "same-origin")).await
    }

    /// A form sent by the app's program: the answer is JSON.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.bare(Method::POST, self.url(path)).header(ACCEPT, "application/json");
        self.send(request.header(ORIGIN, &self.base).header("sec-fetch-site", "same-origin").form(fields))
            .await
    }

    /// A form sent without JavaScript from `page`.
    pub async fn submit(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.bare(Method::POST, self.url(path)).header(ACCEPT, "text/html");
        let request = request.header("referer", self.url(page).as_str());
        self.send(request.header(ORIGIN, &self.base).header("sec-fetch-site", "same-origin").form(fields))
            .await
    }

    /// Begins to sign in, and gives the address at the provider that the browser is sent to.
    pub async fn begin(&self, path: &str) -> Url {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.location().unwrap()
    }

    /// Chooses who to be at the provider, and gives the address of the console that the browser is sent back to.
    pub async fn choose(&self, provider: Url, username: &str) -> Url {
        let body = format!("username={username}");
        let form =
            self.bare(Method::POST, provider).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(form.body(body)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.location().unwrap()
    }

    /// Comes back to the console as browsers do after another site's pages: without `Strict` cookies.
    pub async fn come_back(&self, url: Url) -> Answer {
        let session = self.cookie("__Host-sid");
        self.forget("__Host-sid");
        let request =
            self.bare(Method::GET, url).header(ACCEPT, "text/html").header("sec-fetch-site", "cross-site");
        let answer = self.send(request).await;
        if let (None, Some(session)) = (self.cookie("__Host-sid"), session) {
            self.set_cookie("__Host-sid", &session);
        }
        answer
    }

    /// Signs in as one of the sandbox's people.
    pub async fn sign_in(&self, username: &str) -> &Self {
        self.sign_in_by("/auth/login?return=%2F", username).await
    }

    pub async fn sign_in_by(&self, path: &str, username: &str) -> &Self {
        let provider = self.begin(path).await;
        let back = self.choose(provider, username).await;
        let landed = self.come_back(back).await;
        assert_eq!(landed.status, StatusCode::OK, "{}", landed.text);
        username.clone_into(&mut self.username.lock().unwrap_or_else(PoisonError::into_inner));
        self
    }

    /// Is at the provider who they were before.
    pub async fn choose_again(&self, provider: Url) -> Url {
        let username = self.username.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.choose(provider, &username).await
    }

    /// Signs in again at the provider, as a decision asks for, and gives the page that it leads to. What it refuses there is a
    /// conflict.
    pub async fn sign(&self, provider: Url) -> Answer {
        let back = self.choose_again(provider).await;
        let landed = self.come_back(back).await;
        assert_eq!(landed.status, StatusCode::OK, "{}", landed.text);
        let (_, rest) = landed.text.split_once("0;url=").unwrap();
        let page = rest.split('"').next().unwrap().replace("&amp;", "&");
        let mut answer = self.get(&page).await;
        if page.contains("__err=") {
            answer.status = StatusCode::CONFLICT;
        }
        answer
    }
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap())
}
