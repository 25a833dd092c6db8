//! [`Key`]: the 16 bytes by which a store remembers an event or a content.

use std::fmt;

use sha2::{Digest, Sha256};

/// What a store remembers instead of an id or a body: the first 16 bytes of a SHA-256.
///
/// The same in every store and on every machine. Keys are scoped by the receiver (the mounted endpoint), never by the
/// provider, or two accounts of one sender would swallow each other's events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of an event: SHA-256 over a version byte and the length-prefixed receiver name, tenant and event id.
    #[must_use]
    pub fn event(receiver: &str, tenant: Option<&str>, id: &[u8]) -> Self {
        Self::scoped(EVENT, receiver, tenant, id)
    }

    /// The key of an event that has no usable id: its content stands in, in a space of its own, so that no id a sender
    /// could choose ever equals it.
    #[must_use]
    pub fn event_without_id(receiver: &str, tenant: Option<&str>, content: &[u8]) -> Self {
        Self::scoped(NO_ID, receiver, tenant, content)
    }

    /// The key of signed content, by which the same bytes under another id are recognised.
    #[must_use]
    pub fn content(receiver: &str, tenant: Option<&str>, digest: &[u8]) -> Self {
        Self::scoped(CONTENT, receiver, tenant, digest)
    }

    /// The key that stands for this one in a replay guard's own space.
    #[must_use]
    pub fn guarded(self) -> Self {
        Self::scoped(GUARD, "", None, &self.0)
    }

    /// A key from stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn scoped(space: u8, receiver: &str, tenant: Option<&str>, value: &[u8]) -> Self {
        let tenant = tenant.map_or(&b""[..], str::as_bytes);
        let mut hash = Sha256::new();
        hash.update([VERSION, space]);
        for part in [receiver.as_bytes(), tenant, value] {
            // usize fits u64 on every target Rust has.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut key = [0; 16];
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Bump when the derivation changes: old rows then simply never match.
const VERSION: u8 = 1;
const EVENT: u8 = 0;
const NO_ID: u8 = 1;
const CONTENT: u8 = 2;
const GUARD: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        assert_ne!(Key::event("ab", None, b"c"), Key::event("a", None, b"bc"));
        assert_ne!(
            Key::event("a", Some("b"), b"c"),
            Key::event("a", None, b"bc")
        );
        assert_ne!(Key::event("a", None, b"c"), Key::content("a", None, b"c"));
        assert_ne!(
            Key::event("a", None, b"c"),
            Key::event_without_id("a", None, b"c")
        );
        assert_eq!(Key::event("a", None, b"c"), Key::event("a", None, b"c"));
    }
}
