//! A provider that answers with whatever token a test asks for, signed well or badly.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value, json};

/// The secret of the one client: the sandbox's, which the console's environment has.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    pub client_id: String,
    pub key: Arc<CoreEdDsaPrivateSigningKey>,
    /// Another key that it publishes.
    other: Arc<OnceLock<CoreJsonWebKey>>,
    /// How often its keys were asked for.
    asked: Arc<AtomicU64>,
    /// The claims that it says it sends.
    claims_supported: Arc<OnceLock<Vec<String>>>,
    /// What the token endpoint answers, by code; each is used once.
    answers: Arc<Mutex<HashMap<String, Value>>>,
    /// What the userinfo endpoint says, by access token.
    about: Arc<Mutex<HashMap<String, Value>>>,
}

pub fn key(name: &str) -> CoreEdDsaPrivateSigningKey {
    let pem = KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_pem();
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(name.to_owned()))).unwrap()
}

/// A key that the provider does not publish, under the name of the one that it does.
pub fn foreign_key() -> CoreEdDsaPrivateSigningKey {
    key("stub")
}

impl Provider {
    /// Starts it on a thread of its own, until the process ends.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// The same, on this port; 0: any.
    pub fn start_at(port: u16) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let provider = Self {
            issuer: format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()),
            client_id: "countersign".to_owned(),
            key: Arc::new(key("stub")),
            other: Arc::default(),
            asked: Arc::default(),
            claims_supported: Arc::default(),
            answers: Arc::default(),
            about: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        provider
    }

    /// Publishes another key as well.
    pub fn publish(&self, key: &CoreEdDsaPrivateSigningKey) {
        self.other.set(key.as_verification_key()).unwrap();
    }

    /// Lists these as the claims that it sends.
    pub fn claims_supported(&self, names: &[&str]) {
        self.claims_supported.set(names.iter().map(|name| (*name).to_owned()).collect()).unwrap();
    }

    /// How often its keys were asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// A code that is worth this token.
    pub fn code_for(&self, token: String) -> String {
        self.code_for_answer(json!({"access_token": "a", "token_type": "Bearer", "id_token": token}))
    }

    /// A code for which the token endpoint answers this.
    pub fn code_for_answer(&self, answer: Value) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let code = format!("code-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.answers.lock().unwrap().insert(code.clone(), answer);
        code
    }

    /// What the userinfo endpoint says to whoever has this access token.
    pub fn say(&self, access_token: &str, claims: Value) {
        self.about.lock().unwrap().insert(access_token.to_owned(), claims);
    }

    /// What an honest token says.
    pub fn claims(&self, nonce: &str) -> Value {
        let now = console::Clock::system().now().unix();
        json!({
            "iss": self.issuer, "sub": "7", "aud": self.client_id, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": nonce, "name": "Olivia", "groups": ["pki-auditors"],
        })
    }

    /// A token signed with the published key.
    pub fn signed(&self, claims: &Value) -> String {
        self.signed_as(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "stub"}), claims, &self.key)
    }

    pub fn signed_as(&self, header: &Value, claims: &Value, key: &CoreEdDsaPrivateSigningKey) -> String {
        let content = content(header, claims);
        let signature = key.sign(&CoreJwsSigningAlgorithm::EdDsa, content.as_bytes()).unwrap();
        format!("{content}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token "signed" with a secret.
    pub fn hashed(&self, claims: &Value, secret: &[u8]) -> String {
        let content = content(&json!({"alg": "HS256", "typ": "JWT"}), claims);
        let key = CoreHmacKey::new(secret.to_vec());
        let signature = key.sign(&CoreJwsSigningAlgorithm::HmacSha256, content.as_bytes()).unwrap();
        format!("{content}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    pub fn unsigned(&self, claims: &Value) -> String {
        format!("{}.", content(&json!({"alg": "none", "typ": "JWT"}), claims))
    }

    pub fn published_key(&self) -> Value {
        serde_json::to_value(self.key.as_verification_key()).unwrap()
    }
}

fn content(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/userinfo"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        // A provider that offers what it should not: the console must not take its word for what is acceptable.
        "id_token_signing_alg_values_supported": ["EdDSA", "RS256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "claims_supported": provider.claims_supported.get(),
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<CoreJsonWebKeySet> {
    provider.asked.fetch_add(1, Ordering::SeqCst);
    let all = std::iter::once(provider.key.as_verification_key()).chain(provider.other.get().cloned());
    Json(CoreJsonWebKeySet::new(all.collect()))
}

async fn token(State(provider): State<Provider>, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    assert!(form.contains_key("code_verifier"), "PKCE");
    assert!(form.contains_key("client_secret"), "the one way that it takes");
    let answer = provider.answers.lock().unwrap().remove(&form["code"]);
    Json(answer.unwrap_or_else(|| json!({"error": "invalid_grant"})))
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    provider.about.lock().unwrap().get(token).cloned().map(Json).ok_or(StatusCode::UNAUTHORIZED)
}
