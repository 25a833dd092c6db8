//! [`Transactional`]: what the supervisor of a handler needs to know of the handler's transaction.

use std::{fmt, sync::Arc};

use super::{Claim, Fence, StoreFuture};
use crate::delivery::Run;

/// The place of one run's transaction: empty until the handler opens one.
///
/// The handler holds it as its `Tx`; whoever supervises the handler ends it.
pub trait Transactional: fmt::Debug + Send + Sync {
    /// Whether the handler opened it.
    fn is_open(&self) -> bool;

    /// Completes the claims in the transaction, then commits it: both or neither. `false`: a fence is no longer current,
    /// and everything was rolled back.
    fn commit<'a>(&'a self, claims: &'a [(Claim, Fence)]) -> StoreFuture<'a, bool>;

    /// Undoes what the handler wrote, if it wrote anything.
    fn roll_back(&self) -> StoreFuture<'_, ()>;

    /// Ends when the transaction has been open for longer than the store can bear.
    fn overdue(&self) -> StoreFuture<'_, ()>;

    /// The same, for the delivery to carry to the extractor.
    fn into_run(self: Arc<Self>) -> Run;
}
