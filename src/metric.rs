//! The names of the metrics, and the few places that count.
//!
//! Counted through the [`metrics`] facade: without a recorder a count costs next to nothing.

use metrics::{counter, histogram};

/// Deliveries whose handler ran, by `receiver` and `outcome` (`done`, `refused`, `retry`, `panic`,
/// `deadline`, `aborted`, `lease_lost`).
pub const HANDLED: &str = "hooklatch_handled_total";
/// Seconds a handler took, by `receiver`.
pub const HANDLER_SECONDS: &str = "hooklatch_handler_seconds";
/// Deliveries acknowledged without a run, by `receiver` and `reason` (`duplicate`, `replay`, `ignored`).
pub const SKIPPED: &str = "hooklatch_skipped_total";
/// Refused requests, by `receiver` and `kind`.
pub const REJECTIONS: &str = "hooklatch_rejections_total";
/// Deliveries whose signature matched a key other than the first of the keyring, by `receiver` and `key` (its name).
/// Zero for as long as the sender retries: the old key can go.
pub const OLD_KEY_MATCHES: &str = "hooklatch_old_key_matches_total";
/// Completed keys a full memory store forgot before their retention ended.
pub const FORGOTTEN: &str = "hooklatch_store_forgotten_total";

pub(crate) fn handled(receiver: &str, outcome: &'static str, seconds: f64) {
    counter!(HANDLED, "receiver" => receiver.to_owned(), "outcome" => outcome).increment(1);
    histogram!(HANDLER_SECONDS, "receiver" => receiver.to_owned()).record(seconds);
}

pub(crate) fn skipped(receiver: &str, reason: &'static str) {
    counter!(SKIPPED, "receiver" => receiver.to_owned(), "reason" => reason).increment(1);
}

pub(crate) fn rejected(receiver: &str, kind: &'static str) {
    counter!(REJECTIONS, "receiver" => receiver.to_owned(), "kind" => kind).increment(1);
}

pub(crate) fn old_key(receiver: &str, key: &str) {
    counter!(OLD_KEY_MATCHES, "receiver" => receiver.to_owned(), "key" => key.to_owned())
        .increment(1);
}

pub(crate) fn forgotten() {
    counter!(FORGOTTEN).increment(1);
}
