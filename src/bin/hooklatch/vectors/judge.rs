//! Whether a case is judged as it says.

use std::{borrow::Cow, time::Duration};

use hooklatch::{
    Clock as _, ConfigErrorKind, RejectionKind, Scheme, SchemeVerifier, SystemClock, Timestamp,
    Unverified, Verified, Verifier as _, provider,
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
        Kind::Webhook | Kind::Response => verdict(case, &schemes),
        Kind::Handshake => return compare_answer(case, &schemes),
        Kind::Primitive => primitive::verdict(case),
    };
    match verdict {
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

/// The verdict of the first scheme whose signature is in the request.
fn verdict(case: &Case, schemes: &[Scheme]) -> Result<Verdict, String> {
    let mut missing = None;
    for scheme in schemes {
        match judge_by(case, scheme)? {
            (Err(reason), true) => {
                missing.get_or_insert(Err(reason));
            }
            (verdict, _) => return Ok(verdict),
        }
    }
    missing.ok_or_else(|| "no scheme to judge it by".to_owned())
}

/// The verdict of this scheme, and whether its signature is missing in the request.
pub(super) fn judge_by(case: &Case, scheme: &Scheme) -> Result<(Verdict, bool), String> {
    let scheme = with_tolerance(case, scheme);
    let keys = keyring(case, &scheme)?;
    let verifier = match SchemeVerifier::new(scheme.into_owned(), keys) {
        Ok(verifier) => verifier,
        // A key that no sender can have: nothing is accepted with it.
        Err(error) if error.kind() == ConfigErrorKind::Key => {
            return Ok((Err(error.to_string()), false));
        }
        Err(error) => return Err(error.to_string()),
    };
    let (head, body) = match case.request(case.body()?) {
        Ok(request) => request.into_parts(),
        // What is no HTTP request never reaches a verifier.
        Err(error) => return Ok((Err(error), false)),
    };
    let now = moment(case)?;
    let at = now.unwrap_or_else(|| SystemClock::default().now());
    let request = Unverified::new(&head, &body, at);
    let verified = verifier
        .check_head(&head)
        .and_then(|()| verifier.verify(&request));
    Ok(match verified {
        Ok(verified) => (fresh(&verified, now), false),
        Err(rejection) => (
            Err(rejection.to_string()),
            rejection.kind() == RejectionKind::SignatureMissing,
        ),
    })
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

/// The scheme with the tolerance of the case.
fn with_tolerance<'s>(case: &Case, scheme: &'s Scheme) -> Cow<'s, Scheme> {
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
