//! Certificates that were revoked after the report was made.

use domain::RevocationReason;
use domain::trail::{Event, Proof, What};

use super::*;
use crate::records::events::tests::{event, file, role};
use crate::records::events::{self, EventFile};

/// The trail tells of these; each event has its certificate's number as its time, in minutes.
async fn told(model: &ReadModel, file: EventFile, numbers: &[u64]) {
    let revocation = |number: &u64| -> Event {
        let what = What::Revocation { reason: None };
        event(&format!("r{number}"), *number, role(), what)
    };
    let files = vec![(file, numbers.iter().map(revocation).collect())];
    let add = move |database: &Database| Ok(database.write(|connection| events::add(connection, &files))?);
    model.blocking(add).await.unwrap();
    model.mark_revoked().await.unwrap();
}

async fn revoked(model: &ReadModel) -> Vec<domain::Serial> {
    let page = page(model, CertificateQuery::status(Revoked)).await;
    assert_eq!(page.total.number, u64::try_from(page.lines.len()).unwrap(), "no old count");
    let active = super::page(model, CertificateQuery::status(Active)).await;
    let either = |serial| [&active, &page].map(|page| page.lines.iter().any(|line| line.serial == serial));
    assert!(page.lines.iter().all(|line| either(line.serial) == [false, true]));
    page.lines.into_iter().map(|line| line.serial).collect()
}

#[tokio::test]
async fn what_is_newer_than_the_report_counts_and_our_own_until_a_much_later_one_denies_it() {
    let model = ReadModel::new(None);
    let show = async |minutes| load(&model, (1..9).map(row), (1..9).map(item), minutes).await;
    show(3).await;
    assert_eq!(revoked(&model).await, []);
    // The report was made when the third was revoked, and shows it in force; an altered file proves nothing.
    told(&model, file(1), &[3, 4, 6]).await;
    told(&model, EventFile { bad: Some(Proof::Altered), ..file(2) }, &[7]).await;
    assert_eq!(revoked(&model).await, [serial(4), serial(6)]);
    model.note_revoked(arn(), vec![(serial(1), at(1))]).await.unwrap();
    assert_eq!(revoked(&model).await, [serial(1), serial(4), serial(6)]);
    let asked = (1..9).map(serial).collect();
    let known = model.knowledge(&arn(), asked, at(9)).await.unwrap().known;
    let foretold: Vec<_> = known.iter().filter(|one| one.revoked_at.is_some()).collect();
    let foretold: Vec<_> = foretold.into_iter().map(|one| one.target.serial).collect();
    assert_eq!(foretold, [serial(1), serial(4), serial(6)]);
    // A report made in between is right about the fourth; about our own, clocks may be wrong.
    show(5).await;
    assert_eq!(revoked(&model).await, [serial(1), serial(6)]);
    // Whoever writes the table makes no certificate a revoked one that the CA has in force.
    show(17).await;
    assert_eq!(revoked(&model).await, []);
    let known = model.knowledge(&arn(), vec![serial(1)], at(18)).await.unwrap().known;
    assert_eq!(known[0].revoked_at, None);
}

#[tokio::test]
async fn what_a_crl_lists_counts_whatever_a_later_report_says_and_however_long_it_is() {
    let model = ReadModel::new(None);
    let show = async |minutes| load(&model, (1..9).map(row), (1..9).map(item), minutes).await;
    show(30).await;
    let list = |database: &Database| {
        let list = format!(
            "INSERT INTO crl VALUES (1, '{}', 's3://bucket/a.crl'), (2, '{OTHER}', 's3://bucket/b.crl');",
            arn()
        );
        database.write(|connection| {
            connection.execute_batch(&list)?;
            let insert = "INSERT INTO listed (crl, serial, at, reason, made) VALUES (?, ?, ?, 1, 0)";
            let mut insert = connection.prepare(insert)?;
            for number in 0..45_000_u64 {
                insert.execute((1, [&[0x7f; 8], &number.to_be_bytes()[..]].concat(), 0))?;
            }
            insert.execute((1, serial(5).as_bytes(), at(3).unix()))?;
            insert.execute((2, serial(6).as_bytes(), at(3).unix()))
        })?;
        Ok(())
    };
    model.blocking(list).await.unwrap();
    model.mark_revoked().await.unwrap();
    assert_eq!(revoked(&model).await, [serial(5)]);
    let known = model.knowledge(&arn(), vec![serial(5), serial(6)], at(31)).await.unwrap().known;
    assert_eq!(known.iter().map(|one| one.revoked_at).collect::<Vec<_>>(), [Some(at(3)), None]);
    show(60).await;
    assert_eq!(revoked(&model).await, [serial(5)]);
    let listed = model.listed(&arn(), serial(5)).await.unwrap().unwrap();
    assert_eq!((listed.at, listed.reason), (at(3), Some(RevocationReason::KeyCompromise)));
    assert_eq!(model.listed(&arn(), serial(6)).await.unwrap(), None);
}
