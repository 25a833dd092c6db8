//! HTTP message signatures (RFC 9421): from the headers of a request to a signature that is to be checked over a base.
//!
//! 1. `Signature-Input` and `Signature` are read, strictly and within bounds.
//! 2. Of all signatures the one that satisfies the policy is chosen; it has to be the only one.
//! 3. Its base is composed of the request, and checked with the keys it may be of.
//! 4. The digest of the body, where it is covered, is computed again.

mod claim;
mod component;
pub(super) mod digest;
pub(super) mod field;
mod sign;
pub(super) mod structured;
pub(super) mod target;

use http::{HeaderMap, HeaderName};
use time::OffsetDateTime;

use self::{
    claim::{Claim, Parsed},
    component::{Component, Message},
    digest::{CONTENT_DIGEST, check_content_digest},
    structured::{Inner, dictionary},
    target::Target,
};
use super::{
    MessageSignature, Part, Scheme, Unverified,
    keys::Ring,
    refusal::{malformed, missing},
    seal::{Sealed, by_a_key},
    url::signed_url,
};
use crate::{
    delivery::Coverage,
    error::{Rejection, RejectionKind},
};

pub(super) use self::{claim::NONCE, sign::sign};

/// Checks what can be checked without a body and without keys: a signature is there that could count.
pub(super) fn check_head(
    scheme: &Scheme,
    policy: &MessageSignature,
    headers: &HeaderMap,
) -> Result<(), Rejection> {
    let fields = Fields::of(scheme, headers)?;
    let parsed = fields.parse()?;
    let judged = parsed.iter().map(|parsed| {
        let claim = parsed.claim(policy)?;
        claim.check_shape(scheme, None)?;
        let could_be = scheme
            .methods
            .iter()
            .any(|method| method.accepts(claim.signature.as_bytes()));
        if could_be {
            Ok(())
        } else {
            Err(malformed(
                "the signature is not written as any of a known algorithm",
            ))
        }
    });
    let mut first = None;
    for judged in judged {
        match judged {
            Ok(()) => return Ok(()),
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    Err(first.unwrap_or_else(|| missing("the signature is missing")))
}

/// Checks the signature of a request.
pub(super) fn verify<'r>(
    scheme: &Scheme,
    policy: &MessageSignature,
    ring: &'r Ring,
    request: &Unverified<'_>,
) -> Result<Sealed<'r>, Rejection> {
    let headers = &request.head.headers;
    let target = Target::new(&signed_url(ring, request))
        .ok_or_else(|| malformed("the URL holds what no URL does"))?;
    let message = Message {
        method: &request.head.method,
        target: &target,
        headers,
    };
    let fields = Fields::of(scheme, headers)?;
    let parsed = fields.parse()?;
    let judged = parsed.iter().map(|parsed| {
        let claim = parsed.claim(policy)?;
        claim.check_shape(scheme, Some((&target, request.body)))?;
        claim.check_key(scheme, ring)?;
        Ok(claim)
    });
    let claim = only(judged, request.now)?;
    let base = base(&claim.components, claim.inner, &message).map_err(malformed)?;
    let (position, key) = by_a_key(
        scheme,
        ring,
        request.now,
        &|key, method| claim.is_of(key) && claim.alg.is_none_or(|alg| *alg == *method.tag),
        &base,
        claim.signature.as_bytes(),
    )?;
    // Only of an authentic request can it be said that it is late.
    claim.check_time(request.now)?;
    let covers_body = claim.covers(CONTENT_DIGEST.as_str());
    if covers_body {
        check_content_digest(headers, request.body)
            .map_err(|reason| Rejection::new(RejectionKind::SignatureMismatch, reason))?;
    }
    Ok(Sealed {
        position,
        key,
        timestamp: claim.timestamp(scheme)?,
        id: claim.id(scheme)?,
        coverage: coverage(scheme, covers_body, request.body),
        base,
    })
}

/// An empty body is covered where a body would have had to be.
pub(super) fn coverage(scheme: &Scheme, covers_body: bool, body: &[u8]) -> Coverage {
    if covers_body || (body.is_empty() && scheme.content.contains(&Part::Body)) {
        Coverage::Whole
    } else {
        Coverage::Nothing
    }
}

/// The one signature that satisfies the policy, else why the first does not. One that ran out counts where no other does.
fn only<'a>(
    judged: impl Iterator<Item = Result<Claim<'a>, Rejection>>,
    now: OffsetDateTime,
) -> Result<Claim<'a>, Rejection> {
    let (mut found, mut late, mut first) = (None, None, None);
    for judged in judged {
        match judged {
            Ok(claim) if claim.has_run_out(now) => late = late.or(Some(claim)),
            Ok(_) if found.is_some() => {
                return Err(malformed(
                    "more than one signature satisfies the policy: ask for a label or tag",
                ));
            }
            Ok(claim) => found = Some(claim),
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    let missing = || first.unwrap_or_else(|| missing("the signature is missing"));
    found.or(late).ok_or_else(missing)
}

/// The signature base (section 2.5).
fn base(
    components: &[Component<'_>],
    inner: &Inner<'_>,
    message: &Message<'_>,
) -> Result<Vec<u8>, &'static str> {
    let mut base = String::new();
    for (component, identifier) in components.iter().zip(&inner.items) {
        identifier.write(&mut base);
        base.push_str(": ");
        base.push_str(&component.value(message)?);
        base.push('\n');
        if base.len() > MOST_BASE {
            return Err("the signature covers more than is read");
        }
    }
    base.push_str("\"@signature-params\": ");
    inner.write(&mut base);
    Ok(base.into_bytes())
}

/// The texts of the two headers.
struct Fields {
    inputs: String,
    signatures: String,
}

impl Fields {
    fn of(scheme: &Scheme, headers: &HeaderMap) -> Result<Self, Rejection> {
        let signature = scheme
            .signature_header()
            .ok_or_else(|| missing("the signature is missing"))?;
        if !headers.contains_key(&signature) {
            return Err(missing("the signature is missing"));
        }
        if !headers.contains_key(&SIGNATURE_INPUT) {
            return Err(missing("the header Signature-Input is missing"));
        }
        Ok(Self {
            inputs: field::exact(headers, &SIGNATURE_INPUT).map_err(malformed)?,
            signatures: field::exact(headers, &signature).map_err(malformed)?,
        })
    }

    /// What each label has.
    fn parse(&self) -> Result<Vec<Parsed<'_>>, Rejection> {
        let inputs = dictionary(&self.inputs).map_err(malformed)?;
        let mut signatures = dictionary(&self.signatures).map_err(malformed)?;
        if inputs.len() > MOST_LABELS || signatures.len() > MOST_LABELS {
            return Err(malformed("the request has too many signatures"));
        }
        // A label that is in one header alone is an error of the whole request (section 4.2).
        let differ = malformed("the headers Signature and Signature-Input have different labels");
        if inputs.len() != signatures.len() {
            return Err(differ);
        }
        let mut parsed = Vec::new();
        for (label, input) in inputs {
            let at = signatures.iter().position(|(known, _)| *known == label);
            let Some(at) = at else {
                return Err(differ);
            };
            let (_, signature) = signatures.swap_remove(at);
            parsed.push(Parsed::new(label, input, signature).map_err(malformed)?);
        }
        Ok(parsed)
    }
}

/// Section 4.1.
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const MOST_LABELS: usize = 16;
/// More than a head that is within its limits can make, but for headers that are covered twice.
const MOST_BASE: usize = 64 * 1024;
