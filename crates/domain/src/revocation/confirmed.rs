//! The number that is typed into a form to confirm it.

/// The number that was typed is not the number of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Type {0}, the number of certificates, to confirm.")]
pub struct NotConfirmed(pub u64);

/// More than one certificate needs their number typed, with or without commas.
pub fn confirmed(targets: u64, typed: Option<&str>) -> Result<(), NotConfirmed> {
    let typed = typed.map(|text| text.trim().replace(',', ""));
    let good = targets <= 1 || typed == Some(targets.to_string());
    good.then_some(()).ok_or(NotConfirmed(targets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_may_be_typed_with_their_comma() {
        assert_eq!((confirmed(1400, Some("1,400")), confirmed(1400, Some(" 1400 "))), (Ok(()), Ok(())));
        assert_eq!((confirmed(1, None), confirmed(2, None)), (Ok(()), Err(NotConfirmed(2))));
        for typed in ["", "1", "22", "two"] {
            assert_eq!(confirmed(2, Some(typed)), Err(NotConfirmed(2)), "{typed}");
        }
    }
}
