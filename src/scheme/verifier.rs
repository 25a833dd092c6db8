//! [`SchemeVerifier`]: the one interpreter of all schemes.

use std::{borrow::Cow, fmt, sync::Arc};

use http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::{
    Algorithm, Method, Part, Proof, Scheme, Several, Unverified, Verifier,
    algorithm::{Feed, Mac, Prepared},
    body::{check_digest, check_form},
    content::{self, Values},
    discovery::Topic,
    draft_signature, encoding,
    handshake::{MORE_THAN_A_NONCE, is_nonce},
    head::{Family, Head, signed_url},
    header::Signatures,
    jws,
    keys::{Key, Keys, Ring},
    message,
    place::Text,
    refusal::{malformed, missing, unmatched},
    seal::Sealed,
    url,
    view::View,
};
#[cfg(feature = "discovery")]
use super::{KeyQuery, keys::FetchedKeys};
use crate::{
    delivery::{Coverage, EventId, SignedTime, Verified},
    envelope::Plan,
    error::{ConfigError, Rejection},
    secret::Keyring,
    source::FormPayload,
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
    pub(super) families: Arc<[Family]>,
    /// What is read of a JSON body before its signature is checked.
    pub(super) plan: Arc<Plan>,
    pub(super) keys: Keys,
    pub(super) coverage: Coverage,
    pub(super) signs_id: bool,
    /// Whether what is signed tells one event from another.
    tells_apart: bool,
    /// Whether a request has but one signature.
    is_alone: bool,
    /// Whether the content has a URL, of several spellings, a form, and texts that may be there or not.
    signs_url: bool,
    signs_form: bool,
    optional: bool,
    /// Whether a request may be signed in more than one way, each over a content of its own.
    falls_back: bool,
    /// Whether anybody can ask for the MAC of a short text, which is no delivery then.
    answers_macs: bool,
}

/// A signature that matched, and the digest of what it covers.
struct Match {
    digest: Option<[u8; 32]>,
}

/// What a signature is compared with or checks: the MAC of the content, or of a public key the content.
pub(super) enum Signed {
    Mac(Mac),
    Content(Vec<u8>),
}

impl Signed {
    pub(super) fn new(key: &Prepared, feed: Feed<'_>) -> Self {
        key.mac(feed).map_or_else(
            || {
                let mut content = Vec::new();
                feed(&mut |chunk| content.extend_from_slice(chunk));
                Self::Content(content)
            },
            Self::Mac,
        )
    }

    pub(super) fn by(&self, key: &Prepared, signature: &[u8]) -> bool {
        match self {
            Self::Mac(mac) => mac.matches(signature),
            Self::Content(content) => key.verifies(content, signature),
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
            tells_apart: scheme.tells_apart(),
            is_alone: scheme.is_signed_once(),
            signs_url: scheme.signs_url(),
            signs_form: scheme.content.contains(&Part::SortedForm),
            optional: scheme.has_optional(),
            falls_back: scheme.falls_back(),
            answers_macs: scheme.answers_macs(),
            scheme,
        })
    }

    /// The same verifier with other keys. What was compiled is shared.
    #[cfg(feature = "tenants")]
    pub(crate) fn with_keyring(&self, keyring: &Keyring) -> Result<Self, ConfigError> {
        let keys = Keys::shared(Arc::clone(&self.scheme), keyring)?;
        Ok(self.with_keys(keys))
    }

    /// The same verifier with keys that were fetched, and the parameters of its own keyring.
    #[cfg(feature = "discovery")]
    pub(crate) fn with_fetched(&self, keys: &FetchedKeys) -> Self {
        self.with_keys(self.keys.with_fetched(keys))
    }

    #[cfg(any(feature = "discovery", feature = "tenants"))]
    fn with_keys(&self, keys: Keys) -> Self {
        Self {
            scheme: Arc::clone(&self.scheme),
            families: Arc::clone(&self.families),
            plan: Arc::clone(&self.plan),
            keys,
            ..*self
        }
    }

    /// Makes keys ready that were fetched; those of other kinds than the scheme's are left aside.
    #[cfg(feature = "discovery")]
    pub(crate) fn fetched(&self, keyring: &Keyring) -> Result<FetchedKeys, ConfigError> {
        FetchedKeys::new(&self.scheme, keyring)
    }

    /// What has to be fetched before the request can be verified; `None` where nothing has to be. Nothing of the request is
    /// believed yet but that what it names is on the scheme's list.
    #[cfg(feature = "discovery")]
    pub(crate) fn key_query(
        &self,
        request: &Unverified<'_>,
    ) -> Result<Option<KeyQuery>, Rejection> {
        let ring = self.keys.current();
        if self.scheme.discovery.is_none() || !ring.keys.is_empty() {
            return Ok(None);
        }
        if let Proof::Jws(token) = &self.scheme.proof {
            let name = jws::key_name(self, token, request)?;
            return KeyQuery::new(&self.scheme, &ring, None, name.as_deref()).map(Some);
        }
        let view = &self.view(request);
        let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
        let topic = topic(family, &ring, view)?;
        let id = family.key_id(&self.scheme, &text, view)?;
        KeyQuery::new(&self.scheme, &ring, topic, id.as_deref()).map(Some)
    }

    /// How much longer fetched keys count while their source fails.
    #[cfg(feature = "discovery")]
    pub(crate) fn stale_keys(&self) -> std::time::Duration {
        let discovery = self.scheme.discovery.as_ref();
        discovery.map_or(std::time::Duration::ZERO, |discovery| discovery.stale)
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

    fn wrapped(&self) -> Option<&FormPayload> {
        self.scheme.form_payload.as_ref()
    }

    /// A request, as its places are read.
    pub(super) fn view<'v>(&'v self, request: &Unverified<'v>) -> View<'v> {
        View::new(request.head, Some(request.body), &self.plan, self.wrapped())
    }

    /// What stands in front of the signatures of a method that count.
    fn mark<'m>(&self, method: &'m Method, signatures: &Signatures<'_>) -> &'m str {
        match self.scheme.method_id {
            Some(_) => "",
            None => method.mark(signatures),
        }
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

    fn verified(
        &self,
        key: &Key,
        head: &Head<'_>,
        found: &Match,
        late: Option<SignedTime>,
        whole: bool,
    ) -> Verified {
        let id = head.facts.id.as_ref().and_then(event_id);
        Verified {
            key_is_old: key.position != 0,
            id_is_signed: self.signs_id && id.is_some(),
            id,
            timestamp: head
                .facts
                .timestamp
                .as_ref()
                .map(|stamp| stamp.time)
                .or(late),
            coverage: if whole {
                Coverage::Whole
            } else {
                self.coverage
            },
            digest: found.digest.filter(|_| self.tells_apart),
            covered: (self.coverage == Coverage::Partial).then(|| head.told(&self.scheme)),
            ..Verified::assertion(Arc::clone(&key.name))
        }
    }

    /// The signature of one of the keys over one of the contents that this request may stand for.
    fn find(
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

    /// What a signature over the message says of the request.
    fn unsealed(
        &self,
        sealed: Sealed<'_>,
        request: &Unverified<'_>,
    ) -> Result<Verified, Rejection> {
        let digest = Some(sealed.digest());
        let view = &self.view(request);
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
    pub(super) fn urls(
        &self,
        ring: &Ring,
        request: &Unverified<'_>,
    ) -> Result<Vec<String>, Rejection> {
        if !self.signs_url {
            return Ok(Vec::new());
        }
        url::spellings(&signed_url(ring, request))
            .ok_or_else(|| malformed("the signed URL holds what no URL does"))
    }

    /// What the parts of the content may stand for: each spelling of the URL, without the optional text and with it.
    pub(super) fn contents<'v>(
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

/// Whether a URL challenge could have asked for the MAC of all this.
fn is_told(parts: &[Part], contents: &Values<'_>) -> bool {
    let mut start = Vec::new();
    content::feed(parts, contents, &mut |chunk| {
        let room = MORE_THAN_A_NONCE.saturating_sub(start.len());
        start.extend(chunk.iter().take(room));
    });
    is_nonce(&start)
}

fn event_id(id: &Text<'_>) -> Option<EventId> {
    match id.header {
        Some(value) => Some(EventId::Header(value.clone())),
        None => str::from_utf8(&id.text)
            .ok()
            .map(|text| EventId::Text(text.into())),
    }
}

/// What a request names: the method that signed it, and whom a certificate has to name where it lies.
struct Named<'a> {
    method: Option<Cow<'a, [u8]>>,
    certificate: Option<&'a str>,
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
    /// What the request names, if it is what this scheme and keyring allow.
    fn named<'a>(
        &'a self,
        family: &Family,
        ring: &Ring,
        head: &Head<'_>,
        view: &View<'a>,
    ) -> Result<Named<'a>, Rejection> {
        let topic = topic(family, ring, view)?;
        let certificate = match (&self.scheme.discovery, &head.key_id) {
            (Some(discovery), Some(id)) => {
                let url = discovery.allows(&id.text, topic, ring)?;
                url.and_then(|url| url.certificate.as_deref())
            }
            _ => None,
        };
        Ok(Named {
            method: family.method_id(view)?,
            certificate,
        })
    }
}

/// The topic of a request, which has to be one of the keyring's, where the scheme has topics.
fn topic<'r>(
    family: &Family,
    ring: &'r Ring,
    view: &View<'_>,
) -> Result<Option<&'r Topic>, Rejection> {
    let Some(arn) = family.allowed(view)? else {
        return Ok(None);
    };
    let topic = ring.topic(&arn);
    let topic = topic.ok_or_else(|| malformed("the request is of none of the keyring's topics"))?;
    Ok(Some(topic))
}

/// The position of a key in the ring, and what it matched.
struct Found {
    position: usize,
    matched: Match,
}

impl Verifier for SchemeVerifier {
    fn check_head(&self, head: &Parts) -> Result<(), Rejection> {
        match &self.scheme.proof {
            Proof::Composed | Proof::Items | Proof::Jws(_) => {}
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
        let view = &View::new(head, None, &self.plan, self.wrapped());
        if let Proof::Jws(token) = &self.scheme.proof {
            let (_, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
            return jws::check_head(&self.scheme, token, &text);
        }
        if self.scheme.several == Several::No {
            let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
            return self.check_text(family, &text, view);
        }
        let (family, texts) = Family::find_several(&self.families, &self.scheme, view)?;
        first_that_holds(&texts, |text| self.check_text(family, text, view))
    }

    fn verify(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
        match &self.scheme.proof {
            Proof::Composed => self.verify_one(request),
            Proof::Items => self.verify_items(request),
            Proof::Jws(token) => jws::verify(self, token, request),
            Proof::MessageSignature(policy) => {
                let ring = self.keys.current();
                let sealed = message::verify(&self.scheme, policy, &ring, request)?;
                self.unsealed(sealed, request)
            }
            Proof::DraftSignature => {
                let ring = self.keys.current();
                let sealed = draft_signature::verify(&self.scheme, &ring, request)?;
                self.unsealed(sealed, request)
            }
        }
    }
}

impl SchemeVerifier {
    /// What the signatures of a request prove, or of an item as if it were one.
    pub(super) fn verify_one(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
        let view = &self.view(request);
        if self.scheme.several == Several::No {
            let (family, text) = Family::find(&self.families, &self.scheme.grammar, view)?;
            return self.verify_text(family, &text, view, request);
        }
        let (family, texts) = Family::find_several(&self.families, &self.scheme, view)?;
        first_that_holds(&texts, |text| self.verify_text(family, text, view, request))
    }
}

/// What the first text that holds gives; else why the last does not.
fn first_that_holds<'a, T>(
    texts: &'a [Cow<'_, [u8]>],
    judge: impl Fn(&'a [u8]) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let mut last = Err(missing("the signature is missing"));
    for text in texts {
        last = judge(text);
        if last.is_ok() {
            break;
        }
    }
    last
}

impl SchemeVerifier {
    /// Whether a signature text may hold for some body.
    fn check_text<'a>(
        &'a self,
        family: &Family,
        text: &'a [u8],
        view: &View<'a>,
    ) -> Result<(), Rejection> {
        if self.scheme.reads_body_early() {
            return Ok(());
        }
        let read = family.read(&self.scheme, text, view)?;
        let usable = |method: &Method| {
            let mark = self.mark(method, &read.signatures);
            read.signatures
                .tagged(None, mark)
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

    /// What one signature text proves.
    fn verify_text<'a>(
        &'a self,
        family: &Family,
        text: &'a [u8],
        view: &View<'a>,
        request: &Unverified<'a>,
    ) -> Result<Verified, Rejection> {
        let head = family.read(&self.scheme, text, view)?;
        let ring = self.keys.current();
        check_digest(&self.scheme, head.facts.body_digest.as_ref(), request)?;
        let named = self.named(family, &ring, &head, view)?;
        let found = self.find(&ring, &head, request, &named)?;
        let key = ring
            .keys
            .get(found.position)
            .ok_or_else(|| missing("no key"))?;
        let late = family.late_timestamp(&self.scheme, view)?;
        let whole = head.facts.body_digest.is_some() || self.scheme.covers_whole(view);
        Ok(self.verified(key, &head, &found.matched, late, whole))
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
    /// The tag that counts in these signatures.
    fn mark<'m>(&'m self, signatures: &Signatures<'_>) -> &'m str {
        match &self.fallback_tag {
            Some(other) if signatures.tagged(None, &self.tag).next().is_none() => other,
            _ => &self.tag,
        }
    }

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
    use crate::{scheme::Grammar, source::Source};

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
