//! The payload of a token that was verified (RFC 7515, section 7.1).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What stands between the first two dots, decoded.
pub(crate) fn token_payload(token: &[u8]) -> Option<Vec<u8>> {
    let payload = token.split(|byte| *byte == b'.').nth(1)?;
    URL_SAFE_NO_PAD.decode(payload).ok()
}
