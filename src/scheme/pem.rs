//! PEM (RFC 7468): blocks of base64 between two lines. Pure. On one line or several: the line breaks are often lost on
//! the way through a configuration.

use super::{Encoding, encoding};

pub(super) const PUBLIC_KEY: &str = "PUBLIC KEY";
pub(super) const RSA_PUBLIC_KEY: &str = "RSA PUBLIC KEY";
pub(super) const CERTIFICATE: &str = "CERTIFICATE";

/// Whether a text is PEM of any kind.
pub(super) fn is_pem(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(BEGIN.as_bytes())
}

/// The label of the first block.
pub(super) fn label(text: &[u8]) -> Option<&str> {
    let text = str::from_utf8(text).ok()?.trim_ascii();
    let (label, _) = text.strip_prefix(BEGIN)?.split_once(DASHES)?;
    Some(label)
}

/// What the blocks hold, decoded, all of which must have this label, with nothing but white space between them.
pub(super) fn blocks<'t>(
    text: &'t [u8],
    label: &'static str,
) -> Result<impl Iterator<Item = Result<Vec<u8>, &'static str>> + 't, &'static str> {
    let text = str::from_utf8(text).map_err(|_| "is not text")?;
    let mut rest = text.trim_ascii();
    Ok(std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let block = first(rest, label);
        rest = match block {
            Some((_, after)) => after.trim_ascii_start(),
            None => "",
        };
        Some(block.map_or(
            Err("is PEM, but not of the kind that is needed"),
            |(base64, _)| decode(base64),
        ))
    }))
}

/// The base64 of the first block, and what follows the block.
fn first<'t>(text: &'t str, label: &str) -> Option<(&'t str, &'t str)> {
    let rest = text.strip_prefix(BEGIN)?.strip_prefix(label)?;
    let (base64, rest) = rest.strip_prefix(DASHES)?.split_once(END)?;
    let rest = rest.strip_prefix(label)?.strip_prefix(DASHES)?;
    Some((base64, rest))
}

fn decode(base64: &str) -> Result<Vec<u8>, &'static str> {
    let base64: Vec<u8> = base64
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let key = encoding::decode_key(Encoding::Base64, &base64);
    key.map(|key| key.to_vec())
        .ok_or("is PEM that cannot be decoded")
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
