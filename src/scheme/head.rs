//! What a request says of its signature. Pure.

use std::borrow::Cow;

use http::HeaderName;

use super::{
    Grammar, Jws, Must, Part, Scheme, Unverified,
    ascii::is_graphic,
    content::{Covered, Values},
    cover::{Cover, NOT_COVERED},
    header::{Signatures, unpacked},
    keys::{Key, Ring},
    place::{Place, Text},
    refusal::{malformed, missing},
    several::numbered_headers,
    url::original_uri,
    view::View,
};
use crate::{
    delivery::{MAX_ID, SignedTime},
    envelope::Plan,
    error::{ConfigError, ConfigErrorKind, Rejection},
    source::Source,
};

/// The places of one header prefix.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) signature: Place,
    /// The headers of further signatures, where they are numbered.
    pub(super) numbered: Box<[HeaderName]>,
    /// The timestamp, where it has to be known before the signature can be checked.
    timestamp: Option<Place>,
    /// The timestamp, where the signature covers it with the rest of the body.
    late_timestamp: Option<Place>,
    id: Option<Place>,
    body_digest: Option<Place>,
    key_id: Option<Place>,
    /// The texts with which claims of a token are compared, one place for each that has to be something.
    compared: Box<[Option<Place>]>,
    method_id: Option<Place>,
    allowed: Option<Place>,
    /// What the content covers besides, in the order of its parts.
    covered: Box<[Cover]>,
}

/// What a request says, well-formed and bounded but not yet believed.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) signatures: Signatures<'a>,
    pub(super) facts: Facts<'a>,
    pub(super) key_id: Option<Text<'a>>,
    pub(super) covered: Vec<Covered<'a>>,
}

/// What a request says beside its signature or token.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) timestamp: Option<Stamp<'a>>,
    pub(super) id: Option<Text<'a>>,
    pub(super) body_digest: Option<Text<'a>>,
}

/// The timestamp as it was received, and what it says.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) time: SignedTime,
}

impl Family {
    /// Reads what is read of a JSON body before its signature is checked, in one go.
    pub(super) fn plan(scheme: &Scheme) -> Plan {
        Plan::new(Self::early_pointers(scheme).into_iter().map(Some))
    }

    /// The pointers to the signature, timestamp, id and texts that the signature covers, each once.
    pub(super) fn early_pointers(scheme: &Scheme) -> Vec<&str> {
        let texts = Part::each(&scheme.content).filter_map(Part::source);
        let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let id = scheme.id.as_ref();
        let id = id.filter(|id| scheme.reads_early(id, &Part::Id));
        let key_id = scheme.key_id.as_ref();
        let compared = scheme.proof.jws().into_iter().flat_map(Jws::texts);
        let sources = texts
            .chain([&scheme.signature])
            .chain(timestamp)
            .chain(id)
            .chain(key_id)
            .chain(compared)
            .chain(scheme.method_id.as_ref())
            .chain(scheme.allowed.as_ref().map(|allowed| &allowed.source));
        let mut pointers = Vec::new();
        for place in sources.flat_map(Source::places) {
            if let Source::Json(pointer) = place
                && !pointers.contains(&&**pointer)
            {
                pointers.push(&**pointer);
            }
        }
        pointers
    }

    /// The families of a scheme, in order.
    pub(super) fn all(scheme: &Scheme) -> Result<Box<[Self]>, ConfigError> {
        if scheme.header_prefixes.is_empty() {
            return Ok(Box::new([Self::new(scheme, "")?]));
        }
        scheme
            .header_prefixes
            .iter()
            .map(|prefix| Self::new(scheme, prefix))
            .collect()
    }

    pub(super) fn new(scheme: &Scheme, prefix: &str) -> Result<Self, ConfigError> {
        let place =
            |source: Option<&Source>| source.map(|source| Place::new(prefix, source)).transpose();
        let required = scheme.proof.jws().map(|jws| &*jws.require);
        let compared = required.unwrap_or_default().iter().map(|one| {
            let text = match &one.must {
                Must::EqualText(source) => Some(source),
                _ => None,
            };
            place(text)
        });
        let digest = scheme.body_digest.as_ref();
        let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let early = |source: &&Source| scheme.reads_early(source, &Part::Timestamp);
        Ok(Self {
            late_timestamp: place(timestamp.filter(|source| !early(source)))?,
            signature: Place::new(prefix, &scheme.signature)?,
            numbered: numbered_headers(scheme, prefix)?,
            timestamp: place(timestamp.filter(early))?,
            // An id of the body that the signature does not name is read after verification.
            id: place(
                scheme
                    .id
                    .as_ref()
                    .filter(|id| scheme.reads_early(id, &Part::Id)),
            )?,
            body_digest: place(digest.map(|digest| &digest.source))?,
            key_id: place(scheme.key_id.as_ref())?,
            compared: compared.collect::<Result<_, _>>()?,
            method_id: place(scheme.method_id.as_ref())?,
            allowed: place(scheme.allowed.as_ref().map(|allowed| &allowed.source))?,
            covered: Cover::all(prefix, &scheme.content)?,
        })
    }

    /// The first family whose signature is there, and the text its signatures are in.
    pub(super) fn find<'f, 'a>(
        families: &'f [Self],
        grammar: &Grammar,
        view: &View<'a>,
    ) -> Result<(&'f Self, Cow<'a, [u8]>), Rejection> {
        for family in families {
            if let Some(found) = family.signature.read(None, view)? {
                let text = unpacked(grammar, found.text).map_err(malformed)?;
                return Ok((family, text));
            }
        }
        Err(missing("the signature is missing"))
    }

    pub(super) fn read<'a>(
        &self,
        scheme: &'a Scheme,
        text: &'a [u8],
        view: &View<'a>,
    ) -> Result<Head<'a>, Rejection> {
        let signatures = Signatures::parse_spaced(&scheme.grammar, scheme.spaced, text);
        let signatures = signatures.map_err(malformed)?;
        let timestamp = match &self.timestamp {
            Some(place) => Some(stamp(scheme, place.read(Some(&signatures), view)?)?),
            None => None,
        };
        let id = self.read_id(scheme, Some(&signatures), view)?;
        let covered = self.covered(Some(&signatures), view)?;
        let digest = self.body_digest.as_ref();
        let key_id = needed(self.key_id.as_ref(), Some(&signatures), view, NO_KEY_ID)?;
        Ok(Head {
            key_id,
            facts: Facts {
                timestamp,
                id,
                body_digest: digest
                    .map_or(Ok(None), |place| place.read(Some(&signatures), view))?,
            },
            covered,
            signatures,
        })
    }

    /// What a request says beside its token. What stands in claims is there once these are.
    pub(super) fn facts<'a>(
        &self,
        scheme: &Scheme,
        view: &View<'a>,
    ) -> Result<Facts<'a>, Rejection> {
        let read = |place: &Place| place.read(None, view);
        let timestamp = self.timestamp.as_ref();
        let timestamp = timestamp.map(|place| stamp(scheme, read(place)?));
        Ok(Facts {
            timestamp: timestamp.transpose()?,
            id: self.read_id(scheme, None, view)?,
            body_digest: self.body_digest.as_ref().map_or(Ok(None), read)?,
        })
    }

    /// The name that the request has for its key, if it has one.
    pub(super) fn key_name<'a>(&self, view: &View<'a>) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let place = self.key_id.as_ref();
        let found = place.map_or(Ok(None), |place| place.read(None, view))?;
        Ok(found.map(|found| found.text))
    }

    /// The texts with which claims are compared, one for each that has to be something.
    pub(super) fn compared<'a>(
        &self,
        view: &View<'a>,
    ) -> Result<Vec<Option<Cow<'a, [u8]>>>, Rejection> {
        let read = |place: &Option<Place>| {
            let found = place
                .as_ref()
                .map_or(Ok(None), |place| place.read(None, view))?;
            Ok(found.map(|found| found.text))
        };
        self.compared.iter().map(read).collect()
    }

    /// The name of the key that signed the request, where the scheme has requests name it. Checks nothing else.
    #[cfg(feature = "discovery")]
    pub(super) fn key_id<'a>(
        &self,
        scheme: &'a Scheme,
        text: &'a [u8],
        view: &View<'a>,
    ) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        if self.key_id.is_none() {
            return Ok(None);
        }
        let signatures = Signatures::parse_spaced(&scheme.grammar, scheme.spaced, text);
        let signatures = signatures.map_err(malformed)?;
        let found = needed(self.key_id.as_ref(), Some(&signatures), view, NO_KEY_ID)?;
        Ok(found.map(|found| found.text))
    }

    /// Which of the methods the request names, where it has to name one.
    pub(super) fn method_id<'a>(
        &self,
        view: &View<'a>,
    ) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let why = "the name of the signature's kind is missing";
        let found = needed(self.method_id.as_ref(), None, view, why)?;
        Ok(found.map(|found| found.text))
    }

    /// The text that has to be one of the keyring's, where there is such.
    pub(super) fn allowed<'a>(&self, view: &View<'a>) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let found = needed(self.allowed.as_ref(), None, view, NOT_COVERED)?;
        Ok(found.map(|found| found.text))
    }

    /// What the content covers besides, in the order of its parts.
    pub(super) fn covered<'a>(
        &self,
        signatures: Option<&Signatures<'a>>,
        view: &View<'a>,
    ) -> Result<Vec<Covered<'a>>, Rejection> {
        let mut all = Vec::with_capacity(self.covered.len());
        for cover in &self.covered {
            cover.read(signatures, view, &mut all)?;
        }
        Ok(all)
    }

    /// Whether the request has the digest of its body.
    pub(super) fn has_digest(&self, view: &View<'_>) -> bool {
        let digest = self.body_digest.as_ref();
        digest.is_some_and(|place| matches!(place.read(None, view), Ok(Some(_))))
    }

    /// The timestamp of a request whose signature matched, where it is only then read: it stands in the signed body.
    pub(super) fn late_timestamp(
        &self,
        scheme: &Scheme,
        view: &View<'_>,
    ) -> Result<Option<SignedTime>, Rejection> {
        let place = self.late_timestamp.as_ref();
        place
            .map(|place| Ok(stamp(scheme, place.read(None, view)?)?.time))
            .transpose()
    }

    /// The id, where it is outside the body and beside no signature.
    pub(super) fn id_outside<'a>(&self, view: &View<'a>) -> Result<Option<Text<'a>>, Rejection> {
        let place = self.id.as_ref();
        let id = place.map_or(Ok(None), |place| place.read(None, view))?;
        id.map(checked_id).transpose()
    }

    fn read_id<'a>(
        &self,
        scheme: &Scheme,
        signatures: Option<&Signatures<'a>>,
        view: &View<'a>,
    ) -> Result<Option<Text<'a>>, Rejection> {
        let Some(place) = &self.id else {
            return Ok(None);
        };
        match place.read(signatures, view)? {
            None if scheme.content.contains(&Part::Id) => Err(missing("the event id is missing")),
            id => id.map(checked_id).transpose(),
        }
    }
}

/// What stands at a place, where there is one: then it has to be there.
fn needed<'a>(
    place: Option<&Place>,
    signatures: Option<&Signatures<'a>>,
    view: &View<'a>,
    why: &'static str,
) -> Result<Option<Text<'a>>, Rejection> {
    let Some(place) = place else {
        return Ok(None);
    };
    let found = place.read(signatures, view)?;
    found.ok_or_else(|| missing(why)).map(Some)
}

const NO_KEY_ID: &str = "the id of the key is missing";

/// An id that a store and a log can hold.
fn checked_id(id: Text<'_>) -> Result<Text<'_>, Rejection> {
    if !(1..=MAX_ID).contains(&id.text.len()) {
        Err(malformed("the event id is empty or too long"))
    } else if !is_graphic(&id.text) {
        Err(malformed("the event id is not visible ASCII"))
    } else {
        Ok(id)
    }
}

fn stamp<'a>(scheme: &Scheme, found: Option<Text<'a>>) -> Result<Stamp<'a>, Rejection> {
    let text = found
        .ok_or_else(|| missing("the timestamp is missing"))?
        .text;
    let timestamp = scheme.timestamp.as_ref();
    let time = timestamp.and_then(|timestamp| timestamp.read(&text, &scheme.profile));
    let time =
        time.ok_or_else(|| malformed("the timestamp is not written as the sender writes it"))?;
    Ok(Stamp { text, time })
}

impl Head<'_> {
    /// Whether the request says that this key signed it, or does not say.
    pub(super) fn names(&self, key: &Key) -> bool {
        let id = self.key_id.as_ref();
        id.is_none_or(|id| *id.text == *key.public_id().as_bytes())
    }

    /// What the parts of the content stand for.
    pub(super) fn values<'v>(&'v self, ring: &'v Ring, request: &Unverified<'v>) -> Values<'v> {
        self.facts.values(request, &self.covered, ring)
    }
}

impl Facts<'_> {
    /// What the parts of the content stand for.
    pub(super) fn values<'v>(
        &'v self,
        request: &Unverified<'v>,
        covered: &'v [Covered<'v>],
        ring: &'v Ring,
    ) -> Values<'v> {
        Values {
            id: self.id.as_ref().map_or(b"", |id| &id.text),
            timestamp: self.timestamp.as_ref().map_or(b"", |stamp| &stamp.text),
            method: request.head.method.as_str(),
            url: "",
            uri: original_uri(request.head),
            covered,
            has_digest: self.body_digest.is_some(),
            body: request.body,
            params: &ring.signed,
            with_optional: false,
            without_fields: false,
        }
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
