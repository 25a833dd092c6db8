//! The search for the key and the content that a signature is made of.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::SchemeVerifier;
use crate::{
    error::Rejection,
    scheme::{
        Algorithm, Part, Scheme, Unverified,
        algorithm::{Feed, Mac, Prepared},
        body::check_form,
        content::{self, Values},
        encoding,
        handshake::{MORE_THAN_A_NONCE, is_nonce},
        head::Head,
        header::Signatures,
        keys::{Key, Ring},
        refusal::{malformed, unmatched},
        url::{self, signed_url},
    },
};

/// The one spelling of what is not signed.
const NO_URL: &[String] = &[String::new()];

/// A signature that matched, and the digest of what it covers.
pub(super) struct Match {
    pub(super) digest: Option<[u8; 32]>,
}

/// The position of a key in the ring, and what it matched.
pub(super) struct Found {
    pub(super) position: usize,
    pub(super) matched: Match,
}

/// What a request names: the method that signed it, and whom a certificate has to name where it lies.
pub(super) struct Named<'a> {
    pub(super) method: Option<Cow<'a, [u8]>>,
    pub(super) certificate: Option<&'a str>,
}

impl Named<'_> {
    fn fits(&self, scheme: &Scheme, key: &Key) -> bool {
        let method = scheme.methods.get(key.method);
        let by_method = self
            .method
            .as_deref()
            .is_none_or(|named| method.is_some_and(|method| method.tag.as_bytes() == named));
        by_method && self.certificate.is_none_or(|name| key.may_be_of(name))
    }
}

impl SchemeVerifier {
    /// The signature of one of the keys over one of the contents that this request may stand for.
    pub(super) fn find(
        &self,
        ring: &Ring,
        head: &Head<'_>,
        request: &Unverified<'_>,
        named: &Named<'_>,
    ) -> Result<Found, Rejection> {
        let parts = &*self.scheme.content;
        let values = head.values(ring, request);
        if content::is_ambiguous(parts, &values) {
            return Err(malformed(
                "the id or a text contains the delimiter beside it in the signed content",
            ));
        }
        if self.signs_form && !values.has_digest {
            check_form(request)?;
        }
        let urls = self.urls(ring, request)?;
        // Where there is none yet, there is nothing to mend: a secret may still arrive.
        let mut expired = !ring.keys.is_empty();
        for (position, key) in ring.counting_at(request.now) {
            expired = false;
            let fits = head.names(key) && named.fits(&self.scheme, key);
            if !fits || !key.is_valid_at(request.now) {
                continue;
            }
            for contents in self.contents(&values, &urls) {
                if self.answers_macs && is_told(parts, &contents) {
                    return Err(malformed("it signs what a URL challenge has signed"));
                }
                let found = self.matches(key, &head.signatures, &|sink| {
                    content::feed(parts, &contents, sink);
                });
                if let Some(mut found) = found {
                    if self.falls_back {
                        found.digest = Some(self.common_digest(&contents));
                    }
                    return Ok(Found {
                        position,
                        matched: found,
                    });
                }
            }
        }
        Err(unmatched(
            expired,
            "no key and signature agree on these bytes",
        ))
    }

    /// The spellings of the signed URL; an empty one where no URL is signed.
    pub(in crate::scheme) fn urls(
        &self,
        ring: &Ring,
        request: &Unverified<'_>,
    ) -> Result<Cow<'static, [String]>, Rejection> {
        if !self.signs_url {
            return Ok(Cow::Borrowed(NO_URL));
        }
        url::spellings(&signed_url(ring, request))
            .map(Cow::Owned)
            .ok_or_else(|| malformed("the signed URL holds what no URL does"))
    }

    /// What the parts of the content may stand for: each spelling of the URL, without the optional text and with it.
    pub(in crate::scheme) fn contents<'v>(
        &self,
        values: &'v Values<'v>,
        urls: &'v [String],
    ) -> impl Iterator<Item = Values<'v>> {
        let choices: &'static [bool] = if self.optional {
            &[false, true]
        } else {
            &[false]
        };
        urls.iter().flat_map(move |url| {
            choices.iter().map(move |with_optional| Values {
                url,
                with_optional: *with_optional,
                ..*values
            })
        })
    }

    /// The digest of what was signed, if a signature is this key's.
    fn matches(&self, key: &Key, signatures: &Signatures<'_>, feed: Feed<'_>) -> Option<Match> {
        let method = self.scheme.methods.get(key.method)?;
        let mark = self.mark(method, signatures);
        let texts = signatures.tagged(Some(key.public_id()), mark);
        if method.algorithm == Algorithm::Token {
            // No early end: how many tokens were tried tells nothing of the key.
            let found = texts.fold(false, |found, text| key.prepared.is_token(text) | found);
            return found.then_some(Match { digest: None });
        }
        let mut buffer = encoding::EMPTY;
        let mut signed = None;
        for text in texts {
            let Some(signature) = method.decode(text, &mut buffer) else {
                continue;
            };
            // Computed for the first signature that can be one, once.
            let signed = signed.get_or_insert_with(|| Signed::new(&key.prepared, feed));
            if signed.by(&key.prepared, signature) {
                return Some(Match {
                    digest: Some(self.digest(signed, feed)),
                });
            }
        }
        None
    }

    /// The MAC itself is a digest of the content. Where one request may carry several signatures and the id is not
    /// signed, whoever took out the first would get another MAC for the same content: hash it then.
    fn digest(&self, signed: &Signed, feed: Feed<'_>) -> [u8; 32] {
        match signed {
            Signed::Mac(mac) if self.signs_id || self.is_alone => return mac.digest(),
            _ => {}
        }
        let mut hash = Sha256::new();
        feed(&mut |chunk| hash.update(chunk));
        hash.finalize().into()
    }

    /// The digest of what all ways to sign have in common: else whoever left out the stronger signature would have the
    /// same event under another digest.
    fn common_digest(&self, contents: &Values<'_>) -> [u8; 32] {
        let mut hash = Sha256::new();
        let common = Values {
            without_fields: true,
            ..*contents
        };
        content::feed(&self.scheme.content, &common, &mut |chunk| {
            hash.update(chunk);
        });
        hash.finalize().into()
    }
}

/// What a signature is compared with or checks: the MAC of the content, or of a public key the content.
pub(in crate::scheme) enum Signed {
    Mac(Mac),
    Content(Vec<u8>),
}

impl Signed {
    pub(in crate::scheme) fn new(key: &Prepared, feed: Feed<'_>) -> Self {
        key.mac(feed).map_or_else(
            || {
                let mut content = Vec::new();
                feed(&mut |chunk| content.extend_from_slice(chunk));
                Self::Content(content)
            },
            Self::Mac,
        )
    }

    pub(in crate::scheme) fn by(&self, key: &Prepared, signature: &[u8]) -> bool {
        match self {
            Self::Mac(mac) => mac.matches(signature),
            Self::Content(content) => key.verifies(content, signature),
        }
    }
}

/// Whether a URL challenge could have asked for the MAC of all this.
fn is_told(parts: &[Part], contents: &Values<'_>) -> bool {
    let mut start = Vec::new();
    content::feed(parts, contents, &mut |chunk| {
        let room = MORE_THAN_A_NONCE.saturating_sub(start.len());
        start.extend(chunk.iter().take(room));
    });
    is_nonce(&start)
}
