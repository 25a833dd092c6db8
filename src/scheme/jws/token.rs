//! The text of a token, taken apart. Pure and bounded; nothing of it is believed yet.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Jws, Members, TokenPayload};
use crate::{error::Rejection, scheme::refusal::malformed};

/// A token as it came.
#[derive(Debug)]
pub(super) struct Token<'t> {
    /// The header as it is signed: encoded.
    pub(super) protected: &'t [u8],
    pub(super) header: Members,
    /// The payload as it is signed: encoded, and empty where it is detached.
    pub(super) payload: &'t [u8],
    pub(super) signature: &'t [u8],
    /// Whether a detached payload is signed encoded.
    pub(super) encoded: bool,
}

impl<'t> Token<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What is wrong with its form, never with any of its text.
    pub(super) fn parse(jws: &Jws, text: &'t [u8]) -> Result<Self, Rejection> {
        if text.len() > MOST_TOKEN {
            return Err(malformed("the token is longer than is read"));
        }
        let mut segments = text.split(|byte| *byte == b'.');
        let parts = (
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        );
        let (Some(protected), Some(payload), Some(signature), None) = parts else {
            return Err(malformed("the token is not of three parts"));
        };
        if signature.is_empty() {
            return Err(malformed("the token is not signed"));
        }
        let detached = jws.payload == TokenPayload::Detached;
        if detached != payload.is_empty() {
            return Err(malformed(
                "the token has a payload where it should have none, or none",
            ));
        }
        if protected.len() > MOST_HEADER {
            return Err(malformed("the header of the token is longer than is read"));
        }
        let header = decoded(protected).as_deref().and_then(Members::parse);
        let header = header.ok_or_else(|| malformed("the header of the token cannot be read"))?;
        let encoded = critical(jws, &header)?;
        Ok(Self {
            protected,
            header,
            payload,
            signature,
            encoded,
        })
    }

    /// The name of the algorithm.
    pub(super) fn algorithm(&self) -> Option<&str> {
        self.header.at("/alg")?.as_str()
    }

    /// The claims; to be read only of a token whose signature matched.
    pub(super) fn claims(&self) -> Result<Members, Rejection> {
        let claims = decoded(self.payload).as_deref().and_then(Members::parse);
        claims.ok_or_else(|| malformed("the claims of the token cannot be read"))
    }
}

/// Checks what the header says must be understood, and tells whether the payload is signed encoded.
fn critical(jws: &Jws, header: &Members) -> Result<bool, Rejection> {
    let names = match header.at("/crit") {
        None => &[][..],
        Some(names) => names
            .as_array()
            .map(Vec::as_slice)
            .filter(|names| !names.is_empty())
            .ok_or_else(|| malformed("the token says in no known way what must be understood"))?,
    };
    for (index, name) in names.iter().enumerate() {
        let known = name.as_str().is_some_and(|name| {
            let is_there = header.at(&pointer_to(name)).is_some();
            let is_known = name == "b64" || jws.critical.iter().any(|known| known == name);
            is_there && is_known
        });
        if !known || names.iter().take(index).any(|before| before == name) {
            return Err(malformed(
                "the token needs something that is not understood",
            ));
        }
    }
    let is_critical = names.iter().any(|name| name.as_str() == Some("b64"));
    match header.at("/b64").map(serde_json::Value::as_bool) {
        None | Some(Some(true)) => Ok(true),
        // RFC 7797, section 6: without `crit` others would take it for encoded.
        Some(Some(false)) if is_critical && jws.unencoded => Ok(false),
        Some(_) => Err(malformed("the payload of the token is not encoded")),
    }
}

/// The JSON pointer to a member of this name.
pub(super) fn pointer_to(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What is behind base64url without padding; one text has one spelling.
pub(super) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The longest token that is read, in bytes.
const MOST_TOKEN: usize = 64 * 1024;
/// The longest header of a token that is read: 8 KiB, encoded.
const MOST_HEADER: usize = (8 * 1024_usize).div_ceil(3) * 4;
