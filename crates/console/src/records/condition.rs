//! A filter's tokens as conditions of SQL on a line, and as questions to an index that gives few lines at once.

use domain::Timestamp;
use domain::certificate::{CertificateStatus, EXPIRING};
use domain::views::{Bound, Judgement, SerialPattern, Standing, Test, Token, Words as Said, digits};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::events::{WORDS, rank, without_path};
use super::lines::{LineTable, NONE, REVOKED, UNKNOWN};
use super::words::question;

const DAY: i64 = 86_400;

/// A part of a statement, with the values that it names.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub text: String,
    pub values: Vec<Value>,
}

fn part(text: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Part {
    Part { text: text.into(), values: values.into_iter().collect() }
}

/// What conditions on the lines of one table need to know.
pub(super) struct Conditions<'a> {
    lines: &'a LineTable,
    connection: &'a Connection,
    now: i64,
    soon: i64,
    /// The number that the trail has for the authority of a line, and the scope that findings have.
    trail: String,
    scope: String,
}

impl<'a> Conditions<'a> {
    pub fn new(
        lines: &'a LineTable,
        connection: &'a Connection,
        now: Timestamp,
    ) -> Result<Self, rusqlite::Error> {
        let name = lines.name();
        let (mut trail, mut scope) = (format!("CASE {name}.authority"), format!("CASE {name}.authority"));
        for (number, arn) in lines.authorities.iter().enumerate() {
            let select = "SELECT number FROM trail_authority WHERE arn = ?";
            let known =
                connection.query_row(select, [arn.as_str()], |row| row.get::<_, i64>(0)).optional()?;
            trail.push_str(&format!(" WHEN {number} THEN {}", known.unwrap_or(-1)));
            // An authority's id has letters, digits and dashes alone.
            scope.push_str(&format!(" WHEN {number} THEN '{}'", arn.id().as_str().replace('\'', "''")));
        }
        // A CASE without a WHEN is no SQL.
        let end = " WHEN -1 THEN NULL END";
        let (now, soon) = (now.unix(), now.plus(EXPIRING).unix());
        Ok(Self { lines, connection, now, soon, trail: trail + end, scope: scope + end })
    }

    /// What holds of exactly the lines that the token means.
    pub fn holds(&self, token: &Token) -> Part {
        let Part { text, values } = self.test(&token.test);
        // Where nothing is known nothing holds, and its opposite does.
        match token.not {
            true => part(format!("({text}) IS NOT TRUE"), values),
            false => part(format!("({text})"), values),
        }
    }

    /// What holds of the lines that all tokens mean: a WHERE, or nothing.
    pub fn all(&self, filter: &[Token]) -> Part {
        let (mut text, mut all) = (String::new(), Vec::new());
        for token in filter {
            let Part { text: one, values } = self.holds(token);
            text.push_str(if text.is_empty() { "WHERE " } else { " AND " });
            text.push_str(&one);
            all.extend(values);
        }
        part(text, all)
    }

    fn test(&self, test: &Test) -> Part {
        match test {
            Test::Text(text) => {
                let like = Value::Text(like(text));
                let columns = "(device LIKE ? ESCAPE '\\' AND device <> ?) OR subject LIKE ? ESCAPE '\\' \
                     OR name LIKE ? ESCAPE '\\'";
                let mut either = part(columns, [like.clone(), none(), like.clone(), like]);
                if let Some(serial) = beginning(text) {
                    either.text.push_str(&format!(" OR {}", serial.text));
                    either.values.extend(serial.values);
                }
                either
            }
            Test::Device(Said::Is(text)) => {
                let text = Value::Text(text.clone());
                let is = "device = ? AND device = ? COLLATE BINARY AND device <> ?";
                part(is, [text.clone(), text, none()])
            }
            Test::Device(Said::Contains(text)) => {
                part("device LIKE ? ESCAPE '\\' AND device <> ?", [Value::Text(like(text)), none()])
            }
            Test::Subject(said) => words("subject", said),
            Test::CommonName(said) => words("name", said),
            Test::San(said) => {
                let (name, trail, Part { text, values }) = (self.lines.name(), &self.trail, named(said));
                part(
                    format!(
                        "EXISTS (SELECT 1 FROM trail_san s WHERE s.authority = {trail} AND s.serial = {name}.serial AND {text})"
                    ),
                    values,
                )
            }
            Test::Template(Said::Is(text)) => {
                let text = Value::Text(text.clone());
                let either = "template = ? OR template = 'arn:aws:acm-pca:::template/' || ?";
                part(either, [text.clone(), text])
            }
            Test::Template(said) => words("template", said),
            Test::Serial(pattern) => serial(pattern),
            Test::Authority(id) => {
                part("authority = ?", [Value::Integer(self.lines.number(id).unwrap_or(-1))])
            }
            Test::Status(standing) => self.standing(*standing),
            Test::Expires(bound) => self.bound("expires_at", *bound, 1),
            Test::Issued(bound) => self.bound("issued_at", *bound, -1),
            Test::Revoked(bound) => {
                let Part { text, values } = self.bound("revoked_at", *bound, -1);
                part(format!("standing = {REVOKED} AND {text}"), values)
            }
            Test::OpenFinding(is) => {
                let (name, scope) = (self.lines.name(), &self.scope);
                let not = if *is { "" } else { "NOT " };
                part(
                    format!(
                        "{not}EXISTS (SELECT 1 FROM finding f WHERE f.serial = {name}.serial AND f.scope = {scope} \
                         AND f.waits = 1 AND f.serial IS NOT NULL)"
                    ),
                    [],
                )
            }
            Test::InInventory(is) => part("in_inventory = ?", [Value::Integer((*is).into())]),
            Test::Judgement(Judgement::Unknown) => {
                let known = self.issuance(part("TRUE", []));
                part(format!("NOT {}", known.text), known.values)
            }
            Test::Issuer(_) | Test::AccessKey(_) | Test::Address(_) | Test::Judgement(_) | Test::Key(_) => {
                self.issuance(issued(test).unwrap_or_else(|| part("FALSE", [])))
            }
        }
    }

    /// A line whose issuance, as the trail shows it, is so.
    fn issuance(&self, so: Part) -> Part {
        let (name, trail) = (self.lines.name(), &self.trail);
        let text = format!(
            "EXISTS (SELECT 1 FROM trail_issuance i WHERE i.authority = {trail} AND i.serial = {name}.serial AND {})",
            so.text
        );
        part(text, so.values)
    }

    fn standing(&self, standing: Standing) -> Part {
        let range = |from, to| part("standing >= ? AND standing < ?", [from, to].map(Value::Integer));
        match standing {
            Standing::Is(CertificateStatus::Revoked) => part("standing = ?", [Value::Integer(REVOKED)]),
            Standing::Is(CertificateStatus::Expired) => part("standing < ?", [Value::Integer(self.now)]),
            Standing::Is(CertificateStatus::Expiring) => range(self.now, self.soon),
            Standing::Is(CertificateStatus::Active) => range(self.soon, REVOKED),
            Standing::Unproven => part("standing = ? AND proven = 0", [Value::Integer(REVOKED)]),
        }
    }

    /// `way`: 1 for days that are to come, -1 for those that have been.
    fn bound(&self, column: &str, bound: Bound, way: i64) -> Part {
        let (from, to) = match bound {
            Bound::Before(at) => (i64::MIN, at.unix()),
            Bound::From(at) => (at.unix(), UNKNOWN),
            Bound::Within(days) => {
                let there = self.now + way * i64::from(days) * DAY;
                (self.now.min(there), self.now.max(there))
            }
        };
        part(format!("{column} >= ? AND {column} < ?"), [from, to].map(Value::Integer))
    }

    /// A selection of `rowid` that has all lines that the token means, and others; by an index, so that it is quick when
    /// they are few. `None`: no index helps.
    pub fn candidates(&self, token: &Token) -> Result<Option<Part>, rusqlite::Error> {
        if token.not {
            return Ok(None);
        }
        let name = self.lines.name();
        let having = |Part { text, values }| part(format!("SELECT rowid FROM {name} WHERE {text}"), values);
        let having_words = |words: &str, text: &str| {
            let question = question(self.connection, words, text)?;
            Ok::<_, rusqlite::Error>(question.map(|question| {
                part(format!("SELECT rowid FROM {words} WHERE {words} MATCH ?"), [Value::Text(question)])
            }))
        };
        let with = |text: &str| having_words(self.lines.words.table.name(), text);
        let issued_for = |Part { text, values }| {
            let lines = format!("FROM trail_san s CROSS JOIN {name} l ON l.serial = s.serial");
            part(format!("SELECT l.rowid {lines} WHERE {text}"), values)
        };
        Ok(match &token.test {
            Test::Text(text) => {
                let Some(found) = with(text)? else { return Ok(None) };
                Some(match beginning(text).map(having) {
                    None => found,
                    Some(serial) => part(
                        format!("{} UNION ALL {}", serial.text, found.text),
                        serial.values.into_iter().chain(found.values),
                    ),
                })
            }
            Test::Device(Said::Contains(text))
            | Test::Subject(Said::Contains(text))
            | Test::CommonName(Said::Contains(text)) => with(text)?,
            Test::San(Said::Contains(text)) => having_words(WORDS, text)?
                .map(|Part { text, values }| issued_for(part(format!("s.number IN ({text})"), values))),
            Test::San(said) => Some(issued_for(named(said))),
            Test::Serial(SerialPattern::Part(_)) | Test::Template(_) => None,
            Test::Serial(SerialPattern::Ends(start, _)) if start.is_empty() => None,
            Test::Judgement(Judgement::Unknown) | Test::OpenFinding(false) | Test::InInventory(true) => None,
            Test::Issuer(_) | Test::AccessKey(_) | Test::Address(_) | Test::Judgement(_) | Test::Key(_) => {
                let Some(so) = issued(&token.test) else { return Ok(None) };
                let text = format!(
                    "SELECT l.rowid FROM trail_issuance i CROSS JOIN {name} l ON l.serial = i.serial WHERE {}",
                    so.text
                );
                Some(part(text, so.values))
            }
            Test::OpenFinding(true) => Some(part(
                format!(
                    "SELECT l.rowid FROM finding f CROSS JOIN {name} l ON l.serial = f.serial \
                     WHERE f.waits = 1 AND f.serial IS NOT NULL"
                ),
                [],
            )),
            // In the words of its index.
            Test::InInventory(false) => Some(having(part("in_inventory = 0", []))),
            test => Some(having(self.test(test))),
        })
    }
}

/// What holds of an issuance `i`; `None`: the test is about something else.
fn issued(test: &Test) -> Option<Part> {
    let of = |column: &str, said: &Said| match said {
        Said::Is(text) => part(format!("i.{column} = ?"), [Value::Text(text.clone())]),
        // There are fewer identities than issuances.
        Said::Contains(text) => part(
            format!("i.{column} IN (SELECT {column} FROM trail_identity WHERE {column} LIKE ? ESCAPE '\\')"),
            [Value::Text(like(text))],
        ),
    };
    Some(match test {
        Test::Issuer(Said::Is(text)) => of("who", &Said::Is(without_path(text))),
        Test::Issuer(said) => of("who", said),
        Test::AccessKey(said) => of("access_key", said),
        Test::Address(said) => words("i.address", said),
        Test::Key(key) => part("i.key = ?", [Value::Blob(key.as_bytes().to_vec())]),
        Test::Judgement(Judgement::Is(one)) => part("i.judgement = ?", [Value::Integer(rank(*one))]),
        Test::Judgement(Judgement::Unauthorised) => part("i.judgement > 0", []),
        _ => return None,
    })
}

/// What holds of an alternative name `s`: its kind need not be said.
fn named(said: &Said) -> Part {
    match said {
        Said::Is(text) => {
            let names =
                ["", "DNS:", "IP:", "email:", "URI:"].map(|kind| Value::Text(format!("{kind}{text}")));
            part("s.name IN (?, ?, ?, ?, ?)", names)
        }
        said => words("s.name", said),
    }
}

fn words(column: &str, said: &Said) -> Part {
    match said {
        Said::Is(text) => part(format!("{column} = ?"), [Value::Text(text.clone())]),
        Said::Contains(text) => part(format!("{column} LIKE ? ESCAPE '\\'"), [Value::Text(like(text))]),
    }
}

/// What stands for the device of a certificate that the inventory does not have.
fn none() -> Value {
    Value::Text(NONE.to_owned())
}

/// A pattern of SQL for texts with `part` in them.
fn like(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// So many digits are taken for the beginning of a serial number.
const BEGINNING: usize = 4;

/// What a search says of a serial number: all of it, its two ends, or its beginning.
fn beginning(text: &str) -> Option<Part> {
    if let Some(cut) = SerialPattern::cut(text) {
        return Some(serial(&cut));
    }
    let whole = text.parse().ok().map(|whole| serial(&SerialPattern::Whole(whole)));
    let digits = digits(text).filter(|digits| digits.len() >= BEGINNING && !text.contains(['-', ' ']));
    let begun = digits.and_then(|digits| begins(digits.trim_start_matches("00")));
    match (whole, begun) {
        (Some(whole), Some(begun)) => Some(part(
            format!("{} OR ({})", whole.text, begun.text),
            whole.values.into_iter().chain(begun.values),
        )),
        (whole, begun) => whole.or(begun),
    }
}

fn serial(pattern: &SerialPattern) -> Part {
    match pattern {
        SerialPattern::Whole(serial) => part("serial = ?", [Value::Blob(serial.as_bytes().to_vec())]),
        SerialPattern::Part(digits) => part("instr(hex(serial), ?) > 0", [upper(digits)]),
        SerialPattern::Ends(start, end) => {
            let length = i64::try_from(end.len()).unwrap_or(i64::MAX);
            let ends = part("substr(hex(serial), -?) = ?", [Value::Integer(length), upper(end)]);
            match (begins(start), end.is_empty()) {
                (None, _) => ends,
                (Some(begun), true) => begun,
                (Some(begun), false) => part(
                    format!("{} AND {}", begun.text, ends.text),
                    begun.values.into_iter().chain(ends.values),
                ),
            }
        }
    }
}

fn upper(digits: &str) -> Value {
    Value::Text(digits.to_ascii_uppercase())
}

/// Serial numbers that begin with these digits; `None`: there are none.
fn begins(digits: &str) -> Option<Part> {
    let octets = |filler: char| {
        let filled =
            if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}{filler}") };
        hex::decode(filled).ok()
    };
    let (first, mut last) = (octets('0').filter(|first| !first.is_empty())?, octets('f')?);
    // Longer than any serial number: behind all that begin so.
    last.resize(64, u8::MAX);
    Some(part("serial >= ? AND serial <= ?", [first, last].map(Value::Blob)))
}
