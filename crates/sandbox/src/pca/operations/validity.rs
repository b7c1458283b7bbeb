//! The API's Validity: a number and what it counts.

use serde::Deserialize;

use super::super::error::ApiError;
use super::super::stamp::Stamp;
use super::outside;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Validity {
    value: i64,
    r#type: String,
}

impl Validity {
    /// When a certificate issued `now` ends.
    pub fn not_after(&self, now: Stamp) -> Result<Stamp, ApiError> {
        let count = u32::try_from(self.value).ok();
        let end = match self.r#type.as_str() {
            "DAYS" => count.and_then(|days| now.plus_days(days)),
            "MONTHS" => count.and_then(|months| now.plus_months(months)),
            "YEARS" => count.and_then(|years| now.plus_months(years.checked_mul(12)?)),
            _ => self.moment()?,
        };
        end.filter(|_| self.value > 0).ok_or_else(|| self.unusable())
    }

    /// When a certificate begins, if the request says so: an absolute time only.
    pub fn not_before(&self) -> Result<Stamp, ApiError> {
        match self.r#type.as_str() {
            "ABSOLUTE" | "END_DATE" => self.moment()?.ok_or_else(|| self.unusable()),
            _ => Err(ApiError::validation("The type of ValidityNotBefore must be ABSOLUTE or END_DATE.")),
        }
    }

    fn moment(&self) -> Result<Option<Stamp>, ApiError> {
        match self.r#type.as_str() {
            "ABSOLUTE" => Ok(Stamp::from_seconds(self.value)),
            // A number has lost the leading zeros of a two-digit year.
            "END_DATE" if self.value < 1_000_000_000_000 => {
                Ok(Stamp::from_digits(&format!("{:012}", self.value)))
            }
            "END_DATE" => Ok(Stamp::from_digits(&self.value.to_string())),
            other => Err(outside(
                "validity.type",
                other,
                "Member must satisfy enum value set: [END_DATE, ABSOLUTE, DAYS, MONTHS, YEARS]",
            )),
        }
    }

    fn unusable(&self) -> ApiError {
        outside("validity.value", &self.value.to_string(), "Member must be a usable, positive validity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn ends(value: i64, kind: &str) -> Result<String, &'static str> {
        let now = Stamp::from(datetime!(2026-11-22 8:00 UTC));
        let validity = Validity { value, r#type: kind.to_owned() };
        validity.not_after(now).map(Stamp::report).map_err(|e| e.code)
    }

    #[test]
    fn every_kind_counts_what_it_says() {
        assert_eq!(ends(1, "DAYS").unwrap(), "2026-11-23T08:00:00+0000");
        assert_eq!(ends(13, "MONTHS").unwrap(), "2027-12-22T08:00:00+0000");
        assert_eq!(ends(10, "YEARS").unwrap(), "2036-11-22T08:00:00+0000");
        assert_eq!(ends(253_402_300_799, "ABSOLUTE").unwrap(), "9999-12-31T23:59:59+0000");
        assert_eq!(ends(20_301_231_235_959, "END_DATE").unwrap(), "2030-12-31T23:59:59+0000");
        assert_eq!(ends(301_231_235_959, "END_DATE").unwrap(), "2030-12-31T23:59:59+0000");
        assert_eq!(ends(10_101_000_000, "END_DATE").unwrap(), "2001-01-01T00:00:00+0000");
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        for (value, kind) in [
            (0, "DAYS"),
            (-1, "DAYS"),
            (i64::MAX, "DAYS"),
            (i64::MAX, "YEARS"),
            (8000, "YEARS"),
            (i64::MAX, "ABSOLUTE"),
            (-5, "ABSOLUTE"),
            (99, "END_DATE"),
            (20_301_331_000_000, "END_DATE"),
            (i64::MAX, "END_DATE"),
            (1, "FORTNIGHTS"),
        ] {
            assert_eq!(ends(value, kind), Err("ValidationException"), "{value} {kind}");
        }
    }
}
