//! [`RetryAfter`]: the earliest moment at which a handler wants to be run again.

use std::time::Duration;

use axum::response::Response;
use http::{StatusCode, header};
use time::OffsetDateTime;

/// What `Retry-After` says (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    In(Duration),
    At(OffsetDateTime),
}

impl RetryAfter {
    /// Of an answer whose status gives it this meaning: 503, and 429 (RFC 6585, section 4).
    pub(crate) fn of(response: &Response) -> Option<Self> {
        let status = response.status();
        if status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let value = response.headers().get(header::RETRY_AFTER)?;
        Self::parse(value.to_str().ok()?.trim())
    }

    fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // So many digits that no number holds them are a long time all the same.
            let seconds = text.parse().unwrap_or(u64::MAX);
            return Some(Self::In(Duration::from_secs(seconds)));
        }
        let moment = httpdate::parse_http_date(text).ok()?;
        Some(Self::At(moment.into()))
    }

    /// How long it is until then; nothing where it has passed.
    pub(crate) fn from(self, now: OffsetDateTime) -> Duration {
        match self {
            Self::In(time) => time,
            Self::At(moment) => (moment - now).try_into().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    /// A second before `Sun, 06 Nov 1994 08:49:37 GMT`, the date of the RFC's examples.
    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(784_111_776).unwrap()
    }

    fn told(status: u16, value: &str) -> Option<Duration> {
        let status = StatusCode::from_u16(status).unwrap();
        let response = (status, [(header::RETRY_AFTER, value)]).into_response();
        RetryAfter::of(&response).map(|after| after.from(now()))
    }

    #[test]
    fn seconds_and_dates_of_all_three_forms_are_read() {
        for (value, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("99999999999999999999999", u64::MAX),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 1),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 1),
            ("Sun Nov  6 08:49:37 1994", 1),
            ("Sun, 06 Nov 1994 09:49:36 GMT", 3600),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ] {
            let expected = Some(Duration::from_secs(seconds));
            assert_eq!(told(503, value), expected, "{value}");
            assert_eq!(told(429, value), expected, "{value}");
        }
    }

    #[test]
    fn nonsense_and_other_statuses_say_nothing() {
        for value in ["", "-1", "1.5", "+5", "soon", "5s", "1994-11-06T08:49:37Z"] {
            assert_eq!(told(503, value), None, "{value}");
        }
        for status in [200, 301, 400, 422, 500, 502] {
            assert_eq!(told(status, "120"), None, "{status}");
        }
    }
}
