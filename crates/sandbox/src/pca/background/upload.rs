//! An object of any size to S3, with two chunks of it in memory at most.

use std::io;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// S3 wants at least 5 MiB in every part but the last, and at most 10,000 parts.
const CHUNK: usize = 8 << 20;

/// Why an object did not get there.
#[derive(Debug)]
pub enum UploadError {
    /// S3 says no, and would say so again: no such bucket, no permission.
    Refused(String),
    /// Nobody answered, or something broke on the way: worth another attempt.
    Unreachable(anyhow::Error),
}

impl<E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static> From<SdkError<E>> for UploadError {
    fn from(error: SdkError<E>) -> Self {
        let text = DisplayErrorContext(&error).to_string();
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(400..=499) => Self::Refused(text),
            _ => Self::Unreachable(anyhow::anyhow!(text)),
        }
    }
}

/// A piece of an object. Without a last one, the object is not whole.
pub enum Chunk {
    More(Bytes),
    Last(Bytes),
}

/// Collects what is written into chunks and sends them; blocks while two are on their way.
pub struct ChunkWriter {
    buffer: Vec<u8>,
    chunks: Sender<Chunk>,
}

impl ChunkWriter {
    pub fn new() -> (Self, Receiver<Chunk>) {
        let (chunks, receiver) = channel(1);
        (Self { buffer: Vec::new(), chunks }, receiver)
    }

    /// The object is whole.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let last = Bytes::from(std::mem::take(&mut self.buffer));
        Ok(self.chunks.blocking_send(Chunk::Last(last))?)
    }
}

impl io::Write for ChunkWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(data);
        if self.buffer.len() >= CHUNK {
            let chunk = Bytes::from(std::mem::take(&mut self.buffer));
            self.chunks.blocking_send(Chunk::More(chunk)).map_err(io::Error::other)?;
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where an object goes.
pub struct Object {
    pub bucket: String,
    pub key: String,
    pub content_type: &'static str,
}

impl Object {
    /// Puts small objects in one request.
    pub async fn put(&self, s3: &Client, body: Bytes) -> Result<(), UploadError> {
        // s3s-fs would make a bucket out of nothing.
        s3.head_bucket().bucket(&self.bucket).send().await?;
        s3.put_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .content_type(self.content_type)
            .body(ByteStream::from(body))
            .send()
            .await?;
        Ok(())
    }

    /// Puts what the writer sends: in one request if it is one chunk, in parts otherwise.
    pub async fn upload(&self, s3: &Client, mut chunks: Receiver<Chunk>) -> Result<(), UploadError> {
        match chunks.recv().await {
            None => Err(broken_off()),
            Some(Chunk::Last(body)) => self.put(s3, body).await,
            Some(Chunk::More(first)) => {
                s3.head_bucket().bucket(&self.bucket).send().await?;
                let upload = s3
                    .create_multipart_upload()
                    .bucket(&self.bucket)
                    .key(&self.key)
                    .content_type(self.content_type)
                    .send()
                    .await?;
                let id = upload.upload_id().unwrap_or_default();
                let sent = self.send_parts(s3, id, first, &mut chunks).await;
                if sent.is_err() {
                    let abort = s3.abort_multipart_upload().bucket(&self.bucket).key(&self.key).upload_id(id);
                    if let Err(error) = abort.send().await {
                        tracing::warn!(error = %DisplayErrorContext(error), "multipart upload left behind");
                    }
                }
                sent
            }
        }
    }

    async fn send_parts(
        &self,
        s3: &Client,
        id: &str,
        first: Bytes,
        chunks: &mut Receiver<Chunk>,
    ) -> Result<(), UploadError> {
        let mut parts = Vec::new();
        let mut chunk = Chunk::More(first);
        loop {
            let (body, last) = match chunk {
                Chunk::More(body) => (body, false),
                Chunk::Last(body) => (body, true),
            };
            if !body.is_empty() {
                let number = i32::try_from(parts.len() + 1).unwrap_or(i32::MAX);
                let part =
                    s3.upload_part().bucket(&self.bucket).key(&self.key).upload_id(id).part_number(number);
                let done = part.body(ByteStream::from(body)).send().await?;
                parts.push(CompletedPart::builder().set_e_tag(done.e_tag).part_number(number).build());
            }
            if last {
                break;
            }
            chunk = chunks.recv().await.ok_or_else(broken_off)?;
        }
        s3.complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await?;
        Ok(())
    }
}

fn broken_off() -> UploadError {
    UploadError::Unreachable(anyhow::anyhow!("the object was not written to its end"))
}
