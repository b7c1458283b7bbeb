//! PEM text, both ways.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::pem::{Pem, parse_x509_pem};

/// One PEM block, without a final line end, as AWS answers it.
pub fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|&octet| char::from(octet)));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----"));
    pem
}

/// The first block, which must have one of the labels.
pub fn decode(text: &[u8], labels: &[&str]) -> Result<Vec<u8>, String> {
    let (_, pem) = parse_x509_pem(text).map_err(|_| "not PEM".to_owned())?;
    expect_label(pem, labels)
}

/// All blocks; none is an error.
pub fn decode_all(text: &[u8], labels: &[&str]) -> Result<Vec<Vec<u8>>, String> {
    let blocks = Pem::iter_from_buffer(text)
        .map(|pem| expect_label(pem.map_err(|_| "not PEM".to_owned())?, labels))
        .collect::<Result<Vec<_>, _>>()?;
    if blocks.is_empty() { Err("not PEM".to_owned()) } else { Ok(blocks) }
}

fn expect_label(pem: Pem, labels: &[&str]) -> Result<Vec<u8>, String> {
    if labels.contains(&pem.label.as_str()) {
        Ok(pem.contents)
    } else {
        Err(format!("the PEM block is a {:?}", pem.label))
    }
}
