//! What a request says of its signature. Pure.

use std::borrow::Cow;

use axum::extract::OriginalUri;
use http::{HeaderName, Uri, request::Parts};

use super::{
    Grammar, Part, Scheme, Unverified,
    content::Values,
    header::{Signatures, is_graphic, is_printable, unpacked},
    keys::{Key, Ring},
    place::{Place, Text},
    url,
    view::View,
};
use crate::{
    delivery::{MAX_ID, SignedTime},
    envelope::Plan,
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    source::Source,
};

/// The places of one header prefix.
#[derive(Debug)]
pub(super) struct Family {
    signature: Place,
    /// The timestamp, where it has to be known before the signature can be checked.
    timestamp: Option<Place>,
    /// The timestamp, where the signature covers it with the rest of the body.
    late_timestamp: Option<Place>,
    id: Option<Place>,
    body_digest: Option<Place>,
    key_id: Option<Place>,
    /// What the content covers besides, in the order of its parts.
    covered: Box<[Place]>,
}

/// What a request says, well-formed and bounded but not yet believed.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) signatures: Signatures<'a>,
    pub(super) timestamp: Option<Stamp<'a>>,
    pub(super) id: Option<Text<'a>>,
    pub(super) body_digest: Option<Text<'a>>,
    pub(super) key_id: Option<Text<'a>>,
    covered: Vec<Cow<'a, [u8]>>,
}

/// The timestamp as it was received, and what it says.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    text: Cow<'a, [u8]>,
    pub(super) time: SignedTime,
}

impl Family {
    /// Reads what is read of a JSON body before its signature is checked, in one go.
    pub(super) fn plan(scheme: &Scheme) -> Plan {
        Plan::new(Self::early_pointers(scheme).map(Some))
    }

    /// The pointers to the signature, timestamp, id and texts that the signature covers.
    pub(super) fn early_pointers(scheme: &Scheme) -> impl Iterator<Item = &str> {
        let texts = scheme.content.iter().filter_map(|part| match part {
            Part::Text(source) => Some(source),
            _ => None,
        });
        let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let id = scheme.id.as_ref();
        let id = id.filter(|id| scheme.reads_early(id, &Part::Id));
        let key_id = scheme.key_id.as_ref();
        let sources = texts
            .chain([&scheme.signature])
            .chain(timestamp)
            .chain(id)
            .chain(key_id);
        sources
            .flat_map(Source::places)
            .filter_map(|place| match place {
                Source::Json(pointer) => Some(&**pointer),
                _ => None,
            })
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
        let covered = scheme.content.iter().filter_map(|part| match part {
            Part::Header(name) => Some(header_name(prefix, name).map(Place::Header)),
            Part::Text(source) => Some(Place::new(prefix, source)),
            _ => None,
        });
        let digest = scheme.body_digest.as_ref();
        let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let early = |source: &&Source| scheme.reads_early(source, &Part::Timestamp);
        Ok(Self {
            late_timestamp: place(timestamp.filter(|source| !early(source)))?,
            signature: Place::new(prefix, &scheme.signature)?,
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
            covered: covered.collect::<Result<_, _>>()?,
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
        let signatures = Signatures::parse(&scheme.grammar, text).map_err(malformed)?;
        let timestamp = match &self.timestamp {
            Some(place) => Some(stamp(scheme, place.read(Some(&signatures), view)?)?),
            None => None,
        };
        let id = self.read_id(scheme, &signatures, view)?;
        let covered = self.covered(Some(&signatures), view)?;
        let digest = self.body_digest.as_ref();
        let key_id = match &self.key_id {
            Some(place) => {
                let found = place.read(Some(&signatures), view)?;
                Some(found.ok_or_else(|| missing("the id of the key is missing"))?)
            }
            None => None,
        };
        Ok(Head {
            key_id,
            timestamp,
            id,
            covered,
            body_digest: digest.map_or(Ok(None), |place| place.read(Some(&signatures), view))?,
            signatures,
        })
    }

    /// What the content covers besides, in the order of its parts.
    pub(super) fn covered<'a>(
        &self,
        signatures: Option<&Signatures<'a>>,
        view: &View<'a>,
    ) -> Result<Vec<Cow<'a, [u8]>>, Rejection> {
        let read = |place: &Place| {
            let found = place.read(signatures, view)?;
            let found = found.ok_or_else(|| missing("a text under the signature is missing"))?;
            if found.header.is_some() && !is_printable(&found.text) {
                return Err(malformed(
                    "a header that the signature needs is not visible ASCII",
                ));
            }
            Ok(found.text)
        };
        self.covered.iter().map(read).collect()
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
        let id = self
            .id
            .as_ref()
            .map_or(Ok(None), |place| place.read(None, view))?;
        match &id {
            Some(id) if !(1..=MAX_ID).contains(&id.text.len()) || !is_graphic(&id.text) => Err(
                malformed("the event id is empty, too long or not visible ASCII"),
            ),
            _ => Ok(id),
        }
    }

    fn read_id<'a>(
        &self,
        scheme: &Scheme,
        signatures: &Signatures<'a>,
        view: &View<'a>,
    ) -> Result<Option<Text<'a>>, Rejection> {
        let Some(place) = &self.id else {
            return Ok(None);
        };
        let id = place.read(Some(signatures), view)?;
        match &id {
            None if scheme.content.contains(&Part::Id) => Err(missing("the event id is missing")),
            Some(id) if !(1..=MAX_ID).contains(&id.text.len()) => {
                Err(malformed("the event id is empty or too long"))
            }
            Some(id) if !is_graphic(&id.text) => {
                Err(malformed("the event id is not visible ASCII"))
            }
            _ => Ok(id),
        }
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
    pub(super) fn values<'v>(&'v self, request: &Unverified<'v>) -> Values<'v> {
        Values {
            id: self.id.as_ref().map_or(b"", |id| &id.text),
            timestamp: self.timestamp.as_ref().map_or(b"", |stamp| &stamp.text),
            method: request.head.method.as_str(),
            url: "",
            uri: original_uri(request.head),
            covered: &self.covered,
            has_digest: self.body_digest.is_some(),
            body: request.body,
            with_optional: false,
        }
    }
}

/// The URL the sender was given: of the keyring, else of the policy, else of the request itself.
pub(super) fn signed_url(ring: &Ring, request: &Unverified<'_>) -> String {
    let uri = original_uri(request.head);
    match (&ring.public_url, request.url) {
        (Some(given), _) => url::with_query(given, uri.query()),
        (None, Some(told)) => told.to_owned(),
        (None, None) => url::received(uri, &request.head.headers),
    }
}

/// The URI as the client sent it: a nested router takes the prefix off the request's own.
fn original_uri(head: &Parts) -> &Uri {
    head.extensions
        .get::<OriginalUri>()
        .map_or(&head.uri, |original| &original.0)
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

pub(super) fn missing(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMissing, what)
}

pub(super) fn malformed(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMalformed, what)
}
