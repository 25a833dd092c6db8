//! Why a signature is refused: the kinds of it, each in one place. Pure.

use crate::error::{Rejection, RejectionKind};

pub(super) fn missing(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMissing, what)
}

pub(super) fn malformed(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMalformed, what)
}

pub(super) fn mismatch(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMismatch, what)
}

/// No key matched: there was none left to try, or none of those tried is the sender's.
pub(super) fn unmatched(expired: bool, what: &'static str) -> Rejection {
    if expired {
        Rejection::new(
            RejectionKind::KeysUnavailable,
            "every key of the keyring has passed its last moment",
        )
    } else {
        mismatch(what)
    }
}
