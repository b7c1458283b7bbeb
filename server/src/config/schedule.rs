//! `[[schedule]]`: which runs are made by themselves.

use std::time::Duration;

use domain::AuthorityArn;
use domain::schedule::{Cron, SPREAD, Schedule, Schedules};

use super::aws::Authority;
use super::section::Section;
use super::value::{duration, list_of, parsed, text};

const CRON: &str = "Write minute, hour, day of the month, month and day of the week in UTC, such as \"0 3 * * 1\", or \"never\".";
const DAY: Duration = Duration::from_secs(86_400);

/// What no entry names has its runs weekly.
pub(super) fn schedules(root: &Section<'_>, authorities: Option<&[Authority]>) -> Schedules {
    let weekly = Schedule::weekly().ok();
    let mut schedules = Schedules { others: weekly.clone(), ..Schedules::default() };
    let mut has_others = false;
    for section in root.sections("schedule") {
        let cron = section.optional("cron", CRON, |value| match text(value)?.as_str() {
            "never" => Ok(None),
            _ => parsed::<Cron>(value).map(Some),
        });
        let spread = section.optional(
            "spread",
            "Write how much later the runs of an authority may begin, such as \"15m\".",
            duration(Duration::ZERO..=DAY),
        );
        let named = section.optional(
            "authorities",
            "List ARNs of [[authorities]], or leave it out for all that no other entry names.",
            list_of(parsed::<AuthorityArn>),
        );
        let weekly = weekly.as_ref().map(|weekly| weekly.cron.clone());
        let cron = cron.unwrap_or(weekly);
        let schedule = cron.map(|cron| Schedule { cron, spread: spread.unwrap_or(SPREAD) });
        match named {
            None if has_others => section.report(
                "authorities",
                "is missing, as in another entry",
                "Name the authorities in all entries but one.",
            ),
            None => (has_others, schedules.others) = (true, schedule),
            Some(named) => {
                for arn in named {
                    let is_known = authorities.is_none_or(|all| all.iter().any(|one| one.arn == arn));
                    if !is_known {
                        let what =
                            format_args!("names {}, which is not one of [[authorities]]", arn.as_str());
                        section.report("authorities", what, "Copy the ARN from there.");
                    }
                    if schedules.named.insert(arn.id(), schedule.clone()).is_some() {
                        let what = format_args!("names {}, as another entry does", arn.as_str());
                        section.report("authorities", what, "Name each authority once.");
                    }
                }
            }
        }
        section.finish();
    }
    schedules
}
