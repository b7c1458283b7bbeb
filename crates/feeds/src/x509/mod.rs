//! Certificates: what the X.509 itself says (RFC 5280), from DER or PEM.
//!
//! Names are foreign text: control and direction characters come out escaped. Nothing is verified here.

mod name;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::certificate::X509Details;
use domain::{Serial, Timestamp};
use sha2::{Digest, Sha256};
use x509_parser::extensions::{
    DistributionPointName, ExtendedKeyUsage, GeneralName, KeyUsage, ParsedExtension,
};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

pub(crate) use name::{general, printable, same};

/// AWS Private CA signs certificates of at most 32 KB.
const LIMIT: usize = 64 * 1024;

/// Why bytes are not read as a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("the certificate is longer than 64 KiB")]
    TooLong,
    #[error("the certificate is not PEM: {0}")]
    Pem(String),
    #[error("the certificate is not X.509: {0}")]
    X509(String),
    #[error("something follows the certificate")]
    Trailing,
    #[error("the certificate's serial number: {0}")]
    Serial(String),
    #[error("the certificate's validity has a date that we do not read")]
    Date,
}

/// Reads one certificate, DER or PEM (its first block).
pub fn read(bytes: &[u8]) -> Result<X509Details, CertificateError> {
    let der = der(bytes)?;
    let certificate = parse(&der)?;
    let mut details = X509Details {
        subject: name::distinguished(certificate.subject()),
        issuer: name::distinguished(certificate.issuer()),
        serial: serial(certificate.raw_serial())?,
        not_before: moment(&certificate.validity().not_before)?,
        not_after: moment(&certificate.validity().not_after)?,
        alternative_names: Vec::new(),
        key: key(certificate.public_key()),
        signature_algorithm: signature(&certificate.signature_algorithm),
        key_usage: Vec::new(),
        extended_key_usage: Vec::new(),
        fingerprint: hex::encode(Sha256::digest(&der)),
        public_key_fingerprint: hex::encode(Sha256::digest(certificate.public_key().raw)),
        crl_distribution_points: Vec::new(),
        pem: pem(&der),
    };
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                details.alternative_names.extend(names.general_names.iter().map(name::general));
            }
            ParsedExtension::KeyUsage(usage) => details.key_usage.extend(key_usage(usage)),
            ParsedExtension::ExtendedKeyUsage(usage) => details.extended_key_usage.extend(purposes(usage)),
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                        let uris = names.iter().filter_map(|name| match name {
                            GeneralName::URI(uri) => Some(name::printable(uri)),
                            _ => None,
                        });
                        details.crl_distribution_points.extend(uris);
                    }
                }
            }
            _ => (),
        }
    }
    Ok(details)
}

/// The DER of a certificate given as DER or PEM (its first block).
pub fn der(bytes: &[u8]) -> Result<Cow<'_, [u8]>, CertificateError> {
    if bytes.len() > LIMIT {
        return Err(CertificateError::TooLong);
    }
    // DER begins with the tag of a SEQUENCE, which no PEM does: it is the digit 0.
    if bytes.first() == Some(&0x30) {
        return Ok(Cow::Borrowed(bytes));
    }
    let (pem, _) =
        Pem::read(std::io::Cursor::new(bytes)).map_err(|error| CertificateError::Pem(error.to_string()))?;
    match pem.label.as_str() {
        "CERTIFICATE" => Ok(Cow::Owned(pem.contents)),
        label => Err(CertificateError::Pem(format!("its first block is a {}", name::printable(label)))),
    }
}

pub(crate) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|error| CertificateError::X509(error.to_string()))?;
    if rest.is_empty() { Ok(certificate) } else { Err(CertificateError::Trailing) }
}

/// A serial number as DER holds it: the first bit is the sign.
pub(crate) fn serial(bytes: &[u8]) -> Result<Serial, CertificateError> {
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Err(CertificateError::Serial("it is negative".to_owned()));
    }
    Serial::from_bytes(bytes).map_err(|error| CertificateError::Serial(error.to_string()))
}

pub(crate) fn moment(time: &ASN1Time) -> Result<Timestamp, CertificateError> {
    Timestamp::from_unix(time.timestamp()).map_err(|_| CertificateError::Date)
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// "EC P-256", "RSA 2048"; the OID of an algorithm that we have no name for.
fn key(info: &SubjectPublicKeyInfo<'_>) -> String {
    let parameter = || info.algorithm.parameters.as_ref()?.as_oid().ok().map(|oid| oid.to_id_string());
    match info.algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => match info.parsed() {
            Ok(x509_parser::public_key::PublicKey::RSA(rsa)) => {
                let start = rsa.modulus.iter().position(|byte| *byte != 0).unwrap_or(rsa.modulus.len());
                let digits = &rsa.modulus[start..];
                let unused = digits.first().map_or(0, |byte| byte.leading_zeros());
                format!("RSA {}", (digits.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or(0)))
            }
            _ => "RSA".to_owned(),
        },
        "1.2.840.10045.2.1" => match parameter().as_deref() {
            Some("1.2.840.10045.3.1.7") => "EC P-256".to_owned(),
            Some("1.3.132.0.34") => "EC P-384".to_owned(),
            Some("1.3.132.0.35") => "EC P-521".to_owned(),
            Some(curve) => format!("EC {curve}"),
            None => "EC".to_owned(),
        },
        "1.2.156.10197.1.301" => "SM2".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44".to_owned(),
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65".to_owned(),
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87".to_owned(),
        other => other.to_owned(),
    }
}

fn signature(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let oid = algorithm.algorithm.to_id_string();
    let name = match oid.as_str() {
        "1.2.840.10045.4.3.2" => "ECDSA with SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA with SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA-512",
        "1.2.840.113549.1.1.5" => "RSA with SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA with SHA-256",
        "1.2.840.113549.1.1.12" => "RSA with SHA-384",
        "1.2.840.113549.1.1.13" => "RSA with SHA-512",
        "1.2.156.10197.1.501" => "SM2 with SM3",
        "1.3.101.112" => "Ed25519",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        other => other,
    };
    name.to_owned()
}

/// The names of RFC 5280 §4.2.1.3.
fn key_usage(usage: &KeyUsage) -> impl Iterator<Item = String> {
    [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "contentCommitment"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, name)| name.to_owned())
}

/// The names of RFC 5280 §4.2.1.12, OIDs for others.
fn purposes(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = known.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
    known.chain(usage.other.iter().map(|oid| oid.to_id_string())).collect()
}
