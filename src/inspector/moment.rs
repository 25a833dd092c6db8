//! How moments and lengths are shown.

use maud::{Markup, html};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How long ago a moment was. The script keeps it current; the whole moment is its tooltip.
pub(super) fn ago(at: OffsetDateTime, now: OffsetDateTime) -> Markup {
    let seconds = (now - at).whole_seconds().max(0);
    let at = text(at);
    html! { time datetime=(at) title=(at) data-age=(seconds) { (length(seconds)) " ago" } }
}

/// A moment, in UTC.
pub(super) fn exactly(at: OffsetDateTime) -> Markup {
    let at = text(at);
    html! { time datetime=(at) { (at) } }
}

/// A moment of RFC 3339, with milliseconds.
pub(super) fn text(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let millis = at.replace_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000);
    // A moment of the year 10,000 has no such text.
    millis.unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

/// Seconds in the largest unit that fits, as the script says it too.
pub(super) fn length(seconds: i64) -> String {
    match seconds {
        seconds @ ..=59 => format!("{seconds} s"),
        seconds @ 60..=3_599 => format!("{} min", seconds / 60),
        seconds @ 3_600..=86_399 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A number of bytes for people.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        ..=1_023 => format!("{bytes} bytes"),
        1_024..=1_048_575 => format!("{} KiB ({bytes} bytes)", bytes.div_ceil(1_024)),
        _ => format!("{} MiB ({bytes} bytes)", bytes.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes() {
        let lengths = [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 864_000].map(length);
        let expected = [
            "0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "1 d", "10 d",
        ];
        assert_eq!(lengths, expected);
        assert_eq!(size(1), "1 bytes");
        assert_eq!(size(1_025), "2 KiB (1025 bytes)");
    }

    #[test]
    fn moments_are_in_utc_and_milliseconds() {
        let at = OffsetDateTime::parse("2026-05-01T12:00:00.1239+02:00", &Rfc3339).unwrap();
        assert_eq!(text(at), "2026-05-01T10:00:00.123Z");
    }
}
