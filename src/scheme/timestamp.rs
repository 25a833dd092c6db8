//! The signed timestamp: where it is and what it names, and its text to a moment, as strictly as the signed text
//! deserves. Pure.

use std::{ops::Range, time::Duration};

use serde::{Deserialize, Serialize};
use time::{
    Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::well_known::Rfc3339,
};

use crate::{
    delivery::SignedTime,
    profile::{Profile, seconds},
    source::Source,
};

/// Where the signed timestamp is, how it is written, what it names and how far it may be off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Timestamp {
    /// Where it is.
    pub source: Source,
    /// How it is written.
    #[serde(default)]
    pub format: TimeFormat,
    /// What it names.
    #[serde(default)]
    pub names: Names,
    /// How far it may be from now. For an event's time the past side is at least the retry horizon and 300 s, the
    /// future side 300 s.
    #[serde(with = "seconds")]
    pub tolerance: Duration,
}

impl Timestamp {
    /// The moment of the delivery attempt in unix seconds, 300 s either way.
    #[must_use]
    pub const fn unix(source: Source) -> Self {
        Self {
            source,
            format: TimeFormat::UnixSeconds,
            names: Names::Attempt,
            tolerance: Duration::from_secs(300),
        }
    }
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeFormat {
    /// Seconds since 1970 in 1 to 11 ASCII digits: no sign, space, fraction or leading zero.
    #[default]
    UnixSeconds,
    /// Milliseconds since 1970 in 1 to 14 ASCII digits, as strictly.
    UnixMillis,
    /// RFC 3339.
    Rfc3339,
    /// The date of HTTP headers in its one current form (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    HttpDate,
}

/// What a timestamp names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Names {
    /// The attempt: every try is signed anew.
    #[default]
    Attempt,
    /// The event: it repeats on every retry, or nobody says that it does not.
    Event,
}

impl Timestamp {
    /// The moment and its window; `None` for any text that is not exactly a timestamp of this format.
    pub(super) fn read(&self, text: &[u8], profile: &Profile) -> Option<SignedTime> {
        let at = self.format.parse(text)?;
        let (past, future) = self.window(profile);
        Some(SignedTime::new(at, past, future))
    }

    /// How far it may lie in the past and in the future, for a sender that delivers so.
    #[must_use]
    pub fn window(&self, profile: &Profile) -> (Duration, Duration) {
        match self.names {
            Names::Attempt => (self.tolerance, self.tolerance),
            Names::Event => (
                self.tolerance
                    .max(profile.retry_horizon.saturating_add(LEEWAY)),
                LEEWAY,
            ),
        }
    }
}

impl TimeFormat {
    pub(super) fn parse(self, text: &[u8]) -> Option<OffsetDateTime> {
        match self {
            Self::UnixSeconds => OffsetDateTime::from_unix_timestamp(digits(text, 11)?).ok(),
            Self::UnixMillis => {
                let nanos = i128::from(digits(text, 14)?).checked_mul(1_000_000)?;
                OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
            }
            Self::Rfc3339 => {
                let bounded = text
                    .get(..LONGEST_RFC3339.min(text.len()))
                    .filter(|bounded| bounded.len() == text.len())?;
                OffsetDateTime::parse(str::from_utf8(bounded).ok()?, &Rfc3339).ok()
            }
            Self::HttpDate => http_date(str::from_utf8(text).ok()?),
        }
    }

    /// The text a sender would write. `None` for a moment that this format cannot name.
    pub(crate) fn print(self, moment: OffsetDateTime) -> Option<String> {
        let text = match self {
            Self::UnixSeconds => moment.unix_timestamp().to_string(),
            Self::UnixMillis => moment
                .unix_timestamp_nanos()
                .checked_div(1_000_000)?
                .to_string(),
            Self::Rfc3339 => moment.format(&Rfc3339).ok()?,
            Self::HttpDate => print_http_date(moment),
        };
        self.parse(text.as_bytes()).map(|_| text)
    }
}

/// A positive number in 1 to `most` ASCII digits: no sign, space, fraction or leading zero, so that a number has one
/// spelling.
fn digits(text: &[u8], most: usize) -> Option<i64> {
    if text.len() > most || matches!(text, [] | [b'0', ..]) {
        return None;
    }
    text.iter().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte & 15))?;
        // As many digits as are asked for never overflow.
        Some(number.wrapping_mul(10).wrapping_add(digit))
    })
}

/// The moment of `Sun, 06 Nov 1994 08:49:37 GMT`. The text is read where its numbers stand, and is a date only if the
/// moment would be written so.
fn http_date(text: &str) -> Option<OffsetDateTime> {
    if text.len() != "Sun, 06 Nov 1994 08:49:37 GMT".len() {
        return None;
    }
    let number = |at: Range<usize>| text.get(at)?.parse::<u8>().ok();
    let month = MONTHS
        .iter()
        .position(|name| text.get(8..11) == Some(name))?;
    let month = Month::try_from(u8::try_from(month.checked_add(1)?).ok()?).ok()?;
    let date =
        Date::from_calendar_date(text.get(12..16)?.parse().ok()?, month, number(5..7)?).ok()?;
    let time = Time::from_hms(number(17..19)?, number(20..22)?, number(23..25)?).ok()?;
    let moment = PrimitiveDateTime::new(date, time).assume_utc();
    (print_http_date(moment) == text).then_some(moment)
}

fn print_http_date(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let month = usize::from(u8::from(moment.month())).saturating_sub(1);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        WEEKDAYS
            .get(usize::from(moment.weekday().number_days_from_monday()))
            .unwrap_or(&""),
        moment.day(),
        MONTHS.get(month).unwrap_or(&""),
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What clocks may be apart, and how long the last try of an event may be on its way.
const LEEWAY: Duration = Duration::from_secs(300);
const LONGEST_RFC3339: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_digits_are_unix_time() {
        let good = TimeFormat::UnixSeconds.parse(b"1700000000").unwrap();
        assert_eq!(good.unix_timestamp(), 1_700_000_000);
        assert_eq!(TimeFormat::UnixMillis.parse(b"1700000000000"), Some(good));
        assert!(TimeFormat::UnixSeconds.parse(b"99999999999").is_some());
        assert!(TimeFormat::UnixMillis.parse(b"99999999999999").is_some());
        let long = "1".repeat(20_000);
        let bad = [
            "",
            "0",
            "01700000000",
            "+1700000000",
            "-1",
            " 1700000000",
            "1700000000 ",
            "1700000000.0",
            "17e8",
            "NaN",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "-9223372036854775808",
            "１７",
            "١٧",
            "0x10",
            "1_000",
            "1700000000\n",
            &long,
        ];
        for text in bad {
            assert_eq!(
                TimeFormat::UnixSeconds.parse(text.as_bytes()),
                None,
                "{text}"
            );
            assert_eq!(
                TimeFormat::UnixMillis.parse(text.as_bytes()),
                None,
                "{text}"
            );
            assert_eq!(TimeFormat::Rfc3339.parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(TimeFormat::UnixSeconds.parse(b"100000000000"), None);
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let moment = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
        for format in [
            TimeFormat::UnixSeconds,
            TimeFormat::UnixMillis,
            TimeFormat::Rfc3339,
            TimeFormat::HttpDate,
        ] {
            assert_eq!(
                format.parse(format.print(moment).unwrap().as_bytes()),
                Some(moment)
            );
        }
        assert_eq!(
            TimeFormat::UnixSeconds.print(OffsetDateTime::UNIX_EPOCH),
            None
        );
    }

    #[test]
    fn a_date_of_http_has_one_form() {
        let read = |text: &str| TimeFormat::HttpDate.parse(text.as_bytes());
        let moment = read("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(moment.unix_timestamp(), 784_111_777);
        for text in [
            "",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:60 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov \u{e9}94 08:49:37 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_event_may_be_as_old_as_its_last_retry() {
        let horizon = Profile {
            retry_horizon: Duration::from_secs(3600),
            ..Profile::DEFAULT
        };
        let attempt = Timestamp::unix(Source::header("x-time"));
        let event = Timestamp {
            names: Names::Event,
            ..attempt.clone()
        };
        let seconds = |timestamp: &Timestamp| {
            let read = timestamp.read(b"1700000000", &horizon).unwrap();
            (read.past.as_secs(), read.future.as_secs())
        };
        assert_eq!(seconds(&attempt), (300, 300));
        assert_eq!(seconds(&event), (3900, 300));
    }
}
