//! When a token counts: its timestamp's window, and what `exp`, `nbf` and `iat` leave of it. Pure.

use std::time::Duration as StdDuration;

use time::{Duration, OffsetDateTime};

use super::{Jws, Members};
use crate::{
    delivery::SignedTime,
    error::Rejection,
    scheme::{Scheme, TimeFormat, refusal::malformed},
};

/// The moment of a token and how far it may be from now; `None` where it has neither timestamp nor end.
///
/// Without a timestamp of the scheme a token counts from `nbf`, else `iat`, to `exp`, with the leeway on either side. It
/// never counts for longer than an event is remembered, whatever it says, or it could be used again after that.
pub(super) fn of(
    jws: &Jws,
    scheme: &Scheme,
    stamp: Option<SignedTime>,
    claims: &Members,
) -> Result<Option<SignedTime>, Rejection> {
    let (exp, nbf) = (moment(claims, "/exp")?, moment(claims, "/nbf")?);
    if exp.is_none() && nbf.is_none() {
        return Ok(stamp);
    }
    let issued = nbf.or(moment(claims, "/iat")?);
    let leeway = signed(jws.leeway);
    let at = stamp.map(|stamp| stamp.at).or(issued).or(exp);
    let Some(at) = at else {
        return Ok(None);
    };
    let starts = [
        stamp.map(|stamp| stamp.at.saturating_sub(signed(stamp.future))),
        issued.map(|issued| issued.saturating_sub(leeway)),
    ];
    let ends = [
        stamp.map(|stamp| stamp.at.saturating_add(signed(stamp.past))),
        exp.map(|exp| exp.saturating_add(leeway)),
    ];
    let kept = signed(scheme.profile.retention);
    let end = ends.into_iter().flatten().min();
    let start = starts.into_iter().flatten().max();
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) => (start, end.min(start.saturating_add(kept))),
        (Some(start), None) => (start, start.saturating_add(kept)),
        (None, Some(end)) => (end.saturating_sub(kept), end),
        (None, None) => return Ok(None),
    };
    if start > end {
        return Err(malformed("the token ends before it begins"));
    }
    let at = at.clamp(start, end);
    Ok(Some(SignedTime::new(
        at,
        (end - at).unsigned_abs(),
        (at - start).unsigned_abs(),
    )))
}

/// A moment in whole seconds (RFC 7519, section 2, NumericDate); one that is written otherwise is refused.
fn moment(claims: &Members, pointer: &str) -> Result<Option<OffsetDateTime>, Rejection> {
    if claims.at(pointer).is_none() {
        return Ok(None);
    }
    let text = claims.text(pointer);
    let moment = text.and_then(|text| TimeFormat::UnixSeconds.parse(text.as_bytes()));
    moment
        .map(Some)
        .ok_or_else(|| malformed("a moment of the token is not in whole seconds"))
}

fn signed(duration: StdDuration) -> Duration {
    Duration::try_from(duration).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unwrap_in_result, reason = "a test fails by panicking")]
    fn window(claims: &str, stamp: Option<SignedTime>) -> Option<(i64, u64, u64)> {
        let claims = Members::parse(claims.as_bytes()).unwrap();
        let time = of(&Jws::CLAIMS, &Scheme::JWT_HS256, stamp, &claims).unwrap()?;
        Some((
            time.at.unix_timestamp(),
            time.past.as_secs(),
            time.future.as_secs(),
        ))
    }

    #[test]
    fn a_token_counts_from_its_beginning_to_its_end() {
        assert_eq!(window("{}", None), None);
        assert_eq!(window(r#"{"iat":1000}"#, None), None);
        assert_eq!(
            window(r#"{"nbf":1000,"exp":1100}"#, None),
            Some((1000, 160, 60))
        );
        assert_eq!(
            window(r#"{"iat":1000,"exp":1100}"#, None),
            Some((1000, 160, 60))
        );
        let month = 30 * 24 * 3600;
        assert_eq!(
            window(r#"{"exp":99999999999}"#, None),
            Some((99_999_999_999, 60, month - 60))
        );
        assert_eq!(
            window(r#"{"nbf":1000}"#, None),
            Some((1000, month - 60, 60))
        );
        let long = window(r#"{"nbf":1000,"exp":99999999999}"#, None);
        assert_eq!(long, Some((1000, month - 60, 60)));
    }

    #[test]
    fn a_timestamp_is_narrowed_and_never_widened() {
        let stamp = |at| {
            let both = StdDuration::from_secs(300);
            let at = OffsetDateTime::from_unix_timestamp(at).unwrap();
            Some(SignedTime::new(at, both, both))
        };
        assert_eq!(
            window(r#"{"exp":99999999999}"#, stamp(1000)),
            Some((1000, 300, 300))
        );
        assert_eq!(
            window(r#"{"exp":1100}"#, stamp(1000)),
            Some((1000, 160, 300))
        );
        assert_eq!(
            window(r#"{"nbf":1000}"#, stamp(1000)),
            Some((1000, 300, 60))
        );
        // One that ended before it was signed is as old as its end.
        assert_eq!(window(r#"{"exp":900}"#, stamp(1000)), Some((960, 0, 260)));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for claims in [
            r#"{"exp":-1}"#,
            r#"{"exp":1e3}"#,
            r#"{"exp":1000.5}"#,
            r#"{"exp":"soon"}"#,
            r#"{"exp":18446744073709551616}"#,
            r#"{"exp":9223372036854775807}"#,
            r#"{"exp":null}"#,
            r#"{"exp":[1000]}"#,
            r#"{"nbf":1000,"exp":100}"#,
        ] {
            let claims = Members::parse(claims.as_bytes()).unwrap();
            assert!(of(&Jws::CLAIMS, &Scheme::JWT_HS256, None, &claims).is_err());
        }
    }
}
