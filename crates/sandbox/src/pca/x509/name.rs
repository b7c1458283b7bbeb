//! Distinguished names out of other forms: the API's ASN1Subject, and the text of an audit report.

use rcgen::string::PrintableString;
use rcgen::{DistinguishedName, DnType, DnValue};
use serde_json::Value;

enum Kind {
    Printable,
    Utf8,
}
use Kind::{Printable, Utf8};

/// Member of ASN1Subject, attribute, type and greatest length, in the order in which AWS writes them.
const MEMBERS: [(&str, u64, Kind, usize); 14] = [
    ("Country", 6, Printable, 2),
    ("State", 8, Utf8, 128),
    ("Locality", 7, Utf8, 128),
    ("Organization", 10, Utf8, 64),
    ("OrganizationalUnit", 11, Utf8, 64),
    ("DistinguishedNameQualifier", 46, Printable, 64),
    ("CommonName", 3, Utf8, 64),
    ("SerialNumber", 5, Printable, 64),
    ("Title", 12, Utf8, 64),
    ("Surname", 4, Utf8, 40),
    ("GivenName", 42, Utf8, 16),
    ("Initials", 43, Utf8, 5),
    ("Pseudonym", 65, Utf8, 128),
    ("GenerationQualifier", 44, Utf8, 3),
];

/// The name that the members give. The error says which member is wrong.
pub fn distinguished_name(subject: &Value) -> Result<DistinguishedName, String> {
    let members = subject.as_object().ok_or("Subject must be a structure")?;
    if let Some(unknown) = members.keys().find(|key| !MEMBERS.iter().any(|(name, ..)| name == key)) {
        return Err(format!("the sandbox does not support {unknown} in a subject"));
    }
    let mut name = DistinguishedName::new();
    for (member, arc, kind, longest) in &MEMBERS {
        let Some(value) = members.get(*member) else { continue };
        let text = value.as_str().ok_or_else(|| format!("{member} must be a string"))?;
        if text.chars().count() > *longest {
            return Err(format!("{member} must have length less than or equal to {longest}"));
        }
        let value = match kind {
            Utf8 => DnValue::Utf8String(text.to_owned()),
            Printable => DnValue::PrintableString(
                PrintableString::try_from(text)
                    .map_err(|_| format!("{member} must be a printable string"))?,
            ),
        };
        name.push(DnType::from_oid(&[2, 5, 4, *arc]), value);
    }
    if name.iter().next().is_none() {
        return Err("the subject is empty".to_owned());
    }
    Ok(name)
}

/// The name of a subject as an audit report writes it, last attribute first. `None` if an attribute is other than common
/// name, unit and organization, or something in it is escaped.
pub fn plain_name(text: &str) -> Option<DistinguishedName> {
    let mut name = DistinguishedName::new();
    for attribute in text.rsplit(',') {
        let (keyword, value) = attribute.split_once('=').filter(|_| !attribute.contains('\\'))?;
        let kind = match keyword {
            "CN" => DnType::CommonName,
            "OU" => DnType::OrganizationalUnitName,
            "O" => DnType::OrganizationName,
            _ => return None,
        };
        name.push(kind, value);
    }
    Some(name)
}
