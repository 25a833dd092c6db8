//! stub
use super::{Chain, Members};
use crate::{
    error::Rejection,
    scheme::{Method, algorithm::Prepared, head::malformed},
};
use time::OffsetDateTime;
pub(super) struct Presented;
pub(super) fn presented(_: &Chain, _: &Members) -> Result<Presented, Rejection> {
    Err(malformed("x"))
}
impl Presented {
    pub(super) fn leaf(&self, _: &Prepared, _: &Method) -> Option<Prepared> {
        None
    }
    pub(super) fn counts_at(&self, _: OffsetDateTime) -> bool {
        false
    }
}
