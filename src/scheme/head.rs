//! What the head of a request says of its signature. Pure.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use super::{
    Part, Scheme, Unverified,
    content::{MOST_HEADERS, Values},
    header::{Signatures, is_graphic, is_printable},
    keys::Ring,
};
use crate::{
    delivery::{MAX_ID, SignedTime},
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    source::Source,
};

/// The header names of one prefix.
#[derive(Debug)]
pub(super) struct Family {
    signature: Option<HeaderName>,
    pub(super) timestamp: Option<HeaderName>,
    pub(super) id: Option<HeaderName>,
    covered: Box<[HeaderName]>,
}

/// What the head of a request says, well-formed and bounded but not yet believed.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) signatures: Signatures<'a>,
    pub(super) timestamp: Option<Stamp<'a>>,
    pub(super) id: Option<Text<'a>>,
    covered: [&'a [u8]; MOST_HEADERS],
}

/// The timestamp as it was received, and what it says.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    text: Cow<'a, [u8]>,
    pub(super) time: SignedTime,
}

/// A text of the request; of a header, with the value it can be kept as.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) header: Option<&'a HeaderValue>,
}

impl Family {
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

    /// The first family whose signature is there, and the text its signatures are in.
    pub(super) fn find<'f, 'a>(
        families: &'f [Self],
        scheme: &Scheme,
        head: &'a Parts,
    ) -> Result<(&'f Self, Cow<'a, [u8]>), Rejection> {
        for family in families {
            let text = match (&family.signature, &scheme.signature) {
                (Some(name), _) => {
                    single(&head.headers, name)?.map(|value| Cow::Borrowed(value.as_bytes()))
                }
                (None, Source::Query(name)) => query(head, name)?,
                (None, _) => None,
            };
            if let Some(text) = text {
                return Ok((family, text));
            }
        }
        Err(missing("the signature is missing"))
    }

    pub(super) fn read<'a>(
        &self,
        scheme: &'a Scheme,
        text: &'a [u8],
        head: &'a Parts,
    ) -> Result<Head<'a>, Rejection> {
        let signatures = Signatures::parse(&scheme.grammar, text).map_err(malformed)?;
        let timestamp = self.read_timestamp(scheme, &signatures, head)?;
        let id = self.read_id(scheme, &signatures, head)?;
        let mut covered = [&b""[..]; MOST_HEADERS];
        for (slot, name) in covered.iter_mut().zip(&self.covered) {
            let value = single(&head.headers, name)?
                .ok_or_else(|| missing("a header under the signature is missing"))?;
            *slot = printable(value)?;
        }
        Ok(Head {
            signatures,
            timestamp,
            id,
            covered,
        })
    }

    fn read_timestamp<'a>(
        &self,
        scheme: &Scheme,
        signatures: &Signatures<'a>,
        head: &'a Parts,
    ) -> Result<Option<Stamp<'a>>, Rejection> {
        let Some(timestamp) = &scheme.timestamp else {
            return Ok(None);
        };
        let found = find(&timestamp.source, self.timestamp.as_ref(), signatures, head)?;
        let text = found
            .ok_or_else(|| missing("the timestamp is missing"))?
            .text;
        let time = timestamp.read(&text, &scheme.profile);
        let time =
            time.ok_or_else(|| malformed("the timestamp is not written as the sender writes it"))?;
        Ok(Some(Stamp { text, time }))
    }

    fn read_id<'a>(
        &self,
        scheme: &Scheme,
        signatures: &Signatures<'a>,
        head: &'a Parts,
    ) -> Result<Option<Text<'a>>, Rejection> {
        let Some(source) = &scheme.id else {
            return Ok(None);
        };
        let id = find(source, self.id.as_ref(), signatures, head)?;
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

impl Head<'_> {
    /// What the parts of the content stand for.
    pub(super) fn values<'v>(&'v self, ring: &'v Ring, request: &Unverified<'v>) -> Values<'v> {
        let parts = request.head;
        Values {
            id: self.id.as_ref().map_or(b"", |id| &id.text),
            timestamp: self.timestamp.as_ref().map_or(b"", |stamp| &stamp.text),
            method: parts.method.as_str(),
            public_url: ring.public_url.as_deref().or(request.url),
            uri: &parts.uri,
            headers: self.covered,
            all_headers: &parts.headers,
            body: request.body,
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

fn printable(value: &HeaderValue) -> Result<&[u8], Rejection> {
    let text = value.as_bytes();
    let fault = || malformed("a header that the signature needs is not visible ASCII");
    if is_printable(text) {
        Ok(text)
    } else {
        Err(fault())
    }
}

/// The one value of a query parameter.
fn query<'a>(head: &'a Parts, name: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
    let query = head.uri.query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(field, _)| field == name)
        .map(|(_, value)| bytes(value));
    let value = values.next();
    if values.next().is_some() {
        Err(malformed(
            "a query parameter that the signature needs repeats",
        ))
    } else {
        Ok(value)
    }
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
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
                text: Cow::Borrowed(printable(value)?),
                header: Some(value),
            }));
        }
        (Source::Field(name), None) => signatures
            .field(name)
            .map_err(malformed)?
            .map(Cow::Borrowed),
        (Source::Query(name), None) => query(head, name)?,
        (_, None) => None,
    };
    Ok(text.map(|text| Text { text, header: None }))
}

pub(super) fn missing(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMissing, what)
}

pub(super) fn malformed(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMalformed, what)
}
