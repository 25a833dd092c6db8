//! [`Profile`]: how a sender delivers, waits and retries.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

/// How a sender delivers: what it waits for, whether it tries again, and how long an id must be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "users write profiles as literals"
)]
pub struct Profile {
    /// How long the sender waits for an answer. Ours comes half a second earlier, and within ten seconds.
    #[serde(with = "seconds")]
    pub answer_within: Duration,
    /// How long after the event the sender still tries again. Zero: it never does by itself.
    #[serde(with = "seconds")]
    pub retry_horizon: Duration,
    /// What the sender makes of an answer in the 4xx range.
    pub on_client_error: OnClientError,
    /// Whether a redelivery, automatic or by hand, carries the same event id.
    pub redelivery_keeps_id: bool,
    /// How long a completed event is remembered; must outlive the sender's retries and redeliveries.
    #[serde(with = "seconds")]
    pub retention: Duration,
    /// The largest body accepted, in bytes.
    pub body_limit: usize,
    /// Where identical signed bytes under another id are ordinary.
    pub repeats: Repeats,
    /// The status of a permanent refusal: 422, unless the sender has one of its own that stops it.
    pub refusal_status: u16,
    /// A response header (name and value) that tells the sender to stop trying, for a permanent refusal.
    pub stop_header: Option<(Cow<'static, str>, Cow<'static, str>)>,
    /// Whether the sender reads the body of the answer, so that a handler's [`Reply`](crate::Reply) reaches it.
    pub reads_reply: bool,
    /// What an answer must say for the sender to count the event as accepted, where its status is not enough.
    pub accepted: Option<Acknowledgement>,
}

impl Profile {
    /// A sender of whom nothing is known: 10 s, retries for three days, 1 MiB, remembered for 30 days.
    pub const DEFAULT: Self = Self {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(3 * DAY),
        on_client_error: OnClientError::Retry,
        redelivery_keeps_id: true,
        retention: Duration::from_secs(30 * DAY),
        body_limit: 1024 * 1024,
        repeats: Repeats::Refuse,
        refusal_status: 422,
        stop_header: None,
        reads_reply: false,
        accepted: None,
    };

    /// When we answer, counted from the arrival of the request: half a second before the sender gives up, within 10 s.
    #[must_use]
    pub fn answer_deadline(&self) -> Duration {
        self.answer_within
            .saturating_sub(HALF_A_SECOND)
            .clamp(HALF_A_SECOND, Duration::from_secs(10))
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The body of an answer that means "done", for a sender that reads it. It is sent with status 200 whenever an event
/// needs no further try: handled, a duplicate, or of a type without a handler; and with no other answer.
///
/// ```
/// use hooklatch::{Acknowledgement, Profile};
///
/// let accepted = Acknowledgement { content_type: "text/plain".into(), body: "[accepted]".into() };
/// let profile = Profile { accepted: Some(accepted), ..Profile::DEFAULT };
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "part of the description users write"
)]
pub struct Acknowledgement {
    /// The content type, as `text/plain`.
    pub content_type: Cow<'static, str>,
    /// The body, as `[accepted]`.
    pub body: Cow<'static, str>,
}

/// What a sender makes of an answer in the 4xx range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the description users write"
)]
pub enum OnClientError {
    /// It tries again, as after a 5xx.
    #[default]
    Retry,
    /// It never tries that delivery again.
    GiveUp,
    /// It gives up and may disable the endpoint.
    Disable,
}

/// What to make of the same signed bytes under another event id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the description users write"
)]
pub enum Repeats {
    /// A replay: refused.
    #[default]
    Refuse,
    /// Ordinary: the handler runs and [`Delivery::repeats_content`](crate::Delivery::repeats_content) says so.
    Flag,
    /// Ordinary for events whose type, or its first part, is one of these; a replay otherwise.
    FlagTypes(Cow<'static, [Cow<'static, str>]>),
}

const DAY: u64 = 24 * 3600;
const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// Durations as whole seconds, as a configuration file writes them.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
