//! Random texts that nobody can guess, and their comparison.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// 256 random bits as 64 hexadecimal digits. `None`: the system has none, and what depends on them must not work.
pub(super) fn unguessable() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What is remembered of a text in order to recognise it.
#[derive(Clone)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Whether it is the same text, in a time that tells neither where they differ nor how long they are.
    pub(super) fn is_of(&self, text: &[u8]) -> bool {
        self.0.ct_eq(&Self::of(text).0).into()
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_never_the_same() {
        let (one, other) = (unguessable().unwrap(), unguessable().unwrap());
        assert_eq!((one.len(), other.len()), (64, 64));
        assert_ne!(one, other);
        assert!(Fingerprint::of(one.as_bytes()).is_of(one.as_bytes()));
        assert!(!Fingerprint::of(one.as_bytes()).is_of(other.as_bytes()));
    }
}
