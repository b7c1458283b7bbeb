//! OCSP: answers of OpenSSL's responder, and of one that lies in every way.

use domain::{RevocationReason, Serial, Timestamp};
use feeds::ocsp::{Answer, OcspError, Question, Signer, Status};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, SigningKey,
};
use time::OffsetDateTime;
use x509_cert::der::asn1::{BitString, GeneralizedTime, ObjectIdentifier, OctetString};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    AsResponseBytes, BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse,
    ResponderId, ResponseData, RevokedInfo, SingleResponse, Version,
};

use crate::test_data;

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn now() -> Timestamp {
    Timestamp::from_unix(NOW).unwrap()
}

fn serial() -> Serial {
    "0a6707447683a9b7f4055627ffd55ceb".parse().unwrap()
}

/// Somebody with a key and a certificate.
struct Holder {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

fn params(name: &str, days: std::ops::Range<i64>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let at = |days: i64| OffsetDateTime::from_unix_timestamp(NOW + days * DAY).unwrap();
    (params.not_before, params.not_after) = (at(days.start), at(days.end));
    params
}

fn authority(name: &str) -> Holder {
    let mut params = params(name, -10..10);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Holder { params, key, der }
}

fn delegate(of: &Holder, purpose: ExtendedKeyUsagePurpose, days: std::ops::Range<i64>) -> Holder {
    let mut params = params("Responder", days);
    params.extended_key_usages = vec![purpose];
    certified(of, params)
}

fn certified(of: &Holder, params: CertificateParams) -> Holder {
    let key = KeyPair::generate().unwrap();
    let der = params.signed_by(&key, &Issuer::from_params(&of.params, &of.key)).unwrap().der().to_vec();
    Holder { params, key, der }
}

fn time(seconds: i64) -> OcspGeneralizedTime {
    let seconds = std::time::Duration::from_secs(seconds.try_into().unwrap());
    OcspGeneralizedTime(GeneralizedTime::from_unix_duration(seconds).unwrap())
}

fn revoked() -> CertStatus {
    let reason = Some(CrlReason::KeyCompromise);
    CertStatus::Revoked(RevokedInfo { revocation_time: time(NOW - 60), revocation_reason: reason })
}

fn question(ca: &Holder) -> Question {
    Question::new(&ca.der, serial(), [7; 32]).unwrap()
}

/// What the honest responder would say to the question, changed before it is signed.
fn answered(
    question: &Question,
    signer: &Holder,
    change: impl FnOnce(&mut ResponseData),
) -> BasicOcspResponse {
    let request = OcspRequest::from_der(&question.der().unwrap()).unwrap();
    let nonce = request.nonce().unwrap();
    let one = SingleResponse {
        cert_id: request.tbs_request.request_list[0].req_cert.clone(),
        cert_status: revoked(),
        this_update: time(NOW - 30),
        next_update: Some(time(NOW + DAY)),
        single_extensions: None,
    };
    let mut data = ResponseData {
        version: Version::V1,
        responder_id: named(signer),
        produced_at: time(NOW - 30),
        responses: vec![one],
        response_extensions: Some(vec![extension("1.3.6.1.5.5.7.48.1.2", false, nonce.0.to_der().unwrap())]),
    };
    change(&mut data);
    let signature = signer.key.sign(&data.to_der().unwrap()).unwrap();
    let oid = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: AlgorithmIdentifierOwned { oid, parameters: None },
        signature: BitString::from_bytes(&signature).unwrap(),
        certs: Some(vec![x509_cert::Certificate::from_der(&signer.der).unwrap()]),
    }
}

fn named(signer: &Holder) -> ResponderId {
    let certificate = x509_cert::Certificate::from_der(&signer.der).unwrap();
    ResponderId::ByName(certificate.tbs_certificate.subject)
}

fn extension(oid: &str, critical: bool, value: Vec<u8>) -> Extension {
    let extn_value = OctetString::new(value).unwrap();
    Extension { extn_id: ObjectIdentifier::new_unwrap(oid), critical, extn_value }
}

fn whole(basic: BasicOcspResponse) -> Vec<u8> {
    OcspResponse::successful(basic).unwrap().to_der().unwrap()
}

fn judged(ca: &Holder, signer: &Holder, change: impl FnOnce(&mut ResponseData)) -> Result<Answer, OcspError> {
    let question = question(ca);
    question.read(&whole(answered(&question, signer, change)), now())
}

fn responder(ca: &Holder) -> Holder {
    delegate(ca, ExtendedKeyUsagePurpose::OcspSigning, -1..1)
}

#[test]
fn answers_of_openssl_are_read() {
    let ca = test_data("ocsp/ca.pem");
    let then = "2026-11-30T00:00:00Z".parse().unwrap();
    let read = |serial: &str, file: &str| {
        let question = Question::new(&ca, serial.parse().unwrap(), [0; 32]).unwrap();
        question.read(&test_data(file), then)
    };
    let revoked = read("0a6707447683a9b7f4055627ffd55ceb", "ocsp/revoked-by-delegate.der").unwrap();
    let Status::Revoked { at, reason } = revoked.status else { panic!("{revoked:?}") };
    assert_eq!(at.to_string(), "2026-11-29T01:00:00Z");
    assert_eq!((reason, revoked.signer), (Some(RevocationReason::KeyCompromise), Signer::Delegate));
    let by_ca = read("0a6707447683a9b7f4055627ffd55ceb", "ocsp/revoked-by-ca.der").unwrap();
    assert_eq!((by_ca.status, by_ca.signer), (revoked.status, Signer::Authority));
    let good = read("1b6707447683a9b7f4055627ffd55ceb", "ocsp/good-by-delegate.der").unwrap();
    assert_eq!((good.status, good.signer), (Status::Good, Signer::Delegate));
    let other = read("1b6707447683a9b7f4055627ffd55ceb", "ocsp/revoked-by-ca.der");
    assert_eq!(other, Err(OcspError::OtherCertificate));
}

#[test]
fn the_ca_and_its_delegate_are_believed_and_a_nonce_is_not_needed() {
    let ca = authority("a");
    let answer = judged(&ca, &responder(&ca), |_| ()).unwrap();
    let Status::Revoked { reason, .. } = answer.status else { panic!("{answer:?}") };
    assert_eq!((reason, answer.signer), (Some(RevocationReason::KeyCompromise), Signer::Delegate));
    assert_eq!(judged(&ca, &ca, |_| ()).unwrap().signer, Signer::Authority);
    let silent = judged(&ca, &ca, |data| data.response_extensions = None).unwrap();
    assert_eq!(silent.status, answer.status);
    for (said, understood) in [(CertStatus::good(), Status::Good), (CertStatus::unknown(), Status::Unknown)] {
        let answer = judged(&ca, &ca, |data| data.responses[0].cert_status = said).unwrap();
        assert_eq!(answer.status, understood);
    }
}

#[test]
fn a_serial_number_of_any_form_is_asked_for() {
    let ca = authority("a");
    for serial in
        ["0a", "ff01", "ac358929b1261c4cd6910aac8a08e88e", "7f00000000000000000000000000000000000001"]
    {
        let question = Question::new(&ca.der, serial.parse().unwrap(), [7; 32]).unwrap();
        let request = OcspRequest::from_der(&question.der().unwrap()).unwrap();
        let asked = request.tbs_request.request_list[0].req_cert.serial_number.as_bytes();
        assert_eq!(hex::encode(asked).trim_start_matches('0'), serial.trim_start_matches('0'));
        assert!(question.read(&whole(answered(&question, &ca, |_| ())), now()).is_ok(), "{serial}");
    }
}

#[test]
fn nobody_else_speaks_for_the_ca() {
    let (ca, namesake) = (authority("a"), authority("a"));
    let refused = |signer: &Holder| match judged(&ca, signer, |_| ()) {
        Err(OcspError::Signer(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&namesake), "the responder's certificate is not of this CA");
    assert_eq!(refused(&authority("b")), "the responder's certificate is not of this CA");
    assert_eq!(refused(&responder(&namesake)), "the responder's certificate is not of this CA");
    let device = delegate(&ca, ExtendedKeyUsagePurpose::ClientAuth, -1..1);
    assert_eq!(refused(&device), "the responder's certificate is not for OCSP signing");
    for days in [-5..-1, 1..5] {
        let stale = delegate(&ca, ExtendedKeyUsagePurpose::OcspSigning, days);
        assert_eq!(refused(&stale), "the responder's certificate is not valid now");
    }
    let mut odd = responder(&ca).params;
    let mut unknown = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    odd.custom_extensions.push(unknown.clone());
    assert!(
        judged(&ca, &certified(&ca, odd.clone()), |_| ()).is_ok(),
        "one that is not critical is passed over"
    );
    unknown.set_criticality(true);
    odd.custom_extensions = vec![unknown];
    let why = "the responder's certificate has a critical extension that we do not know";
    assert_eq!(refused(&certified(&ca, odd)), why);
    // A delegate's certificate beside somebody else's signature.
    let (honest, question) = (responder(&ca), question(&ca));
    let mut forged = answered(&question, &namesake, |data| data.responder_id = named(&honest));
    forged.certs = answered(&question, &honest, |_| ()).certs;
    let why = "the signature is not the responder's";
    assert_eq!(question.read(&whole(forged), now()), Err(OcspError::Signer(why)));
    let mut bare = answered(&question, &honest, |_| ());
    bare.certs = None;
    let why = "no certificate in it is the responder's";
    assert_eq!(question.read(&whole(bare), now()), Err(OcspError::Signer(why)));
    let mut odd = answered(&question, &ca, |_| ());
    odd.signature_algorithm.oid = ObjectIdentifier::new_unwrap("1.2.3.4");
    assert_eq!(question.read(&whole(odd), now()), Err(OcspError::UnknownSignature));
    // What was signed is not what is said.
    let mut edited = answered(&question, &ca, |data| data.responses[0].cert_status = CertStatus::good());
    edited.tbs_response_data.responses[0].cert_status = revoked();
    assert!(matches!(question.read(&whole(edited), now()), Err(OcspError::Signer(_))));
}

#[test]
fn times_nonce_and_certificate_are_checked() {
    let ca = authority("a");
    let judged = |change: &dyn Fn(&mut ResponseData)| judged(&ca, &ca, change).unwrap_err();
    let wrong = judged(&|data| {
        let other = OctetString::new([8; 32]).unwrap().to_der().unwrap();
        data.response_extensions = Some(vec![extension("1.3.6.1.5.5.7.48.1.2", false, other)]);
    });
    assert_eq!(wrong, OcspError::Nonce);
    let expired = judged(&|data| data.responses[0].next_update = Some(time(NOW - 1)));
    assert_eq!(expired, OcspError::Expired(Timestamp::from_unix(NOW - 1).unwrap()));
    let early = judged(&|data| data.responses[0].this_update = time(NOW + 3600));
    assert!(matches!(early, OcspError::Early(_)));
    let made_early = judged(&|data| data.produced_at = time(NOW + 3600));
    assert_eq!(made_early, OcspError::Early(Timestamp::from_unix(NOW + 3600).unwrap()));
    let other =
        judged(&|data| data.responses[0].cert_id.issuer_key_hash = OctetString::new([0; 20]).unwrap());
    assert_eq!(other, OcspError::OtherCertificate);
    assert_eq!(judged(&|data| data.responses.clear()), OcspError::OtherCertificate);
    let critical = judged(&|data| data.response_extensions = Some(vec![extension("1.2.3.4", true, vec![])]));
    assert!(matches!(critical, OcspError::Malformed(why) if why.contains("1.2.3.4")));
}

#[test]
fn a_refusal_and_rubbish_say_what_they_are() {
    let question = question(&authority("a"));
    let later = OcspResponse::try_later().to_der().unwrap();
    assert_eq!(question.read(&later, now()), Err(OcspError::Refused("it says to try later")));
    for rubbish in [&b""[..], b"<html>", &[0x30, 3, 10, 1, 0], &vec![0x30; 70_000]] {
        assert!(matches!(question.read(rubbish, now()), Err(OcspError::Malformed(_))));
    }
    let basic = answered(&question, &authority("a"), |_| ());
    let mut bytes = basic.to_response_bytes().unwrap();
    bytes.response_type = ObjectIdentifier::new_unwrap("1.2.3.4");
    let other = OcspResponse { response_bytes: Some(bytes), ..OcspResponse::successful(basic).unwrap() };
    assert!(matches!(question.read(&other.to_der().unwrap(), now()), Err(OcspError::Malformed(_))));
}

proptest! {
    #[test]
    fn damage_never_makes_an_answer(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        static ANSWER: std::sync::OnceLock<(Question, Vec<u8>)> = std::sync::OnceLock::new();
        let (question, honest) = ANSWER.get_or_init(|| {
            let ca = authority("a");
            let question = question(&ca);
            let answer = whole(answered(&question, &responder(&ca), |_| ()));
            (question, answer)
        });
        let good = question.read(honest, now()).unwrap();
        let mut bytes = honest.clone();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        // The delegate's certificate has bytes that nobody reads, and its signature covers them: what is read is the same.
        if let Ok(answer) = question.read(&bytes, now()) {
            prop_assert_eq!(answer, good);
        }
    }
}
