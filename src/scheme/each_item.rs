//! A token that stands in every item of a batch: all of them have to hold it.

use serde_json::value::RawValue;

use super::{Algorithm, Proof, Scheme, Unverified, check::fault, head::malformed, keys::Ring};
use crate::{
    envelope::{self, Plan, Unreadable},
    error::{Rejection, RejectionKind},
    source::Source,
};

impl Scheme {
    /// Of a signature at `/value/0/token`, in items at `/value`, the pointer within an item: `/token`.
    fn token_of_item(&self) -> Option<&str> {
        let (Source::Json(pointer), Some(items)) = (&self.signature, &self.items) else {
            return None;
        };
        let within = pointer.strip_prefix(&*items.pointer)?.strip_prefix("/0")?;
        within.starts_with('/').then_some(within)
    }

    pub(super) fn each_item_fault(&self) -> Option<String> {
        if self.proof != Proof::EachItem {
            return None;
        }
        let is_token = self
            .methods
            .iter()
            .all(|method| method.algorithm == Algorithm::Token);
        (!is_token || self.token_of_item().is_none())
            .then(|| {
                fault(
                    "what each item holds is a token, which the scheme has in item 0 of its batch",
                )
            })
            .flatten()
    }

    /// The places of the token in this body: its own, or that of each item.
    pub(super) fn token_places(&self, body: &[u8]) -> Vec<Source> {
        let (Proof::EachItem, Some(within), Some(items)) =
            (&self.proof, self.token_of_item(), &self.items)
        else {
            return Vec::new();
        };
        let count = str::from_utf8(body)
            .ok()
            .and_then(|body| Some(elements(body, &items.pointer).ok()?.len()));
        (0..count.unwrap_or_default())
            .map(|index| Source::Json(format!("{}/{index}{within}", items.pointer).into()))
            .collect()
    }

    /// Whether every item holds the token of a key that counts. The first does: it was checked before.
    pub(super) fn check_items(
        &self,
        ring: &Ring,
        request: &Unverified<'_>,
    ) -> Result<(), Rejection> {
        let (Some(within), Some(items)) = (self.token_of_item(), &self.items) else {
            return Ok(());
        };
        let unreadable = |reason: Unreadable| malformed(reason.detail());
        let body = str::from_utf8(request.body).map_err(|_| unreadable(Unreadable::Malformed))?;
        let plan = Plan::new([Some(within)]);
        for element in elements(body, &items.pointer).map_err(unreadable)? {
            let [token, ..] = plan.read(element.get()).map_err(unreadable)?;
            let token = token.map_or(Ok(None), envelope::text).map_err(unreadable)?;
            let token = token.unwrap_or_default();
            let is_token =
                |found, key: &super::keys::Key| key.prepared.is_token(token.as_bytes()) | found;
            let keys = ring.counting_at(request.now).map(|(_, key)| key);
            if !keys.fold(false, is_token) {
                return Err(Rejection::new(
                    RejectionKind::SignatureMismatch,
                    "an item of the batch holds no token that counts",
                ));
            }
        }
        Ok(())
    }
}

fn elements<'b>(body: &'b str, pointer: &str) -> Result<Vec<&'b RawValue>, Unreadable> {
    let [array, ..] = Plan::new([Some(pointer)]).read(body)?;
    envelope::elements(array.ok_or(Unreadable::NotABatch)?.get())
}
