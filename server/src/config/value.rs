//! Reads one value of the file: what form it must have, and what is said when it has another.

use std::fmt::Display;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use domain::foreign;
use ipnet::IpNet;
use toml::de::DeValue;

type Read<T> = Result<T, String>;

/// A text that is not empty and has no control characters.
pub(super) fn text(value: &DeValue<'_>) -> Read<String> {
    let text = value.as_str().ok_or_else(|| format!("is {}, not a text", article(value)))?;
    match text {
        _ if text.trim().is_empty() => Err("is empty".to_owned()),
        _ if text.chars().any(foreign::is_hidden) => Err("has control or invisible characters".to_owned()),
        _ => Ok(text.trim().to_owned()),
    }
}

/// A text that `T` reads. Its error goes on after "is".
pub(super) fn parsed<T: FromStr<Err: Display>>(value: &DeValue<'_>) -> Read<T> {
    text(value)?.parse().map_err(|error: T::Err| format!("is {error}"))
}

pub(super) fn flag(value: &DeValue<'_>) -> Read<bool> {
    value.as_bool().ok_or_else(|| format!("is {}, not true or false", article(value)))
}

/// A whole number within `bounds`.
pub(super) fn number(bounds: RangeInclusive<u32>) -> impl Fn(&DeValue<'_>) -> Read<u32> {
    move |value| {
        let integer =
            value.as_integer().ok_or_else(|| format!("is {}, not a whole number", article(value)))?;
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        number
            .filter(|number| bounds.contains(number))
            .ok_or_else(|| format!("is not between {} and {}", bounds.start(), bounds.end()))
    }
}

/// A text such as "30s", "15m", "24h" or "7d", within `bounds`.
pub(super) fn duration(bounds: RangeInclusive<Duration>) -> impl Fn(&DeValue<'_>) -> Read<Duration> {
    move |value| {
        let duration = parse_duration(&text(value)?).map_err(str::to_owned)?;
        match bounds.contains(&duration) {
            true => Ok(duration),
            false => {
                let (least, most) =
                    (domain::timestamp::words(*bounds.start()), domain::timestamp::words(*bounds.end()));
                Err(format!("is not between {least} and {most}"))
            }
        }
    }
}

/// A number and its unit: s, m, h or d.
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "is not a time such as \"30s\", \"15m\", \"24h\" or \"7d\"";
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(FORM)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(FORM),
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.then(|| number.parse().ok()).flatten().ok_or(FORM)?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or(FORM)
}

/// A list of texts, each once.
pub(super) fn texts(value: &DeValue<'_>) -> Read<Vec<String>> {
    texts_of(text)(value)
}

/// A list of texts that `read` reads, each once.
pub(super) fn texts_of(
    read: impl Fn(&DeValue<'_>) -> Read<String>,
) -> impl Fn(&DeValue<'_>) -> Read<Vec<String>> {
    list_of(read)
}

/// The same of anything.
pub(super) fn list_of<T: PartialEq + std::fmt::Debug>(
    read: impl Fn(&DeValue<'_>) -> Read<T>,
) -> impl Fn(&DeValue<'_>) -> Read<Vec<T>> {
    move |value| {
        let array = value.as_array().ok_or_else(|| format!("is {}, not a list of texts", article(value)))?;
        let mut all = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            let entry = read(entry.get_ref()).map_err(|what| format!("entry {} {what}", index + 1))?;
            if all.contains(&entry) {
                return Err(format!("names {entry:?} twice"));
            }
            all.push(entry);
        }
        Ok(all)
    }
}

/// The same, and at least one.
pub(super) fn some_of(
    read: impl Fn(&DeValue<'_>) -> Read<String>,
) -> impl Fn(&DeValue<'_>) -> Read<Vec<String>> {
    let read = texts_of(read);
    move |value| match read(value)? {
        none if none.is_empty() => Err("is empty".to_owned()),
        some => Ok(some),
    }
}

/// Networks such as `10.20.0.0/16`, or single addresses; at least one.
pub(super) fn networks(value: &DeValue<'_>) -> Read<Vec<IpNet>> {
    some_of(text)(value)?.iter().map(|text| network(text)).collect()
}

fn network(text: &str) -> Read<IpNet> {
    let one = || text.parse::<IpAddr>().map(IpNet::from).ok();
    text.parse().ok().or_else(one).ok_or_else(|| format!("names {text:?}, which is no network"))
}

/// The name of a DynamoDB table (API reference: 3 to 255 letters, digits, `_`, `-`, `.`).
pub(super) fn table(value: &DeValue<'_>) -> Read<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    text(value).and_then(|name| match (3..=255).contains(&name.len()) && name.bytes().all(allowed) {
        true => Ok(name),
        false => Err("is not the name of a DynamoDB table (3 to 255 letters, digits, _, - and .)".to_owned()),
    })
}

/// The name of an S3 bucket (user guide, bucket naming rules).
pub(super) fn bucket(value: &DeValue<'_>) -> Read<String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    text(value).and_then(|name| match (3..=63).contains(&name.len()) && name.bytes().all(allowed) {
        true => Ok(name),
        false => {
            Err("is not the name of an S3 bucket (3 to 63 lower-case letters, digits, - and .)".to_owned())
        }
    })
}

/// An ARN: a key of another Region or account has no other name.
pub(super) fn kms_key(value: &DeValue<'_>) -> Read<String> {
    let arn = text(value)?;
    let good = arn.starts_with("arn:") && arn.contains(":kms:") && arn.contains(":key/");
    if good { Ok(arn) } else { Err("is not the ARN of a KMS key".to_owned()) }
}

/// Twelve digits.
pub(super) fn account(value: &DeValue<'_>) -> Read<String> {
    text(value).and_then(|id| match id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(id),
        false => Err("is not an AWS account (twelve digits)".to_owned()),
    })
}

/// `eu-central-1`, `us-gov-west-1`.
pub(super) fn region(value: &DeValue<'_>) -> Read<String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text(value).and_then(|name| match name.bytes().all(allowed) && name.split('-').count() >= 3 {
        true => Ok(name),
        false => Err("is not an AWS Region such as eu-central-1".to_owned()),
    })
}

fn article(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let an = kind.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {kind}", if an { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("24h"), parse_duration("1d"));
        for wrong in ["", "s", "15", "15 m", "-1m", "+1m", "1.5h", "1w", "1é", "99999999999999999999d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
