//! Counts for people: `1,000,000`, "1 certificate", "14 certificates".

/// Digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The count with its noun, which takes an `s` for all numbers but one.
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!([0, 7, 999, 1000, 1_000_000].map(count), ["0", "7", "999", "1,000", "1,000,000"]);
        assert_eq!(plural(1, "certificate"), "1 certificate");
        assert_eq!(plural(1400, "certificate"), "1,400 certificates");
    }
}
