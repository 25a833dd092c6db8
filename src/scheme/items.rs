//! Batches of which each item is signed on its own.

use bytes::Bytes;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{Scheme, SchemeVerifier, Unverified, refusal::malformed};
use crate::{
    delivery::Verified,
    envelope::{self, Plan, Unreadable},
    error::Rejection,
};

impl Scheme {
    /// The items of a body, as they stand in it.
    pub(super) fn items_of<'b>(&self, body: &'b [u8]) -> Result<Vec<&'b str>, Unreadable> {
        let pointer = self.items.as_ref().map_or("", |items| &*items.pointer);
        let document = str::from_utf8(body).map_err(|_| Unreadable::Malformed)?;
        let plan = Plan::new([Some(pointer)]);
        let found = plan.read(document)?;
        let array = plan.at(&found, pointer).ok_or(Unreadable::NotABatch)?;
        let elements = envelope::elements(array.get())?;
        Ok(elements.into_iter().map(RawValue::get).collect())
    }
}

impl SchemeVerifier {
    /// What the items prove, all of them together.
    pub(super) fn verify_items(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
        let items = self.scheme().items_of(request.body);
        let items = items.map_err(|reason| malformed(reason.detail()))?;
        // Tokens sign nothing.
        let mut signs = true;
        let mut all = Sha256::new();
        let mut covered = Vec::new();
        let mut last = Err(malformed("the batch has no item"));
        for item in items {
            let body: Bytes = request.body.slice_ref(item.as_bytes());
            let verified = self.verify_one(&Unverified {
                body: &body,
                ..*request
            })?;
            signs &= verified.digest.is_some();
            all.update(verified.digest.unwrap_or_default());
            covered.push(verified.covered.clone().unwrap_or_default());
            last = Ok(verified);
        }
        Ok(Verified {
            digest: signs.then(|| all.finalize().into()),
            covered: None,
            items: covered.into(),
            ..last?
        })
    }
}
