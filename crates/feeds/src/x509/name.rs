//! Names in certificates as text that is safe to show: RFC 4514, most specific part first, as the audit report has it.

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::foreign::is_hidden;
use x509_parser::asn1_rs::{Tag, ToDer};
use x509_parser::extensions::GeneralName;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// `CN=sensor-1,O=Example`. What is not text, or not UTF-8, is written as `#` and the hexadecimal digits of its DER.
pub(crate) fn distinguished(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> =
        name.iter_rdn().map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    parts.reverse();
    parts.join(",")
}

/// Whether two names are the same (RFC 5280 §7.1): other programs may write the same text as another type of string.
pub(crate) fn same(one: &X509Name<'_>, other: &X509Name<'_>) -> bool {
    one.as_raw() == other.as_raw() || domain::subject::same(&distinguished(one), &distinguished(other))
}

/// `DNS:sensor-1.example`, `IP:192.0.2.1`.
pub(crate) fn general(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(text) => format!("DNS:{}", printable(text)),
        GeneralName::URI(text) => format!("URI:{}", printable(text)),
        GeneralName::RFC822Name(text) => format!("email:{}", printable(text)),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(v4), _) => format!("IP:{}", Ipv4Addr::from(v4)),
            (_, Ok(v6)) => format!("IP:{}", Ipv6Addr::from(v6)),
            _ => format!("IP:#{}", hex::encode(bytes)),
        },
        GeneralName::DirectoryName(name) => format!("DirName:{}", distinguished(name)),
        GeneralName::RegisteredID(oid) => format!("RID:{}", oid.to_id_string()),
        GeneralName::OtherName(oid, value) => format!("other:{}:#{}", oid.to_id_string(), hex::encode(value)),
        GeneralName::X400Address(any) | GeneralName::EDIPartyName(any) => {
            format!("other:#{}", hex::encode(any.data))
        }
        GeneralName::Invalid(tag, bytes) => format!("invalid:{}:#{}", tag.0, hex::encode(bytes)),
    }
}

/// Escapes what is hidden or steers, as RFC 4514 §2.4 escapes octets.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { octets(c) } else { c.to_string() }).collect()
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let any = attribute.attr_value();
    let is_text = matches!(
        any.tag(),
        Tag::Utf8String
            | Tag::PrintableString
            | Tag::Ia5String
            | Tag::NumericString
            | Tag::T61String
            | Tag::VisibleString
    );
    let text = if is_text { std::str::from_utf8(any.data).ok() } else { None };
    match text {
        Some(text) => format!("{}={}", short(&oid), escaped(text)),
        None => {
            let der = any.to_der_vec().unwrap_or_else(|_| any.data.to_vec());
            format!("{oid}=#{}", hex::encode(der))
        }
    }
}

/// The short names of RFC 4514 §3 and of what else AWS Private CA puts into subjects.
fn short(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "givenName",
        "2.5.4.43" => "initials",
        "2.5.4.44" => "generationQualifier",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}

/// RFC 4514 §2.4.
fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=')
            || (at == 0 && matches!(c, ' ' | '#'))
            || (at == last && c == ' ');
        if is_hidden(c) {
            out.push_str(&octets(c));
        } else if special {
            out.extend(['\\', c]);
        } else {
            out.push(c);
        }
    }
    out
}

fn octets(c: char) -> String {
    let mut buffer = [0; 4];
    c.encode_utf8(&mut buffer).bytes().map(|byte| format!("\\{byte:02x}")).collect()
}
