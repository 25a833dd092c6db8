//! What can come to a receiver.

use std::fmt;

/// One thing that happens to every receiver sooner or later. [`ALL`](Self::ALL) is the order in which they are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Situation {
    /// A genuine event: done once, and acknowledged.
    Valid,
    /// A genuine event in JSON with other white space: what is signed is bytes, not a document.
    OtherSpelling,
    /// One bit of the body is not the signed one.
    Forged,
    /// Signed with another key.
    WrongKey,
    /// No signature, and an empty one.
    MissingSignature,
    /// A signature that is none, and the beginning of a genuine one.
    GarbageSignature,
    /// A genuine request that is captured and sent when it is too old.
    StaleTimestamp,
    /// Signed in the future.
    EarlyTimestamp,
    /// An old request under a timestamp of now, which is not the signed one.
    ChangedTimestamp,
    /// A forged body that is no JSON: answered like any other forgery, for nothing is parsed before it is verified.
    NotJson,
    /// All failures of authentication look alike.
    Uniform,
    /// The same event twice: done once, both acknowledged.
    Duplicate,
    /// The same event as the sender retries it.
    Redelivery,
    /// Copies at the same time: done once, none refused, all acknowledged in the end.
    Copies,
    /// The handler fails and the sender tries again: not acknowledged at first, then done once.
    FailedThenRetried,
    /// The client hangs up while the handler runs, and tries again: done once.
    HangUp,
    /// The same signed bytes under another id, where the id is not signed: done once.
    OtherId,
    /// A batch, twice: each event of it done once.
    Batch,
    /// The sender's URL challenge: answered as the sender expects it.
    Handshake,
    /// A body above the limit: refused before it is read to its end.
    Oversized,
    /// No answer to anything that was sent holds the secret.
    SecretInAnswer,
}

impl Situation {
    /// All situations.
    pub const ALL: [Self; 21] = [
        Self::Valid,
        Self::OtherSpelling,
        Self::Forged,
        Self::WrongKey,
        Self::MissingSignature,
        Self::GarbageSignature,
        Self::StaleTimestamp,
        Self::EarlyTimestamp,
        Self::ChangedTimestamp,
        Self::NotJson,
        Self::Uniform,
        Self::Duplicate,
        Self::Redelivery,
        Self::Copies,
        Self::FailedThenRetried,
        Self::HangUp,
        Self::OtherId,
        Self::Batch,
        Self::Handshake,
        Self::Oversized,
        Self::SecretInAnswer,
    ];

    /// What it is called in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::OtherSpelling => "other white space",
            Self::Forged => "forged body",
            Self::WrongKey => "wrong key",
            Self::MissingSignature => "missing signature",
            Self::GarbageSignature => "garbage signature",
            Self::StaleTimestamp => "stale timestamp",
            Self::EarlyTimestamp => "timestamp of the future",
            Self::ChangedTimestamp => "changed timestamp",
            Self::NotJson => "forged, no JSON",
            Self::Uniform => "uniform refusals",
            Self::Duplicate => "duplicate",
            Self::Redelivery => "redelivery",
            Self::Copies => "concurrent copies",
            Self::FailedThenRetried => "failed, then retried",
            Self::HangUp => "hang-up",
            Self::OtherId => "replay under another id",
            Self::Batch => "batch",
            Self::Handshake => "URL challenge",
            Self::Oversized => "oversized body",
            Self::SecretInAnswer => "secret in an answer",
        }
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
