//! A signed request, and the places in it that a scheme names: header, field, query, JSON, form.

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use hooklatch::{Grammar, Proof, Scheme, Several, Source, testing::Draft};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

/// A signed request, head and body apart, before and after an attack.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) head: http::Request<()>,
    pub(crate) body: Bytes,
}

impl Signed {
    pub(crate) fn request(&self) -> Request {
        self.head.clone().map(|()| Body::from(self.body.clone()))
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = header(name, value.as_ref());
        self.head.headers_mut().insert(name, value);
        self
    }

    pub(crate) fn and(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = header(name, value.as_ref());
        self.head.headers_mut().append(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.head.headers_mut().remove(name);
        self
    }

    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.head.headers().get(name).expect("the header");
        value.to_str().unwrap().to_owned()
    }

    pub(crate) fn query(&self) -> &str {
        self.head.uri().query().unwrap_or_default()
    }

    pub(crate) fn with_query(mut self, query: &str) -> Self {
        *self.head.uri_mut() = self.url(query).expect("a URL");
        self
    }

    /// Its URL with another query; none for what no HTTP server takes for one.
    pub(crate) fn url(&self, query: &str) -> Option<http::Uri> {
        format!("{}?{query}", self.head.uri().path()).parse().ok()
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}

impl From<Draft> for Signed {
    fn from(draft: Draft) -> Self {
        let (head, body) = draft.parts();
        Self { head, body }
    }
}

fn header(name: &str, value: &[u8]) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_bytes(value).unwrap();
    (name.parse().unwrap(), value)
}

/// One place of a request, whose text can be read, replaced, taken out or repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Header(String),
    /// A field of this name beside the signature in this header.
    Field {
        header: String,
        separator: char,
        /// With what assigns the value.
        name: String,
    },
    Query(String),
    Json(String),
    Form(String),
}

impl Place {
    /// Where this sender writes what its scheme has at a source.
    pub(crate) fn of(source: &Source, scheme: &Scheme, form: bool) -> Self {
        let prefix = scheme.header_prefixes.first().map_or("", |prefix| prefix);
        let fits = |place: &&Source| match place {
            Source::Json(_) => !form,
            Source::Form(_) => form,
            _ => true,
        };
        match source.places().iter().find(fits).expect("a place") {
            Source::Header(name) if *source == scheme.signature => {
                let number = if scheme.several == Several::Numbered {
                    "1"
                } else {
                    ""
                };
                Self::Header(format!("{prefix}{name}{number}"))
            }
            Source::Header(name) => Self::Header(format!("{prefix}{name}")),
            Source::Query(name) => Self::Query(name.to_string()),
            Source::Json(pointer) if scheme.proof == Proof::Items => {
                let items = &scheme.items.as_ref().expect("items").pointer;
                Self::Json(format!("{items}/0{pointer}"))
            }
            Source::Json(pointer) => Self::Json(pointer.to_string()),
            Source::Form(name) => Self::Form(name.to_string()),
            Source::Field(name) => {
                let (separator, name) = match scheme.grammar {
                    Grammar::Fields { separator, assign } => (separator, format!("{name}{assign}")),
                    // The first value has no name.
                    Grammar::Positional { separator, .. } => (separator, String::new()),
                    _ => panic!("a field without fields"),
                };
                let Source::Header(header) = &scheme.signature else {
                    panic!("fields outside a header");
                };
                Self::Field {
                    header: format!("{prefix}{header}"),
                    separator,
                    name,
                }
            }
            other => panic!("nobody signs {other:?}"),
        }
    }

    pub(crate) fn header(&self) -> Option<&str> {
        match self {
            Self::Header(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is_in_body(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Form(_))
    }

    /// The longest text that can be put there, in bytes: a URL has its limit.
    pub(crate) fn room(&self) -> usize {
        if matches!(self, Self::Query(_)) {
            50_000
        } else {
            1_000_000
        }
    }
}

impl Signed {
    /// The text at a place.
    pub(crate) fn at(&self, place: &Place) -> String {
        let in_pairs = |pairs: &str, name: &str| {
            let found = form_urlencoded::parse(pairs.as_bytes()).find(|(field, _)| field == name);
            found.expect("the pair").1.into_owned()
        };
        match place {
            Place::Header(name) => self.header(name),
            Place::Field {
                header,
                separator,
                name,
            } => {
                let list = self.header(header);
                let mut values = list
                    .split(*separator)
                    .filter_map(|one| one.trim_start().strip_prefix(&**name));
                values.next().expect("the field").to_owned()
            }
            Place::Query(name) => in_pairs(self.query(), name),
            Place::Form(name) => in_pairs(self.text(), name),
            Place::Json(pointer) => {
                let value: Value = serde_json::from_slice(&self.body).unwrap();
                let found = value.pointer(pointer).expect("the member");
                found
                    .as_str()
                    .map_or_else(|| found.to_string(), str::to_owned)
            }
        }
    }

    /// With another text at a place.
    pub(crate) fn put(self, place: &Place, text: impl AsRef<[u8]>) -> Self {
        self.change(place, &[text.as_ref()])
    }

    /// With one more text at a place, behind the one that is there.
    pub(crate) fn again(self, place: &Place, text: impl AsRef<[u8]>) -> Self {
        if let Place::Header(name) = place {
            return self.and(name, text);
        }
        let first = self.at(place);
        self.change(place, &[first.as_bytes(), text.as_ref()])
    }

    /// With a text at a place a hundred times.
    pub(crate) fn often(self, place: &Place, text: &str) -> Self {
        self.change(place, &[text.as_bytes(); 100])
    }

    /// With nothing at a place.
    pub(crate) fn without_at(self, place: &Place) -> Self {
        self.change(place, &[])
    }

    fn change(self, place: &Place, texts: &[&[u8]]) -> Self {
        match place {
            Place::Header(name) => {
                let bare = self.without(name);
                texts
                    .iter()
                    .fold(bare, |signed, text| signed.and(name, text))
            }
            Place::Field {
                header,
                separator,
                name,
            } => {
                let list = self.header(header);
                let fields = list.split(*separator);
                let is_own = |(index, one): &(usize, &str)| {
                    if name.is_empty() {
                        *index == 0
                    } else {
                        one.trim_start().starts_with(&**name)
                    }
                };
                let others = fields.enumerate().filter(|field| !is_own(field));
                let others = others.map(|(_, one)| one);
                let own = texts.iter().map(|text| [name.as_bytes(), text].concat());
                let all: Vec<Vec<u8>> = own.chain(others.map(Into::into)).collect();
                let mut between = [0; 4];
                let between = separator.encode_utf8(&mut between).as_bytes();
                self.with(header, all.join(between))
            }
            Place::Query(name) => {
                let query = pairs(self.query(), name, texts);
                self.with_query(&query)
            }
            Place::Form(name) => {
                let body = pairs(self.text(), name, texts);
                self.with_body(body)
            }
            Place::Json(pointer) => {
                let body = member(&self.body, pointer, texts);
                self.with_body(body)
            }
        }
    }
}

/// A query or form with these texts under a name, the other pairs as they are.
fn pairs(text: &str, name: &str, texts: &[&[u8]]) -> String {
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
    let others = text.split('&').filter(is_other).map(str::to_owned);
    let own = texts.iter().map(|text| {
        let value: String = form_urlencoded::byte_serialize(text).collect();
        format!("{name}={value}")
    });
    others.chain(own).collect::<Vec<_>>().join("&")
}

/// A JSON document with these texts as the member at a pointer, the rest to the byte as it was where the member is there.
fn member(body: &[u8], pointer: &str, texts: &[&[u8]]) -> Vec<u8> {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut document: Value = serde_json::from_slice(body).unwrap();
    let found = document.pointer(pointer).cloned();
    if texts.is_empty() {
        let parent = document.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(name);
        return document.to_string().into_bytes();
    }
    let written = texts.iter().map(|text| {
        let value = str::from_utf8(text).map_or_else(
            |_| [b"\"", *text, b"\""].concat(),
            |text| Value::from(text).to_string().into_bytes(),
        );
        [format!("\"{name}\":").as_bytes(), &value].concat()
    });
    let written = written.collect::<Vec<_>>().join(&b","[..]);
    let old = format!("\"{name}\":{}", found.expect("the member"));
    let at = body
        .windows(old.len())
        .position(|window| window == old.as_bytes())
        .expect("written without spaces");
    [&body[..at], &written, &body[at + old.len()..]].concat()
}
