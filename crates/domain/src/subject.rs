//! Distinguished names as text, compared by what they say instead of how they are written.
//!
//! The audit report writes RFC 2253, most specific part first, attributes it has no name for as `OID=#hex` of the DER
//! value; an inventory may write RFC 4514, OpenSSL's `/CN=…` or `subject=CN = …`, in any order. Values are compared as
//! RFC 5280 §7.1 says, after the preparation of RFC 4518: without regard to case and to spaces that say nothing.

use icu_normalizer::ComposingNormalizerBorrowed;

/// A name's attributes as (lower-case type, prepared value), sorted: other tools write them in another order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attributes(Vec<(String, String)>);

/// Whether two texts name the same subject. A text without any `=` is taken for a common name alone.
pub fn same(report: &str, inventory: &str) -> bool {
    if report.trim() == inventory.trim() {
        return true;
    }
    let report = Attributes::parse(report);
    if !inventory.contains('=') {
        let name = prepared(inventory);
        return report.0.iter().any(|(kind, value)| kind == "cn" && *value == name);
    }
    report == Attributes::parse(inventory)
}

/// The common name (the most specific, if there are several) in a distinguished name, decoded.
pub fn common_name(subject: &str) -> Option<String> {
    parts(subject)
        .into_iter()
        .filter_map(|part| attribute(&part))
        .find(|(kind, _)| kind == "cn")
        .map(|(_, value)| value)
}

impl Attributes {
    fn parse(text: &str) -> Self {
        let attributes = parts(text).into_iter().filter_map(|part| attribute(&part));
        let mut attributes: Vec<_> = attributes.map(|(kind, value)| (kind, prepared(&value))).collect();
        attributes.sort();
        Self(attributes)
    }
}

/// A value as it is compared: RFC 4518 §2, with the case folded and without insignificant spaces (RFC 4518 §2.6.1).
fn prepared(value: &str) -> String {
    if value.is_ascii() {
        let words = value.split(|c: char| c.is_ascii_whitespace()).filter(|word| !word.is_empty());
        return words.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    }
    let said_by_none = |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}');
    // Upper case first: ß and SS are the same.
    let folded: String = value
        .chars()
        .filter(said_by_none)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(&folded);
    normal.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits at unescaped, unquoted `,` `+` `;`, or at `/` when the text begins with one (OpenSSL's one-line form). What has no
/// `=` belongs to the part before it: not everybody escapes.
fn parts(text: &str) -> Vec<String> {
    let text = text.trim_start();
    let named = text.get(..SUBJECT.len()).is_some_and(|start| start.eq_ignore_ascii_case(SUBJECT));
    let text = if named { text[SUBJECT.len()..].trim_start() } else { text };
    let slashed = text.starts_with('/');
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let separates = if slashed { c == '/' } else { matches!(c, ',' | '+' | ';') };
        if separates && !quoted && !escaped {
            close(&mut parts);
            parts.push(c.to_string());
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    close(&mut parts);
    for part in parts.iter_mut().filter(|part| part.starts_with(SEPARATORS)) {
        part.remove(0);
    }
    parts
}

/// What `openssl x509 -subject` writes first.
const SUBJECT: &str = "subject=";
const SEPARATORS: [char; 4] = [',', '+', ';', '/'];

/// Joins the last part, its separator first, to the one before it unless it is an attribute.
fn close(parts: &mut Vec<String>) {
    if parts.len() > 1 && parts.last().is_some_and(|last| !last.contains('=')) {
        let last = parts.pop().unwrap_or_default();
        if let Some(before) = parts.last_mut().filter(|_| last.trim().len() > 1) {
            before.push_str(&last);
        }
    }
}

fn attribute(part: &str) -> Option<(String, String)> {
    let (kind, value) = part.split_once('=')?;
    let kind = kind.trim().to_ascii_lowercase();
    let name = match kind.strip_prefix("oid.").unwrap_or(&kind) {
        "2.5.4.3" | "commonname" => "cn",
        "2.5.4.4" | "surname" => "sn",
        "2.5.4.5" | "serialnumber" => "serialnumber",
        "2.5.4.6" | "c" | "country" | "countryname" => "c",
        "2.5.4.7" | "l" | "locality" | "localityname" => "l",
        "2.5.4.8" | "st" | "s" | "state" | "stateorprovincename" => "st",
        "2.5.4.10" | "o" | "organization" | "organizationname" => "o",
        "2.5.4.11" | "ou" | "organizationalunit" | "organizationalunitname" => "ou",
        "2.5.4.12" | "t" | "title" => "title",
        "2.5.4.42" | "gn" | "givenname" => "givenname",
        "2.5.4.43" | "initials" => "initials",
        "2.5.4.44" | "generationqualifier" => "generationqualifier",
        "2.5.4.46" | "dnqualifier" => "dnqualifier",
        "2.5.4.65" | "pseudonym" => "pseudonym",
        "0.9.2342.19200300.100.1.25" | "dc" | "domaincomponent" => "dc",
        "0.9.2342.19200300.100.1.1" | "uid" | "userid" => "uid",
        "1.2.840.113549.1.9.1" | "e" | "email" | "emailaddress" => "emailaddress",
        other => other,
    };
    Some((name.to_owned(), value_of(value.trim())))
}

/// Undoes quoting and escapes; decodes `#hex` when it is one short DER string.
fn value_of(text: &str) -> String {
    if let Some(string) =
        text.strip_prefix('#').and_then(|digits| hex::decode(digits).ok()).and_then(der_string)
    {
        return string;
    }
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        // OpenSSL writes \xC3 where RFC 4514 writes \C3.
        let tail =
            tail.strip_prefix(b"x").filter(|_| first == b'\\' && is_hex_pair(&tail[1..])).unwrap_or(tail);
        let pair = tail.get(..2).and_then(|pair| hex::decode(pair).ok());
        match (first, pair) {
            (b'\\', Some(octet)) => {
                bytes.extend(octet);
                rest = &tail[2..];
            }
            (b'\\', None) if !tail.is_empty() => {
                bytes.push(tail[0]);
                rest = &tail[1..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn is_hex_pair(text: &[u8]) -> bool {
    text.get(..2).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// UTF8String, PrintableString, TeletexString, IA5String or BMPString below 256 bytes (X.690 §8.1.3).
fn der_string(der: Vec<u8>) -> Option<String> {
    let (kind, length, content) = match der.as_slice() {
        [kind, 0x81, length, content @ ..] if *length >= 0x80 => (kind, length, content),
        [kind, length, content @ ..] if *length < 0x80 => (kind, length, content),
        _ => return None,
    };
    if content.len() != usize::from(*length) {
        return None;
    }
    match kind {
        0x0c | 0x13 | 0x14 | 0x16 => String::from_utf8(content.to_vec()).ok(),
        0x1e if content.len() % 2 == 0 => {
            let units: Vec<u16> =
                content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn order_case_and_names_of_types_do_not_matter() {
        let report = "2.5.4.5=#130673656e736f72,CN=www.example1.com,OU=Sales,O=Example\\, Inc.,C=US";
        for inventory in [
            "C=US, O=\"Example, Inc.\", OU=Sales, CN=www.example1.com, serialNumber=sensor",
            "/C=US/O=Example, Inc./OU=Sales/CN=www.example1.com/serialNumber=sensor",
            "cn=www.example1.com,ou=Sales,o=Example\\2C Inc.,c=US,SERIALNUMBER=sensor",
            "www.example1.com",
            "WWW.Example1.com ",
            "CN=WWW.EXAMPLE1.COM, O=example,  inc., C=us, OU= SALES ,serialNumber=Sensor",
            "subject=C = US, O = \"Example, Inc.\", OU = Sales, CN = www.example1.com, serialNumber = sensor",
            "subject= /C=US/O=Example, Inc./OU=Sales/CN=www.example1.com/oid.2.5.4.5=sensor",
            "C=US+O=Example, Inc.;OU=Sales;CN=www.example1.com;2.5.4.5=#1e0c00530045004e0053004f0052",
        ] {
            assert!(same(report, inventory), "{inventory}");
        }
    }

    #[test]
    fn another_name_is_another_subject() {
        assert!(!same("CN=a,O=x", "CN=b,O=x"));
        assert!(!same("CN=a,O=x", "CN=a"));
        assert!(!same("CN=a", "b"));
        assert!(!same("CN=a b", "CN=ab"));
        assert!(!same("CN=a,O=x", "CN=a,O=x, y"));
        assert!(!same("CN=a", "CN=a, b"));
        assert_eq!(common_name("2.5.4.3=#0c0161,O=x"), Some("a".to_owned()));
    }

    #[test]
    fn what_unicode_writes_in_several_ways_is_the_same() {
        for (a, b) in [
            ("CN=Caf\u{e9}", "CN=cafe\u{301}"),
            ("CN=STRASSE", "CN=stra\u{df}e"),
            ("CN=Gro\\C3\\9Fe", "/CN=gro\\xC3\\x9Fe"),
            ("CN=\u{ff33}ensor", "CN=sensor"),
            ("CN=a\u{a0}b", "CN=a b"),
            ("CN=\u{200b}a\u{ad}b", "CN=ab"),
        ] {
            assert!(same(a, b) && same(b, a), "{a} {b}");
        }
        assert!(!same("CN=\u{e9}", "CN=e"));
    }

    proptest! {
        #[test]
        fn no_text_panics(a in ".{0,80}", b in "[A-Za-z=,+;#\\\\/\" 0-9]{0,80}") {
            for text in [&a, &b] {
                prop_assert!(same(text, text));
                let _ = common_name(text);
                let upper: String = text.chars().map(|c| c.to_ascii_uppercase()).collect();
                let plain = text.is_ascii() && text.contains('=') && !text.contains(['#', '\\']);
                prop_assert!(!plain || same(text, &upper), "{}", text);
            }
        }
    }
}
