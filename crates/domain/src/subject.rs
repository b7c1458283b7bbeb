//! Distinguished names as text, compared by what they say instead of how they are written.
//!
//! The audit report writes RFC 2253, most specific part first, attributes it has no name for as `OID=#hex` of the DER
//! value; an inventory may write RFC 4514, OpenSSL's `/CN=…` or any order.

/// A name's attributes as (lower-case type, value), sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attributes(Vec<(String, String)>);

/// Whether two texts name the same subject. A text without any `=` is taken for a common name alone.
pub fn same(report: &str, inventory: &str) -> bool {
    if report.trim() == inventory.trim() {
        return true;
    }
    let report = Attributes::parse(report);
    if !inventory.contains('=') {
        return report.0.iter().any(|(kind, value)| kind == "cn" && value == inventory.trim());
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
        let mut attributes: Vec<_> = parts(text).iter().filter_map(|part| attribute(part)).collect();
        attributes.sort();
        Self(attributes)
    }
}

/// Splits at unescaped, unquoted `,` `+` `;`, or at `/` when the text begins with one (OpenSSL's one-line form).
fn parts(text: &str) -> Vec<String> {
    let slashed = text.trim_start().starts_with('/');
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let separates = if slashed { c == '/' } else { matches!(c, ',' | '+' | ';') };
        if separates && !quoted && !escaped {
            parts.push(String::new());
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
    parts
}

fn attribute(part: &str) -> Option<(String, String)> {
    let (kind, value) = part.split_once('=')?;
    let kind = kind.trim().trim_start_matches("OID.").to_ascii_lowercase();
    let name = match kind.as_str() {
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

/// UTF8String, PrintableString, TeletexString or IA5String below 128 bytes (X.690 §8.1.3.4).
fn der_string(der: Vec<u8>) -> Option<String> {
    match der.as_slice() {
        [0x0c | 0x13 | 0x14 | 0x16, length, content @ ..]
            if *length < 0x80 && content.len() == usize::from(*length) =>
        {
            String::from_utf8(content.to_vec()).ok()
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
        ] {
            assert!(same(report, inventory), "{inventory}");
        }
    }

    #[test]
    fn another_name_is_another_subject() {
        assert!(!same("CN=a,O=x", "CN=b,O=x"));
        assert!(!same("CN=a,O=x", "CN=a"));
        assert!(!same("CN=a", "b"));
        assert_eq!(common_name("2.5.4.3=#0c0161,O=x"), Some("a".to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_panics(a in ".{0,80}", b in "[A-Za-z=,+#\\\\/\" 0-9]{0,80}") {
            prop_assert!(same(&a, &a));
            let _ = same(&a, &b);
        }
    }
}
