//! S3 on a directory: a folder for each bucket.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::files;
use crate::keys::AccessKey;

/// The names of the buckets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buckets {
    /// Audit reports of both authorities.
    pub reports: String,
    /// Their CRLs.
    pub crl: String,
    /// CloudTrail's log files.
    pub trail: String,
    /// The log of the console's ledger.
    pub ledger: String,
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            reports: "countersign-audit-reports".to_owned(),
            crl: "countersign-crl".to_owned(),
            trail: "countersign-trail".to_owned(),
            ledger: "countersign-ledger".to_owned(),
        }
    }
}

/// Makes the buckets in `root` and returns what answers for them. Signatures are checked against `keys`.
pub(crate) fn router(root: &Path, buckets: &Buckets, keys: &[AccessKey]) -> anyhow::Result<Router> {
    for bucket in [&buckets.reports, &buckets.crl, &buckets.trail, &buckets.ledger] {
        files::private_dir(&root.join(bucket))?;
    }
    let files =
        FileSystem::new(root).map_err(|error| anyhow!("S3 cannot use {}: {error:?}", root.display()))?;
    let mut auth = SimpleAuth::new();
    for key in keys {
        auth.register(key.access_key_id.clone(), key.secret_access_key.clone().into());
    }
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(auth);
    let service = builder.build();
    let locks = Locks::default();
    Ok(Router::new().fallback(move |request: Request| whole(service.clone(), locks.clone(), request)))
}

/// Carries a request through even when its caller hangs up on the way: a writer that is killed would leave an object whose
/// content is in place and whose checksum is not, which nobody can read again.
async fn whole(service: S3Service, locks: Locks, request: Request) -> Response {
    let answered = tokio::spawn(answer(service, locks, request)).await;
    answered.unwrap_or_else(|error| {
        tracing::error!(%error, "S3 panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

/// An object is written in one go, as S3 does it: `s3s_fs` puts its content in place before its checksum and ETag, and looks at
/// `If-Match` and `If-None-Match` before either.
#[derive(Clone)]
struct Locks(Arc<[RwLock<()>]>);

impl Default for Locks {
    fn default() -> Self {
        Self(std::iter::repeat_with(RwLock::default).take(64).collect())
    }
}

impl Locks {
    fn of(&self, request: &Request) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        request.uri().path().hash(&mut hasher);
        // Less than their number: it fits.
        &self.0[(hasher.finish() % self.0.len() as u64) as usize]
    }
}

async fn answer(service: S3Service, locks: Locks, request: Request) -> Response {
    let lock = locks.of(&request);
    let (_writing, _reading) = match *request.method() {
        Method::GET | Method::HEAD => (None, Some(lock.read().await)),
        _ => (Some(lock.write().await), None),
    };
    // `s3s_fs` looks at it when it writes, not when it reads.
    let known = request.headers().get(IF_NONE_MATCH).filter(|_| request.method() == Method::GET).cloned();
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) if known.is_some() && response.headers().get(ETAG) == known.as_ref() => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(?error, "S3 failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::primitives::ByteStream;
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clients::{Endpoints, local};
    use crate::keys::{self, Role};
    use crate::ports::Ports;
    use crate::testing::Directory;

    #[tokio::test]
    async fn objects_come_back_as_they_were_put() {
        let directory = Directory::new();
        let keys = keys::generate();
        let buckets = Buckets::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let s3 = local(listener.local_addr().unwrap().port());
        let router = router(directory.path(), &buckets, &keys).unwrap();
        let stop = CancellationToken::new();
        let _guard = stop.clone().drop_guard();
        tokio::spawn(crate::http::serve(listener, router, stop));
        let endpoints = Endpoints { s3, ..Endpoints::at(&Ports::ANY) };
        let client = endpoints.s3_client(keys.iter().find(|key| key.role == Role::PrivateCa).unwrap());

        // Larger than one chunk of any buffer on the way.
        let content: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        let put = |key: &str, body: Vec<u8>| {
            let request = client.put_object().bucket(&buckets.reports).key(key).metadata("signature", "a1b2");
            request.body(ByteStream::from(body)).send()
        };
        put("audit-report/x/1.json", content.clone()).await.unwrap();
        put("audit-report/x/2.json", b"[]".to_vec()).await.unwrap();
        put("other/3.json", b"[]".to_vec()).await.unwrap();

        let get = |key: &str| client.get_object().bucket(&buckets.reports).key(key);
        let whole = get("audit-report/x/1.json").send().await.unwrap();
        assert_eq!(whole.metadata().unwrap()["signature"], "a1b2");
        assert_eq!(whole.body.collect().await.unwrap().to_vec(), content);
        let part = get("audit-report/x/1.json").range("bytes=1000-1999").send().await.unwrap();
        assert_eq!(part.body.collect().await.unwrap().to_vec(), content[1000..2000]);
        put("audit-report/x/2.json", b"[1]".to_vec()).await.unwrap();
        let replaced = get("audit-report/x/2.json").send().await.unwrap();
        let etag = replaced.e_tag().unwrap().to_owned();
        assert_eq!(replaced.body.collect().await.unwrap().to_vec(), b"[1]");
        let missing = get("audit-report/x/4.json").send().await.unwrap_err();
        assert!(missing.into_service_error().is_no_such_key());

        let unless = |etag: &str| get("audit-report/x/2.json").if_none_match(etag).send();
        let same = unless(&etag).await.unwrap_err();
        assert_eq!(same.raw_response().unwrap().status().as_u16(), 304);
        let other = unless("\"another\"").await.unwrap();
        assert_eq!(other.body.collect().await.unwrap().to_vec(), b"[1]");

        let list = client.list_objects_v2().bucket(&buckets.reports).prefix("audit-report/").max_keys(1);
        let pages = list.into_paginator().send().try_collect().await.unwrap();
        let keys: Vec<&str> =
            pages.iter().flat_map(|page| page.contents()).filter_map(|object| object.key()).collect();
        assert_eq!(keys, ["audit-report/x/1.json", "audit-report/x/2.json"]);
    }

    #[tokio::test]
    async fn an_object_whose_writer_is_killed_can_be_read() {
        let directory = Directory::new();
        let keys = keys::generate();
        let buckets = Buckets::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let s3 = local(listener.local_addr().unwrap().port());
        let router = router(directory.path(), &buckets, &keys).unwrap();
        tokio::spawn(crate::http::serve(listener, router, CancellationToken::new()));
        let endpoints = Endpoints { s3, ..Endpoints::at(&Ports::ANY) };
        let client = || endpoints.s3_client(&keys[0]);
        let put = |client: aws_sdk_s3::Client, body: Vec<u8>| {
            let request = client.put_object().bucket(&buckets.ledger).key("checkpoint");
            request.body(ByteStream::from(body)).send()
        };
        put(client(), b"first".to_vec()).await.unwrap();
        for step in 0..200_u64 {
            let body = vec![b'x'; 1000 + usize::try_from(step).unwrap()];
            let killed =
                tokio::time::timeout(std::time::Duration::from_micros(50 * step), put(client(), body));
            drop(killed.await);
            let read = client().get_object().bucket(&buckets.ledger).key("checkpoint").send().await.unwrap();
            read.body.collect().await.unwrap_or_else(|error| panic!("after {step} steps: {error}"));
        }
    }

    #[tokio::test]
    async fn nobody_without_a_key_of_the_account_gets_in() {
        let directory = Directory::new();
        let keys = keys::generate();
        let buckets = Buckets::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let s3 = local(listener.local_addr().unwrap().port());
        let router = router(directory.path(), &buckets, &keys).unwrap();
        tokio::spawn(crate::http::serve(listener, router, CancellationToken::new()));
        let stranger = AccessKey { secret_access_key: "guessed".to_owned(), ..keys[0].clone() };
        let endpoints = Endpoints { s3, ..Endpoints::at(&Ports::ANY) };
        let refused = endpoints.s3_client(&stranger).list_objects_v2().bucket(&buckets.crl).send().await;
        assert_eq!(refused.unwrap_err().raw_response().unwrap().status().as_u16(), 403);
    }
}
