//! UTC as RFC 3339 writes it, to the second: `2026-11-24T07:41:39Z`.

use serde::{Deserialize as _, Deserializer, Serializer, de, ser};

/// 9999-12-31T23:59:59Z: the last time that four digits of a year can say.
pub(crate) const MAX_TIME: u64 = 253_402_300_799;

const DAY: u64 = 86_400;

/// The days of 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01. A year that begins in March has its leap day at its end.
const EPOCH: u64 = 719_468;

/// Writes seconds since 1970 as text; returns nothing after the year 9999.
pub fn format(seconds: u64) -> Option<String> {
    if seconds > MAX_TIME {
        return None;
    }
    let (day, second) = (seconds / DAY + EPOCH, seconds % DAY);
    let (era, of_era) = (day / ERA, day % ERA);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Some(std::format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Reads seconds since 1970; takes exactly what [`format()`] writes.
pub fn parse(text: &str) -> Option<u64> {
    if !text.is_ascii() || text.len() != 20 {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + of_year;
    let days = (year / 400 * ERA + of_era).checked_sub(EPOCH)?;
    let seconds = days * DAY + hour * 3_600 + minute * 60 + second;
    // This also refuses a 30th of February, an hour 24, signs and other separators.
    (format(seconds)? == text).then_some(seconds)
}

pub(crate) fn serialize<S: Serializer>(seconds: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    let text = format(*seconds).ok_or_else(|| ser::Error::custom("a time after the year 9999"))?;
    serializer.serialize_str(&text)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("expected a time such as 2026-11-24T07:41:39Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_told_as_other_programs_tell_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_506_099, "2026-11-24T07:41:39Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (MAX_TIME, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(format(seconds).as_deref(), Some(text));
            assert_eq!(parse(text), Some(seconds));
        }
        assert_eq!(format(MAX_TIME + 1), None);
    }

    /// Counts days by the rule of the calendar, one after the other, for all 8,030 years.
    #[test]
    fn every_day_to_the_year_9999_has_its_date() {
        let mut day = 0;
        for year in 1970..=9999u64 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, days) in [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                .into_iter()
                .enumerate()
            {
                for date in 1..=days {
                    let text = format!("{year}-{:02}-{date:02}T12:34:56Z", month + 1);
                    let seconds = day * DAY + 45_296;
                    assert_eq!(format(seconds).as_deref(), Some(&*text));
                    assert_eq!(parse(&text), Some(seconds));
                    day += 1;
                }
                let beyond = format!("{year}-{:02}-{:02}T00:00:00Z", month + 1, days + 1);
                assert_eq!(parse(&beyond), None, "{beyond}");
            }
        }
        assert_eq!(day * DAY, MAX_TIME + 1);
    }

    #[test]
    fn a_time_has_one_spelling() {
        for bad in [
            "",
            "2026-11-24T07:41:39",
            "2026-11-24t07:41:39Z",
            "2026-11-24T07:41:39z",
            "2026-11-24 07:41:39Z",
            "2026-11-24T07:41:60Z",
            "2026-11-24T07:60:39Z",
            "2026-11-24T24:00:00Z",
            "2026-13-24T07:41:39Z",
            "2026-00-24T07:41:39Z",
            "2026-11-00T07:41:39Z",
            "2026-11-24T07:41:+9Z",
            "+026-11-24T07:41:39Z",
            "2026-11-24T07:41:39.Z",
            "2026-11-24T07:41:39+00:00",
            "1969-12-31T23:59:59Z",
            "0000-03-01T00:00:00Z",
            "2026-11-24T07:41:3\u{e9}",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
