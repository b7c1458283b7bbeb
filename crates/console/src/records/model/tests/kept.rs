//! What a restart takes over is what a scan would have found, or nothing.

use std::path::{Path, PathBuf};

use super::followed::{shown, written};
use super::*;

const SOURCE: &str = "this program, stream 1";

fn file() -> PathBuf {
    std::env::temp_dir().join(format!("countersign-test-{}/records.sqlite", uuid::Uuid::new_v4()))
}

/// A model that has read five items, and was told of one more and of a change.
async fn left(file: &Path) {
    let model = ReadModel::new(Some(file.to_owned()));
    model.begin_following(SOURCE.to_owned(), at(-1));
    load(&model, (0..3).map(row), (0..5).map(item), 0).await;
    let changed = InventoryItem { revoked_at: Some(at(1)), ..item(2) };
    model.take_in(vec![written(item(7)), written(changed)], at(2)).await.unwrap();
}

/// The model of the next start, with its file open.
async fn opened(file: &Path) -> ReadModel {
    let model = ReadModel::new(Some(file.to_owned()));
    model.blocking(|_| Ok(())).await.unwrap();
    model
}

#[tokio::test]
async fn it_goes_on_where_the_earlier_one_was() {
    let file = file();
    left(&file).await;
    let model = opened(&file).await;
    assert!(model.has_kept(SOURCE, at(3)));
    assert!(!model.has_kept("another program, or another stream", at(3)));
    assert!(!model.has_kept(SOURCE, at(2 + 23 * 60)), "the stream may have forgotten something");
    assert!(!model.has_kept(SOURCE, at(1)), "what is told from the future is not believed");
    model.go_on_following(SOURCE.to_owned());
    assert_eq!(model.as_of(), None, "nothing is shown before what was written meanwhile is in");
    // The stream tells once more what was told before.
    model.take_in(vec![written(item(7)), written(item(8))], at(4)).await.unwrap();
    model.show(None, Vec::new()).await.unwrap();
    assert_eq!((model.as_of(), model.scanned(), model.is_followed()), (Some(at(4)), Some(at(0)), true));
    let scanned = ReadModel::new(None);
    let changed = InventoryItem { revoked_at: Some(at(1)), ..item(2) };
    let items = [item(0), item(1), changed, item(3), item(4), item(7), item(8)];
    load(&scanned, (0..3).map(row), items.into_iter(), 0).await;
    assert_eq!(shown(&model).await, shown(&scanned).await);
    // The next scan, and the start after that.
    load(&model, (0..3).map(row), (0..4).map(item), 10).await;
    model.take_in(Vec::new(), at(11)).await.unwrap();
    drop(model);
    let model = opened(&file).await;
    model.go_on_following(SOURCE.to_owned());
    model.take_in(Vec::new(), at(12)).await.unwrap();
    model.show(None, Vec::new()).await.unwrap();
    assert_eq!(page(&model, CertificateQuery::default()).await.total.number, 4);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn what_may_lack_something_is_not_kept() {
    let lost = async |model: &ReadModel| {
        let bad = ItemChange { item: None, serial_key: "none".to_owned(), ..written(item(1)) };
        let unclear = InventoryItem { decimal: Some(serial(9)), ..item(5) };
        model.take_in(vec![bad, written(unclear)], at(5)).await.unwrap();
    };
    let stopped = async |model: &ReadModel| model.stop_following().await.unwrap();
    for number in 0..2 {
        let file = file();
        left(&file).await;
        let model = opened(&file).await;
        model.go_on_following(SOURCE.to_owned());
        match number {
            0 => lost(&model).await,
            _ => stopped(&model).await,
        }
        drop(model);
        assert!(!opened(&file).await.has_kept(SOURCE, at(6)), "case {number}");
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_file_is_read_anew() {
    let file = file();
    left(&file).await;
    let length = std::fs::metadata(&file).unwrap().len();
    assert!(length > 0);
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
    for suffix in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{suffix}", file.display())));
    }
    let model = opened(&file).await;
    assert!(!model.has_kept(SOURCE, at(3)));
    load(&model, (0..3).map(row), (0..5).map(item), 0).await;
    std::fs::write(&file, "not a database").unwrap();
    drop(model);
    assert!(!opened(&file).await.has_kept(SOURCE, at(3)));
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}
