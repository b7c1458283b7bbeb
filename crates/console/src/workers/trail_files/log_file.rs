//! One log file: read, with what is to be kept of it.

use std::io::{self, Read};

use countersign_aws::Error as AwsError;
use countersign_aws::trail::{KeptEvents, TrailFile};
use domain::{Timestamp, foreign};
use feeds::trail::{LogReader, Summary};
use feeds::{Bad, is_damage};

use super::TrailFiles;
use super::object::Object;

/// What a log file held.
struct Content {
    summary: Summary,
    kept: KeptEvents,
    refused: Option<String>,
}

impl TrailFiles {
    /// Reads a log file. One that cannot be read is told by [`TrailFile::refused`]; the events before the damage are kept.
    /// `None`: it is not there.
    pub(crate) async fn read_log_file(
        &self,
        bucket: &str,
        key: &str,
        listed_at: Option<Timestamp>,
    ) -> Result<Option<(TrailFile, KeptEvents)>, AwsError> {
        let Some(object) = self.read_object(bucket, key, read).await? else { return Ok(None) };
        let Object { content: Content { summary, kept, refused }, last_modified, .. } = object;
        let read_at = self.clock.now();
        let file = TrailFile {
            seq: 0,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            sha256: summary.sha256,
            bytes: summary.bytes,
            records: summary.records,
            kept: summary.kept,
            unreadable: summary.unreadable,
            refused: refused.map(|why| foreign::short_line(&why, 300)),
            delivered_at: last_modified.or(listed_at).unwrap_or(read_at),
            read_at,
            oldest: summary.oldest,
            newest: summary.newest,
        };
        Ok(Some((file, kept)))
    }
}

fn read(source: &mut dyn Read) -> io::Result<Content> {
    let mut kept = KeptEvents::default();
    let mut refused = None;
    let mut reader = match LogReader::open(source) {
        Ok(reader) => reader,
        Err(error) if is_damage(&error) => {
            let refused = Some(error.to_string());
            return Ok(Content { summary: Summary::default(), kept, refused });
        }
        Err(error) => return Err(error),
    };
    for record in reader.by_ref() {
        match record {
            Ok(record) => kept.push(&record.event, &record.raw).map_err(io::Error::other)?,
            Err(Bad::Io(error)) => return Err(error),
            Err(bad) => refused = Some(bad.to_string()),
        }
    }
    Ok(Content { summary: reader.finish(), kept, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_log_file_is_refused_and_not_an_error() {
        for bytes in [&b"\x1f\x8b\x08garbage"[..], b"\x1f\x8b", b"", b"<html>", b"{\"Records\":[{\"a\":1}"] {
            let content = read(&mut &*bytes).unwrap();
            assert!(content.refused.is_some(), "{bytes:?}");
        }
        let content = read(&mut &b"{\"Records\":[{\"eventSource\":\"s3.amazonaws.com\"}]}"[..]).unwrap();
        assert_eq!((content.refused, content.summary.records, content.kept.count()), (None, 1, 0));
    }
}
