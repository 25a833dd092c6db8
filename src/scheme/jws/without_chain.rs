//! Without public keys there are no certificates.

use std::convert::Infallible;

use time::OffsetDateTime;

use super::{Chain, Members};
use crate::{
    error::Rejection,
    scheme::{Method, algorithm::Prepared, refusal::malformed},
};

/// There is none.
pub(super) struct Presented(Infallible);

pub(super) fn presented(_: &Chain, _: &Members) -> Result<Presented, Rejection> {
    Err(malformed(
        "certificates need the cargo feature `asymmetric`",
    ))
}

impl Presented {
    pub(super) fn leaf(&self, _: &Prepared, _: &Method) -> Option<Prepared> {
        match self.0 {}
    }

    pub(super) fn counts_at(&self, _: &Prepared, _: OffsetDateTime) -> bool {
        match self.0 {}
    }
}

pub(in super::super) fn root(_: &[u8]) -> Result<Prepared, &'static str> {
    Err("needs the cargo feature `asymmetric`")
}
