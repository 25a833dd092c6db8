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
        Some(block.map_or(Err(OTHER), |(base64, _)| decode(base64)))
    }))
}

/// What the only block holds, decoded.
pub(super) fn only(text: &[u8], label: &'static str) -> Result<Vec<u8>, &'static str> {
    let mut blocks = blocks(text, label)?;
    let block = blocks.next().ok_or(OTHER)??;
    match blocks.next() {
        None => Ok(block),
        Some(_) => Err("is PEM of more than one block"),
    }
}

/// The DER of the only block, which has to be a private key.
#[cfg(feature = "testing")]
pub(crate) fn private_key(text: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, &'static str> {
    let kinds = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"];
    let found = label(text).and_then(|label| kinds.into_iter().find(|kind| *kind == label));
    match found {
        Some(kind) => only(text, kind).map(zeroize::Zeroizing::new),
        None => Err("is no private key in PEM, or an encrypted one"),
    }
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

const OTHER: &str = "is PEM, but not one block of the kind that is needed";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_may_stand_on_one_line_or_several_and_nothing_beside_it() {
        let text = "-----BEGIN PUBLIC KEY-----\r\nAQID\r\nBAUG\r\n-----END PUBLIC KEY-----\r\n";
        let bytes = vec![1, 2, 3, 4, 5, 6];
        assert_eq!(only(text.as_bytes(), PUBLIC_KEY), Ok(bytes.clone()));
        let line = text.replace("\r\n", "");
        assert_eq!(only(line.as_bytes(), PUBLIC_KEY), Ok(bytes));
        assert_eq!(label(line.as_bytes()), Some(PUBLIC_KEY));
        for bad in [
            format!("{line}{line}"),
            format!("{line}x"),
            line.replace("END PUBLIC", "END RSA PUBLIC"),
            line.replace("AQID", "AQ=D"),
            line.replace("-----END PUBLIC KEY-----", ""),
        ] {
            assert!(only(bad.as_bytes(), PUBLIC_KEY).is_err(), "{bad}");
        }
        assert!(only(line.as_bytes(), CERTIFICATE).is_err());
    }
}
