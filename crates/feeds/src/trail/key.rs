//! The S3 keys of a trail: what a key says of its file, and under which prefixes files lie.
//!
//! Source: AWS CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest file structure":
//! `[prefix/]AWSLogs/[O-ID/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/NAME`.

use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

use domain::Timestamp;
use serde::{Deserialize, Serialize};

const ROOT: &str = "AWSLogs/";
const SUFFIX: &str = ".json.gz";
/// November 2013: CloudTrail began. No file of it is older.
const BEGAN: i64 = 1_383_264_000;
/// The end of a digest lies within a day of its folder's day: so far, at the most, from that day's noon.
const NEAR: Duration = Duration::from_secs(36 * 3600);

/// What the key of a log file says:
/// `…/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogKey {
    /// The minute in which it was delivered. First, so that keys sort by time.
    pub delivered: Timestamp,
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
    pub unique: String,
}

/// What the key of a digest says:
/// `…/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHMMSSZ[_backfill].json.gz`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DigestKey {
    /// The end of the time that it covers. First, so that keys sort by time.
    pub end: Timestamp,
    pub chain: ChainName,
}

/// The digests that refer to each other: those of one trail for one account and Region. Backfill digests are a chain of
/// their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChainName {
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
    pub trail: String,
    pub home_region: String,
    pub backfill: bool,
}

/// A key is not that of a trail's file. The key itself is foreign and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("not the key of a CloudTrail log file")]
    Log,
    #[error("not the key of a CloudTrail digest file")]
    Digest,
}

/// Where the files of one account and Region lie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// What stands before `AWSLogs/`, without a slash at its end; empty: nothing.
    pub prefix: String,
    /// `o-…`, for the trail of an organization.
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
}

impl Location {
    /// The prefix of all log files: `[prefix/]AWSLogs/[O-ID/]ACCOUNT/CloudTrail/REGION/`.
    pub fn logs(&self) -> String {
        self.folder("CloudTrail")
    }

    /// The prefix of the log files delivered on the day (UTC) of a moment.
    pub fn logs_of_day(&self, day: Timestamp) -> String {
        format!("{}{}/", self.logs(), day.date().replace('-', "/"))
    }

    /// The prefix of all digests.
    pub fn digests(&self) -> String {
        self.folder("CloudTrail-Digest")
    }

    /// The prefix of the digests whose time ends on the day (UTC) of a moment.
    pub fn digests_of_day(&self, day: Timestamp) -> String {
        format!("{}{}/", self.digests(), day.date().replace('-', "/"))
    }

    fn folder(&self, kind: &str) -> String {
        let mut folder = String::new();
        if !self.prefix.is_empty() {
            folder.push_str(self.prefix.trim_end_matches('/'));
            folder.push('/');
        }
        folder.push_str(ROOT);
        if let Some(organization) = &self.organization {
            folder.push_str(organization);
            folder.push('/');
        }
        // Writing to a String cannot fail.
        let _ = write!(folder, "{}/{kind}/{}/", self.account, self.region);
        folder
    }
}

/// The part of a key that does not depend on where a trail puts its files: from `AWSLogs/` on.
pub fn tail(key: &str) -> Option<&str> {
    let at = key.rfind(ROOT)?;
    (at == 0 || key[..at].ends_with('/')).then(|| &key[at..])
}

/// The key that a file of this name has, without prefix and organization; `None`: it is no name of a trail's file.
pub(super) fn from_name(name: &str) -> Option<String> {
    let mut parts = name.strip_suffix(SUFFIX)?.split('_');
    let (account, kind, region) = (parts.next()?, parts.next()?, parts.next()?);
    let is_time = |part: &&str| part.len() > 8 && part.as_bytes()[8] == b'T' && part.ends_with('Z');
    let date = parts.rfind(is_time)?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..8)?);
    Some(format!("{ROOT}{account}/{kind}/{region}/{year}/{month}/{day}/{name}"))
}

impl FromStr for LogKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<Self, KeyError> {
        let place = Place::parse(key, "CloudTrail").ok_or(KeyError::Log)?;
        let mut parts = place.rest.split('_');
        let (minute, unique) = (parts.next(), parts.next());
        let known = parts.next().is_none();
        let delivered = minute.and_then(|minute| moment(minute, 12)).ok_or(KeyError::Log)?;
        let unique = unique.filter(|unique| known && is_name(unique, 64)).ok_or(KeyError::Log)?;
        Ok(Self {
            delivered,
            organization: place.organization.map(str::to_owned),
            account: place.account.to_owned(),
            region: place.region.to_owned(),
            unique: unique.to_owned(),
        })
    }
}

impl FromStr for DigestKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<Self, KeyError> {
        let place = Place::parse(key, "CloudTrail-Digest").ok_or(KeyError::Digest)?;
        let plain = place.rest.strip_suffix("_backfill");
        let mut parts = plain.unwrap_or(place.rest).rsplitn(3, '_');
        let (second, home_region, trail) = (parts.next(), parts.next(), parts.next());
        let end = second.and_then(|second| moment(second, 14));
        let end = end.filter(|end| end.distance(place.noon) <= NEAR).ok_or(KeyError::Digest)?;
        let home_region = home_region.filter(|home| is_region(home)).ok_or(KeyError::Digest)?;
        let trail = trail.filter(|trail| is_trail(trail)).ok_or(KeyError::Digest)?;
        let chain = ChainName {
            organization: place.organization.map(str::to_owned),
            account: place.account.to_owned(),
            region: place.region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            backfill: plain.is_some(),
        };
        Ok(Self { end, chain })
    }
}

/// What both kinds of keys have in common.
struct Place<'a> {
    organization: Option<&'a str>,
    account: &'a str,
    region: &'a str,
    /// Of the folder's day.
    noon: Timestamp,
    /// The name without what the folders have said already, and without its suffix.
    rest: &'a str,
}

impl<'a> Place<'a> {
    fn parse(key: &'a str, kind: &str) -> Option<Self> {
        let mut parts: Vec<&str> = tail(key)?.strip_prefix(ROOT)?.split('/').collect();
        let organization = parts.first().copied().filter(|id| is_organization(id));
        if organization.is_some() {
            parts.remove(0);
        }
        let &[account, folder, region, year, month, day, name] = parts.as_slice() else { return None };
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let good = digits(account, 12) && folder == kind && is_region(region);
        if !(good && digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return None;
        }
        let noon = format!("{year}-{month}-{day}T12:00:00Z").parse().ok()?;
        let name = name.strip_suffix(SUFFIX)?.strip_prefix(account)?.strip_prefix('_')?;
        let rest = name.strip_prefix(kind)?.strip_prefix('_')?.strip_prefix(region)?.strip_prefix('_')?;
        Some(Self { organization, account, region, noon, rest })
    }
}

fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// API reference, Organization: `o-[a-z0-9]{10,32}`; shorter ones are taken too.
fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| is_name(id, 32))
}

/// "CloudTrail trail naming requirements": letters, numbers, periods, underscores and dashes, 128 at most.
fn is_trail(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(good)
}

/// `20261122T0905Z` (12 digits) or `20261122T090500Z` (14).
fn moment(text: &str, digits: usize) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let plain = format!("{date}{time}");
    if date.len() != 8 || plain.len() != digits || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = plain.get(12..14).unwrap_or("00");
    let [year, month, day, hour, minute] = [0..4, 4..6, 6..8, 8..10, 10..12].map(|range| &plain[range]);
    let moment = format!("{year}-{month}-{day}T{hour}:{minute}:{seconds}Z").parse::<Timestamp>().ok();
    moment.filter(|moment| moment.unix() >= BEGAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/111122223333_CloudTrail_eu-central-1_20261122T0905Z_Mu0KsOhtH1ar15ZZ.json.gz";
    const DIGEST: &str = "AWSLogs/o-abcdefghij/111122223333/CloudTrail-Digest/eu-central-1/2026/11/22/111122223333_CloudTrail-Digest_eu-central-1_my_own_trail_us-east-1_20261122T090501Z.json.gz";

    #[test]
    fn keys_say_what_they_are_of() {
        let log: LogKey = LOG.parse().unwrap();
        assert_eq!((log.account.as_str(), log.region.as_str()), ("111122223333", "eu-central-1"));
        assert_eq!(
            (log.delivered.to_string().as_str(), log.organization.as_ref()),
            ("2026-11-22T09:05:00Z", None)
        );
        assert_eq!(format!("some/AWSLogs/prefix/{LOG}").parse(), Ok(log));
        let digest: DigestKey = DIGEST.parse().unwrap();
        assert_eq!(
            (digest.chain.trail.as_str(), digest.chain.home_region.as_str()),
            ("my_own_trail", "us-east-1")
        );
        assert_eq!(digest.end.to_string(), "2026-11-22T09:05:01Z");
        assert_eq!(digest.chain.organization.as_deref(), Some("o-abcdefghij"));
        for key in [LOG, DIGEST] {
            let name = key.rsplit('/').next().unwrap();
            assert_eq!(from_name(name).unwrap(), key.replace("o-abcdefghij/", ""));
        }
        for wrong in
            ["", ".json.gz", "a_b_c.json.gz", "a_b_c_2026é122T0Z.json.gz", "111122223333_CloudTrail_x.json"]
        {
            assert_eq!(from_name(wrong), None, "{wrong}");
        }
        let backfill: DigestKey = DIGEST.replace("01Z.", "01Z_backfill.").parse().unwrap();
        assert!(backfill.chain.backfill && backfill.chain.trail == "my_own_trail");
    }

    #[test]
    fn hostile_keys_are_refused() {
        for wrong in [
            "",
            "AWSLogs/",
            &LOG.replace("AWSLogs", "XAWSLogs"),
            &LOG.replace("/11/22/", "/11/../"),
            &LOG.replace("eu-central-1", "eu%2fcentral"),
            &LOG.replace("0905Z", "2561Z"),
            &LOG.replace("20261122T", "20261322T"),
            &LOG.replace("T0905Z", "T09é5Z"),
            &LOG.replace(".json.gz", ".json"),
            &LOG.replace("_Mu0", "_Mu_0"),
            &LOG.replacen("111122223333_", "111122223334_", 1),
            &format!("{LOG}/x"),
            DIGEST,
        ] {
            assert_eq!(wrong.parse::<LogKey>(), Err(KeyError::Log), "{wrong}");
        }
        let near = DIGEST.replace("20261122T", "20261123T");
        assert!(near.parse::<DigestKey>().is_ok());
        for wrong in [
            LOG,
            "",
            &DIGEST.replace("my_own_trail_", ""),
            &DIGEST.replace("my_own", "my own"),
            // A time that is not that of its folder, or of no digest.
            &DIGEST.replace("20261122T", "20991122T"),
            &DIGEST.replace("20261122T", "20261124T"),
            &DIGEST.replace("2026/11/22", "2026/13/22"),
            &DIGEST.replace("2026/11/22", "0001/01/01").replace("20261122T", "00010101T"),
        ] {
            assert_eq!(wrong.parse::<DigestKey>(), Err(KeyError::Digest), "{wrong}");
        }
    }

    #[test]
    fn prefixes_are_those_of_the_keys() {
        let mut location = Location {
            prefix: String::new(),
            organization: None,
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
        };
        let day = "2026-11-22T23:59:59Z".parse().unwrap();
        assert!(LOG.starts_with(&location.logs_of_day(day)));
        (location.prefix, location.organization) = ("a/b/".to_owned(), Some("o-abcdefghij".to_owned()));
        assert!(format!("a/b/{DIGEST}").starts_with(&location.digests_of_day(day)));
    }
}
