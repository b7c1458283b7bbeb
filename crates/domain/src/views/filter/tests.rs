use proptest::prelude::*;

use super::*;
use crate::certificate::CertificateStatus;

fn token(property: &str, text: &str) -> Result<Token, TokenError> {
    Token::parse(Property::named(property).unwrap(), text)
}

#[test]
fn each_property_is_written_as_it_is_read() {
    for (property, text) in [
        ("q", "100% <&> é"),
        ("device", "sensor-0042"),
        ("device", "~sensor"),
        ("device", "!=x=y"),
        ("device", "==x"),
        ("serial", "67b44dd0788d"),
        ("serial", "67b44dd0…788d"),
        ("serial", "!~b44"),
        ("subject", "CN=a,O=b"),
        ("common_name", "!~build"),
        ("san", "DNS:sensor-0042.example"),
        ("san", "!~.example"),
        ("authority", "11223344-1234"),
        ("status", "unproven"),
        ("status", "!=expired"),
        ("expires", "<30d"),
        ("expires", "!<30d"),
        ("expires", "<2026-11-22T09:00:00Z"),
        ("issued", ">2026-11-22T09:00:00Z"),
        ("issuer", "arn:aws:iam::111122223333:role/a"),
        ("access_key", "ASIA"),
        ("address", "~10.20."),
        ("judgement", "unauthorised"),
        ("judgement", "!=authorised"),
        ("template", "~CACertificate"),
        ("key", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("open_finding", "yes"),
        ("in_inventory", "no"),
    ] {
        let read = token(property, text).unwrap_or_else(|error| panic!("{property}={text}: {error}"));
        assert_eq!((read.property().name(), read.text().as_str()), (property, text));
    }
}

#[test]
fn what_a_form_says_is_what_an_address_says() {
    let refused = Token::of_form(Property::Text, Operator::ContainsNot, "lab").unwrap_err();
    assert!(refused.to_string().ends_with("choose a property."), "{refused}");
    let form = |property, operator, value| Token::of_form(property, operator, value).unwrap();
    assert_eq!(form(Property::Expires, Operator::Within, " 30 "), token("expires", "<30d").unwrap());
    assert_eq!(form(Property::Status, Operator::IsNot, "Revoked"), token("status", "!=revoked").unwrap());
    assert_eq!(
        form(Property::Issued, Operator::From, "2026-11-22"),
        token("issued", ">2026-11-22T00:00:00Z").unwrap()
    );
    assert_eq!(form(Property::Device, Operator::Is, "!a").test, Test::Device(Words::Is("!a".to_owned())));
    assert_eq!(form(Property::Text, Operator::Is, "=a").test, Test::Text("=a".to_owned()));
}

#[test]
fn a_serial_number_is_found_as_it_is_shown() {
    let ends = Test::Serial(SerialPattern::Ends("67b44dd0".to_owned(), "788d".to_owned()));
    for shown in ["67:b4:4d:d0…78:8d", "00:67:B4:4D:D0...78:8D", "67b44dd0…788d"] {
        assert_eq!(token("serial", shown).unwrap().test, ends, "{shown}");
    }
    let whole = Test::Serial(SerialPattern::Whole("67b44dd0".parse().unwrap()));
    for form in ["67:b4:4d:d0", "0x67b44dd0", "serial=67B44DD0", "67 b4 4d d0"] {
        assert_eq!(token("serial", form).unwrap().test, whole, "{form}");
    }
    let part = Test::Serial(SerialPattern::Part("b44".to_owned()));
    assert_eq!(token("serial", "~b4:4").unwrap().test, part);
}

#[test]
fn what_is_wrong_is_said() {
    for (property, text) in [
        ("status", "gone"),
        ("status", "~active"),
        ("key", "e3b0"),
        ("key", "~e3b0"),
        ("status", ""),
        ("status", "!"),
        ("status", "\0"),
        ("serial", "zz"),
        ("serial", "…"),
        ("serial", "~"),
        ("expires", "30"),
        ("expires", "<-1d"),
        ("expires", "<99999999d"),
        ("expires", "<yesterday"),
        ("device", "<a"),
        ("authority", "../x"),
        ("judgement", "bad"),
        ("open_finding", "maybe"),
    ] {
        assert!(token(property, text).is_err(), "{property}={text}");
    }
    assert!(token("device", &"x".repeat(301)).is_err());
    assert_eq!(Property::named("page"), None);
    let names: Vec<&str> = Property::ALL.iter().map(|property| property.name()).collect();
    assert!(names.iter().all(|name| Property::named(name).is_some()), "{names:?}");
}

#[test]
fn a_token_is_said_in_words() {
    for (property, text, words) in [
        ("status", "!=revoked", "status: not revoked"),
        ("expires", "<30d", "expires: within 30d"),
        ("issuer", "~deploy", "issuer identity: contains deploy"),
        ("q", "a", "matches “a”"),
    ] {
        assert_eq!(token(property, text).unwrap().to_string(), words);
    }
    let active = Token::from(Test::Status(Standing::Is(CertificateStatus::Active)));
    assert_eq!(active.text(), "active");
}

proptest! {
    #[test]
    fn no_text_breaks_a_token(place in 0..Property::ALL.len(), text in "\\PC{0,40}") {
        if let Ok(token) = Token::parse(Property::ALL[place], &text) {
            prop_assert_eq!(Token::parse(token.property(), &token.text()), Ok(token));
        }
    }
}
