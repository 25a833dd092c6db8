//! What stands in for XML without the feature `xml`: no body is taken for XML, so none of this is reached.

use super::{Plan, Unreadable};

pub(crate) type Found<'d> = [Option<Value<'d>>; Plan::MOST];

pub(crate) type Value<'d> = &'d str;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Paths {
    FromDocument,
    FromRoot,
}

impl Plan {
    #[expect(clippy::unused_self, reason = "as with the feature")]
    pub(crate) fn read_xml<'d>(&self, _: &'d str, _: Paths) -> Result<Found<'d>, Unreadable> {
        Err(Unreadable::Malformed)
    }
}

pub(crate) const fn element<'d>(value: &Value<'d>) -> Option<&'d str> {
    Some(value)
}

pub(crate) fn text(_: &Value<'_>) -> Result<Option<String>, Unreadable> {
    Err(Unreadable::Malformed)
}

pub(crate) fn elements<'d>(_: &'d str, _: &str) -> Result<Vec<&'d str>, Unreadable> {
    Err(Unreadable::Malformed)
}
