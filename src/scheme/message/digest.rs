//! The digest of a body that a signature covers instead of the body: `Content-Digest` (RFC 9530) and `Digest` (RFC 3230).
//!
//! Algorithms that nobody should trust, or that are not known here, are passed over; at least one has to be known, and
//! all known ones have to hold. Pure.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::{
    field,
    structured::{Bare, Item, Member, dictionary},
};

/// RFC 9530, section 2.
pub(in crate::scheme) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
/// RFC 3230, section 4.3.2.
pub(in crate::scheme) const DIGEST: HeaderName = HeaderName::from_static("digest");

/// Whether the header `Content-Digest` is of this body; the reason if not.
pub(in crate::scheme) fn check_content_digest(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), &'static str> {
    let text = field::combined(headers, &CONTENT_DIGEST)?;
    let members = dictionary(&text)?;
    let entries = members.iter().map(|(name, member)| match member {
        Member::Item(Item {
            value: Bare::Bytes(base64),
            ..
        }) => (*name, *base64),
        // No digest, which none equals.
        _ => (*name, ""),
    });
    check(entries, body)
}

/// Whether the header `Digest` is of this body.
pub(in crate::scheme) fn check_digest(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), &'static str> {
    let text = field::combined(headers, &DIGEST)?;
    let entries: Option<Vec<(&str, &str)>> = text
        .split(',')
        .map(|entry| entry.trim_matches([' ', '\t']).split_once('='))
        .collect();
    check(
        entries
            .ok_or("a digest of the body has no algorithm")?
            .into_iter(),
        body,
    )
}

fn check<'a>(
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    body: &[u8],
) -> Result<(), &'static str> {
    let (mut known, mut tried) = (false, 0_usize);
    for (algorithm, base64) in entries {
        tried = tried.saturating_add(1);
        if tried > MOST_DIGESTS {
            return Err("the body has too many digests");
        }
        let expected = if algorithm.eq_ignore_ascii_case("sha-256") {
            STANDARD.encode(Sha256::digest(body))
        } else if algorithm.eq_ignore_ascii_case("sha-512") {
            STANDARD.encode(Sha512::digest(body))
        } else {
            continue;
        };
        known = true;
        if !bool::from(expected.as_bytes().ct_eq(base64.as_bytes())) {
            return Err("the signed digest is not that of this body");
        }
    }
    if known {
        Ok(())
    } else {
        Err("no digest of the body is of a known algorithm: sha-256 or sha-512")
    }
}

/// The header `Content-Digest` of a body.
pub(in crate::scheme) fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// The header `Digest` of a body.
pub(in crate::scheme) fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)))
}

const MOST_DIGESTS: usize = 16;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SHA_256: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
    const BODY: &[u8] = br#"{"hello": "world"}"#;

    fn holds(name: &HeaderName, values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        if *name == DIGEST {
            check_digest(&headers, BODY)
        } else {
            check_content_digest(&headers, BODY)
        }
        .is_ok()
    }

    #[test]
    fn one_known_digest_suffices_and_all_known_ones_hold() {
        let good = format!("sha-256=:{SHA_256}:");
        let other = format!("sha-512=:{SHA_256}:");
        let content = |values: &[&str]| holds(&CONTENT_DIGEST, values);
        assert!(content(&[&good]));
        assert_eq!(content_digest(BODY), good);
        assert!(content(&["md5=:AA==:", &good]));
        assert!(!content(&["md5=:AA==:"]));
        assert!(!content(&[&good, &other]));
        assert!(!content(&[&good, &good]), "twice");
        assert!(!content(&[&good.replace("=:", ":")]), "without its padding");
        assert!(!content(&[&good.replace(':', "\"")]), "as a string");
        assert!(!content(&[&good.replace("sha-256", "SHA-256")]));
        for bad in [
            "",
            "sha-256",
            "sha-256=()",
            "sha-256=::",
            "sha-256=1",
            SHA_256,
        ] {
            assert!(!content(&[bad]), "{bad}");
        }
        assert!(!content(&[]));
    }

    #[test]
    fn the_older_header_is_as_strict() {
        let good = format!("SHA-256={SHA_256}");
        let old = |values: &[&str]| holds(&DIGEST, values);
        assert!(old(&[&good]));
        assert_eq!(digest(BODY), good);
        assert!(
            old(&[&good.replace("SHA", "sha")]),
            "the name of an algorithm has no case"
        );
        assert!(old(&[&format!("MD5=AAAA, {good}")]));
        assert!(!old(&[&format!("{good}, SHA-512={SHA_256}")]));
        for bad in [
            "",
            "SHA-256",
            "MD5=AAAA",
            &good[..good.len() - 1],
            &format!("{good},"),
        ] {
            assert!(!old(&[bad]), "{bad}");
        }
    }
}
