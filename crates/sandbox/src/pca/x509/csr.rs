//! A certificate signing request: parsed, its signature verified, the parts kept that a certificate takes over.
//!
//! Subject and public key are kept as the DER that came, so that nothing odd in them is lost or mended. (rcgen's
//! own reader drops repeated attributes and refuses names with several attributes in one RDN.)

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use super::{pem, subject};

/// What a certificate takes from its request.
#[derive(Clone, Debug)]
pub struct Csr {
    /// DER of the Name.
    pub subject: Vec<u8>,
    /// The subject as an audit report writes it.
    pub subject_text: String,
    /// DER of the SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// DER of the GeneralNames.
    pub alternative_names: Option<Vec<u8>>,
}

impl Csr {
    /// Reads PEM, as IssueCertificate takes it. The error says what is wrong with it.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let der = pem::decode(text, &["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"])?;
        let (rest, csr) = X509CertificationRequest::from_der(&der).map_err(|e| format!("not a CSR: {e}"))?;
        if !rest.is_empty() {
            return Err("there is data after the CSR".to_owned());
        }
        csr.verify_signature().map_err(|e| format!("its signature does not verify: {e}"))?;
        let info = &csr.certification_request_info;
        Ok(Self {
            subject: info.subject.as_raw().to_vec(),
            subject_text: subject::rfc2253(info.subject.as_raw()).ok_or("its subject is not a name")?,
            public_key: info.subject_pki.raw.to_vec(),
            alternative_names: alternative_names(&csr)?,
        })
    }
}

fn alternative_names(csr: &X509CertificationRequest<'_>) -> Result<Option<Vec<u8>>, String> {
    let mut found = None;
    for attribute in csr.certification_request_info.iter_attributes() {
        let ParsedCriAttribute::ExtensionRequest(request) = attribute.parsed_attribute() else { continue };
        for extension in &request.extensions {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(_) if found.is_none() => {
                    found = Some(extension.value.to_vec());
                }
                ParsedExtension::SubjectAlternativeName(_) => {
                    return Err("it asks for two subject alternative names".to_owned());
                }
                ParsedExtension::ParseError { error } => {
                    return Err(format!("it asks for an extension that cannot be read: {error}"));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};

    fn request(names: &[&str], algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "device-1");
        params.serialize_request(&KeyPair::generate_for(algorithm).unwrap()).unwrap().der().to_vec()
    }

    fn pem(der: &[u8]) -> Vec<u8> {
        super::pem::encode("CERTIFICATE REQUEST", der).into_bytes()
    }

    #[test]
    fn a_request_gives_its_parts() {
        for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ED25519] {
            let csr = Csr::from_pem(&pem(&request(&["device-1.example"], algorithm))).unwrap();
            assert_eq!(csr.subject_text, "CN=device-1");
            let san = csr.alternative_names.unwrap();
            assert!(san.windows(16).any(|w| w == b"device-1.example"));
        }
        let bare = Csr::from_pem(&pem(&request(&[], &PKCS_ECDSA_P256_SHA256))).unwrap();
        assert_eq!(bare.alternative_names, None);
    }

    #[test]
    fn a_changed_request_is_refused() {
        let der = request(&["device-1.example"], &PKCS_ECDSA_P256_SHA256);
        let at = der.windows(8).position(|w| w == b"device-1").unwrap();
        let mut changed = der.clone();
        changed[at] = b'D';
        assert!(Csr::from_pem(&pem(&changed)).unwrap_err().contains("signature"));
        let mut longer = der;
        longer.push(0);
        assert!(Csr::from_pem(&pem(&longer)).is_err());
    }

    #[test]
    fn no_mutation_of_a_request_panics_or_passes() {
        let der = request(&["device-1.example"], &PKCS_ECDSA_P256_SHA256);
        // Without the outermost header, the signature and its algorithm: those are not signed.
        let signed = if der[1] < 0x80 { 2 } else { 2 + usize::from(der[1] & 0x7f) }..der.len() - 90;
        for at in 0..der.len() {
            for value in [0x00, 0x7f, 0x80, 0xff, der[at] ^ 0x20] {
                let mut mutated = der.clone();
                mutated[at] = value;
                let outcome = Csr::from_pem(&pem(&mutated));
                let harmless = value == der[at] || !signed.contains(&at);
                assert!(outcome.is_err() || harmless, "octet {at} as {value:#x}");
            }
            assert!(Csr::from_pem(&pem(&der[..at])).is_err());
        }
        for text in [&b""[..], b"-----BEGIN CERTIFICATE REQUEST-----", b"\xff\xfe", &der] {
            assert!(Csr::from_pem(text).is_err());
        }
    }
}
