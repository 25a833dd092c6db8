//! What looks odd where nothing fits.

use http::header;

use super::{attempt::Attempt, body::MOST_JSON, elsewhere::mode, signature::looks_like_signature};
use crate::{delivery::Coverage, source::Source};

/// What may help to go on looking. Names of headers are told, and no values.
pub(super) fn hints(attempt: &Attempt) -> Vec<String> {
    [
        empty_body(attempt),
        large_body(attempt),
        lost_bytes(attempt),
        encoded(attempt),
        elsewhere(attempt),
        of_mode(attempt),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn empty_body(attempt: &Attempt) -> Option<String> {
    let empty = attempt.body.is_empty() && attempt.scheme.coverage() != Coverage::Nothing;
    empty.then(|| {
        "the body is empty: something in front of the verifier may have read it already".to_owned()
    })
}

fn large_body(attempt: &Attempt) -> Option<String> {
    (attempt.body.len() > MOST_JSON).then(|| {
        "the body is larger than 1 MiB: whether JSON was parsed and written again was not tried"
            .to_owned()
    })
}

fn lost_bytes(attempt: &Attempt) -> Option<String> {
    let text = str::from_utf8(&attempt.body).ok()?;
    text.contains('\u{fffd}').then(|| {
        "the body holds replacement characters (U+FFFD): it was decoded as text that it was not, and what was there is lost"
            .to_owned()
    })
}

fn encoded(attempt: &Attempt) -> Option<String> {
    let encoding = attempt.head.headers.get(header::CONTENT_ENCODING);
    encoding.map(|_| {
        "the request has a content encoding: something on the way may have compressed or expanded the body".to_owned()
    })
}

/// The headers that look like a signature, where the expected one is not there.
fn elsewhere(attempt: &Attempt) -> Option<String> {
    let Source::Header(expected) = &attempt.scheme.signature else {
        return None;
    };
    let names = || attempt.head.headers.keys();
    if names().any(|name| name.as_str().ends_with(&**expected)) {
        return None;
    }
    let names: Vec<_> = names()
        .filter(|name| looks_like_signature(name))
        .map(http::HeaderName::as_str)
        .collect();
    let others = if names.is_empty() {
        "none that looks like a signature".to_owned()
    } else {
        format!("those that look like a signature are {}", names.join(", "))
    };
    Some(format!("the request has no header `{expected}`; {others}"))
}

fn of_mode(attempt: &Attempt) -> Option<String> {
    let mode = mode(&attempt.body)?;
    Some(format!(
        "the body says that the event is of {mode}: check that the secret is of the same mode"
    ))
}
