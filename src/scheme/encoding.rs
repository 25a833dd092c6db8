//! Strict decoding of signatures into a fixed buffer, forgiving decoding of keys, and encoding.

use std::ops::RangeInclusive;

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{
            GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE, URL_SAFE_NO_PAD,
        },
    },
};
use zeroize::Zeroizing;

use super::Encoding;

/// Where signatures are decoded to.
pub(super) type Buffer = [u8; BUFFER];

/// Room for a signature, on the stack.
pub(super) const EMPTY: Buffer = [0; BUFFER];

/// Decodes a signature whose length lies in this range. A signature has one spelling: lower-case hex, base64 with its
/// padding and without stray bits. Any other gives `None`, so that no second spelling of a signature exists.
pub(super) fn decode<'b>(
    encoding: Encoding,
    text: &[u8],
    lengths: &RangeInclusive<usize>,
    buffer: &'b mut Buffer,
) -> Option<&'b [u8]> {
    if text.len() > MOST_TEXT {
        return None;
    }
    let len = match encoding {
        Encoding::Hex => decode_hex(text, buffer)?,
        Encoding::Base64 => STANDARD.decode_slice(text, buffer).ok()?,
        Encoding::Base64Url => URL_SAFE_NO_PAD.decode_slice(text, buffer).ok()?,
        Encoding::Base64UrlPadded => URL_SAFE.decode_slice(text, buffer).ok()?,
        Encoding::HexUpper => decode_hex(&in_lower_case(text, u8::is_ascii_uppercase)?, buffer)?,
        Encoding::HexAnyCase => decode_hex(&in_lower_case(text, u8::is_ascii_alphabetic)?, buffer)?,
        Encoding::Base64OfHex => {
            let mut hex = EMPTY;
            let len = STANDARD.decode_slice(text, &mut hex).ok()?;
            decode_hex(hex.get(..len)?, buffer)?
        }
        Encoding::Text => {
            buffer.get_mut(..text.len())?.copy_from_slice(text);
            text.len()
        }
    };
    if lengths.contains(&len) {
        buffer.get(..len)
    } else {
        None
    }
}

/// Decodes a key. It comes from a trusted hand, so padding may be missing and hex may be upper case.
pub(super) fn decode_key(encoding: Encoding, text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = match encoding {
        Encoding::Hex | Encoding::HexUpper | Encoding::HexAnyCase => {
            let lower = Zeroizing::new(text.to_ascii_lowercase());
            let mut bytes = Zeroizing::new(vec![0; text.len().div_ceil(2)]);
            decode_hex(&lower, &mut bytes)?;
            return Some(bytes);
        }
        Encoding::Base64 => FORGIVING.decode(text).ok()?,
        Encoding::Base64Url | Encoding::Base64UrlPadded => FORGIVING_URL.decode(text).ok()?,
        Encoding::Base64OfHex => {
            let hex = Zeroizing::new(FORGIVING.decode(text).ok()?);
            return decode_key(Encoding::Hex, &hex);
        }
        Encoding::Text => text.to_vec(),
    };
    Some(Zeroizing::new(key))
}

/// Writes a signature. `None` when raw bytes are not text.
pub(crate) fn encode(encoding: Encoding, bytes: &[u8]) -> Option<String> {
    Some(match encoding {
        Encoding::Hex | Encoding::HexAnyCase => hex(bytes),
        Encoding::HexUpper => hex(bytes).to_ascii_uppercase(),
        Encoding::Base64OfHex => STANDARD.encode(hex(bytes)),
        Encoding::Base64UrlPadded => URL_SAFE.encode(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Text => str::from_utf8(bytes).ok()?.to_owned(),
    })
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(hex_digit).collect()
}

/// Hexadecimal in lower case, if all of its letters are as wanted.
fn in_lower_case(text: &[u8], wanted: impl Fn(&u8) -> bool) -> Option<Vec<u8>> {
    let mut letters = text.iter().filter(|byte| byte.is_ascii_alphabetic());
    letters.all(wanted).then(|| text.to_ascii_lowercase())
}

fn hex_digit(value: u8) -> Option<char> {
    char::from_digit(value.into(), 16)
}

/// The number of bytes written, if all of the text is pairs of lower-case digits that fit.
fn decode_hex(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let mut seen = 0;
    for (byte, [high, low]) in bytes.get_mut(..pairs.len())?.iter_mut().zip(pairs) {
        let (high, low) = (hex_value(*high), hex_value(*low));
        seen |= high | low;
        *byte = high << 4 | low & 15;
    }
    (seen < 16).then_some(pairs.len())
}

/// The value of a lower-case digit, 255 for another byte. No early end anywhere: the compiler can take many bytes at
/// once then.
const fn hex_value(byte: u8) -> u8 {
    let digit = byte.wrapping_sub(b'0');
    let letter = byte.wrapping_sub(b'a');
    if digit < 10 {
        digit
    } else if letter < 6 {
        letter + 10
    } else {
        255
    }
}

/// Longer than any signature in any encoding: 72 bytes of ECDSA on P-256 in DER are 144 hex digits.
const MOST_TEXT: usize = 1024;
/// What the longest text may decode to, as base64 estimates it, and as much as a signature kept as text has.
const BUFFER: usize = 512;

const TRUSTED: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const FORGIVING: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TRUSTED);
const FORGIVING_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, TRUSTED);

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
        decode(encoding, text.as_bytes(), &(1..=64), &mut { EMPTY }).map(<[u8]>::to_vec)
    }

    #[test]
    fn only_the_canonical_spelling_counts() {
        assert_eq!(decoded(Encoding::Hex, "00ff"), Some(vec![0, 255]));
        for text in ["00FF", "0ff", "+f", "0x", "é0", "00 ff", "", " 00ff"] {
            assert_eq!(decoded(Encoding::Hex, text), None, "{text}");
        }
        assert_eq!(decoded(Encoding::Base64, "+/8="), Some(vec![0xfb, 0xff]));
        for text in ["+/8", "+/9=", "-_8=", "+/8==", "+/8=\n", "+/ 8=", "="] {
            assert_eq!(decoded(Encoding::Base64, text), None, "{text}");
        }
        assert_eq!(decoded(Encoding::Base64Url, "-_8"), Some(vec![0xfb, 0xff]));
        for text in ["-_8=", "+/8", "-_9"] {
            assert_eq!(decoded(Encoding::Base64Url, text), None, "{text}");
        }
    }

    #[test]
    fn other_spellings_are_as_strict() {
        let bytes = Some(vec![0xfb, 0xff]);
        assert_eq!(decoded(Encoding::HexUpper, "FBFF"), bytes);
        assert_eq!(decoded(Encoding::HexUpper, "fBFF"), None);
        assert_eq!(decoded(Encoding::HexAnyCase, "fBFf"), bytes);
        assert_eq!(decoded(Encoding::Base64UrlPadded, "-_8="), bytes);
        assert_eq!(decoded(Encoding::Base64UrlPadded, "-_8"), None);
        assert_eq!(decoded(Encoding::Base64OfHex, "ZmJmZg=="), bytes);
        for text in ["ZmJmZg", "RkJGRg==", "ZmJm", "fbff"] {
            assert_eq!(decoded(Encoding::Base64OfHex, text), None, "{text}");
        }
    }

    #[test]
    fn the_length_is_exact_and_nothing_overflows() {
        assert!(
            decode(
                Encoding::Hex,
                "00".repeat(32).as_bytes(),
                &(32..=32),
                &mut { EMPTY }
            )
            .is_some()
        );
        assert!(
            decode(
                Encoding::Hex,
                "00".repeat(31).as_bytes(),
                &(32..=32),
                &mut { EMPTY }
            )
            .is_none()
        );
        for encoding in [
            Encoding::Hex,
            Encoding::Base64,
            Encoding::Base64Url,
            Encoding::Text,
        ] {
            for length in [143, 144, 145, 37_500] {
                assert!(
                    decode(encoding, "0".repeat(length).as_bytes(), &(1..=64), &mut {
                        EMPTY
                    })
                    .is_none()
                );
            }
        }
    }

    #[test]
    fn the_longest_signature_has_room() {
        let longest = [7; BUFFER];
        for encoding in [
            Encoding::Hex,
            Encoding::Base64,
            Encoding::Base64Url,
            Encoding::Base64UrlPadded,
        ] {
            let text = encode(encoding, &longest).unwrap();
            let decoded =
                decode(encoding, text.as_bytes(), &(256..=512), &mut { EMPTY }).map(<[u8]>::to_vec);
            assert_eq!(decoded.as_deref(), Some(&longest[..]), "{encoding:?}");
        }
    }

    #[test]
    fn keys_may_lack_padding_and_carry_stray_bits() {
        let key =
            |text: &str| decode_key(Encoding::Base64, text.as_bytes()).map(|key| key.to_vec());
        assert_eq!(key("+/8"), key("+/8="));
        assert_eq!(key("+/9"), Some(vec![0xfb, 0xff]));
        assert_eq!(key("whsec_x"), None);
        assert_eq!(
            decode_key(Encoding::Hex, b"00fF").map(|key| key.to_vec()),
            Some(vec![0, 255])
        );
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for encoding in [
            Encoding::Hex,
            Encoding::HexUpper,
            Encoding::HexAnyCase,
            Encoding::Base64,
            Encoding::Base64Url,
            Encoding::Base64UrlPadded,
            Encoding::Base64OfHex,
        ] {
            let bytes: Vec<u8> = (0..=63).map(|byte| byte * 4 + 3).collect();
            let text = encode(encoding, &bytes).unwrap();
            assert_eq!(decoded(encoding, &text), Some(bytes));
        }
    }
}
