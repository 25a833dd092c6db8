//! Coinbase Developer Platform. Their page: "Verify signatures (X-Hook0-Signature)".
//!
//! - A `v1` covers the headers that the field `h` lists; each has to be there. The older `v0` covers the time and the
//!   body alone, and counts only where there is no `v1`: a wrong `v1` is a refusal.
//! - The values of headers may hold the full stop that joins them, so no id counts as signed: not `X-Event-Id`,
//!   whether listed or not, nor what stands in the body.
//! - What is the same event under `v0` and `v1`, under whatever id, is caught as a replay.
#![doc = mounting!(COINBASE_CDP, "coinbase-cdp", Keyring::new("5HkzNq7hLJ3xUPVZ"), "checkout.payment.success")]

use super::hook0::sent_by_hook0;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Coinbase Developer Platform, which sends by [Hook0](super::hook0): HMAC-SHA-256 in hex over the timestamp, the headers it lists and the body, in the
/// fields of `X-Hook0-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const COINBASE_CDP: Scheme = sent_by_hook0(
    "coinbase-cdp",
    "Verify signatures (X-Hook0-Signature)",
    EVENT_TYPE,
);

const EVENT_TYPE: &[TypePart] = &[TypePart::new(Source::json("/event_type"))];
