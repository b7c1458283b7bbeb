//! The alternative names of an issuance (RFC 5280 §4.2.1.6): those that a signing request asks for (RFC 2985 §5.4.2), or those
//! that were signed. What cannot be read has none.

use domain::foreign::{Text, stored};
use x509_parser::certificate::TbsCertificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use crate::x509::general;

/// A DNS name has up to 253 octets (RFC 1035 §2.3.4), and a kind before it.
const NAME: usize = 300;

pub fn in_request(der: &[u8]) -> Vec<String> {
    let Ok((_, request)) = X509CertificationRequest::from_der(der) else { return Vec::new() };
    request.requested_extensions().map(kept).unwrap_or_default()
}

pub fn in_certificate(der: &[u8]) -> Vec<String> {
    let Ok((_, tbs)) = TbsCertificate::from_der(der) else { return Vec::new() };
    kept(tbs.extensions().iter().map(|extension| extension.parsed_extension()))
}

/// As many of the names as the bound of one text holds, each once.
fn kept<'a>(extensions: impl Iterator<Item = &'a ParsedExtension<'a>>) -> Vec<String> {
    let names = extensions.filter_map(|extension| match extension {
        ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
        _ => None,
    });
    let (mut kept, mut room) = (Vec::<String>::new(), Text::MOST);
    for name in names.flatten() {
        let name = String::from(Text::within(&general(name), NAME));
        if kept.contains(&name) {
            continue;
        }
        let Some(left) = room.checked_sub(stored(&name)) else { break };
        room = left;
        kept.push(name);
    }
    kept
}
