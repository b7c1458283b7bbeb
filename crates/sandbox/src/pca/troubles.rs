//! What a test can make go wrong with one authority: `PUT /troubles/<its id>` with
//! `{"crl": "not_written", "ocsp": "down", "revoke": {"seed": 1, "throttled": 10, "lost": 5}}` on the endpoint. They last until
//! others are put, or the process ends.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Deserialize;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Troubles {
    #[serde(default)]
    pub crl: Option<CrlTrouble>,
    #[serde(default)]
    pub ocsp: Option<OcspTrouble>,
    #[serde(default)]
    pub revoke: RevokeTroubles,
}

/// How many of a thousand calls of RevokeCertificate meet which [`Fate`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevokeTroubles {
    /// Which of them.
    pub seed: u64,
    pub throttled: u32,
    pub refused: u32,
    pub failed: u32,
    pub failed_late: u32,
    pub lost: u32,
    pub unanswered: u32,
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Served,
    /// Refused, although the rate would allow it.
    Throttled,
    /// Refused for good: the certificate's own fault.
    Refused,
    /// 500, and nothing is done.
    Failed,
    /// It is done, and the answer is 500.
    FailedLate,
    /// It is done, and the connection breaks.
    Lost,
    /// It is done, and nobody is told until they have given up.
    Unanswered,
}

impl RevokeTroubles {
    /// That of the `number`th call; the same each time.
    pub fn fate(&self, number: u64) -> Fate {
        let mut drawn = StdRng::seed_from_u64(self.seed.wrapping_add(number)).random_range(0..1000);
        for (share, fate) in [
            (self.throttled, Fate::Throttled),
            (self.refused, Fate::Refused),
            (self.failed, Fate::Failed),
            (self.failed_late, Fate::FailedLate),
            (self.lost, Fate::Lost),
            (self.unanswered, Fate::Unanswered),
        ] {
            if drawn < share {
                return fate;
            }
            drawn -= share;
        }
        Fate::Served
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrlTrouble {
    /// As when the bucket's policy forbids it, or the generation fails.
    NotWritten,
    /// Signed by somebody else.
    OtherKey,
    /// It says that it is for certificates that name another URL.
    OtherPoint,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OcspTrouble {
    /// 503.
    Down,
    TryLater,
    /// Signed by a delegate of somebody else.
    Stranger,
    OtherNonce,
    /// Past its nextUpdate.
    Expired,
    /// It knows of no revocation.
    Forgetful,
    /// It says where else to ask.
    Redirects,
    /// More than anybody wants to read.
    Endless,
}
