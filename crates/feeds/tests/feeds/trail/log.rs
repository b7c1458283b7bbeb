use domain::trail::What;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{file, issue, read};
use crate::gzip;

fn other(name: &str) -> Value {
    json!({
        "eventVersion": "1.08", "eventSource": "s3.amazonaws.com", "eventName": name, "eventTime": "2026-11-22T09:00:00Z",
        "requestParameters": {"bucketName": "b", "policy": "{\"Statement\":[{\"Effect\":\"Allow\"}]}"},
        "eventID": "00000000-0000-4000-8000-000000000000", "resources": [{"ARN": "arn:aws:s3:::b"}]
    })
}

/// Its text as it stands, with something changed that JSON does not see.
fn raw(records: &[String]) -> Vec<u8> {
    format!("{{\"Records\":[{}]}}", records.join(",")).into_bytes()
}

#[test]
fn ours_are_kept_and_the_others_counted() {
    let records = [other("PutObject"), issue(), other("GetObject"), issue()];
    let plain = file(&records);
    for bytes in [plain.clone(), gzip(&plain), [gzip(&plain[..100]), gzip(&plain[100..])].concat()] {
        let read = read(&bytes);
        assert_eq!((read.cut_short, read.summary.unreadable.count), (None, 0));
        assert_eq!((read.summary.records, read.summary.kept), (4, 2));
        assert_eq!(read.summary.bytes, plain.len() as u64);
        assert_eq!(read.summary.sha256, hex::encode(Sha256::digest(&plain)));
        assert_eq!(read.summary.oldest, Some("2026-11-22T09:00:01Z".parse().unwrap()));
        assert_eq!(read.summary.oldest, read.summary.newest);
        assert_eq!(serde_json::from_str::<Value>(&read.records[0].raw).unwrap(), issue());
    }
}

#[test]
fn an_event_source_cannot_hide() {
    let text = issue().to_string();
    let source = "\"eventSource\":\"acm-pca.amazonaws.com\"";
    assert!(text.contains(source));
    for hidden in [
        "\"eventSource\":\"\\u0061cm-pca.amazonaws.com\"",
        "\"eventSource\":\"acm-pca.amazonaws.co\\u006D\"",
        "\"event\\u0053ource\" \t:\n \"acm-pca.amazonaws.com\"",
        "\"\\u0065\\u0076entSource\":\"\\u0061\\u0063\\u006d\\u002dpca\\u002eamazonaws.com\"",
        "\"x\":{\"eventSource\":\"s3.amazonaws.com\"},\"y\":\"\\\"eventSource\\\":\\\"s3.amazonaws.com\\\"\",\"eventSource\":\"acm-pca.amazonaws.com\"",
    ] {
        let read = read(&raw(&[text.replace(source, hidden)]));
        assert_eq!((read.summary.kept, read.summary.unreadable.count), (1, 0), "{hidden}");
    }
    // Two of them: nobody can tell which counts.
    let twice = text.replace(source, &format!("{source},\"eventSource\":\"s3.amazonaws.com\""));
    let read = read(&raw(&[twice]));
    assert_eq!((read.summary.kept, read.summary.unreadable.count), (0, 1));
}

#[test]
fn an_event_source_elsewhere_is_not_the_records_own() {
    let nested = json!({
        "eventSource": "events.amazonaws.com", "eventName": "PutRule", "eventID": "1", "eventTime": "2026-11-22T09:00:00Z",
        "requestParameters": {"eventSource": "acm-pca.amazonaws.com", "text": "\"eventSource\":\"acm-pca.amazonaws.com\""}
    });
    let absent = json!({"requestParameters": {"eventSource": "acm-pca.amazonaws.com"}});
    let read = read(&file(&[nested, absent, issue()]));
    assert_eq!((read.summary.records, read.summary.kept, read.summary.unreadable.count), (3, 1, 0));
}

#[test]
fn a_bad_record_hides_no_other() {
    let large = json!({"eventSource": "acm-pca.amazonaws.com", "x": "y".repeat(1024 * 1024)});
    let deep = format!(
        "{{\"eventSource\":\"s3.amazonaws.com\",\"x\":{}{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let records = [
        large.to_string(),
        "null".to_owned(),
        "[{\"eventSource\":\"acm-pca.amazonaws.com\"}]".to_owned(),
        "\"acm-pca.amazonaws.com\"".to_owned(),
        "-1.5e3".to_owned(),
        "{\"eventSource\":\"acm-pca.amazonaws.com\" \"eventName\"}".to_owned(),
        deep,
        issue().to_string(),
    ];
    let read = read(&raw(&records));
    assert_eq!(read.cut_short, None);
    assert_eq!((read.summary.records, read.summary.kept, read.summary.unreadable.count), (8, 1, 6));
    let places: Vec<&str> =
        read.summary.unreadable.examples.iter().map(|example| example.place.as_str()).collect();
    assert_eq!(places, ["record 1", "record 2", "record 3", "record 4", "record 5", "record 6"]);
}

#[test]
fn foreign_bytes_in_a_text_do_not_lose_the_record() {
    let agents: [&[u8]; 3] = [b"\xff\xfe", br"\ud800", br"\udc00\ud800x"];
    for agent in agents {
        let text = issue().to_string();
        let (before, after) = text.split_once("aws-sdk-rust").unwrap();
        let bytes = [b"{\"Records\":[", before.as_bytes(), agent, after.as_bytes(), b"]}"].concat();
        let read = read(&bytes);
        assert_eq!((read.cut_short, read.summary.kept), (None, 1), "{agent:?}");
        assert!(read.records[0].event.user_agent.as_ref().unwrap().contains('\u{fffd}'));
    }
}

#[test]
fn a_torn_file_says_so_and_gives_what_was_before() {
    let plain = file(&[issue(), issue()]);
    let end = plain.len();
    for (bytes, kept) in
        [(plain[..end - 1].to_vec(), 2), (plain[..end - 2].to_vec(), 2), (plain[..end - 10].to_vec(), 1)]
    {
        let read = read(&bytes);
        assert!(read.cut_short.is_some());
        assert_eq!((read.summary.kept, read.summary.bytes), (kept, bytes.len() as u64));
    }
    let packed = gzip(&plain);
    assert!(read(&packed[..packed.len() - 9]).cut_short.is_some());
    let mut flipped = packed.clone();
    let crc = flipped.len() - 6;
    flipped[crc] ^= 1;
    assert!(read(&flipped).cut_short.is_some(), "a wrong check sum");
    for wrong in [
        "",
        "[]",
        "null",
        "{}",
        "{\"Records\":{}}",
        "{\"Records\":[]}x",
        "{\"Records\"[]}",
        "{\"Records\":[}]}",
        "x",
    ] {
        assert!(read(wrong.as_bytes()).cut_short.is_some(), "{wrong}");
    }
    for right in ["{\"Records\":[]}", " { \"a\" : [\"}\"] , \"\\u0052ecords\" : [ ] , \"b\" : 1 } \n"] {
        assert_eq!(read(right.as_bytes()).cut_short, None, "{right}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let mut plain = file(&[issue()]);
    plain.truncate(plain.len() - 1);
    plain.resize(70 * 1024 * 1024, b' ');
    let bomb = gzip(&plain);
    let read = read(&bomb);
    assert!(read.cut_short.unwrap().contains("64 MiB"));
    assert!(read.summary.bytes < 66 * 1024 * 1024);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, packed: bool) {
        read(&if packed { gzip(&bytes) } else { bytes });
    }

    #[test]
    fn no_damage_panics_or_is_silent(at in 0_usize..10_000, byte: u8, cut: bool) {
        let whole = file(&[other("a"), issue(), other("b")]);
        let at = at % whole.len();
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes.truncate(if cut { at } else { bytes.len() });
        let found = read(&bytes);
        prop_assert!(!cut || found.cut_short.is_some());
        prop_assert!(found.summary.kept <= 1, "one record of ours is not two");
        // Damage in another record hides ours only where it is said. (In ours it may make it somebody else's.)
        let ours = whole.len() - file(&[issue(), other("b")]).len() + "{\"Records\":[".len();
        let ours = ours..ours + issue().to_string().len();
        let said = found.cut_short.is_some() || found.summary.unreadable.count > 0;
        prop_assert!(found.summary.kept == 1 || said || ours.contains(&at), "ours is gone and nothing is said");
    }

    /// Wherever the pieces that are read end, the same is found.
    #[test]
    fn pieces_do_not_matter(names in prop::collection::vec("[a-z\\\\\"{}\\[\\]é]{0,12}", 0..8), size in 1_usize..40) {
        struct Pieces<'a>(&'a [u8], usize);
        impl std::io::Read for Pieces<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let most = buffer.len().min(self.1);
                std::io::Read::read(&mut self.0, &mut buffer[..most])
            }
        }
        let mut records: Vec<Value> = names.iter().map(|name| other(name)).collect();
        records.push(issue());
        let bytes = file(&records);
        let mut reader = feeds::trail::LogReader::open(Pieces(&bytes, size)).unwrap();
        let kept: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
        prop_assert_eq!(kept.len(), 1);
        let template = matches!(&kept[0].event.what, What::Issuance { template: Some(_) });
        prop_assert!(template);
        prop_assert_eq!(reader.finish().records, records.len() as u64);
    }
}
