//! A subject as an audit report writes it: RFC 2253 as Java's `X500Principal` does it, which is what AWS shows.
//!
//! Names of attributes that RFC 2253 lists are written out, all others as `OID=#<hex of the value's DER>`. Names in
//! a CSR are whatever a stranger wrote: every string survives, control characters and all.

use std::fmt::Write;

use x509_parser::asn1_rs::{Any, FromDer, Tag, ToDer};

/// The attribute keywords of RFC 2253, section 2.3.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// The name of this DER, last RDN first. `None` if it is not a Name, to the last octet.
pub fn rfc2253(name: &[u8]) -> Option<String> {
    let [name] = &elements(name)?[..] else { return None };
    let mut rdns = contents(name, Tag::Sequence)?.iter().map(rdn).collect::<Option<Vec<_>>>()?;
    rdns.reverse();
    Some(rdns.join(","))
}

fn rdn(set: &Any<'_>) -> Option<String> {
    let attributes = contents(set, Tag::Set)?.iter().map(attribute).collect::<Option<Vec<_>>>()?;
    (!attributes.is_empty()).then(|| attributes.join("+"))
}

fn attribute(pair: &Any<'_>) -> Option<String> {
    let [kind, value] = &contents(pair, Tag::Sequence)?[..] else { return None };
    let oid = dotted((kind.tag() == Tag::Oid).then_some(kind.data)?)?;
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == oid).map(|(_, keyword)| *keyword);
    match (keyword, string(value)) {
        (Some(keyword), Some(text)) => Some(format!("{keyword}={}", escaped(&text))),
        (keyword, _) => {
            Some(format!("{}=#{}", keyword.unwrap_or(&oid), hex::encode(value.to_der_vec().ok()?)))
        }
    }
}

/// What a constructed value of this type is made of.
fn contents<'a>(value: &Any<'a>, tag: Tag) -> Option<Vec<Any<'a>>> {
    if value.tag() != tag || !value.header.is_constructed() {
        return None;
    }
    elements(value.data)
}

/// The DER values that follow one another in `octets`, which must end with the last of them.
fn elements(mut octets: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let (rest, value) = Any::from_der(octets).ok()?;
        found.push(value);
        octets = rest;
    }
    Some(found)
}

/// The text of a string type that has one.
fn string(value: &Any<'_>) -> Option<String> {
    if value.header.is_constructed() {
        return None;
    }
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(value.data.to_vec()).ok()
        }
        // Java reads a TeletexString as ISO 8859-1.
        Tag::TeletexString => Some(value.data.iter().map(|&octet| char::from(octet)).collect()),
        Tag::BmpString => {
            let units = value.data.chunks(2).map(|pair| match *pair {
                [high, low] => Some(u16::from_be_bytes([high, low])),
                _ => None,
            });
            String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
        }
        _ => None,
    }
}

/// RFC 2253, section 2.4.
fn escaped(text: &str) -> String {
    let leading = text.len() - text.trim_start_matches(' ').len();
    let trailing = text.trim_end_matches(' ').len();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\0' => out.push_str("\\00"),
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => out.extend(['\\', c]),
            '#' if at == 0 => out.push_str("\\#"),
            ' ' if at < leading || at >= trailing => out.push_str("\\ "),
            _ => out.push(c),
        }
    }
    out
}

/// The dotted form of an OID's content octets (X.690, section 8.19). `None` if they are not a valid OID, or one of
/// its arcs does not fit 64 bits.
fn dotted(octets: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let (mut arc, mut begun) = (0u64, false);
    for &octet in octets {
        if !begun && octet == 0x80 {
            return None;
        }
        arc = arc.checked_mul(128)? + u64::from(octet & 0x7f);
        begun = octet & 0x80 != 0;
        if !begun {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let (&first, rest) = arcs.split_first()?;
    if begun {
        return None;
    }
    let root = (first / 40).min(2);
    let mut out = format!("{root}.{}", first - root * 40);
    for arc in rest {
        write!(out, ".{arc}").ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use yasna::models::ObjectIdentifier;
    use yasna::{DERWriter, Tag as YasnaTag};

    type Value<'a> = (&'a [u64], &'a dyn Fn(DERWriter<'_>));

    fn rendered(rdns: &[&[Value<'_>]]) -> Option<String> {
        let der = yasna::construct_der(|writer| {
            writer.write_sequence(|rdn| {
                for attributes in rdns {
                    rdn.next().write_set(|set| {
                        for (oid, value) in *attributes {
                            set.next().write_sequence(|pair| {
                                pair.next().write_oid(&ObjectIdentifier::from_slice(oid));
                                value(pair.next());
                            });
                        }
                    });
                }
            });
        });
        rfc2253(&der)
    }

    const CN: &[u64] = &[2, 5, 4, 3];
    const O: &[u64] = &[2, 5, 4, 10];

    #[test]
    fn the_order_is_reversed_and_unknown_attributes_are_hex() {
        let email: &[u64] = &[1, 2, 840, 113_549, 1, 9, 1];
        let text = rendered(&[
            &[(O, &|w| w.write_utf8_string("Example Company"))],
            &[(CN, &|w| w.write_utf8_string("www.example1.com"))],
            &[(email, &|w| w.write_ia5_string("sales@example.com"))],
        ]);
        // The last attribute is the example of the AWS user guide.
        assert_eq!(
            text.as_deref(),
            Some(
                "1.2.840.113549.1.9.1=#161173616c6573406578616d706c652e636f6d,CN=www.example1.com,\
                 O=Example Company"
            )
        );
    }

    #[test]
    fn hostile_strings_survive() {
        let cases = [
            ("a,b+c\"d\\e<f>g;h=i", "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i"),
            ("#hash # inside", "CN=\\#hash # inside"),
            ("  two  ", "CN=\\ \\ two\\ \\ "),
            ("\0nul", "CN=\\00nul"),
            ("=cmd|'/c calc'!A1", "CN==cmd|'/c calc'!A1"),
            ("line\r\nbreak\t\u{202e}evil<script>", "CN=line\r\nbreak\t\u{202e}evil\\<script\\>"),
            ("", "CN="),
            ("   ", "CN=\\ \\ \\ "),
        ];
        for (given, expected) in cases {
            assert_eq!(rendered(&[&[(CN, &|w| w.write_utf8_string(given))]]).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_string_types_and_values_that_are_no_strings() {
        let bmp = rendered(&[&[(CN, &|w| w.write_bmp_string("Zürich"))]]);
        assert_eq!(bmp.as_deref(), Some("CN=Zürich"));
        let teletex = |w: DERWriter<'_>| {
            w.write_tagged_implicit(
                YasnaTag { tag_class: yasna::TagClass::Universal, tag_number: 20 },
                |w| {
                    w.write_bytes(b"Z\xfcrich");
                },
            );
        };
        assert_eq!(rendered(&[&[(CN, &teletex)]]).as_deref(), Some("CN=Zürich"));
        assert_eq!(rendered(&[&[(CN, &|w| w.write_u8(7))]]).as_deref(), Some("CN=#020107"));
    }

    #[test]
    fn several_attributes_in_one_rdn_and_one_attribute_twice() {
        let text = rendered(&[
            &[(CN, &|w| w.write_utf8_string("a")), (O, &|w| w.write_utf8_string("b"))],
            &[(O, &|w| w.write_utf8_string("c"))],
            &[(O, &|w| w.write_utf8_string("d"))],
        ]);
        assert_eq!(text.as_deref(), Some("O=d,O=c,CN=a+O=b"));
        assert_eq!(rendered(&[]).as_deref(), Some(""));
    }

    #[test]
    fn what_is_no_name_is_none() {
        let nonsense: [&[u8]; 8] = [
            &[],
            &[0x30],
            &[0x30, 0x80, 0, 0],
            &[0x04, 0],
            &[0x30, 0, 0x30, 0],
            &[0x30, 2, 0x31, 0],
            &[0x30, 4, 0x31, 2, 0x30, 0],
            &[0x30, 9, 0x31, 7, 0x30, 5, 0x06, 3, 0x55, 4, 3],
        ];
        for der in nonsense {
            assert_eq!(rfc2253(der), None, "{der:x?}");
        }
    }

    #[test]
    fn oids_are_checked() {
        assert_eq!(dotted(&[0x55, 4, 3]).as_deref(), Some("2.5.4.3"));
        assert_eq!(dotted(&[0x2a]).as_deref(), Some("1.2"));
        assert_eq!(dotted(&[0x88, 0x37]).as_deref(), Some("2.999"));
        for bad in [&[][..], &[0x55, 0x84], &[0x55, 0x80, 1], &[0xff; 12]] {
            assert_eq!(dotted(bad), None, "{bad:x?}");
        }
    }
}
