//! The base templates of the user guide ("Understanding certificate templates"): which extensions a certificate
//! gets. Templates with passthrough are not among them.

/// What a template puts into a certificate, besides the subject, the names and the key of the CSR.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// `EndEntityCertificate/V1`.
    pub name: &'static str,
    pub kind: Kind,
    /// The octet of the BIT STRING (RFC 5280, section 4.2.1.3).
    pub key_usage: u8,
    /// Purposes under 1.3.6.1.5.5.7.3.
    pub purposes: &'static [u64],
    pub purposes_critical: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    EndEntity,
    /// Self-signed; no CRL is named in it.
    Root,
    Subordinate {
        path_length: u8,
    },
}

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_ENCIPHERMENT: u8 = 0x20;
const CERT_AND_CRL_SIGN: u8 = 0x06;

const SERVER_AUTH: u64 = 1;
const CLIENT_AUTH: u64 = 2;
const CODE_SIGNING: u64 = 3;
const OCSP_SIGNING: u64 = 9;

const fn end_entity(name: &'static str, key_usage: u8, purposes: &'static [u64], critical: bool) -> Template {
    Template { name, kind: Kind::EndEntity, key_usage, purposes, purposes_critical: critical }
}

const fn authority(name: &'static str, kind: Kind) -> Template {
    let key_usage = DIGITAL_SIGNATURE | CERT_AND_CRL_SIGN;
    Template { name, kind, key_usage, purposes: &[], purposes_critical: false }
}

const TLS: u8 = DIGITAL_SIGNATURE | KEY_ENCIPHERMENT;

static TEMPLATES: [Template; 10] = [
    end_entity("EndEntityCertificate/V1", TLS, &[SERVER_AUTH, CLIENT_AUTH], false),
    end_entity("EndEntityClientAuthCertificate/V1", TLS, &[CLIENT_AUTH], false),
    end_entity("EndEntityServerAuthCertificate/V1", TLS, &[SERVER_AUTH], false),
    end_entity("CodeSigningCertificate/V1", DIGITAL_SIGNATURE, &[CODE_SIGNING], true),
    end_entity("OCSPSigningCertificate/V1", DIGITAL_SIGNATURE, &[OCSP_SIGNING], true),
    authority("RootCACertificate/V1", Kind::Root),
    authority("SubordinateCACertificate_PathLen0/V1", Kind::Subordinate { path_length: 0 }),
    authority("SubordinateCACertificate_PathLen1/V1", Kind::Subordinate { path_length: 1 }),
    authority("SubordinateCACertificate_PathLen2/V1", Kind::Subordinate { path_length: 2 }),
    authority("SubordinateCACertificate_PathLen3/V1", Kind::Subordinate { path_length: 3 }),
];

const PREFIX: &str = "arn:aws:acm-pca:::template/";

impl Template {
    /// The template of this ARN; without one, `EndEntityCertificate/V1` (API reference, IssueCertificate).
    pub fn from_arn(arn: Option<&str>) -> Option<&'static Self> {
        let name = match arn {
            None => "EndEntityCertificate/V1",
            Some(arn) => arn.strip_prefix(PREFIX)?,
        };
        TEMPLATES.iter().find(|template| template.name == name)
    }

    pub fn arn(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }

    pub fn is_root(&self) -> bool {
        self.kind == Kind::Root
    }
}
