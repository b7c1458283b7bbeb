//! The public key of an issuance: out of the signing request (RFC 2986 §4.1), or of what was signed (RFC 5280 §4.1).
//!
//! Who calls writes the request, and CloudTrail may cut it: whatever cannot be read as one has no key. What comes before the
//! key is passed over and not judged: the CA has taken it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::KeyHash;
use serde::Deserialize;
use serde_json::value::RawValue;
use x509_cert::der::{self, Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_parser::pem::Pem;

/// The most bytes of a request, and of a certificate: AWS Private CA takes and makes no longer ones (API reference,
/// IssueCertificate: 32,768), and the most characters of their JSON: up to five for a byte that stands as a number.
const LIMIT: usize = 32 * 1024;
const WRITTEN: usize = 5 * LIMIT;

/// The bytes of a request as a record may have them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Csr {
    /// A serialised java.nio.HeapByteBuffer, as in AWS's example. Java's bytes have a sign.
    Buffer { hb: Vec<i16> },
    /// PEM, or base64 of it.
    Text(String),
}

/// The DER of what was asked for; `csr`: `requestParameters.csr` of IssueCertificate.
pub fn request(csr: Option<&RawValue>) -> Option<Vec<u8>> {
    let bytes = match read(csr?)? {
        Csr::Buffer { hb } => hb.into_iter().map(byte).collect::<Option<Vec<u8>>>()?,
        Csr::Text(text) => text.into_bytes(),
    };
    der(&bytes).or_else(|| der(&STANDARD.decode(bytes.trim_ascii()).ok()?))
}

/// The DER of what was signed; `tbs`: `serviceEventDetails.tbsCertificate` of IssueCertificateDetails.
pub fn certificate(tbs: Option<&RawValue>) -> Option<Vec<u8>> {
    STANDARD.decode(read::<String>(tbs?)?).ok()
}

fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    let text = Some(raw.get()).filter(|text| text.len() <= WRITTEN)?;
    serde_json::from_str(text).ok()
}

fn byte(number: i16) -> Option<u8> {
    let signed = || i8::try_from(number).ok().map(|byte| byte.cast_unsigned());
    u8::try_from(number).ok().or_else(signed)
}

/// The DER of a request in DER or PEM.
fn der(bytes: &[u8]) -> Option<Vec<u8>> {
    // The tag of a SEQUENCE.
    if bytes.first() == Some(&0x30) {
        return Some(bytes.to_vec());
    }
    let (pem, _) = Pem::read(std::io::Cursor::new(bytes)).ok()?;
    matches!(pem.label.as_str(), "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST").then_some(pem.contents)
}

/// CertificationRequest: a SEQUENCE whose first element begins with version, subject and key.
pub fn in_request(der: &[u8]) -> der::Result<KeyHash> {
    let request = der::asn1::AnyRef::from_der(der)?;
    let mut request = SliceReader::new(request.value())?;
    let info: der::asn1::AnyRef<'_> = request.decode()?;
    let mut info = SliceReader::new(info.value())?;
    for _ in ["version", "subject"] {
        info.tlv_bytes()?;
    }
    key(info.tlv_bytes()?)
}

/// TBSCertificate. Its version, a context-specific tag, is left out of certificates of version 1.
pub fn in_certificate(der: &[u8]) -> der::Result<KeyHash> {
    let tbs = der::asn1::AnyRef::from_der(der)?;
    let mut tbs = SliceReader::new(tbs.value())?;
    if tbs.peek_byte() == Some(0xa0) {
        tbs.tlv_bytes()?;
    }
    for _ in ["serial number", "signature", "issuer", "validity", "subject"] {
        tbs.tlv_bytes()?;
    }
    key(tbs.tlv_bytes()?)
}

fn key(info: &[u8]) -> der::Result<KeyHash> {
    SubjectPublicKeyInfoRef::from_der(info)?;
    Ok(KeyHash::of(info))
}
