//! Pages found by the line beside them: forth and back, in every order, with few and with many that match.

use super::*;

/// Devices that repeat, times that repeat or are not known, certificates without a device, and two of one serial number.
async fn mixed() -> ReadModel {
    let rows = (0..300_u64).map(|number| ReportRow {
        not_after: at(100 * i64::try_from(number % 7).unwrap() - 200),
        revoked_at: number.is_multiple_of(5).then(|| at(-30)),
        subject: (number % 3 > 0).then(|| format!("CN=name-{}", number % 11)),
        ..row(number)
    });
    let items = (100..400_u64).map(|number| InventoryItem {
        device: format!("{}-{}", if number.is_multiple_of(2) { "Sensor" } else { "sensor" }, number % 40)
            .parse()
            .unwrap(),
        expires_at: None,
        ..item(number)
    });
    let twice = (0..120).map(|number| InventoryItem {
        device: "double".parse().unwrap(),
        serial_key: format!("form {number}"),
        ..item(7)
    });
    model(rows.collect(), items.chain(twice).collect()).await
}

fn lines(page: &CertificatePage) -> Vec<String> {
    page.lines.iter().map(|line| format!("{line:?}")).collect()
}

#[tokio::test]
async fn every_order_is_gone_through_forth_and_back_without_a_gap() {
    let model = mixed().await;
    for &sort in CertificateSort::ALL {
        for descending in [false, true] {
            for text in ["", "status=revoked", "status=!revoked", "q=sensor-1", "device=double"] {
                let filter: Vec<Token> =
                    Some(text).filter(|text| !text.is_empty()).map(token).into_iter().collect();
                let query = CertificateQuery { filter, sort, descending, place: Place::First };
                let (mut forth, mut before) = (Vec::new(), Vec::new());
                let mut now = page(&model, query.clone()).await;
                assert_eq!(now.previous, None);
                loop {
                    assert_eq!(now.before, Some(forth.len() as u64), "{query:?}");
                    before.push(now.before);
                    forth.extend(lines(&now));
                    let Some(place) = now.next.clone() else { break };
                    now = page(&model, CertificateQuery { place, ..query.clone() }).await;
                    assert!(now.previous.is_some() && !now.lines.is_empty());
                }
                assert_eq!(now.total.number, forth.len() as u64, "{query:?}");
                let last = page(&model, CertificateQuery { place: Place::Last, ..query.clone() }).await;
                assert_eq!(lines(&last), forth[forth.len().saturating_sub(50)..], "{query:?}");
                let (mut back, mut now) = (lines(&last), last);
                while let Some(place) = now.previous.clone() {
                    now = page(&model, CertificateQuery { place, ..query.clone() }).await;
                    // The first page is full, and has what was seen already.
                    let known =
                        if now.previous.is_none() { 50 - (forth.len() - back.len()).min(50) } else { 0 };
                    let mut these = lines(&now);
                    these.truncate(these.len() - known);
                    back = these.into_iter().chain(back).collect();
                }
                assert_eq!(back, forth, "{query:?}");
                assert_eq!(now.before, Some(0));
            }
        }
    }
}

#[tokio::test]
async fn who_turns_round_sees_the_page_that_they_came_from() {
    // Two items of each certificate but the first, so that pages end between them.
    let items = (0..80_u64).flat_map(|number| {
        let other = InventoryItem { serial_key: "again".to_owned(), ..item(number) };
        [Some(item(number)), Some(other).filter(|_| number > 0)].into_iter().flatten()
    });
    let model = model((0..80).map(row).collect(), items.collect()).await;
    for &sort in CertificateSort::ALL {
        for descending in [false, true] {
            let query = |place| CertificateQuery { sort, descending, place, ..CertificateQuery::default() };
            let at = async |place| page(&model, query(place)).await;
            for (start, is_back) in [(Place::First, false), (Place::Last, true)] {
                let onward = |page: &CertificatePage| match is_back {
                    true => page.previous.clone(),
                    false => page.next.clone(),
                };
                let mut now = at(start).await;
                while let Some(place) = onward(&now) {
                    let next = at(place).await;
                    let back = if is_back { next.next.clone() } else { next.previous.clone() };
                    // Only a first page that was filled up has lines of the one before.
                    if let Some(back) = back.filter(|_| !is_back || next.previous.is_some()) {
                        assert_eq!(lines(&at(back).await), lines(&now), "{sort:?} {descending} {is_back}");
                    }
                    now = next;
                }
            }
        }
    }
}

#[tokio::test]
async fn an_order_is_that_of_its_column() {
    let model = mixed().await;
    let of = async |sort, descending| {
        page(&model, CertificateQuery { sort, descending, ..Default::default() }).await
    };
    let devices = of(CertificateSort::Device, false).await.lines;
    assert_eq!(devices[0].device.as_ref().unwrap().as_str(), "double");
    assert!(
        of(CertificateSort::Device, true).await.lines[0].device.is_none(),
        "those without a device are last"
    );
    let status = of(CertificateSort::Status, true).await.lines;
    assert!(status.iter().all(|line| line.revoked_at.is_some()), "the revoked behind all others");
    let ends: Vec<_> =
        of(CertificateSort::Expiry, false).await.lines.iter().map(|line| line.expires_at).collect();
    assert!(ends.is_sorted() && ends[0] == Some(at(-200)), "{ends:?}");
    let last = of(CertificateSort::Expiry, true).await.lines;
    assert_eq!(last[0].expires_at, None, "what nobody knows is behind all others");
}

#[tokio::test]
async fn pages_of_another_size_go_past_each_line_once() {
    let model = model((1..30).map(row).collect(), (5..40).map(item).collect()).await;
    for &sort in CertificateSort::ALL {
        let mut query = CertificateQuery { sort, descending: true, ..CertificateQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = model.many_certificates(&query, 7, at(0)).await.unwrap();
            assert!(page.lines.len() <= 7);
            seen.extend(page.lines.iter().map(|line| line.serial));
            match page.next {
                Some(next) => query.place = next,
                None => break,
            }
        }
        let each: HashSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), each.len()), (39, 39), "{}", sort.name());
    }
}
