//! The filter of the list of certificates: tokens that must all hold, each a property, an operator and a value.
//!
//! An address has each token as `property=value`, with the operator in front of the value: nothing or `=` for is, `~` for
//! contains, `<` for before or within, `>` for from then on, and `!` before any of them for not.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::filter_value::{Bound, Judgement, SerialPattern, Standing, TokenError, Words, choice, yes_or_no};
use crate::authority::AuthorityId;
use crate::id::IdError;
use crate::key::KeyHash;

/// How many tokens a filter may have.
pub const MOST_TOKENS: usize = 20;
/// How many characters a value may have, and a text that is searched for.
const LONGEST: usize = 300;
const LONGEST_TEXT: usize = 6000;

/// What a token is about; its name in an address is the snake-case one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum::VariantArray, strum::IntoStaticStr, strum::EnumString,
)]
#[strum(serialize_all = "snake_case")]
pub enum Property {
    /// A part of the device, the subject or the common name, or a serial number.
    #[strum(serialize = "q")]
    Text,
    /// The device's name.
    Device,
    /// The serial number, whole or a part.
    Serial,
    /// The subject's distinguished name.
    Subject,
    /// The common name in it.
    CommonName,
    /// An alternative name (RFC 5280 §4.2.1.6).
    San,
    /// The authority that issued it.
    Authority,
    /// Active, expiring, expired or revoked.
    Status,
    /// The end of validity.
    Expires,
    /// When it was issued.
    Issued,
    /// When it was revoked.
    Revoked,
    /// The principal that had it issued.
    Issuer,
    /// The access key that it was asked for with.
    AccessKey,
    /// The address that it was asked for from.
    Address,
    /// How its issuance stands to the authorised issuers.
    Judgement,
    /// The template it was issued by.
    Template,
    /// The SHA-256 of its public key ([`KeyHash`]).
    Key,
    /// Whether a finding about it waits for somebody.
    OpenFinding,
    /// Whether the inventory has it.
    InInventory,
}

impl Property {
    /// Every property, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in an address.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The property of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Device => "Device",
            Self::Serial => "Serial number",
            Self::Subject => "Subject",
            Self::CommonName => "Common name",
            Self::San => "Alternative name (SAN)",
            Self::Authority => "Authority",
            Self::Status => "Status",
            Self::Expires => "Expires",
            Self::Issued => "Issued",
            Self::Revoked => "Revoked",
            Self::Issuer => "Issuer identity",
            Self::AccessKey => "Access key",
            Self::Address => "Source address",
            Self::Judgement => "Judgement",
            Self::Template => "Template",
            Self::Key => "Public key",
            Self::OpenFinding => "Open finding",
            Self::InInventory => "In the inventory",
        }
    }
}

/// How a value is compared, as a form offers it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum::VariantArray, strum::IntoStaticStr, strum::EnumString,
)]
#[strum(serialize_all = "snake_case")]
pub enum Operator {
    /// The value and no other.
    Is,
    /// Any but the value.
    IsNot,
    /// The value is a part of it.
    Contains,
    /// The value is no part of it.
    ContainsNot,
    /// Earlier than the value.
    Before,
    /// At the value or later.
    From,
    /// No more than so many days away.
    Within,
    /// More than so many days away.
    WithinNot,
}

impl Operator {
    /// Every operator, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in a form.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::Contains => "contains",
            Self::ContainsNot => "does not contain",
            Self::Before => "before",
            Self::From => "from",
            Self::Within => "within days",
            Self::WithinNot => "not within days",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Contains => "~",
            Self::ContainsNot => "!~",
            Self::Before | Self::Within => "<",
            Self::From => ">",
            Self::WithinNot => "!<",
        }
    }
}

/// What must hold of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "property", content = "value", rename_all = "snake_case")]
pub enum Test {
    /// A part of the device, the subject or the common name; or a serial number, or its beginning.
    Text(String),
    /// The device's name, by the inventory.
    Device(Words),
    /// The serial number, or what is known of it.
    Serial(SerialPattern),
    /// The subject's distinguished name.
    Subject(Words),
    /// The common name of the subject.
    CommonName(Words),
    /// An alternative name, with or without its kind, as intact events of the trail say.
    San(Words),
    /// The authority that issued it.
    Authority(AuthorityId),
    /// What it is now, or how far its revocation has come.
    Status(Standing),
    /// When it expires; within so many days from now on.
    Expires(Bound),
    /// When it was issued; within so many days until now.
    Issued(Bound),
    /// When it was revoked; within so many days until now.
    Revoked(Bound),
    /// The principal that had it issued, as intact events of the trail say.
    Issuer(Words),
    /// The access key that it was asked for with, as intact events of the trail say.
    AccessKey(Words),
    /// The address that it was asked for from, as intact events of the trail say.
    Address(Words),
    /// How its issuance stands to the authorised issuers, by intact events of the trail.
    Judgement(Judgement),
    /// The template as the report names it: its ARN, or the part behind `template/`.
    Template(Words),
    /// The public key, as intact events of the trail say.
    Key(KeyHash),
    /// Whether a finding about it is open or acknowledged.
    OpenFinding(bool),
    /// Whether an item of the inventory names it.
    InInventory(bool),
}

/// A test, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token {
    /// The test must not hold.
    pub not: bool,
    /// What must hold, or must not.
    pub test: Test,
}

impl From<Test> for Token {
    fn from(test: Test) -> Self {
        Self { not: false, test }
    }
}

impl Token {
    /// Reads the value of an address, with its operator.
    ///
    /// # Errors
    /// The property has no such operator or value.
    pub fn parse(property: Property, text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let longest = if property == Property::Text { LONGEST_TEXT } else { LONGEST };
        if text.chars().count() > longest {
            return Err(TokenError(format!("A value has at most {longest} characters.")));
        }
        let missing = || TokenError("A value is missing.".to_owned());
        if property == Property::Text {
            return if text.is_empty() { Err(missing()) } else { Ok(Test::Text(text.to_owned()).into()) };
        }
        let (not, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let sign = rest.chars().next().filter(|first| matches!(first, '=' | '~' | '<' | '>'));
        let value = sign.map_or(rest, |_| &rest[1..]).trim();
        if value.is_empty() {
            return Err(missing());
        }
        let test = Test::parse(property, sign.unwrap_or('='), value)?;
        Ok(Self { not, test })
    }

    /// What a form says with three fields.
    ///
    /// # Errors
    /// The property has no such operator or value.
    pub fn of_form(property: Property, operator: Operator, value: &str) -> Result<Self, TokenError> {
        let value = value.trim();
        match operator {
            Operator::Is | Operator::Contains if property == Property::Text => Self::parse(property, value),
            _ if property == Property::Text => {
                Err(TokenError(format!("A search has no \"{}\": choose a property.", operator.label())))
            }
            Operator::Within | Operator::WithinNot => {
                let days = value.trim_end_matches('d').trim();
                Self::parse(property, &format!("{}{days}d", operator.sign()))
            }
            _ => Self::parse(property, &format!("{}{value}", operator.sign())),
        }
    }

    /// What it is about.
    pub fn property(&self) -> Property {
        match self.test {
            Test::Text(_) => Property::Text,
            Test::Device(_) => Property::Device,
            Test::Serial(_) => Property::Serial,
            Test::Subject(_) => Property::Subject,
            Test::CommonName(_) => Property::CommonName,
            Test::San(_) => Property::San,
            Test::Authority(_) => Property::Authority,
            Test::Status(_) => Property::Status,
            Test::Expires(_) => Property::Expires,
            Test::Issued(_) => Property::Issued,
            Test::Revoked(_) => Property::Revoked,
            Test::Issuer(_) => Property::Issuer,
            Test::AccessKey(_) => Property::AccessKey,
            Test::Address(_) => Property::Address,
            Test::Judgement(_) => Property::Judgement,
            Test::Template(_) => Property::Template,
            Test::Key(_) => Property::Key,
            Test::OpenFinding(_) => Property::OpenFinding,
            Test::InInventory(_) => Property::InInventory,
        }
    }

    /// The value of an address, with its operator; [`Token::parse`] reads it.
    pub fn text(&self) -> String {
        let (sign, value) = self.test.parts();
        let bare = !self.not && sign == "=" && !value.starts_with(['!', '=', '~', '<', '>']);
        match (bare || self.property() == Property::Text, self.not) {
            (true, _) => value,
            (false, not) => format!("{}{sign}{value}", if not { "!" } else { "" }),
        }
    }

    /// "status: not revoked". Foreign text in it is as it was typed.
    pub fn words(&self) -> String {
        let (sign, value) = self.test.parts();
        let not = if self.not { "not " } else { "" };
        let how = match sign {
            "~" => "contains ",
            "<" if value.ends_with('d') => "within ",
            "<" => "before ",
            ">" => "from ",
            _ => "",
        };
        match &self.test {
            Test::Text(text) => format!("matches “{text}”"),
            _ => format!("{}: {not}{how}{value}", self.property().label().to_lowercase()),
        }
    }
}

impl Test {
    fn parse(property: Property, sign: char, value: &str) -> Result<Self, TokenError> {
        let plain = || match sign {
            '=' => Ok(value),
            _ => Err(TokenError(format!("{} can be or not be something, no more.", property.label()))),
        };
        let words = || match sign {
            '=' => Ok(Words::Is(value.to_owned())),
            '~' => Ok(Words::Contains(value.to_owned())),
            _ => Err(TokenError(format!("{} is no time.", property.label()))),
        };
        Ok(match property {
            Property::Text => Self::Text(value.to_owned()),
            Property::Device => Self::Device(words()?),
            Property::Serial => Self::Serial(SerialPattern::parse(&words()?)?),
            Property::Subject => Self::Subject(words()?),
            Property::CommonName => Self::CommonName(words()?),
            Property::San => Self::San(words()?),
            Property::Authority => {
                let id = AuthorityId::from_str(plain()?);
                Self::Authority(id.map_err(|_| TokenError("This is not the id of an authority.".to_owned()))?)
            }
            Property::Status => Self::Status(choice(plain()?, &Standing::all(), Standing::name)?),
            Property::Expires => Self::Expires(Bound::parse(sign, value)?),
            Property::Issued => Self::Issued(Bound::parse(sign, value)?),
            Property::Revoked => Self::Revoked(Bound::parse(sign, value)?),
            Property::Issuer => Self::Issuer(words()?),
            Property::AccessKey => Self::AccessKey(words()?),
            Property::Address => Self::Address(words()?),
            Property::Judgement => Self::Judgement(choice(plain()?, &Judgement::all(), Judgement::name)?),
            Property::Template => Self::Template(words()?),
            Property::Key => {
                Self::Key(plain()?.parse().map_err(|error: IdError| TokenError(format!("This is {error}.")))?)
            }
            Property::OpenFinding => Self::OpenFinding(yes_or_no(plain()?)?),
            Property::InInventory => Self::InInventory(yes_or_no(plain()?)?),
        })
    }

    /// The operator's sign, and the value.
    fn parts(&self) -> (&'static str, String) {
        let yes = |yes: bool| ("=", if yes { "yes" } else { "no" }.to_owned());
        match self {
            Self::Text(text) => ("=", text.clone()),
            Self::Serial(pattern) => pattern.parts(),
            Self::Authority(id) => ("=", id.to_string()),
            Self::Key(key) => ("=", key.to_string()),
            Self::Status(standing) => ("=", standing.name().to_owned()),
            Self::Judgement(judgement) => ("=", judgement.name().to_owned()),
            Self::Expires(bound) | Self::Issued(bound) | Self::Revoked(bound) => bound.parts(),
            Self::OpenFinding(is) | Self::InInventory(is) => yes(*is),
            Self::Device(words)
            | Self::Subject(words)
            | Self::CommonName(words)
            | Self::San(words)
            | Self::Issuer(words)
            | Self::AccessKey(words)
            | Self::Address(words)
            | Self::Template(words) => match words {
                Words::Is(text) => ("=", text.clone()),
                Words::Contains(text) => ("~", text.clone()),
            },
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

#[cfg(test)]
mod tests;
