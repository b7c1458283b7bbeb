//! Which times of a token can be: our clock and the provider's differ a little, and never by much.

use std::time::Duration;

use domain::Timestamp;

/// How far the provider's clock may be ahead of ours, and how old a token just made may be.
pub(crate) const AHEAD: Duration = Duration::from_secs(60);
const OLD: Duration = Duration::from_secs(600);

/// `iat` of a token that was fetched this moment.
pub fn made_now(iat: i64, now: Timestamp) -> Result<(), String> {
    match Timestamp::from_unix(iat) {
        Ok(made) if made <= now.plus(AHEAD) && now.since(made) <= OLD => Ok(()),
        _ => Err("it was not made just now (iat)".to_owned()),
    }
}

/// What is wrong with a proof that must be fresh and says nothing of its time.
pub const NO_AUTH_TIME: &str = "a fresh sign-in was asked for, and auth_time is missing";

/// `auth_time`: never in the future; known and recent where a fresh sign-in was asked for.
pub fn proven(auth_time: Option<i64>, since: Option<Timestamp>, now: Timestamp) -> Result<(), String> {
    let time =
        auth_time.map(|seconds| Timestamp::from_unix(seconds).map_err(|_| "auth_time is no time".to_owned()));
    match (time.transpose()?, since) {
        (Some(time), _) if time > now.plus(AHEAD) => Err("auth_time is in the future".to_owned()),
        (Some(time), Some(since)) if time < since.minus(AHEAD) => {
            Err("a fresh sign-in was asked for, and auth_time is older".to_owned())
        }
        (None, Some(_)) => Err(NO_AUTH_TIME.to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn a_token_is_made_when_it_is_fetched() {
        let now = Timestamp::from_unix(NOW).unwrap();
        for good in [NOW, NOW - 300, NOW + 30] {
            assert!(made_now(good, now).is_ok(), "{good}");
        }
        for wrong in [0, -1, NOW - 3600, NOW + 120, i64::MAX, i64::MIN] {
            assert!(made_now(wrong, now).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fresh_sign_in_is_proven_by_auth_time() {
        let now = Timestamp::from_unix(NOW).unwrap();
        let begun = Some(Timestamp::from_unix(NOW - 20).unwrap());
        assert!(proven(Some(NOW - 5), begun, now).is_ok());
        for stale in [None, Some(0), Some(NOW - 600), Some(NOW + 120), Some(i64::MAX)] {
            assert!(proven(stale, begun, now).is_err(), "{stale:?}");
        }
        for unknown in [None, Some(0), Some(NOW - 86_400)] {
            assert!(proven(unknown, None, now).is_ok(), "{unknown:?}");
        }
        assert!(proven(Some(NOW + 120), None, now).is_err());
    }
}
