//! What goes wrong with secrets. A key is given to the verifier as hexadecimal text here, whatever the sender's format is, so
//! that any bytes can be one.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::{
    Explain,
    attempt::{Attempt, Variant},
    hypothesis::Variants,
    mistake::Mistake,
};
use crate::{
    scheme::{Encoding, KeyFormat, Method, Scheme, encode},
    secret::Secret,
};

type Bytes = Zeroizing<Vec<u8>>;
/// The bytes of the key, of the secret's text.
type Read = fn(&[u8]) -> Option<Bytes>;

/// A short secret, allowed.
pub(super) fn short<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    if attempt.keyring.allows_short_secrets() {
        return none();
    }
    let variant = attempt.with_secrets(|text| Some(Secret::new(text)));
    texts([(Mistake::SecretShort, "with the secret as it is", variant)])
}

/// White space and what nobody sees, that is configured, or was entered at the sender.
pub(super) fn whitespace<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let here = TRIMS.iter().filter_map(|(detail, trim)| {
        let trimmed = attempt.with_secrets(|text| changed(text, trim(text)))?;
        Some(trimmed.variant(Mistake::SecretWhitespace, *detail))
    });
    let there = ENDS.iter().filter_map(|(detail, end)| {
        let longer = |text: &[u8]| Some(Zeroizing::new([text.trim_ascii(), end].concat()));
        Some(raw(attempt, longer)?.variant(Mistake::SecretWhitespace, *detail))
    });
    Box::new(here.chain(there))
}

/// A text without something around it.
type Trim = fn(&[u8]) -> &[u8];

const TRIMS: [(&str, Trim); 3] = [
    (
        "once white space around the configured secret is taken off",
        <[u8]>::trim_ascii,
    ),
    (
        "once the line break at the end of the configured secret is taken off, which stands there as a backslash and a letter",
        |text| without_ends(text, &[], &[b"\\n", b"\\r", b"\\t"]),
    ),
    (
        "once characters that nobody sees are taken off around the configured secret, as a byte order mark",
        |text| without_ends(text, INVISIBLE, INVISIBLE),
    ),
];

/// In UTF-8: byte order mark, spaces of no width, joiners, marks of direction, a space that does not break.
const INVISIBLE: &[&[u8]] = &[
    "\u{feff}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{200c}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{200e}".as_bytes(),
    "\u{200f}".as_bytes(),
    "\u{2060}".as_bytes(),
    "\u{a0}".as_bytes(),
];

/// The text without any of these at its ends, and without white space there.
fn without_ends<'t>(text: &'t [u8], starts: &[&[u8]], ends: &[&[u8]]) -> &'t [u8] {
    let mut rest = text.trim_ascii();
    loop {
        let shorter = starts.iter().find_map(|start| rest.strip_prefix(*start));
        let shorter = shorter.or_else(|| ends.iter().find_map(|end| rest.strip_suffix(*end)));
        match shorter {
            Some(shorter) => rest = shorter.trim_ascii(),
            None => return rest,
        }
    }
}

/// How a secret may end at the sender.
const ENDS: [(&str, &[u8]); 3] = [
    (
        "with a line break behind the secret, which the sender has been given with it",
        b"\n",
    ),
    (
        "with a line break (CR LF) behind the secret, which the sender has been given with it",
        b"\r\n",
    ),
    (
        "with a space behind the secret, which the sender has been given with it",
        b" ",
    ),
];

/// Quotation marks around the configured secret.
pub(super) fn quoted<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let unquoted = |text: &[u8]| match text.trim_ascii() {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => Some(Secret::new(inner)),
        _ => None,
    };
    texts([(
        Mistake::SecretQuoted,
        "without the quotation marks around the configured secret",
        attempt.with_secrets(unquoted),
    )])
}

/// A prefix that is missing, or should not be there.
pub(super) fn prefixed<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let added = PREFIXES.iter().map(|prefix| {
        let longer = |text: &[u8]| Some(Secret::new([prefix.as_bytes(), text].concat()));
        let detail = format!("with `{prefix}` in front of the configured secret");
        (attempt.with_secrets(longer), detail)
    });
    let taken = PREFIXES.iter().map(|prefix| {
        let shorter = |text: &[u8]| text.strip_prefix(prefix.as_bytes()).map(Secret::new);
        let detail = format!("without `{prefix}` in front of the configured secret");
        (attempt.with_secrets(shorter), detail)
    });
    // The bare text, where the sender's format would take off a prefix or refuse it.
    let bare = PREFIXES.iter().map(|prefix| {
        let shorter = |text: &[u8]| {
            Some(Zeroizing::new(
                text.strip_prefix(prefix.as_bytes())?.to_vec(),
            ))
        };
        let detail = format!("with the text behind `{prefix}` as the key");
        (raw(attempt, shorter), detail)
    });
    let all = taken.chain(added).chain(bare);
    Box::new(
        all.filter_map(|(variant, detail)| Some(variant?.variant(Mistake::SecretPrefix, detail))),
    )
}

const PREFIXES: [&str; 4] = ["whsec_", "v1,whsec_", "v1,", "sk_"];

/// A public key in PEM whose line breaks are written as a backslash and a letter, as environment variables have them.
pub(super) fn pem_lines<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    texts([(
        Mistake::PemLines,
        "once the `\\n` in the PEM are line breaks",
        attempt.with_secrets(|text| pem(text).map(Secret::from)),
    )])
}

/// PEM with its line breaks, and without quotation marks around it.
fn pem(text: &[u8]) -> Option<String> {
    let text = str::from_utf8(text).ok()?;
    let text = text.trim().trim_matches(['"', '\'']);
    let mut pieces = text.split('\\');
    let mut lines = pieces.next()?.to_owned();
    if lines.len() == text.len() || !lines.trim_start().starts_with("-----BEGIN ") {
        return None;
    }
    for piece in pieces {
        lines.push('\n');
        lines.push_str(piece.strip_prefix(['n', 'r']).unwrap_or(piece));
    }
    Some(lines)
}

/// The secret used as text or decoded, other than the sender's format says.
pub(super) fn encoded<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let whole = texts([(
        Mistake::SecretEncoding,
        "with all of the secret decoded from base64, in which Kubernetes shows it",
        attempt.with_secrets(shown),
    )]);
    let read = |(detail, read): &(&str, Read)| {
        Some(raw(attempt, read)?.variant(Mistake::SecretEncoding, *detail))
    };
    Box::new(whole.chain(READINGS.iter().filter_map(read)))
}

/// The text that stands in base64, prefix and all.
fn shown(text: &[u8]) -> Option<Secret> {
    let one_line = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let one_line: Bytes = Zeroizing::new(one_line.copied().collect());
    let inner = from_base64(&one_line, &STANDARD)?;
    let inner = str::from_utf8(&inner).ok()?.trim();
    (!inner.is_empty()).then(|| Secret::from(inner))
}

/// How a secret's text may be taken.
const READINGS: [(&str, Read); 9] = [
    ("with the secret's text as the key, not decoded", |text| {
        Some(Zeroizing::new(text.to_vec()))
    }),
    (
        "with the secret's text behind its prefix as the key, not decoded",
        |text| Some(Zeroizing::new(behind_prefix(text)?.to_vec())),
    ),
    ("with the secret decoded from base64", |text| {
        from_base64(text, &STANDARD)
    }),
    (
        "with the secret decoded from base64, after its prefix was taken off",
        |text| from_base64(behind_prefix(text)?, &STANDARD),
    ),
    ("with the secret decoded from URL-safe base64", |text| {
        from_base64(text, &URL_SAFE)
    }),
    ("with the secret decoded from hexadecimal", from_hex),
    (
        "with the secret decoded from hexadecimal, after its prefix was taken off",
        |text| from_hex(behind_prefix(text)?),
    ),
    ("with the secret encoded in base64", |text| {
        written(Encoding::Base64, text)
    }),
    ("with the secret encoded in hexadecimal", |text| {
        written(Encoding::Hex, text)
    }),
];

/// Keys that have passed their last moment.
pub(super) fn expired<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    texts([(
        Mistake::KeyExpired,
        "by a key that has passed its last moment",
        attempt.without_last_moments(),
    )])
}

fn none<'a>() -> Variants<'a> {
    Box::new(std::iter::empty())
}

/// Those of these variants that there are.
fn texts<'a, const N: usize>(all: [(Mistake, &'static str, Option<Attempt>); N]) -> Variants<'a> {
    let there = |(mistake, detail, attempt): (Mistake, &str, Option<Attempt>)| -> Option<Variant> {
        Some(attempt?.variant(mistake, detail))
    };
    Box::new(all.into_iter().filter_map(there))
}

fn changed(before: &[u8], after: &[u8]) -> Option<Secret> {
    (before != after).then(|| Secret::new(after))
}

/// The attempt with these bytes as its keys, whatever the sender's format is.
fn raw(attempt: &Attempt, key: impl Fn(&[u8]) -> Option<Bytes>) -> Option<Attempt> {
    let scheme = &attempt.scheme;
    let with_keys = attempt.with_secrets(|text| {
        let format = format_of(scheme, text)?;
        let (start, rest) = start(format, text)?;
        let bytes = key(rest).filter(|bytes| !bytes.is_empty())?;
        let hex = Zeroizing::new(encode(Encoding::Hex, &bytes)?);
        Some(Secret::new([start, hex.as_bytes()].concat()))
    })?;
    Some(with_keys.with_methods(|method| {
        if takes_secrets(method) {
            method.key = KeyFormat {
                encoding: Encoding::Hex,
                prefix_kept: false,
                ..method.key.clone()
            };
        }
    }))
}

/// What stays in front of a key, so that the same method is found by it, and the text of the key. A public id is none of it;
/// a prefix is, since it may be part of the key.
fn start<'k>(format: &'k KeyFormat, text: &'k [u8]) -> Option<(&'k [u8], &'k [u8])> {
    let Some(separator) = format.id_before else {
        return Some((format.prefix.as_bytes(), text));
    };
    let at = text
        .iter()
        .position(|byte| char::from(*byte) == separator)?;
    text.split_at_checked(at.saturating_add(separator.len_utf8()))
}

/// The format of the method that a secret serves.
fn format_of<'s>(scheme: &'s Scheme, text: &[u8]) -> Option<&'s KeyFormat> {
    let methods = || scheme.methods.iter().filter(|method| takes_secrets(method));
    let prefix = |method: &&Method| {
        let prefix = &method.key.prefix;
        !prefix.is_empty() && text.starts_with(prefix.as_bytes())
    };
    let found = methods().find(prefix).or_else(|| methods().next());
    found.map(|method| &method.key)
}

const fn takes_secrets(method: &Method) -> bool {
    !method.algorithm.is_public_key()
}

fn behind_prefix(text: &[u8]) -> Option<&[u8]> {
    let mut prefixes = PREFIXES.iter();
    prefixes.find_map(|prefix| text.strip_prefix(prefix.as_bytes()))
}

fn from_base64(text: &[u8], engine: &GeneralPurpose) -> Option<Bytes> {
    engine.decode(text).ok().map(Zeroizing::new)
}

fn from_hex(text: &[u8]) -> Option<Bytes> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8; 2]| {
        let [high, low] = pair.map(digit);
        u8::try_from(high?.checked_mul(16)?.checked_add(low?)?).ok()
    };
    pairs
        .iter()
        .map(byte)
        .collect::<Option<_>>()
        .map(Zeroizing::new)
}

fn written(encoding: Encoding, text: &[u8]) -> Option<Bytes> {
    encode(encoding, text).map(|text| Zeroizing::new(text.into_bytes()))
}

/// Padding may be missing: it is asked what a secret could mean.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
