//! [`SchemeVerifier`]: the one interpreter of all schemes.

#[cfg(feature = "discovery")]
mod fetching;
mod search;

use std::{borrow::Cow, fmt, sync::Arc};

use http::request::Parts;

pub(super) use self::search::Signed;
use self::search::{Match, Named};
use super::{
    Method, Part, Proof, Scheme, Several, Unverified, Verifier,
    body::check_digest,
    discovery::Topic,
    draft_signature,
    head::{Family, Head},
    header::Signatures,
    jws,
    keys::{Key, Keys, Ring},
    message,
    place::Text,
    refusal::{malformed, missing},
    seal::Sealed,
    view::View,
};
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
    /// Whether the body has to be read before the signature can be checked.
    reads_body_early: bool,
    /// Whether how much is covered hangs on the request.
    coverage_varies: bool,
    /// Whether a request may be signed in more than one way, each over a content of its own.
    falls_back: bool,
    /// Whether anybody can ask for the MAC of a short text, which is no delivery then.
    answers_macs: bool,
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
            reads_body_early: scheme.reads_body_early(),
            coverage_varies: scheme.coverage_varies(),
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
}

fn event_id(id: &Text<'_>) -> Option<EventId> {
    match id.header {
        Some(value) => Some(EventId::Header(value.clone())),
        None => str::from_utf8(&id.text)
            .ok()
            .map(|text| EventId::Text(text.into())),
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
        if self.reads_body_early {
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
        let whole = head.facts.body_digest.is_some()
            || (self.coverage_varies && self.scheme.covers_whole(view));
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

#[cfg(test)]
mod tests;
