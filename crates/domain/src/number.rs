//! Decimal numbers as JSON and DynamoDB write them, without loss: `17`, `1.7E1`, `-17.0`.

/// More digits than this in front of the point are no number that we read.
const DIGITS: i64 = 64;

/// A number by its digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    pub negative: bool,
    /// In front of the point, and behind it.
    digits: (&'a str, &'a str),
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// `None`: it is no number.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?.into()),
            None => (text, 0),
        };
        let digits = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let good = all(digits.0) && all(digits.1) && !(digits.0.is_empty() && digits.1.is_empty());
        good.then_some(Self { negative, digits, exponent })
    }

    /// The digits in front of the point, once the exponent is applied; what is behind it is cut. `None`: too many.
    pub fn floor(self) -> Option<impl Iterator<Item = u8>> {
        let point = i64::try_from(self.digits.0.len()).ok()? + self.exponent;
        if point > DIGITS && self.bytes().any(|digit| digit != b'0') {
            return None;
        }
        let count = usize::try_from(point.clamp(0, DIGITS)).ok()?;
        Some(self.bytes().chain(std::iter::repeat(b'0')).take(count).map(|digit| digit - b'0'))
    }

    /// The same, unless the number is negative or has a fraction.
    pub fn whole(self) -> Option<impl Iterator<Item = u8>> {
        let point = i64::try_from(self.digits.0.len()).ok()? + self.exponent;
        let behind = usize::try_from(point.max(0)).ok()?;
        let whole = !self.negative && self.bytes().skip(behind).all(|digit| digit == b'0');
        if whole { self.floor() } else { None }
    }

    fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        self.digits.0.bytes().chain(self.digits.1.bytes())
    }
}
