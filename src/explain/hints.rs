//! What looks odd where nothing fits.

use std::cmp::Ordering;

use http::header;

use super::{
    Explain, attempt::Attempt, body::MOST_JSON, elsewhere::mode, refusal::Refusal,
    signature::looks_like_signature, url,
};
use crate::{delivery::Coverage, source::Source};

/// What may help to go on looking, the certain first. Names of headers are told, and no values.
pub(super) fn hints(attempt: &Attempt, explain: &Explain<'_>, refusal: &Refusal) -> Vec<String> {
    let of_mismatch = || {
        [
            url::assumed(attempt, explain.hides_path),
            sorted_members(attempt),
        ]
    };
    let of_mismatch = refusal.is_mismatch().then(of_mismatch);
    let all = [
        other_length(attempt),
        empty_body(attempt),
        large_body(attempt),
        lost_bytes(attempt),
        encoded(attempt),
        elsewhere(attempt),
    ];
    let of_mismatch = of_mismatch.into_iter().flatten();
    let all = all.into_iter().chain(of_mismatch).chain([of_mode(attempt)]);
    all.flatten().collect()
}

fn other_length(attempt: &Attempt) -> Option<String> {
    let told = attempt.header(header::CONTENT_LENGTH.as_str())?;
    let told: usize = told.trim().parse().ok()?;
    let length = attempt.body.len();
    let change = match length.cmp(&told) {
        Ordering::Less => "cut",
        Ordering::Greater => "lengthened",
        Ordering::Equal => return None,
    };
    Some(format!(
        "the body has {length} bytes and the request says {told} (content-length): the recording or something on the way has \
         {change} or changed it"
    ))
}

/// Senders seldom sort, and many libraries do.
fn sorted_members(attempt: &Attempt) -> Option<String> {
    let document = attempt.document()?;
    let is_covered = attempt.scheme.coverage() != Coverage::Nothing;
    (is_covered && document.is_sorted(FEWEST_SORTED)).then(|| {
        "the members of the JSON object are in alphabetical order: it may have been parsed and written again, by which the order \
         that was signed is lost"
            .to_owned()
    })
}

/// Fewer are in order by chance.
const FEWEST_SORTED: usize = 4;

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
