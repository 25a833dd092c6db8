//! Where things live in a request, as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A place in a request that holds one piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the description users write"
)]
pub enum Source {
    /// A request header; with [`Scheme::header_prefixes`](crate::Scheme::header_prefixes), what follows the prefix.
    Header(Cow<'static, str>),
    /// A named field beside the signature, as `t` in `t=…,v1=…`.
    Field(Cow<'static, str>),
    /// A parameter of the URL's query.
    Query(Cow<'static, str>),
    /// A JSON pointer (RFC 6901) into the body.
    Json(Cow<'static, str>),
    /// A field of a form body (`application/x-www-form-urlencoded`, or `multipart/form-data` with the feature
    /// `multipart`).
    Form(Cow<'static, str>),
    /// In an XML body (feature `xml`), the path of local element names from the root, as `/Envelope/Body/Id`; a last
    /// step `@name` is an attribute. Of a type name such as `xsi:type="sf:Account"` the local part counts, `Account`:
    /// the prefix is only the document's own.
    Xml(Cow<'static, str>),
    /// The name of the one member of a JSON object that is none of these: of `{"update_id":1,"message":{}}` beside
    /// `update_id` it is `message`. Only for event types.
    OtherMember(Cow<'static, [Cow<'static, str>]>),
    /// The whole body. Only for a token that is one.
    Body,
    /// A JSON pointer into the claims of the token that proves the request ([`Jws`](crate::Jws)). Read once its
    /// signature matched. The text is that of a string, number, `true` or `false`.
    Claim(Cow<'static, str>),
    /// A JSON pointer into the protected header of that token, as `/kid`.
    Protected(Cow<'static, str>),
    /// The first of these places that holds a text.
    FirstOf(Cow<'static, [Self]>),
}

impl Source {
    /// A header, by its lower-case name.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self::Header(Cow::Borrowed(name))
    }

    /// A field beside the signature.
    #[must_use]
    pub const fn field(name: &'static str) -> Self {
        Self::Field(Cow::Borrowed(name))
    }

    /// A parameter of the query.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self::Query(Cow::Borrowed(name))
    }

    /// A JSON pointer into the body.
    #[must_use]
    pub const fn json(pointer: &'static str) -> Self {
        Self::Json(Cow::Borrowed(pointer))
    }

    /// A field of a form body.
    #[must_use]
    pub const fn form(name: &'static str) -> Self {
        Self::Form(Cow::Borrowed(name))
    }

    /// The path of an element or attribute of an XML body.
    #[must_use]
    pub const fn xml(path: &'static str) -> Self {
        Self::Xml(Cow::Borrowed(path))
    }

    /// A JSON pointer into the claims of the token.
    #[must_use]
    pub const fn claim(pointer: &'static str) -> Self {
        Self::Claim(Cow::Borrowed(pointer))
    }

    /// A JSON pointer into the protected header of the token.
    #[must_use]
    pub const fn protected(pointer: &'static str) -> Self {
        Self::Protected(Cow::Borrowed(pointer))
    }

    /// Whether the body has to be read for it.
    #[must_use]
    pub fn is_in_body(&self) -> bool {
        match self {
            Self::Json(_) | Self::Form(_) | Self::Xml(_) | Self::OtherMember(_) | Self::Body => {
                true
            }
            Self::Header(_)
            | Self::Field(_)
            | Self::Query(_)
            | Self::Claim(_)
            | Self::Protected(_) => false,
            Self::FirstOf(places) => places.iter().any(Self::is_in_body),
        }
    }

    /// The places that may hold the text, in order: this one, unless it stands for several.
    #[must_use]
    pub fn places(&self) -> &[Self] {
        match self {
            Self::FirstOf(places) => places,
            one => std::slice::from_ref(one),
        }
    }
}

/// One part of an event type. The parts that apply are joined by `.`: GitHub's header `issues` and `/action` `opened`
/// make `issues.opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "part of the description users write"
)]
pub struct TypePart {
    /// Where the part lives.
    pub source: Source,
    /// When it counts.
    #[serde(default)]
    pub when: When,
}

impl TypePart {
    /// A part that counts wherever it is found.
    #[must_use]
    pub const fn new(source: Source) -> Self {
        Self {
            source,
            when: When::Present,
        }
    }

    /// A part that counts only where no part before it was found.
    #[must_use]
    pub const fn otherwise(source: Source) -> Self {
        Self {
            source,
            when: When::NothingBefore,
        }
    }
}

/// When a [`TypePart`] counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the description users write"
)]
pub enum When {
    /// Wherever it is found.
    #[default]
    Present,
    /// Only where no part before it was found.
    NothingBefore,
}

/// A form field that holds the document, where the sender wraps it so: GitHub and Slack write JSON in `payload`,
/// Braintree base64 of XML in `bt_payload`. What the document is, its own first byte says. A form without the field is
/// a form, and a body that is JSON or XML itself is taken as it is. What is signed is the form, unless the content says
/// otherwise.
///
/// ```
/// use hooklatch::{FormPayload, Scheme};
///
/// let acme = Scheme { form_payload: Some(FormPayload::Text("payload".into())), ..Scheme::HMAC_SHA256 };
/// assert_eq!(acme.form_payload.as_ref().map(FormPayload::field), Some("payload"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the description users write"
)]
pub enum FormPayload {
    /// The document as text.
    Text(Cow<'static, str>),
    /// The document in base64, which may be broken into lines.
    Base64(Cow<'static, str>),
}

impl FormPayload {
    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Text(field) | Self::Base64(field) => field,
        }
    }
}

/// Where the document of a body is, if the body is not it.
#[derive(Clone, Debug)]
pub(crate) enum Wrapped {
    /// In a field of a form.
    Form(FormPayload),
    /// In the payload of a token, which is at this place.
    Token(Source),
}

/// A format of bodies that takes a cargo feature to read. A scheme that names one in
/// [`Scheme::formats`](crate::Scheme::formats) is a [`ConfigError`](crate::ConfigError) without that feature, when a
/// receiver or layer is built: better than a refusal of every delivery. Leave out what a sender sends only if it is set so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// XML (feature `xml`).
    Xml,
    /// `multipart/form-data`, with attachments (feature `multipart`).
    Multipart,
}

impl Format {
    /// The cargo feature, and whether it is there.
    pub(crate) const fn feature(self) -> (&'static str, bool) {
        match self {
            Self::Xml => ("xml", cfg!(feature = "xml")),
            Self::Multipart => ("multipart", cfg!(feature = "multipart")),
        }
    }
}

/// How a batch is split: one delivery that carries several events. Each has a key, a claim and a route of its own; the
/// delivery is answered 2xx when all are done, and a retry runs what is not.
///
/// ```
/// use hooklatch::{Items, Scheme, Source, TypePart};
///
/// // {"events": [{"uid": "1", "kind": "open"}, {"uid": "2", "kind": "click"}]}
/// let acme = Scheme {
///     items: Some(Items {
///         pointer: "/events".into(),
///         id: Some("/uid".into()),
///         event_type: vec![TypePart::new(Source::json("/kind"))].into(),
///     }),
///     ..Scheme::HMAC_SHA256
/// };
/// assert!(acme.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "part of the description users write"
)]
pub struct Items {
    /// JSON pointer to the array, `""` for a body that is one. One step may be `*`, as in `/entry/*/changes`: each element
    /// of the array there has an array of its own, whose elements are the items; an element without one is itself an
    /// item. In an XML body the path of the element that repeats: its
    /// copies within one parent are the items.
    pub pointer: Cow<'static, str>,
    /// JSON pointer or XML path within an item to its event id.
    #[serde(default)]
    pub id: Option<Cow<'static, str>>,
    /// The event type of an item: the parts that apply, joined by `.`. Each is a place within the item.
    #[serde(default)]
    pub event_type: Cow<'static, [TypePart]>,
}

impl Items {
    /// The largest batch that is split; a larger one is unreadable.
    pub const LIMIT: usize = 10_000;

    /// The pointer to the array in the body, and that of the array within each of its elements, where there is one.
    pub(crate) fn outer(&self) -> (&str, Option<&str>) {
        self.pointer
            .split_once(EACH)
            .map_or((&self.pointer, None), |(outer, inner)| (outer, Some(inner)))
    }

    /// Of items in XML, the path of their parent and their own name.
    pub(crate) fn path(&self) -> (&str, &str) {
        self.pointer.rsplit_once('/').unwrap_or_default()
    }
}

/// The step that stands for each element of an array.
const EACH: &str = "/*";
