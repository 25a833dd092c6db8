//! The names of the metrics, and the few places that count.
//!
//! Counted through the [`metrics`] facade: without a recorder a count costs next to nothing.

use std::{sync::Arc, time::Duration};

use metrics::{
    Key, Label, Level, Metadata, SharedString, Unit, counter, describe_counter, describe_gauge,
    describe_histogram, gauge, with_recorder,
};

/// Deliveries whose handler ran, by `receiver` and `outcome` (`done`, `refused`, `retry`, `panic`,
/// `deadline`, `aborted`, `lease_lost`).
pub const HANDLED: &str = "hooklatch_handled_total";
/// Seconds a handler took, by `receiver`.
pub const HANDLER_SECONDS: &str = "hooklatch_handler_seconds";
/// New deliveries written to an inbox and acknowledged, by `receiver`.
pub const ACCEPTED: &str = "hooklatch_accepted_total";
/// Deliveries acknowledged without a run, by `receiver` and `reason` (`duplicate`, `replay`, `ignored`, and
/// of an inbox `dead` and `revived`: a copy of a dead delivery).
pub const SKIPPED: &str = "hooklatch_skipped_total";
/// Refused requests, by `receiver` and `kind`.
pub const REJECTIONS: &str = "hooklatch_rejections_total";
/// Deliveries whose signature matched a key other than the first of the keyring, by `receiver` and `key` (its name).
/// Zero for as long as the sender retries: the old key can go.
pub const OLD_KEY_MATCHES: &str = "hooklatch_old_key_matches_total";
/// Completed keys a full memory store forgot before their retention ended.
pub const FORGOTTEN: &str = "hooklatch_store_forgotten_total";

/// Deliveries of an inbox that are pending or running, by `receiver`.
pub const INBOX_PENDING: &str = "hooklatch_inbox_pending";
/// Deliveries of an inbox that are dead, by `receiver`.
pub const INBOX_DEAD: &str = "hooklatch_inbox_dead";
/// Seconds that a delivery of an inbox which is due has waited, the most of all, by `receiver`; 0 where nothing is due.
pub const INBOX_AGE_SECONDS: &str = "hooklatch_inbox_age_seconds";

/// Describes all metrics to the recorder that is installed, as for the lines `# HELP` of Prometheus.
///
/// ```
/// // After the recorder is installed:
/// hooklatch::metric::describe();
/// ```
pub fn describe() {
    describe_counter!(HANDLED, "Deliveries whose handler ran, by outcome");
    describe_histogram!(HANDLER_SECONDS, Unit::Seconds, "How long handlers took");
    describe_counter!(ACCEPTED, "New deliveries written to an inbox");
    describe_counter!(SKIPPED, "Deliveries acknowledged without a run, by reason");
    describe_counter!(REJECTIONS, "Refused requests, by kind");
    describe_counter!(
        OLD_KEY_MATCHES,
        "Signatures that matched a key other than the first"
    );
    describe_counter!(
        FORGOTTEN,
        "Completed keys that a full memory store forgot early"
    );
    describe_gauge!(INBOX_PENDING, "Deliveries that are pending or running");
    describe_gauge!(INBOX_DEAD, "Deliveries that are dead");
    describe_gauge!(
        INBOX_AGE_SECONDS,
        Unit::Seconds,
        "How long what is due has waited, at most"
    );
}

/// What is counted of every delivery, its labels put together once. The recorder is asked each time: it may be installed
/// later than a receiver is made.
#[derive(Debug)]
pub(crate) struct Handled {
    receiver: Arc<str>,
    done: Key,
    seconds: Key,
}

impl Handled {
    pub(crate) fn new(receiver: &Arc<str>) -> Self {
        let named = || Label::new("receiver", SharedString::from(Arc::clone(receiver)));
        Self {
            done: Key::from_parts(HANDLED, vec![named(), Label::new("outcome", DONE)]),
            seconds: Key::from_parts(HANDLER_SECONDS, vec![named()]),
            receiver: Arc::clone(receiver),
        }
    }

    pub(crate) fn count(&self, outcome: &'static str, seconds: f64) {
        if outcome == DONE {
            with_recorder(|recorder| recorder.register_counter(&self.done, &METADATA)).increment(1);
        } else {
            let receiver = SharedString::from(Arc::clone(&self.receiver));
            counter!(HANDLED, "receiver" => receiver, "outcome" => outcome).increment(1);
        }
        with_recorder(|recorder| recorder.register_histogram(&self.seconds, &METADATA))
            .record(seconds);
    }
}

pub(crate) fn accepted(receiver: &Arc<str>) {
    counter!(ACCEPTED, "receiver" => SharedString::from(Arc::clone(receiver))).increment(1);
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

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a gauge is a float"
)]
pub(crate) fn backlog(receiver: &Arc<str>, pending: u64, dead: u64, oldest: Option<Duration>) {
    let receiver = || SharedString::from(Arc::clone(receiver));
    gauge!(INBOX_PENDING, "receiver" => receiver()).set(pending as f64);
    gauge!(INBOX_DEAD, "receiver" => receiver()).set(dead as f64);
    let age = oldest.unwrap_or_default().as_secs_f64();
    gauge!(INBOX_AGE_SECONDS, "receiver" => receiver()).set(age);
}

pub(crate) fn forgotten() {
    counter!(FORGOTTEN).increment(1);
}

/// The outcome of nearly all runs.
pub(crate) const DONE: &str = "done";

const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
