//! What the checked signatures of whole messages have in common.

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{
    Method, Scheme, encoding,
    keys::{Key, Ring},
    refusal::unmatched,
};
use crate::{
    delivery::{Coverage, SignedTime},
    error::Rejection,
};

/// A signature that matched, and what it says.
pub(super) struct Sealed<'r> {
    pub(super) position: usize,
    pub(super) key: &'r Key,
    pub(super) timestamp: Option<SignedTime>,
    /// An id that the signature itself has.
    pub(super) id: Option<String>,
    pub(super) coverage: Coverage,
    /// What was signed.
    pub(super) base: Vec<u8>,
}

impl Sealed<'_> {
    /// The digest of what was signed, whatever the key.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.base).into()
    }
}

/// The key whose signature over a content this is, of those that may be meant.
pub(super) fn by_a_key<'r>(
    scheme: &Scheme,
    ring: &'r Ring,
    now: OffsetDateTime,
    is_meant: &dyn Fn(&Key, &Method) -> bool,
    content: &[u8],
    signature: &[u8],
) -> Result<(usize, &'r Key), Rejection> {
    let mut expired = true;
    for (position, key) in ring.counting_at(now) {
        expired = false;
        let method = scheme
            .methods
            .get(key.method)
            .filter(|method| key.is_valid_at(now) && is_meant(key, method));
        if method.is_some_and(|method| is_signed_by(key, method, content, signature)) {
            return Ok((position, key));
        }
    }
    Err(unmatched(
        expired,
        "no key and signature agree on what is covered: the URL as it is known here and the headers are the usual reasons",
    ))
}

fn is_signed_by(key: &Key, method: &Method, content: &[u8], signature: &[u8]) -> bool {
    let mut buffer = encoding::EMPTY;
    let Some(signature) = method.decode(signature, &mut buffer) else {
        return false;
    };
    match key.prepared.mac(&|sink| sink(content)) {
        Some(mac) => mac.matches(signature),
        None => key.prepared.verifies(content, signature),
    }
}
