//! Authorities under the names that the configuration gives them.

use domain::AuthorityId;
use domain::views::Authority;

use crate::ui::Choice;

/// Its name; one that is not configured goes by its id.
pub fn name_of(authorities: &[Authority], id: &AuthorityId) -> String {
    let named = authorities.iter().find(|one| one.arn.id() == *id);
    named.map_or_else(|| id.to_string(), |one| one.name.clone())
}

/// All of them, for a field to choose one.
pub fn choices(authorities: &[Authority]) -> Vec<Choice> {
    authorities.iter().map(|one| Choice::new(one.arn.id(), one.name.clone())).collect()
}
