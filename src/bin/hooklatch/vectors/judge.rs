//! Whether a case is judged as it says.

use std::{borrow::Cow, io::Read as _, time::Duration};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use hooklatch::{
    Clock as _, Compression, ConfigError, ConfigErrorKind, Param, Part, Proof, Scheme,
    SchemeVerifier, SystemClock, Timestamp, Unverified, Verified, Verifier as _, provider,
};
use time::OffsetDateTime;

use super::{
    case::{Case, Expect, Kind},
    challenge,
    decisions::Decisions,
    keys::keyring,
    primitive,
};

/// What came of a case.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// Judged as hooklatch decided for this case, and why.
    Decided(String),
    Failed(String),
    /// Of a sender that is not known.
    Unknown,
}

/// Accepted, or the reason why not.
pub(crate) type Verdict = Result<(), String>;

pub(crate) fn judge(case: &Case, decisions: &Decisions) -> Outcome {
    let schemes = schemes_of(case);
    if schemes.is_empty() && case.kind != Kind::Primitive {
        return Outcome::Unknown;
    }
    let verdict = match case.kind {
        // A response has parts that no request has: it is judged as the request that it is not.
        Kind::Webhook | Kind::Response => verdict(case, &schemes),
        Kind::Handshake => return compare_answer(case, &schemes),
        Kind::Primitive => primitive::verdict(case),
    };
    match verdict {
        // Some deliveries are challenges as well.
        Ok(Ok(())) if case.expected_response.is_some() => compare_answer(case, &schemes),
        Ok(verdict) => compare(case, &verdict, decisions),
        Err(fault) => Outcome::Failed(fault),
    }
}

fn compare(case: &Case, verdict: &Verdict, decisions: &Decisions) -> Outcome {
    let agrees = verdict.is_ok() == (case.expect == Expect::Valid);
    let said = match verdict {
        Ok(()) => "accepted",
        Err(reason) => reason,
    };
    match decisions.of(&case.id) {
        Some(decision) if decision.agree == agrees => {
            let word = if verdict.is_ok() {
                "accepted"
            } else {
                "refused"
            };
            Outcome::Decided(format!("{word}, since {}", decision.reason))
        }
        Some(decision) => {
            Outcome::Failed(format!("{said}, against the decision: {}", decision.reason))
        }
        None if agrees && case.policy_sensitive => {
            Outcome::Failed("a matter of policy of which nothing is decided".to_owned())
        }
        None if agrees => Outcome::Passed,
        None => Outcome::Failed(format!("{said}, and should not be: {}", case.why)),
    }
}

fn compare_answer(case: &Case, schemes: &[Scheme]) -> Outcome {
    match challenge::answer(case, schemes) {
        Ok(()) => Outcome::Passed,
        Err(fault) => Outcome::Failed(fault),
    }
}

/// The schemes a case may be about: that of its variant, else the sender's own, then the sender's others.
pub(crate) fn schemes_of(case: &Case) -> Vec<Scheme> {
    let variant = case.variant.as_deref();
    let of_variant = variant.map(|variant| format!("{}-{variant}", case.provider));
    if let Some(scheme) = of_variant.and_then(|name| provider::by_name(&name)) {
        return vec![scheme.clone()];
    }
    let own = provider::by_name(&case.provider);
    let prefix = format!("{}-", case.provider);
    let others = provider::ALL
        .iter()
        .filter(|scheme| scheme.name.starts_with(&prefix));
    own.into_iter().chain(others).cloned().collect()
}

/// Accepted where one of the sender's schemes accepts it, else the reason of the first.
fn verdict(case: &Case, schemes: &[Scheme]) -> Result<Verdict, String> {
    let mut first = None;
    for scheme in schemes {
        let verdict = judge_by(case, scheme)?;
        if verdict.is_ok() {
            return Ok(verdict);
        }
        first.get_or_insert(verdict);
    }
    first.ok_or_else(|| "no scheme to judge it by".to_owned())
}

/// The verdict of this scheme.
pub(super) fn judge_by(case: &Case, scheme: &Scheme) -> Result<Verdict, String> {
    let scheme = as_the_case_has_it(case, scheme);
    let verifier = match verifier(case, &scheme) {
        Ok(verifier) => verifier,
        // A key that no sender can have: nothing is accepted with it.
        Err(error) if error.kind() == ConfigErrorKind::Key => return Ok(Err(error.to_string())),
        Err(error) => return Err(error.to_string()),
    };
    let (head, body) = match case.request(expanded(&scheme, case.body()?)?) {
        Ok(request) => request.into_parts(),
        // What is no HTTP request never reaches a verifier.
        Err(error) => return Ok(Err(error)),
    };
    let now = moment(case)?;
    let at = now.unwrap_or_else(|| SystemClock::default().now());
    let verified = verifier
        .check_head(&head)
        .and_then(|()| verifier.verify(&Unverified::new(&head, &body, at)));
    Ok(match verified {
        Ok(verified) => fresh(&verified, now),
        Err(rejection) => Err(rejection.to_string()),
    })
}

/// The verifier of a scheme with the keys of a case, and the parameters that only its URL challenges need.
fn verifier(case: &Case, scheme: &Scheme) -> Result<SchemeVerifier, ConfigError> {
    let keys = keyring(case, scheme);
    let made = SchemeVerifier::new(scheme.clone(), keys.clone());
    match made {
        Err(error) if error.kind() == ConfigErrorKind::Param => {
            let url = case.url.as_deref().unwrap_or("https://example.com/");
            SchemeVerifier::new(scheme.clone(), keys.with(Param::PublicUrl, url))
        }
        made => made,
    }
}

/// The body as the scheme's verifier sees it: a receiver expands what is signed expanded.
fn expanded(scheme: &Scheme, body: Bytes) -> Result<Bytes, String> {
    if scheme.compression != Compression::SignedExpanded || !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(scheme.profile.body_limit).unwrap_or(u64::MAX);
    let read = MultiGzDecoder::new(&*body)
        .take(limit)
        .read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    Ok(bytes.into())
}

fn moment(case: &Case) -> Result<Option<OffsetDateTime>, String> {
    let now = case.now.map(OffsetDateTime::from_unix_timestamp);
    now.transpose().map_err(|error| format!("now: {error}"))
}

fn fresh(verified: &Verified, now: Option<OffsetDateTime>) -> Verdict {
    let (Some(time), Some(now)) = (verified.timestamp(), now) else {
        return Ok(());
    };
    if now - time.at > time.past {
        Err("the timestamp is too old".to_owned())
    } else if time.at - now > time.future {
        Err("the timestamp lies too far in the future".to_owned())
    } else {
        Ok(())
    }
}

/// The scheme with the tolerance of the case. What the examples of RFC 9421 cover is chosen to show how, and not to
/// protect a webhook: a case that does not ask for more by its variant is judged by what it covers.
fn as_the_case_has_it<'s>(case: &Case, scheme: &'s Scheme) -> Cow<'s, Scheme> {
    if matches!(scheme.proof, Proof::MessageSignature(_)) && case.variant.is_none() {
        return Cow::Owned(Scheme {
            content: Cow::Borrowed(&[Part::Timestamp]),
            ..scheme.clone()
        });
    }
    match (case.tolerance_s, &scheme.timestamp) {
        (Some(seconds), Some(timestamp)) => Cow::Owned(Scheme {
            timestamp: Some(Timestamp {
                tolerance: Duration::from_secs(seconds),
                ..timestamp.clone()
            }),
            ..scheme.clone()
        }),
        _ => Cow::Borrowed(scheme),
    }
}
