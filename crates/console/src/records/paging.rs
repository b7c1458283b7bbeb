//! Pages of the list of certificates, found by the line beside them.

use domain::Timestamp;
use domain::certificate::CertificateLine;
use domain::views::{CertificatePage, CertificateQuery, CertificateSort, Key, Mark, Place, Total};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::condition::Part;
use super::lines::{LineTable, NONE, REVOKED, UNKNOWN};
use super::narrowed::Narrowed;

/// An order: the index that has it, the column that it begins with (the serial number is next), and those that follow.
struct Order {
    index: &'static str,
    key: Option<&'static str>,
    rest: &'static [&'static str],
}

impl Order {
    fn of(sort: CertificateSort) -> Self {
        let order = |index, key, rest| Self { index, key: Some(key), rest };
        match sort {
            CertificateSort::Device => order("device", "device", &["authority", "standing"]),
            CertificateSort::Serial => Self { index: "serial", key: None, rest: &["authority", "standing"] },
            CertificateSort::Subject => order("subject", "subject", &["authority", "standing"]),
            CertificateSort::Authority => order("authority", "authority", &["standing"]),
            CertificateSort::Expiry => order("expiry", "expires_at", &["authority", "standing"]),
            CertificateSort::Issued => order("issued", "issued_at", &["authority", "standing"]),
            CertificateSort::Status => order("status", "standing", &["authority"]),
        }
    }

    fn text(&self, is_down: bool) -> String {
        let columns = self.key.iter().chain(&["serial"]).chain(self.rest).chain(&["rowid"]);
        let way = if is_down { " DESC" } else { "" };
        columns.map(|column| format!("{column}{way}")).collect::<Vec<_>>().join(", ")
    }

    /// From a line on, and with it.
    fn edge(&self, mark: &Mark, is_down: bool) -> Part {
        let sign = if is_down { "<=" } else { ">=" };
        let serial = Value::Blob(mark.serial.as_bytes().to_vec());
        let key = match &mark.key {
            Key::Number(number) => Value::Integer(*number),
            Key::Text(text) => Value::Text(text.clone()),
        };
        match self.key {
            None => Part { text: format!("serial {sign} ?"), values: vec![serial] },
            Some(column) => {
                Part { text: format!("({column}, serial) {sign} (?, ?)"), values: vec![key, serial] }
            }
        }
    }
}

impl LineTable {
    /// One page of the lines that `query` names, of up to `most`.
    pub(super) fn page(
        &self,
        connection: &Connection,
        query: &CertificateQuery,
        most: u32,
        now: Timestamp,
    ) -> Result<CertificatePage, rusqlite::Error> {
        let (order, size) = (Order::of(query.sort), usize::try_from(most).unwrap_or(usize::MAX));
        let narrowed = Narrowed::new(self, connection, &query.filter, now)?;
        let total = narrowed.total(connection)?;
        let (is_back, mark) = match &query.place {
            Place::First => (false, None),
            Place::Last => (true, None),
            Place::After(mark) => (false, Some(mark)),
            Place::Before(mark) => (true, Some(mark)),
        };
        let is_down = query.descending != is_back;
        let Part { text, values } = narrowed.beyond(order.index, mark.map(|mark| order.edge(mark, is_down)));
        let passed = mark.map_or(0, |mark| mark.same);
        let select = format!(
            "SELECT * {text} ORDER BY {} LIMIT {} OFFSET {passed}",
            order.text(is_down),
            u64::from(most) + 1
        );
        let mut statement = connection.prepare(&select)?;
        let lines = statement.query_map(params_from_iter(&values), |row| self.line(row))?;
        let mut lines: Vec<CertificateLine> = lines.collect::<Result<_, _>>()?;
        let goes_on = lines.len() > size;
        lines.truncate(size);
        if is_back {
            lines.reverse();
        }
        if is_back && !goes_on && query.place != Place::Last {
            // The beginning is a full page.
            let first = CertificateQuery { place: Place::First, ..query.clone() };
            return self.page(connection, &first, most, now);
        }
        let rows = u64::try_from(lines.len()).unwrap_or(0);
        let before = before(&query.place, total, rows);
        // Who turns round at an edge passes the lines of its certificate that are here, and no others.
        let edge = |line: Option<&CertificateLine>, lines_before, goes_back: bool| {
            let former = mark.filter(|_| goes_back == is_back);
            line.map(|line| self.mark(query.sort, &lines, line, former, lines_before))
        };
        let has_previous = if is_back { goes_on } else { mark.is_some() };
        let has_next = if is_back { mark.is_some() } else { goes_on };
        let previous = has_previous.then(|| edge(lines.first(), before, true)).flatten().map(Place::Before);
        let behind = before.map(|before| before + rows);
        let next = has_next.then(|| edge(lines.last(), behind, false)).flatten().map(Place::After);
        Ok(CertificatePage { lines, total, before, previous, next, ..CertificatePage::default() })
    }

    /// A line at the edge of a page that was found from `former` on.
    fn mark(
        &self,
        sort: CertificateSort,
        page: &[CertificateLine],
        line: &CertificateLine,
        former: Option<&Mark>,
        lines: Option<u64>,
    ) -> Mark {
        let key = self.key(sort, line);
        let is_same =
            |other: &CertificateLine| other.serial == line.serial && same(&self.key(sort, other), &key);
        let mut number =
            u32::try_from(page.iter().filter(|other| is_same(other)).count()).unwrap_or(u32::MAX);
        // More lines of one certificate than a page has.
        if let Some(former) = former.filter(|former| former.serial == line.serial && same(&former.key, &key))
        {
            number = number.saturating_add(former.same);
        }
        Mark { lines, same: number, serial: line.serial, key }
    }

    fn key(&self, sort: CertificateSort, line: &CertificateLine) -> Key {
        let time = |at: Option<Timestamp>| at.map_or(UNKNOWN, Timestamp::unix);
        match sort {
            CertificateSort::Device => {
                Key::Text(line.device.as_ref().map_or(NONE, |device| device.as_str()).to_owned())
            }
            CertificateSort::Subject => Key::Text(line.subject.clone().unwrap_or_default()),
            CertificateSort::Serial => Key::Number(0),
            CertificateSort::Authority => Key::Number(self.number(&line.authority.id()).unwrap_or(-1)),
            CertificateSort::Expiry => Key::Number(time(line.expires_at)),
            CertificateSort::Issued => Key::Number(time(line.issued_at)),
            CertificateSort::Status => {
                Key::Number(line.revoked_at.map_or_else(|| time(line.expires_at), |_| REVOKED))
            }
        }
    }
}

/// As the database compares them.
fn same(one: &Key, other: &Key) -> bool {
    match (one, other) {
        (Key::Text(one), Key::Text(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    }
}

/// How many lines are before a page of so many.
fn before(place: &Place, total: Total, rows: u64) -> Option<u64> {
    match place {
        Place::First => Some(0),
        Place::Last => (!total.more).then(|| total.number.saturating_sub(rows)),
        Place::After(mark) => mark.lines,
        Place::Before(mark) => mark.lines.map(|lines| lines.saturating_sub(rows)),
    }
}
