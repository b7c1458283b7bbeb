//! Many certificates of one caller that are found at once are told of together: nobody gets sixty e-mails.

use std::collections::{HashMap, HashSet};

use super::Notice;
use crate::count::plural;

/// So many certificates of one caller are told of one by one; of more, the first tells.
const ONE_BY_ONE: usize = 3;

/// The notices of what was found at once, as they are told: of a caller with too many certificates the first alone is left, and
/// says how many more there are.
pub fn together(mut notices: Vec<Notice>) -> Vec<Notice> {
    let mut certificates: HashMap<String, usize> = HashMap::new();
    for caller in notices.iter().filter_map(of_caller) {
        *certificates.entry(caller.to_owned()).or_default() += 1;
    }
    let mut told = HashSet::new();
    notices.retain_mut(|notice| {
        let many = of_caller(notice)
            .and_then(|caller| certificates.get_key_value(caller))
            .filter(|(_, certificates)| **certificates > ONE_BY_ONE);
        let Some((caller, certificates)) = many else { return true };
        let is_first = told.insert(caller);
        if is_first {
            let more = plural(u64::try_from(certificates - 1).unwrap_or(u64::MAX), "more certificate");
            notice.sentence = format!("{} So were {more} of the same caller.", notice.sentence);
        }
        is_first
    });
    notices
}

/// The caller whose certificate it is about.
fn of_caller(notice: &Notice) -> Option<&str> {
    notice.serial.and(notice.principal.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::Serial;
    use crate::timestamp::Timestamp;

    fn notice(serial: u8, caller: &str) -> Notice {
        Notice {
            serial: Serial::from_bytes(&[serial]).ok(),
            principal: Some(caller.to_owned()),
            ..Notice::test(serial.to_string(), None, Timestamp::EPOCH)
        }
    }

    #[test]
    fn of_many_certificates_of_a_caller_the_first_tells_and_a_few_tell_one_by_one() {
        let few = (1..=3).map(|serial| notice(serial, "few"));
        let many = (4..=44).map(|serial| notice(serial, "many"));
        let trouble = Notice { serial: None, ..notice(45, "many") };
        let told = together(few.chain(many).chain([trouble]).collect());
        let ids: Vec<&str> = told.iter().map(|notice| &*notice.id).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "45"]);
        assert!(told[3].sentence.ends_with(" So were 40 more certificates of the same caller."), "{told:?}");
    }
}
