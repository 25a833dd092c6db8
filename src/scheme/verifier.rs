//! [`SchemeVerifier`]: the one interpreter of all schemes.

use std::{fmt, sync::Arc};

use http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::{
    Algorithm, Grammar, Method, Part, Proof, Scheme, Unverified, Verifier,
    algorithm::{Feed, Mac},
    body::{check_digest, check_form},
    content::{self, Values},
    draft_signature, encoding,
    head::{Family, Head, malformed, missing, signed_url},
    header::Signatures,
    keys::{Key, Keys, Ring},
    message,
    place::Text,
    seal::Sealed,
    url,
    view::View,
};
use crate::{
    delivery::{Coverage, EventId, SignedTime, Verified},
    envelope::Plan,
    error::{ConfigError, Rejection, RejectionKind},
    secret::Keyring,
};

/// The verifier of a scheme with these keys, checked and compiled once.
///
/// ```
/// use hooklatch::{Keyring, SchemeVerifier, provider};
///
/// let secret = "whsec_5HkzNq7hLJ3xUPVZ";
/// assert!(SchemeVerifier::new(provider::STRIPE, Keyring::new(secret)).is_ok());
/// assert!(SchemeVerifier::new(provider::STRIPE, Keyring::new("")).is_err());
/// ```
pub struct SchemeVerifier {
    scheme: Arc<Scheme>,
    /// One for each header prefix, in order.
    families: Arc<[Family]>,
    /// What is read of a JSON body before its signature is checked.
    plan: Arc<Plan>,
    keys: Keys,
    coverage: Coverage,
    signs_id: bool,
    /// Whether the content has a URL, of several spellings, a form, and texts that may be there or not.
    signs_url: bool,
    signs_form: bool,
    optional: bool,
}

/// A signature that matched, and the digest of what it covers.
struct Match {
    digest: Option<[u8; 32]>,
}

/// What a signature is compared with or checks: the MAC of the content, or of a public key the content.
enum Signed {
    Mac(Mac),
    Content(Vec<u8>),
}

impl Signed {
    fn new(key: &Key, feed: Feed<'_>) -> Self {
        key.prepared.mac(feed).map_or_else(
            || {
                let mut content = Vec::new();
                feed(&mut |chunk| content.extend_from_slice(chunk));
                Self::Content(content)
            },
            Self::Mac,
        )
    }

    fn by(&self, key: &Key, signature: &[u8]) -> bool {
        match self {
            Self::Mac(mac) => mac.matches(signature),
            Self::Content(content) => key.prepared.verifies(content, signature),
        }
    }
}

impl SchemeVerifier {
    /// A verifier for a scheme, with keys.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Scheme`](crate::ConfigErrorKind::Scheme) as of [`Scheme::check`]; the others as of [`Keys::new`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a keyring that is given away is wiped here"
    )]
    pub fn new(scheme: Scheme, keyring: Keyring) -> Result<Self, ConfigError> {
        Self::build(scheme, |scheme| Keys::shared(scheme, &keyring))
    }

    /// A verifier that has no keys yet: it checks heads, and nothing ever matches.
    #[cfg(feature = "tenants")]
    pub(crate) fn without_keys(scheme: Scheme) -> Result<Self, ConfigError> {
        Self::build(scheme, |scheme| Ok(Keys::none(scheme)))
    }

    /// Checks and compiles a scheme, once.
    fn build(
        scheme: Scheme,
        keys: impl FnOnce(Arc<Scheme>) -> Result<Keys, ConfigError>,
    ) -> Result<Self, ConfigError> {
        scheme.check()?;
        let scheme = Arc::new(scheme);
        Ok(Self {
            families: Family::all(&scheme)?.into(),
            plan: Family::plan(&scheme).into(),
            keys: keys(Arc::clone(&scheme))?,
            coverage: scheme.coverage(),
            signs_id: scheme.signs_id() && !scheme.body_is_loose(),
            signs_url: scheme.content.contains(&Part::Url),
            signs_form: scheme.content.contains(&Part::SortedForm),
            optional: scheme.has_optional(),
            scheme,
        })
    }

    /// The same verifier with other keys. What was compiled is shared.
    #[cfg(feature = "tenants")]
    pub(crate) fn with_keyring(&self, keyring: &Keyring) -> Result<Self, ConfigError> {
        Ok(Self {
            scheme: Arc::clone(&self.scheme),
            families: Arc::clone(&self.families),
            plan: Arc::clone(&self.plan),
            keys: Keys::shared(Arc::clone(&self.scheme), keyring)?,
            ..*self
        })
    }

    /// A handle to the keys, by which they can be replaced later.
    #[must_use]
    pub fn keys(&self) -> Keys {
        self.keys.clone()
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The digest of what was signed, if a signature is this key's.
    fn matches(&self, key: &Key, signatures: &Signatures<'_>, feed: Feed<'_>) -> Option<Match> {
        let method = self.scheme.methods.get(key.method)?;
        let texts = signatures.tagged(Some(key.public_id()), &method.tag);
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
            let signed = signed.get_or_insert_with(|| Signed::new(key, feed));
            if signed.by(key, signature) {
                return Some(Match {
                    digest: Some(self.digest(signed, feed)),
                });
            }
        }
        None
    }

    /// The MAC itself is a digest of the content. Where one request may carry signatures of several keys and the id is
    /// not signed, whoever took out the first signature would get another MAC for the same content: hash it then.
    fn digest(&self, signed: &Signed, feed: Feed<'_>) -> [u8; 32] {
        match signed {
            Signed::Mac(mac) if self.signs_id || self.scheme.grammar == Grammar::Single => {
                return mac.digest();
            }
            _ => {}
        }
        let mut hash = Sha256::new();
        feed(&mut |chunk| hash.update(chunk));
        hash.finalize().into()
    }

    fn verified(
        &self,
        (position, key): (usize, &Key),
        head: &Head<'_>,
        found: &Match,
        late: Option<SignedTime>,
    ) -> Verified {
        let id = head.id.as_ref().and_then(event_id);
        Verified {
            key_is_old: position != 0,
            id_is_signed: self.signs_id && id.is_some(),
            id,
            timestamp: head.timestamp.as_ref().map(|stamp| stamp.time).or(late),
            coverage: if head.body_digest.is_some() {
                Coverage::Whole
            } else {
                self.coverage
            },
            digest: found.digest,
            ..Verified::assertion(Arc::clone(&key.name))
        }
    }

    /// The signature of one of the keys over one of the contents that this request may stand for.
    fn find(
        &self,
        ring: &Ring,
        head: &Head<'_>,
        request: &Unverified<'_>,
    ) -> Result<Found, Rejection> {
        let parts = &*self.scheme.content;
        let values = head.values(request);
        if content::is_ambiguous(parts, &values) {
            return Err(malformed(
                "the id or a text contains the delimiter beside it in the signed content",
            ));
        }
        if self.signs_form && !values.has_digest {
            check_form(request)?;
        }
        let urls = self.urls(ring, request)?;
        let mut expired = true;
        for (position, key) in ring.counting_at(request.now) {
            expired = false;
            if !head.names(key) {
                continue;
            }
            for contents in self.contents(&values, &urls) {
                let found = self.matches(key, &head.signatures, &|sink| {
                    content::feed(parts, &contents, sink);
                });
                if let Some(found) = found {
                    return Ok(Found {
                        position,
                        matched: found,
                    });
                }
            }
        }
        Err(if expired {
            Rejection::new(
                RejectionKind::KeysUnavailable,
                "every key of the keyring has passed its last moment",
            )
        } else {
            Rejection::new(
                RejectionKind::SignatureMismatch,
                "no key and signature agree on these bytes",
            )
        })
    }

    /// What a signature over the message says of the request.
    fn unsealed(
        &self,
        sealed: Sealed<'_>,
        request: &Unverified<'_>,
    ) -> Result<Verified, Rejection> {
        let digest = Some(sealed.digest());
        let view = &View::new(request.head, Some(request.body), &self.plan);
        let outside = self
            .families
            .first()
            .map_or(Ok(None), |family| family.id_outside(view))?;
        let id = match sealed.id {
            Some(nonce) => Some(EventId::Text(nonce.into())),
            None => outside.as_ref().and_then(event_id),
        };
        Ok(Verified {
            key_is_old: sealed.position != 0,
            id_is_signed: self.signs_id && id.is_some(),
            id,
            timestamp: sealed.timestamp,
            coverage: sealed.coverage,
            digest,
            ..Verified::assertion(Arc::clone(&sealed.key.name))
        })
    }

    /// The spellings of the signed URL; none where no URL is signed.
    fn urls(&self, ring: &Ring, request: &Unverified<'_>) -> Result<Vec<String>, Rejection> {
        if !self.signs_url {
            return Ok(Vec::new());
        }
        url::spellings(&signed_url(ring, request))
            .ok_or_else(|| malformed("the signed URL holds what no URL does"))
    }

    /// What the parts of the content may stand for: each spelling of the URL, without the optional text and with it.
    fn contents<'v>(
        &self,
        values: &Values<'v>,
        urls: &'v [String],
    ) -> impl Iterator<Item = Values<'v>> {
        let choices = if self.optional { 2 } else { 1 };
        let values = *values;
        let count = urls.len().max(1);
        (0..count).flat_map(move |index| {
            let url = urls.get(index).map_or("", String::as_str);
            [false, true]
                .into_iter()
                .take(choices)
                .map(move |with_optional| Values {
                    url,
                    with_optional,
                    ..values
                })
        })
    }
}

fn event_id(id: &Text<'_>) -> Option<EventId> {
    match id.header {
        Some(value) => Some(EventId::Header(value.clone())),
        None => str::from_utf8(&id.text)
            .ok()
            .map(|text| EventId::Text(text.into())),
    }
}

/// The position of a key in the ring, and what it matched.
struct Found {
    position: usize,
    matched: Match,
}

impl Verifier for SchemeVerifier {
    fn check_head(&self, head: &Parts) -> Result<(), Rejection> {
        match &self.scheme.proof {
            Proof::Composed => {}
            Proof::MessageSignature(policy) => {
                return message::check_head(&self.scheme, policy, &head.headers);
            }
            Proof::DraftSignature => {
                return draft_signature::check_head(&self.scheme, &head.headers);
            }
        }
        if self.scheme.signature.is_in_body() {
            return Ok(());
        }
        let view = &View::new(head, None, &self.plan);
        let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
        if self.scheme.reads_body_early() {
            return Ok(());
        }
        let read = family.read(&self.scheme, &text, view)?;
        let usable = |method: &Method| {
            read.signatures
                .tagged(None, &method.tag)
                .any(|text| method.accepts(text))
        };
        if self.scheme.methods.iter().any(usable) {
            Ok(())
        } else {
            Err(malformed(
                "no signature is of a kind that counts and written as the sender writes it",
            ))
        }
    }

    fn verify(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
        let ring = self.keys.current();
        match &self.scheme.proof {
            Proof::Composed => {}
            Proof::MessageSignature(policy) => {
                let sealed = message::verify(&self.scheme, policy, &ring, request)?;
                return self.unsealed(sealed, request);
            }
            Proof::DraftSignature => {
                let sealed = draft_signature::verify(&self.scheme, &ring, request)?;
                return self.unsealed(sealed, request);
            }
        }
        let view = &View::new(request.head, Some(request.body), &self.plan);
        let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
        let head = family.read(&self.scheme, &text, view)?;
        check_digest(&self.scheme, &head, request)?;
        let found = self.find(&ring, &head, request)?;
        let key = ring
            .keys
            .get(found.position)
            .ok_or_else(|| missing("no key"))?;
        let late = family.late_timestamp(&self.scheme, view)?;
        Ok(self.verified((found.position, key), &head, &found.matched, late))
    }
}

impl fmt::Debug for SchemeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemeVerifier")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Method {
    pub(super) fn decode<'b>(
        &self,
        text: &[u8],
        buffer: &'b mut encoding::Buffer,
    ) -> Option<&'b [u8]> {
        encoding::decode(
            self.encoding,
            text,
            &self.algorithm.signature_lengths(),
            buffer,
        )
    }

    /// Whether a text could be a signature of this kind.
    pub(super) fn accepts(&self, text: &[u8]) -> bool {
        if self.algorithm == Algorithm::Token {
            !text.is_empty()
        } else {
            self.decode(text, &mut { encoding::EMPTY }).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn the_digest_of_unsigned_ids_in_a_list_does_not_depend_on_the_key() {
        let scheme = Scheme {
            grammar: Grammar::List {
                separator: ' ',
                assign: ',',
            },
            methods: vec![Method {
                tag: "v1".into(),
                ..Method::HMAC_SHA256
            }]
            .into(),
            id: Some(Source::header("x-id")),
            ..Scheme::HMAC_SHA256
        };
        let digest = |scheme: &Scheme, secret: &str| {
            let signed = scheme
                .sign(&Keyring::new(secret), &super::super::Signable::new(b"{}"))
                .unwrap();
            let mut request = http::Request::post("/").body(()).unwrap();
            request.headers_mut().extend(signed);
            let (head, ()) = request.into_parts();
            let verifier = SchemeVerifier::new(scheme.clone(), Keyring::new(secret)).unwrap();
            let now = time::OffsetDateTime::UNIX_EPOCH;
            verifier
                .verify(&Unverified::new(
                    &head,
                    &bytes::Bytes::from_static(b"{}"),
                    now,
                ))
                .unwrap()
                .digest
        };
        assert_eq!(
            digest(&scheme, "0123456789abcdef"),
            digest(&scheme, "fedcba9876543210")
        );
        let single = Scheme {
            grammar: Grammar::Single,
            ..scheme
        };
        assert_ne!(
            digest(&single, "0123456789abcdef"),
            digest(&single, "fedcba9876543210")
        );
    }
}
