//! [`Refusal`]: why a request does not verify, and what to do where no usual mistake is the reason.

use std::fmt;

use crate::error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind};

/// Why there is no verifier, or what it says.
pub(super) enum Refusal {
    /// Scheme and keyring are refused, whatever the request.
    Setup(ConfigError),
    /// The head alone condemns the request, whatever its body.
    Head(Rejection),
    Body(Rejection),
}

impl Refusal {
    /// Whether the body was looked at.
    pub(super) const fn is_of_body(&self) -> bool {
        matches!(self, Self::Body(_))
    }

    /// Whether another secret or body may be all that is wrong.
    pub(super) fn is_mismatch(&self) -> bool {
        match self {
            Self::Setup(_) => false,
            Self::Head(rejection) | Self::Body(rejection) => {
                rejection.kind() == RejectionKind::SignatureMismatch
            }
        }
    }

    /// What to do where no usual mistake fits.
    pub(super) fn advice(&self) -> &'static str {
        if self.is_mismatch() {
            return ANOTHER;
        }
        match self {
            Self::Setup(error) => match error.kind() {
                ConfigErrorKind::Key => {
                    "No request can verify by this key as it is configured: copy it once more from where the sender shows it."
                }
                ConfigErrorKind::Param => {
                    "No request can verify until the keyring has the parameter that the sender needs."
                }
                ConfigErrorKind::Feature => "No request can verify until the feature is built in.",
                _ => "No request can verify until the set-up is put right.",
            },
            Self::Head(rejection) => match rejection.kind() {
                RejectionKind::SignatureMissing => {
                    "No secret makes up for what is missing: check that the sender signs its requests, that no proxy drops the \
                     headers of the signature, and that a recording has all of them."
                }
                RejectionKind::SignatureMalformed => {
                    "No secret and no body can match such a signature: check that each of its headers stands there once, and \
                     as the sender writes it; a proxy or a recording may have repeated, cut or changed one."
                }
                RejectionKind::KeysUnavailable => ENDED,
                _ => OTHERWISE,
            },
            Self::Body(rejection) => match rejection.kind() {
                RejectionKind::SignatureMissing | RejectionKind::SignatureMalformed => {
                    "What the signature needs is not there, or not as the sender writes it: the request was changed on its way, \
                     or is of another sender."
                }
                RejectionKind::KeysUnavailable => ENDED,
                _ => OTHERWISE,
            },
        }
    }
}

const ANOTHER: &str = "The secret may be another one, or the body or its signed headers were changed in a way that cannot be undone.";
const ENDED: &str = "None of the keys counts any more, and none has signed this request as it is: give the one that the sender uses now.";
const OTHERWISE: &str =
    "Put right what the verifier says: neither another secret nor another body changes it.";

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(error) => error.fmt(f),
            Self::Head(rejection) | Self::Body(rejection) => rejection.fmt(f),
        }
    }
}
