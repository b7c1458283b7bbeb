//! AWS KMS with one key, which signs the ledger's log: GetPublicKey, Sign and DescribeKey, and a clear refusal of everything
//! else. AWS JSON 1.1.
//!
//! As with Private CA, the signature of a call is not verified; its access key id says who calls. The key's policy is that of
//! deploy/console.yaml: nobody but the console signs, whatever else they may.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use tlog::SigningKey;

use crate::files;
use crate::http::credential;
use crate::keys::{ACCOUNT, AccessKey, REGION, Role};

const TARGET: &str = "TrentService.";
const KEY_ID: &str = "5f1f6b9c-6f5e-4f0a-9a51-3f3b0c6d2a10";
const ALGORITHM: &str = "ED25519_SHA_512";
/// What KMS takes as a message (AWS KMS API reference, Sign).
const LONGEST: usize = 4096;

/// The service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Kms {
    key: SigningKey,
    callers: Arc<[AccessKey]>,
}

struct Refusal {
    code: &'static str,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    key_id: String,
    message: Option<String>,
    message_type: Option<String>,
    signing_algorithm: Option<String>,
}

/// The key's ARN.
pub(crate) fn key_arn() -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}")
}

impl Kms {
    /// The key is the same as long as the sandbox keeps its data.
    pub(crate) fn open(path: &Path, callers: &[AccessKey]) -> anyhow::Result<Self> {
        let key = match path.exists() {
            true => std::fs::read_to_string(path)?.parse()?,
            false => {
                let key = SigningKey::generate(crate::config::LOG)?;
                files::replace(path, key.secret().as_bytes())?;
                key
            }
        };
        Ok(Self { key, callers: callers.into() })
    }

    /// The key as the console's configuration lists it.
    pub(crate) fn public(&self) -> String {
        self.key.public().to_string()
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    fn run(&self, caller: Role, operation: &str, asked: &Asked) -> Result<Value, Refusal> {
        let may = match operation {
            "Sign" => caller == Role::Console,
            _ => matches!(caller, Role::Console | Role::Administrator | Role::Root),
        };
        if !may {
            let message = format!(
                "User: {} is not authorized to perform: kms:{operation} on resource: {}",
                caller.identity().arn(),
                key_arn()
            );
            return Err(Refusal { code: "AccessDeniedException", message });
        }
        if asked.key_id != KEY_ID && asked.key_id != key_arn() {
            let message = format!("Key '{}' does not exist", asked.key_id);
            return Err(Refusal { code: "NotFoundException", message });
        }
        match operation {
            "GetPublicKey" => Ok(json!({
                "KeyId": key_arn(),
                "PublicKey": STANDARD.encode(self.key.public().to_der()),
                "KeySpec": "ECC_NIST_EDWARDS25519",
                "CustomerMasterKeySpec": "ECC_NIST_EDWARDS25519",
                "KeyUsage": "SIGN_VERIFY",
                "SigningAlgorithms": [ALGORITHM, "ED25519_PH_SHA_512"],
            })),
            "DescribeKey" => Ok(json!({ "KeyMetadata": {
                "AWSAccountId": ACCOUNT,
                "KeyId": KEY_ID,
                "Arn": key_arn(),
                "Enabled": true,
                "KeyState": "Enabled",
                "KeySpec": "ECC_NIST_EDWARDS25519",
                "KeyUsage": "SIGN_VERIFY",
                "KeyManager": "CUSTOMER",
                "Origin": "AWS_KMS",
                "SigningAlgorithms": [ALGORITHM, "ED25519_PH_SHA_512"],
            }})),
            "Sign" => self.sign(asked),
            operation => Err(Refusal {
                code: "UnknownOperationException",
                message: format!(
                    "The sandbox's KMS has GetPublicKey, Sign and DescribeKey only, not {operation:?}."
                ),
            }),
        }
    }

    fn sign(&self, asked: &Asked) -> Result<Value, Refusal> {
        let invalid = |message: &str| Refusal { code: "ValidationException", message: message.to_owned() };
        if asked.signing_algorithm.as_deref() != Some(ALGORITHM) {
            let message = format!("The key signs with {ALGORITHM} here");
            return Err(Refusal { code: "InvalidKeyUsageException", message });
        }
        if asked.message_type.as_deref() != Some("RAW") {
            return Err(invalid("ED25519_SHA_512 signs a message of the type RAW"));
        }
        let message = asked.message.as_deref().and_then(|message| STANDARD.decode(message).ok());
        let message = message.filter(|message| (1..=LONGEST).contains(&message.len()));
        let message = message.ok_or_else(|| invalid("Message must have 1 to 4096 octets"))?;
        Ok(json!({
            "KeyId": key_arn(),
            "Signature": STANDARD.encode(self.key.sign(&message)),
            "SigningAlgorithm": ALGORITHM,
        }))
    }

    /// Whose access key signed the call.
    fn caller(&self, headers: &HeaderMap) -> Result<Role, Refusal> {
        let Some(id) = credential(headers).and_then(|credential| credential.split('/').next()) else {
            let message = "Missing Authentication Token".to_owned();
            return Err(Refusal { code: "MissingAuthenticationTokenException", message });
        };
        let caller = self.callers.iter().find(|key| key.access_key_id == id).map(|key| key.role);
        caller.ok_or_else(|| Refusal {
            code: "UnrecognizedClientException",
            message: "The security token included in the request is invalid.".to_owned(),
        })
    }
}

async fn answer(State(kms): State<Kms>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix(TARGET).unwrap_or_default();
    let asked = serde_json::from_slice::<Asked>(&body)
        .map_err(|error| Refusal { code: "SerializationException", message: error.to_string() });
    let answer = kms.caller(&headers).and_then(|caller| kms.run(caller, operation, &asked?));
    const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/x-amz-json-1.1");
    let id = [(HeaderName::from_static("x-amzn-requestid"), uuid::Uuid::new_v4().to_string())];
    match answer {
        Ok(body) => (id, [JSON], body.to_string()).into_response(),
        Err(Refusal { code, message }) => {
            let body = json!({ "__type": code, "message": message }).to_string();
            (StatusCode::BAD_REQUEST, id, [JSON], body).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::error::ProvideErrorMetadata;
    use aws_sdk_kms::primitives::Blob;
    use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
    use tlog::{Checkpoint, Hash, PublicKey};
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clients::{Endpoints, local};
    use crate::keys;
    use crate::ports::Ports;
    use crate::testing::Directory;

    #[tokio::test]
    async fn the_console_signs_and_nobody_else() {
        let directory = Directory::new();
        let keys = keys::generate();
        let path = directory.path().join("ledger.key");
        let kms = Kms::open(&path, &keys).unwrap();
        assert_eq!(Kms::open(&path, &keys).unwrap().public(), kms.public());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = local(listener.local_addr().unwrap().port());
        tokio::spawn(crate::http::serve(listener, kms.router(), CancellationToken::new()));
        let endpoints = Endpoints { kms: endpoint, ..Endpoints::at(&Ports::ANY) };
        let as_role = |role: Role| endpoints.kms_client(keys.iter().find(|key| key.role == role).unwrap());

        let answer = as_role(Role::Console).get_public_key().key_id(key_arn()).send().await.unwrap();
        let der = answer.public_key.unwrap().into_inner();
        let public = PublicKey::from_der(crate::config::LOG, &der).unwrap();
        assert_eq!(public.to_string(), kms.public());
        let at = Checkpoint { origin: crate::config::LOG.to_owned(), size: 3, root: Hash([9; 32]) };
        let sign = |role: Role, kind: MessageType, algorithm: SigningAlgorithmSpec| {
            let call = as_role(role).sign().key_id(KEY_ID).message(Blob::new(at.text()));
            call.message_type(kind).signing_algorithm(algorithm).send()
        };
        let signed = sign(Role::Console, MessageType::Raw, SigningAlgorithmSpec::Ed25519Sha512).await;
        let signature = signed.unwrap().signature.unwrap().into_inner();
        let keys = [public];
        let note = at.signed(&keys, signature).unwrap();
        assert_eq!(Checkpoint::open(&note, crate::config::LOG, &keys, &[]).unwrap().checkpoint, at);

        for (role, kind, algorithm, code) in [
            (
                Role::Administrator,
                MessageType::Raw,
                SigningAlgorithmSpec::Ed25519Sha512,
                "AccessDeniedException",
            ),
            (Role::Executor, MessageType::Raw, SigningAlgorithmSpec::Ed25519Sha512, "AccessDeniedException"),
            (Role::Console, MessageType::Digest, SigningAlgorithmSpec::Ed25519Sha512, "ValidationException"),
            (Role::Console, MessageType::Raw, SigningAlgorithmSpec::EcdsaSha256, "InvalidKeyUsageException"),
        ] {
            let refused = sign(role, kind, algorithm).await.unwrap_err();
            assert_eq!(refused.code(), Some(code));
        }
        let missing = as_role(Role::Console).describe_key().key_id("another").send().await.unwrap_err();
        assert_eq!(missing.code(), Some("NotFoundException"));
        assert!(as_role(Role::Administrator).describe_key().key_id(KEY_ID).send().await.is_ok());
    }
}
