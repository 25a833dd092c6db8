//! Whether a body is what the signature stands for, where that does not cover its bytes.

use subtle::ConstantTimeEq as _;

use super::{
    Part, Scheme, Unverified,
    place::{Text, is_last_parameter},
    refusal::{malformed, missing},
};
use crate::{
    envelope::{Kind, limited_form},
    error::{Rejection, RejectionKind},
    source::Source,
};

/// Whether the digest of the body, where the sender gives one, is that of this body.
pub(super) fn check_digest(
    scheme: &Scheme,
    given: Option<&Text<'_>>,
    request: &Unverified<'_>,
) -> Result<(), Rejection> {
    let Some(digest) = &scheme.body_digest else {
        return Ok(());
    };
    let Some(given) = given else {
        return if scheme.needs_digest() {
            Err(missing("the digest of the body is missing"))
        } else {
            Ok(())
        };
    };
    // The fields of a form directly follow the URL: a text of one of them must not pass for a digest in the query.
    let is_last = |name: &str| is_last_parameter(request.head, name);
    if matches!(&digest.source, Source::Query(name) if !is_last(name))
        && scheme.content.contains(&Part::SortedForm)
    {
        return Err(malformed("something follows the digest of the body"));
    }
    let expected = digest.of(request.body);
    let agrees = expected.is_some_and(|expected| expected.as_bytes().ct_eq(&given.text).into());
    if agrees {
        Ok(())
    } else {
        Err(Rejection::new(
            RejectionKind::SignatureMismatch,
            "the signed digest is not that of this body",
        ))
    }
}

/// What is signed as a form has to be one to whoever reads it afterwards, and small enough to be sorted for each key and
/// spelling of the URL.
pub(super) fn check_form(request: &Unverified<'_>) -> Result<(), Rejection> {
    match Kind::of(&request.head.headers, request.body) {
        Kind::Form | Kind::Other => {}
        Kind::Json | Kind::Xml | Kind::Multipart => {
            return Err(malformed("the body is signed as a form and is none"));
        }
    }
    limited_form(request.body)
        .map(drop)
        .map_err(|_| malformed("the form has more fields than are read"))
}
