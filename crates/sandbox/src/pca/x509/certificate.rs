//! Signing a certificate: the TBSCertificate written out, subject and key of the CSR untouched in it.

use rcgen::{KeyPair, SigningKey};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use yasna::models::{GeneralizedTime, ObjectIdentifier, UTCTime};
use yasna::{DERWriter, DERWriterSeq, Tag};

use super::csr::Csr;
use super::template::{Kind, Template};

/// RFC 5280, appendix A: id-ce.
const ID_CE: [u64; 3] = [2, 5, 29];
/// id-pe-authorityInfoAccess and id-ad-ocsp.
const AUTHORITY_INFO_ACCESS: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 1];
const OCSP: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 48, 1];
/// id-kp.
const ID_KP: [u64; 8] = [1, 3, 6, 1, 5, 5, 7, 3];
/// ecdsa-with-SHA256; the keys of all authorities are P-256.
const ECDSA_WITH_SHA256: [u64; 7] = [1, 2, 840, 10045, 4, 3, 2];

/// Who signs.
pub struct Issuer<'a> {
    pub key: &'a KeyPair,
    /// DER of its Name.
    pub name: &'a [u8],
    /// Its subject key identifier.
    pub key_id: &'a [u8],
    /// Where its CRL is, if it has one.
    pub crl_url: Option<&'a str>,
    /// Where its OCSP responder is, if it has one.
    pub ocsp_url: Option<&'a str>,
}

/// What is signed.
pub struct Issued<'a> {
    pub csr: &'a Csr,
    pub template: &'a Template,
    /// Big-endian.
    pub serial: [u8; 16],
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
}

/// The key identifier of a SubjectPublicKeyInfo: RFC 7093, section 2, method 4 cut to 160 bits; rcgen's too.
pub fn key_id(public_key: &[u8]) -> [u8; 20] {
    let mut id = [0; 20];
    id.copy_from_slice(&Sha256::digest(public_key)[..20]);
    id
}

impl Issued<'_> {
    /// The certificate's DER.
    pub fn sign(&self, issuer: &Issuer<'_>) -> Result<Vec<u8>, rcgen::Error> {
        let tbs = yasna::construct_der(|writer| writer.write_sequence(|seq| self.write_tbs(seq, issuer)));
        let signature = issuer.key.sign(&tbs)?;
        Ok(yasna::construct_der(|writer| {
            writer.write_sequence(|seq| {
                seq.next().write_der(&tbs);
                write_algorithm(seq.next());
                seq.next().write_bitvec_bytes(&signature, signature.len() * 8);
            });
        }))
    }

    fn write_tbs(&self, seq: &mut DERWriterSeq<'_>, issuer: &Issuer<'_>) {
        seq.next().write_tagged(Tag::context(0), |version| version.write_u8(2));
        seq.next().write_bigint_bytes(&self.serial, true);
        write_algorithm(seq.next());
        seq.next().write_der(issuer.name);
        seq.next().write_sequence(|validity| {
            write_time(validity.next(), self.not_before);
            write_time(validity.next(), self.not_after);
        });
        seq.next().write_der(&self.csr.subject);
        seq.next().write_der(&self.csr.public_key);
        seq.next().write_tagged(Tag::context(3), |extensions| {
            extensions.write_sequence(|seq| self.write_extensions(seq, issuer));
        });
    }

    fn write_extensions(&self, seq: &mut DERWriterSeq<'_>, issuer: &Issuer<'_>) {
        let template = self.template;
        if let Some(names) = &self.csr.alternative_names {
            // RFC 5280, section 4.1.2.6: critical if the subject is an empty sequence.
            extension(seq, 17, self.csr.subject == [0x30, 0], |w| w.write_der(names));
        }
        extension(seq, 19, template.kind != Kind::EndEntity, |w| {
            w.write_sequence(|seq| {
                if template.kind != Kind::EndEntity {
                    seq.next().write_bool(true);
                }
                if let Kind::Subordinate { path_length } = template.kind {
                    seq.next().write_u8(path_length);
                }
            });
        });
        extension(seq, 35, false, |w| {
            w.write_sequence(|seq| {
                seq.next().write_tagged_implicit(Tag::context(0), |id| id.write_bytes(issuer.key_id));
            });
        });
        extension(seq, 14, false, |w| w.write_bytes(&key_id(&self.csr.public_key)));
        extension(seq, 15, true, |w| {
            let bits = 8 - template.key_usage.trailing_zeros() as usize;
            w.write_bitvec_bytes(&[template.key_usage], bits);
        });
        if !template.purposes.is_empty() {
            extension(seq, 37, template.purposes_critical, |w| {
                w.write_sequence(|seq| {
                    for purpose in template.purposes {
                        seq.next().write_oid(&child(&ID_KP, *purpose));
                    }
                });
            });
        }
        if let (Some(url), false) = (issuer.crl_url, template.is_root()) {
            extension(seq, 31, false, |w| write_distribution_point(w, url));
        }
        if let (Some(url), false) = (issuer.ocsp_url, template.is_root()) {
            let oid = ObjectIdentifier::from_slice(&AUTHORITY_INFO_ACCESS);
            extension_of(seq, &oid, false, |w| write_responder(w, url));
        }
    }
}

fn write_algorithm(writer: DERWriter<'_>) {
    writer.write_sequence(|seq| seq.next().write_oid(&ObjectIdentifier::from_slice(&ECDSA_WITH_SHA256)));
}

/// RFC 5280, section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, no fractions.
fn write_time(writer: DERWriter<'_>, time: OffsetDateTime) {
    let time = time.replace_nanosecond(0).unwrap_or(time);
    if (1950..2050).contains(&time.year()) {
        writer.write_utctime(&UTCTime::from_datetime(time));
    } else {
        writer.write_generalized_time(&GeneralizedTime::from_datetime(time));
    }
}

fn extension(seq: &mut DERWriterSeq<'_>, id: u64, critical: bool, value: impl FnOnce(DERWriter<'_>)) {
    extension_of(seq, &child(&ID_CE, id), critical, value);
}

fn extension_of(
    seq: &mut DERWriterSeq<'_>,
    oid: &ObjectIdentifier,
    critical: bool,
    value: impl FnOnce(DERWriter<'_>),
) {
    seq.next().write_sequence(|seq| {
        seq.next().write_oid(oid);
        if critical {
            seq.next().write_bool(true);
        }
        seq.next().write_bytes(&yasna::construct_der(value));
    });
}

/// One DistributionPoint with one URI as its fullName.
fn write_distribution_point(writer: DERWriter<'_>, url: &str) {
    writer.write_sequence(|points| {
        points.next().write_sequence(|point| {
            point.next().write_tagged(Tag::context(0), |name| {
                name.write_tagged_implicit(Tag::context(0), |full_name| {
                    full_name.write_sequence(|names| {
                        names.next().write_tagged_implicit(Tag::context(6), |uri| uri.write_ia5_string(url));
                    });
                });
            });
        });
    });
}

/// One AccessDescription with one URI.
fn write_responder(writer: DERWriter<'_>, url: &str) {
    writer.write_sequence(|accesses| {
        accesses.next().write_sequence(|access| {
            access.next().write_oid(&ObjectIdentifier::from_slice(&OCSP));
            access.next().write_tagged_implicit(Tag::context(6), |uri| uri.write_ia5_string(url));
        });
    });
}

fn child(parent: &[u64], arc: u64) -> ObjectIdentifier {
    let mut components = parent.to_vec();
    components.push(arc);
    ObjectIdentifier::new(components)
}
