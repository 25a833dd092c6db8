//! [`SchemeVerifier`]: the one interpreter of all schemes.

use std::{borrow::Cow, fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use sha2::{Digest as _, Sha256};

use super::{
    Algorithm, Grammar, Method, Part, Scheme, Unverified, Verifier,
    algorithm::Feed,
    content::{self, MOST_HEADERS, Url, Values},
    encoding,
    header::{Signatures, is_graphic, is_printable},
    keys::{Key, Keys, Ring},
};
use crate::{
    delivery::{Coverage, MAX_ID, SignedTime, Verified},
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    origin::{Origin, OriginParts},
    secret::Keyring,
    source::{Source, TypePart},
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
    families: Box<[Family]>,
    keys: Keys,
    coverage: Coverage,
    signs_id: bool,
}

/// The header names of one prefix.
#[derive(Debug)]
struct Family {
    signature: Option<HeaderName>,
    timestamp: Option<HeaderName>,
    id: Option<HeaderName>,
    covered: Box<[HeaderName]>,
}

/// What the head of a request says, well-formed and bounded but not yet believed.
#[derive(Debug)]
struct Head<'a> {
    signatures: Signatures<'a>,
    timestamp: Option<(Cow<'a, str>, SignedTime)>,
    id: Option<Text<'a>>,
    covered: [&'a str; MOST_HEADERS],
}

/// A text of the request; of a header, with the value it can be kept as.
#[derive(Debug)]
struct Text<'a> {
    text: Cow<'a, str>,
    header: Option<&'a HeaderValue>,
}

impl SchemeVerifier {
    /// A verifier for a scheme, with keys.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Scheme`] as of [`Scheme::check`]; the others as of [`Keys::new`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a keyring that is given away is wiped here"
    )]
    pub fn new(scheme: Scheme, keyring: Keyring) -> Result<Self, ConfigError> {
        scheme.check()?;
        let scheme = Arc::new(scheme);
        Ok(Self {
            families: Family::all(&scheme)?,
            keys: Keys::shared(Arc::clone(&scheme), &keyring)?,
            coverage: scheme.coverage(),
            signs_id: scheme.signs_id(),
            scheme,
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

    /// What the deliveries of a receiver with this scheme have in common.
    pub(crate) fn origin(&self, receiver: impl Into<Arc<str>>) -> Origin {
        let scheme = &*self.scheme;
        Origin::new(OriginParts {
            receiver: receiver.into(),
            provider: scheme.name.clone(),
            profile: scheme.profile.clone(),
            id: scheme.id.clone(),
            event_type: self.event_type(),
            payload: scheme.payload.clone(),
            form_payload: scheme.form_payload.clone(),
            items: scheme.items.clone(),
            kept_headers: self.kept_headers(),
        })
    }

    /// The parts of the event type, header names complete.
    fn event_type(&self) -> Cow<'static, [TypePart]> {
        let Some(prefix) = self.scheme.header_prefixes.first() else {
            return self.scheme.event_type.clone();
        };
        let complete = |part: &TypePart| match &part.source {
            Source::Header(name) => TypePart {
                source: Source::Header(format!("{prefix}{name}").into()),
                when: part.when,
            },
            _ => part.clone(),
        };
        self.scheme.event_type.iter().map(complete).collect()
    }

    /// The content type, the headers of the id, timestamp and type, and what the scheme says; never the signature or
    /// another credential.
    fn kept_headers(&self) -> Vec<HeaderName> {
        let found = self
            .families
            .iter()
            .flat_map(|family| [&family.id, &family.timestamp])
            .flatten()
            .cloned();
        let event_type = self.event_type();
        let named = event_type.iter().filter_map(|part| match &part.source {
            Source::Header(name) => Some(&**name),
            _ => None,
        });
        let named = named.chain(self.scheme.keep_headers.iter().map(|name| &**name));
        let named = named.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        let mut kept = vec![header::CONTENT_TYPE];
        for name in found
            .chain(named)
            .filter(|name| !self.scheme.is_private(name.as_str()))
        {
            if !kept.contains(&name) {
                kept.push(name);
            }
        }
        kept
    }

    /// The first family whose signature is there.
    fn family(&self, headers: &HeaderMap) -> Result<&Family, Rejection> {
        let present = |family: &&Family| {
            family
                .signature
                .as_ref()
                .is_none_or(|name| headers.contains_key(name))
        };
        self.families
            .iter()
            .find(present)
            .ok_or_else(|| missing("the signature header is missing"))
    }

    fn signature_text<'a>(
        &self,
        family: &Family,
        head: &'a Parts,
    ) -> Result<Cow<'a, str>, Rejection> {
        let text = match (&family.signature, &self.scheme.signature) {
            (Some(name), _) => single(&head.headers, name)?
                .map(as_text)
                .transpose()?
                .map(Cow::Borrowed),
            (None, Source::Query(name)) => query(head, name)?,
            (None, _) => None,
        };
        text.ok_or_else(|| missing("the signature is missing"))
    }

    /// Reads all that stands outside the body.
    fn read<'a>(
        &'a self,
        family: &Family,
        text: &'a str,
        head: &'a Parts,
    ) -> Result<Head<'a>, Rejection> {
        let signatures = Signatures::parse(&self.scheme.grammar, text).map_err(malformed)?;
        let timestamp = self.timestamp(family, &signatures, head)?;
        let id = self.id(family, &signatures, head)?;
        let mut covered = [""; MOST_HEADERS];
        for (slot, name) in covered.iter_mut().zip(&family.covered) {
            let value = single(&head.headers, name)?
                .ok_or_else(|| missing("a header under the signature is missing"))?;
            *slot = as_text(value)?;
        }
        Ok(Head {
            signatures,
            timestamp,
            id,
            covered,
        })
    }

    fn timestamp<'a>(
        &self,
        family: &Family,
        signatures: &Signatures<'a>,
        head: &'a Parts,
    ) -> Result<Option<(Cow<'a, str>, SignedTime)>, Rejection> {
        let Some(timestamp) = &self.scheme.timestamp else {
            return Ok(None);
        };
        let found = find(
            &timestamp.source,
            family.timestamp.as_ref(),
            signatures,
            head,
        )?;
        let text = found
            .ok_or_else(|| missing("the timestamp is missing"))?
            .text;
        let time = timestamp.read(&text, &self.scheme.profile);
        let time =
            time.ok_or_else(|| malformed("the timestamp is not written as the sender writes it"))?;
        Ok(Some((text, time)))
    }

    fn id<'a>(
        &self,
        family: &Family,
        signatures: &Signatures<'a>,
        head: &'a Parts,
    ) -> Result<Option<Text<'a>>, Rejection> {
        let Some(source) = &self.scheme.id else {
            return Ok(None);
        };
        let id = find(source, family.id.as_ref(), signatures, head)?;
        match &id {
            None if self.scheme.content.contains(&Part::Id) => {
                Err(missing("the event id is missing"))
            }
            Some(id) if !(1..=MAX_ID).contains(&id.text.len()) => {
                Err(malformed("the event id is empty or too long"))
            }
            Some(id) if !is_graphic(id.text.as_bytes()) => {
                Err(malformed("the event id is not visible ASCII"))
            }
            _ => Ok(id),
        }
    }

    fn values<'a>(
        &'a self,
        head: &'a Head<'a>,
        ring: &'a Ring,
        request: &Unverified<'a>,
    ) -> Values<'a> {
        let uri = &request.head.uri;
        let host = request
            .head
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let url = ring.public_url.as_deref().map_or_else(
            || Url::Received {
                scheme: uri.scheme_str().unwrap_or("https"),
                host: uri
                    .authority()
                    .map(http::uri::Authority::as_str)
                    .or(host)
                    .unwrap_or_default(),
            },
            Url::Public,
        );
        Values {
            id: head.id.as_ref().map_or("", |id| &id.text),
            timestamp: head.timestamp.as_ref().map_or("", |(text, _)| text),
            method: request.head.method.as_str(),
            url,
            path: uri
                .path_and_query()
                .map_or("/", http::uri::PathAndQuery::as_str),
            headers: head.covered,
            body: request.body,
        }
    }

    /// The digest of what was signed, if a signature is this key's.
    fn matches(
        &self,
        key: &Key,
        signatures: &Signatures<'_>,
        feed: Feed<'_>,
    ) -> Option<Option<[u8; 32]>> {
        let method = self.scheme.methods.get(key.method)?;
        let texts = signatures.tagged(&method.tag);
        if method.algorithm == Algorithm::Token {
            // No early end: how many tokens were tried tells nothing of the key.
            let found = texts.fold(false, |found, text| key.prepared.is_token(text) | found);
            return found.then_some(None);
        }
        let mut decoded = texts.filter_map(|text| method.decode(text)).peekable();
        decoded.peek()?;
        if let Some(mac) = key.prepared.mac(feed) {
            let found = decoded.any(|signature| mac.matches(signature.as_slice()));
            return found.then(|| Some(self.digest(&mac, feed)));
        }
        self.matches_public_key(key, decoded, feed).map(Some)
    }

    #[cfg(feature = "asymmetric")]
    #[expect(
        clippy::unused_self,
        reason = "without the feature there is nothing to do"
    )]
    fn matches_public_key(
        &self,
        key: &Key,
        mut signatures: impl Iterator<Item = encoding::Decoded>,
        feed: Feed<'_>,
    ) -> Option<[u8; 32]> {
        let super::algorithm::Prepared::PublicKey(public_key) = &key.prepared else {
            return None;
        };
        let mut content = Vec::new();
        feed(&mut |chunk| content.extend_from_slice(chunk));
        let found = signatures.any(|signature| public_key.verify(&content, signature.as_slice()));
        found.then(|| Sha256::digest(&content).into())
    }

    #[cfg(not(feature = "asymmetric"))]
    #[expect(
        clippy::unused_self,
        reason = "the same signature with and without the feature"
    )]
    fn matches_public_key(
        &self,
        _: &Key,
        _: impl Iterator<Item = encoding::Decoded>,
        _: Feed<'_>,
    ) -> Option<[u8; 32]> {
        None
    }

    /// The MAC itself is a digest of the content. Where one request may carry signatures of several keys and the id is
    /// not signed, whoever took out the first signature would get another MAC for the same content: hash it then.
    fn digest(&self, mac: &super::algorithm::Mac, feed: Feed<'_>) -> [u8; 32] {
        if self.signs_id || self.scheme.grammar == Grammar::Single {
            return mac.digest();
        }
        let mut hash = Sha256::new();
        feed(&mut |chunk| hash.update(chunk));
        hash.finalize().into()
    }

    fn verified(
        &self,
        key: &Key,
        position: usize,
        head: &Head<'_>,
        digest: Option<[u8; 32]>,
    ) -> Verified {
        let mut verified = Verified::assertion(Arc::clone(&key.name))
            .covering(self.coverage)
            .by_old_key(position != 0);
        if let Some((_, time)) = head.timestamp {
            verified = verified.at(time);
        }
        if let Some(digest) = digest {
            verified = verified.with_digest(digest);
        }
        match &head.id {
            Some(Text {
                header: Some(value),
                ..
            }) => verified.with_header_id((*value).clone(), self.signs_id),
            Some(Text { text, header: None }) => verified.with_id(&**text, self.signs_id),
            None => verified,
        }
    }
}

impl Verifier for SchemeVerifier {
    fn check_head(&self, head: &Parts) -> Result<(), Rejection> {
        let family = self.family(&head.headers)?;
        let text = self.signature_text(family, head)?;
        let read = self.read(family, &text, head)?;
        let usable = |method: &Method| {
            read.signatures
                .tagged(&method.tag)
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
        let family = self.family(&request.head.headers)?;
        let text = self.signature_text(family, request.head)?;
        let head = self.read(family, &text, request.head)?;
        let ring = self.keys.current();
        let values = self.values(&head, &ring, request);
        let parts = &*self.scheme.content;
        if content::is_ambiguous(parts, &values) {
            return Err(malformed(
                "the id or a header contains the delimiter behind it in the signed content",
            ));
        }
        let mut expired = true;
        for (position, key) in ring
            .keys
            .iter()
            .enumerate()
            .filter(|(_, key)| key.counts_at(request.now))
        {
            expired = false;
            if let Some(digest) = self.matches(key, &head.signatures, &|sink| {
                content::feed(parts, &values, sink)
            }) {
                return Ok(self.verified(key, position, &head, digest));
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
}

impl fmt::Debug for SchemeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemeVerifier")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Method {
    fn decode(&self, text: &str) -> Option<encoding::Decoded> {
        encoding::decode(self.encoding, text, self.algorithm.signature_lengths())
    }

    /// Whether a text could be a signature of this kind.
    fn accepts(&self, text: &str) -> bool {
        if self.algorithm == Algorithm::Token {
            !text.is_empty()
        } else {
            self.decode(text).is_some()
        }
    }
}

impl Family {
    fn all(scheme: &Scheme) -> Result<Box<[Self]>, ConfigError> {
        if scheme.header_prefixes.is_empty() {
            return Ok(Box::new([Self::new(scheme, "")?]));
        }
        scheme
            .header_prefixes
            .iter()
            .map(|prefix| Self::new(scheme, prefix))
            .collect()
    }

    fn new(scheme: &Scheme, prefix: &str) -> Result<Self, ConfigError> {
        let header = |source: Option<&Source>| match source {
            Some(Source::Header(name)) => header_name(prefix, name).map(Some),
            _ => Ok(None),
        };
        let covered = scheme.content.iter().filter_map(|part| match part {
            Part::Header(name) => Some(header_name(prefix, name)),
            _ => None,
        });
        Ok(Self {
            signature: header(Some(&scheme.signature))?,
            timestamp: header(scheme.timestamp.as_ref().map(|timestamp| &timestamp.source))?,
            id: header(scheme.id.as_ref())?,
            covered: covered.collect::<Result<_, _>>()?,
        })
    }
}

/// A header name, prefixed and checked.
pub(super) fn header_name(prefix: &str, name: &str) -> Result<HeaderName, ConfigError> {
    let full = format!("{prefix}{name}");
    let fault = |_| {
        ConfigError::new(
            ConfigErrorKind::Scheme,
            format!("{full:?} is not a header name"),
        )
    };
    HeaderName::from_bytes(full.as_bytes()).map_err(fault)
}

/// The one value of a header. A repeated one is refused: two readers could see two values.
fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        Err(malformed("a header that the signature needs repeats"))
    } else {
        Ok(value)
    }
}

fn as_text(value: &HeaderValue) -> Result<&str, Rejection> {
    let text = str::from_utf8(value.as_bytes())
        .ok()
        .filter(|text| is_printable(text.as_bytes()));
    text.ok_or_else(|| malformed("a header that the signature needs is not visible ASCII"))
}

/// The one value of a query parameter.
fn query<'a>(head: &'a Parts, name: &str) -> Result<Option<Cow<'a, str>>, Rejection> {
    let query = head.uri.query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(field, _)| field == name)
        .map(|(_, value)| value);
    let value = values.next();
    if values.next().is_some() {
        Err(malformed(
            "a query parameter that the signature needs repeats",
        ))
    } else {
        Ok(value)
    }
}

fn find<'a>(
    source: &Source,
    header: Option<&HeaderName>,
    signatures: &Signatures<'a>,
    head: &'a Parts,
) -> Result<Option<Text<'a>>, Rejection> {
    let text = match (source, header) {
        (_, Some(name)) => {
            let Some(value) = single(&head.headers, name)? else {
                return Ok(None);
            };
            return Ok(Some(Text {
                text: Cow::Borrowed(as_text(value)?),
                header: Some(value),
            }));
        }
        (Source::Field(name), None) => signatures
            .field(name)
            .map_err(malformed)?
            .map(Cow::Borrowed),
        (Source::Query(name), None) => query(head, name)?,
        (Source::Header(_) | Source::Json(_) | Source::Form(_), None) => None,
    };
    Ok(text.map(|text| Text { text, header: None }))
}

fn missing(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMissing, what)
}

fn malformed(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMalformed, what)
}
