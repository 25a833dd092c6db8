//! Signatures of the drafts before RFC 9421 (draft-cavage-http-signatures-12): one header of parameters, and the lines
//! that `headers` names.

mod parameters;
mod sign;

use http::{HeaderMap, HeaderName, header};

use self::parameters::Parameters;
use super::{
    Part, Scheme, TimeFormat, Unverified,
    keys::Ring,
    message::{
        coverage,
        digest::{DIGEST, check_digest},
        field,
        target::Target,
    },
    refusal::{malformed, missing},
    seal::{Sealed, by_a_key},
    url::signed_url,
};
use crate::{
    delivery::SignedTime,
    error::{Rejection, RejectionKind},
    source::Source,
};

pub(super) use self::sign::sign;

/// Checks what can be checked without a body and without keys.
pub(super) fn check_head(scheme: &Scheme, headers: &HeaderMap) -> Result<(), Rejection> {
    let text = text(scheme, headers)?;
    let parameters = Parameters::parse(&text).map_err(malformed)?;
    check_shape(scheme, &parameters, false)?;
    let could_be = scheme
        .methods
        .iter()
        .any(|method| method.accepts(parameters.signature.as_bytes()));
    if could_be {
        Ok(())
    } else {
        Err(malformed(
            "the signature is not written as any of a known algorithm",
        ))
    }
}

/// Checks the signature of a request.
pub(super) fn verify<'r>(
    scheme: &Scheme,
    ring: &'r Ring,
    request: &Unverified<'_>,
) -> Result<Sealed<'r>, Rejection> {
    let head = request.head;
    let text = text(scheme, &head.headers)?;
    let parameters = Parameters::parse(&text).map_err(malformed)?;
    check_shape(scheme, &parameters, !request.body.is_empty())?;
    let target = Target::new(&signed_url(ring, request))
        .ok_or_else(|| malformed("the URL holds what no URL does"))?;
    let message = Message {
        method: &head.method,
        target: &target,
        headers: &head.headers,
    };
    let base = message.base(&parameters).map_err(malformed)?;
    let timestamp = timestamp(scheme, &parameters, &head.headers)?;
    let names_a_key = ring
        .keys
        .iter()
        .any(|key| *key.public_id() == *parameters.key_id);
    if !names_a_key {
        return Err(Rejection::new(
            RejectionKind::SignatureMismatch,
            "the keyId is the name of no key in the keyring",
        ));
    }
    let (position, key) = by_a_key(
        scheme,
        ring,
        request.now,
        &|key, method| {
            let algorithm = parameters.algorithm;
            let agrees =
                algorithm.is_none_or(|algorithm| algorithm == HS2019 || algorithm == method.tag);
            *key.public_id() == *parameters.key_id && agrees
        },
        base.as_bytes(),
        parameters.signature.as_bytes(),
    )?;
    // Only of an authentic request can it be said that it is late.
    check_expiry(&parameters, request)?;
    let covers_body = parameters.covers(DIGEST.as_str());
    if covers_body {
        check_digest(&head.headers, request.body)
            .map_err(|reason| Rejection::new(RejectionKind::SignatureMismatch, reason))?;
    }
    Ok(Sealed {
        position,
        key,
        timestamp,
        id: None,
        coverage: coverage(scheme, covers_body, request.body),
        base: base.into_bytes(),
    })
}

/// Whether everything is covered that has to be.
fn check_shape(
    scheme: &Scheme,
    parameters: &Parameters<'_>,
    has_body: bool,
) -> Result<(), Rejection> {
    let covers = |name: &str| parameters.covers(name);
    for part in &*scheme.content {
        let (is_covered, what) = match part {
            Part::Method | Part::Path => (covers(REQUEST_TARGET), REQUEST_TARGET),
            Part::Url => (
                covers(REQUEST_TARGET) && covers("host"),
                "(request-target) and host",
            ),
            Part::Body => (!has_body || covers("digest"), "digest, and there is a body"),
            Part::Timestamp => (
                covers(CREATED) || (takes_date(scheme) && covers("date")),
                "(created), nor a date that counts",
            ),
            Part::Header(name) => (covers(&name.to_ascii_lowercase()), &**name),
            // The check of the scheme refuses them.
            _ => (false, "what the scheme says"),
        };
        if !is_covered {
            return Err(Rejection::new(
                RejectionKind::SignatureMalformed,
                format!("the signature does not cover {what}"),
            ));
        }
    }
    let unsaid = |name: &str, said: bool| covers(name) && !said;
    if unsaid(CREATED, parameters.created.is_some())
        || unsaid(EXPIRES, parameters.expires.is_some())
    {
        return Err(malformed(
            "the signature covers a moment that it does not say",
        ));
    }
    if parameters.expires.is_some() && !covers(EXPIRES) {
        return Err(malformed(
            "the signature says when it runs out, and does not cover that",
        ));
    }
    Ok(())
}

/// Whether the header `Date` may say when a request was signed.
fn takes_date(scheme: &Scheme) -> bool {
    let timestamp = scheme.timestamp.as_ref();
    timestamp.is_some_and(|timestamp| timestamp.source == Source::header("date"))
}

/// The moment it was made: what the signature says, else the header.
fn timestamp(
    scheme: &Scheme,
    parameters: &Parameters<'_>,
    headers: &HeaderMap,
) -> Result<Option<SignedTime>, Rejection> {
    let Some(timestamp) = &scheme.timestamp else {
        return Ok(None);
    };
    let text = match parameters.created.filter(|_| parameters.covers(CREATED)) {
        Some(created) => {
            let unix = TimeFormat::UnixSeconds.parse(created.as_bytes());
            let (past, future) = timestamp.window(&scheme.profile);
            let time = unix.ok_or_else(|| malformed("(created) is no moment"))?;
            return Ok(Some(SignedTime::new(time, past, future)));
        }
        None => field::exact(headers, &header::DATE).map_err(malformed)?,
    };
    let read = timestamp.read(text.as_bytes(), &scheme.profile);
    read.map(Some)
        .ok_or_else(|| malformed("the header Date is no HTTP date"))
}

fn check_expiry(parameters: &Parameters<'_>, request: &Unverified<'_>) -> Result<(), Rejection> {
    let Some(expires) = parameters.expires else {
        return Ok(());
    };
    let expires = TimeFormat::UnixSeconds.parse(expires.as_bytes());
    let expires = expires.ok_or_else(|| malformed("(expires) is no moment"))?;
    if expires.unix_timestamp() < request.now.unix_timestamp() {
        return Err(Rejection::new(
            RejectionKind::Stale,
            "the signature has run out",
        ));
    }
    Ok(())
}

/// The text of the parameters.
fn text(scheme: &Scheme, headers: &HeaderMap) -> Result<String, Rejection> {
    let name = scheme
        .signature_header()
        .ok_or_else(|| missing("the signature is missing"))?;
    let mut values = headers.get_all(&name).iter();
    let (first, second) = (values.next(), values.next());
    if first.is_none() {
        return Err(missing("the signature is missing"));
    }
    if second.is_some() {
        return Err(malformed("a header that the signature needs repeats"));
    }
    let text = field::exact(headers, &name).map_err(malformed)?;
    if name != header::AUTHORIZATION {
        return Ok(text);
    }
    let (kind, text) = text.split_once(' ').unwrap_or_default();
    if kind.eq_ignore_ascii_case("signature") {
        Ok(text.to_owned())
    } else {
        Err(missing("the header Authorization has no signature"))
    }
}

/// A request, as far as signatures cover it.
struct Message<'a> {
    method: &'a http::Method,
    target: &'a Target,
    headers: &'a HeaderMap,
}

impl Message<'_> {
    /// The signing string (section 2.3).
    fn base(&self, parameters: &Parameters<'_>) -> Result<String, &'static str> {
        let mut base = String::new();
        for name in &parameters.headers {
            base.push_str(if base.is_empty() { "" } else { "\n" });
            base.push_str(name);
            base.push_str(": ");
            base.push_str(&self.line(name, parameters)?);
            if base.len() > MOST_BASE {
                return Err("the signature covers more than is read");
            }
        }
        Ok(base)
    }

    fn line(&self, name: &str, parameters: &Parameters<'_>) -> Result<String, &'static str> {
        Ok(match name {
            REQUEST_TARGET => {
                format!(
                    "{} {}",
                    self.method.as_str().to_ascii_lowercase(),
                    self.target.path_and_query()
                )
            }
            CREATED => parameters.created.unwrap_or_default().to_owned(),
            EXPIRES => parameters.expires.unwrap_or_default().to_owned(),
            // As the sender knows it: a proxy may have written another one.
            "host" => self.target.host.clone(),
            name => {
                let name = HeaderName::from_bytes(name.as_bytes());
                field::combined(
                    self.headers,
                    &name.map_err(|_| "the name of a covered header is none")?,
                )?
            }
        })
    }
}

const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";
/// Any algorithm: the key decides.
const HS2019: &str = "hs2019";
const MOST_BASE: usize = 64 * 1024;
