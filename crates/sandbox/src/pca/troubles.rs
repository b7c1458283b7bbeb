//! What a test can make go wrong with the CRL and the OCSP responder of one authority: `PUT /troubles/<its id>` with
//! `{"crl": "not_written", "ocsp": "down"}` on the endpoint. They last until others are put, or the process ends.

use serde::Deserialize;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Troubles {
    #[serde(default)]
    pub crl: Option<CrlTrouble>,
    #[serde(default)]
    pub ocsp: Option<OcspTrouble>,
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
