//! What the userinfo endpoint says of somebody (OpenID Connect Core §5.3): some providers list groups only there.

use openidconnect::AccessToken;
use openidconnect::url::Url;

use crate::claims::Extra;
use crate::{Refusal, chain};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The claims of `subject`. The access token must be known to be the one that came with their ID token.
///
/// # Errors
/// It does not answer, or about somebody else.
pub async fn userinfo(
    http: &reqwest::Client,
    endpoint: &Url,
    access_token: &AccessToken,
    subject: &str,
) -> Result<Extra, Refusal> {
    let refused = |why: String| Refusal::Userinfo(why);
    let request = http.get(endpoint.clone()).bearer_auth(access_token.secret());
    let request = request.header("Accept", "application/json");
    let mut answer = request.send().await.map_err(|error| refused(chain(&error.without_url())))?;
    if !answer.status().is_success() {
        return Err(refused(format!("it answered {}", answer.status())));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| refused(chain(&error.without_url())))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err(refused("its answer is too long".to_owned()));
        }
    }
    let claims: Extra = serde_json::from_slice(&body)
        .map_err(|error| refused(format!("it answered with something else than a JSON object: {error}")))?;
    match claims.subject() {
        Some(about) if about == subject => Ok(claims),
        _ => Err(refused("it answered about somebody else".to_owned())),
    }
}
