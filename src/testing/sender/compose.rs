//! An event as this sender would write it: id, type and payload where its scheme has them.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::{
    scheme::{Part, Scheme},
    source::{FormPayload, Format, Source, TypePart, When},
};

/// How a sender writes its bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Json,
    Form,
    Multipart,
    Xml,
    /// XML in base64, in a field of a form.
    FormOfXml,
    /// JSON in a field of a form, as text or in base64.
    FormOfJson,
    /// JSON in a field of a multipart form.
    MultipartOfJson,
}

impl Shape {
    pub(super) fn of(scheme: &Scheme) -> Self {
        let signs_field = |field: &str| {
            scheme.content.iter().any(|part| match part {
                Part::Text(Source::Form(name)) => name == field,
                Part::SortedForm => true,
                _ => false,
            })
        };
        let only_form = |source: &Source| matches!(source, Source::Form(_));
        let xml = scheme.formats.contains(&Format::Xml);
        if scheme.formats.contains(&Format::Multipart) && scheme.form_payload.is_some() {
            Self::MultipartOfJson
        } else if scheme.formats.contains(&Format::Multipart) {
            Self::Multipart
        } else if xml && matches!(scheme.form_payload, Some(FormPayload::Base64(_))) {
            Self::FormOfXml
        } else if xml {
            Self::Xml
        } else if matches!(&scheme.form_payload, Some(FormPayload::Text(field)) if signs_field(field))
            || (only_form(&scheme.signature)
                && matches!(scheme.form_payload, Some(FormPayload::Base64(_))))
        {
            Self::FormOfJson
        } else if scheme.content.contains(&Part::SortedForm) || only_form(&scheme.signature) {
            Self::Form
        } else {
            Self::Json
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form | Self::FormOfXml | Self::FormOfJson => "application/x-www-form-urlencoded",
            Self::Multipart | Self::MultipartOfJson => {
                "multipart/form-data; boundary=made-up-for-the-test"
            }
            Self::Xml => "text/xml; charset=utf-8",
        }
    }

    /// Whether the document stands in a field of a form.
    pub(super) const fn wraps(self) -> bool {
        matches!(
            self,
            Self::FormOfXml | Self::FormOfJson | Self::MultipartOfJson
        )
    }

    /// Whether this body can hold a text at such a place.
    const fn has(self, place: &Source) -> bool {
        match place {
            Source::Json(_) | Source::OtherMember(_) => {
                matches!(self, Self::Json | Self::FormOfJson | Self::MultipartOfJson)
            }
            Source::Xml(_) => matches!(self, Self::Xml | Self::FormOfXml),
            Source::Form(_) => matches!(self, Self::Form | Self::Multipart),
            Source::Header(_) => true,
            Source::Field(_)
            | Source::Query(_)
            | Source::Body
            | Source::Claim(_)
            | Source::Protected(_)
            | Source::FirstOf(_) => false,
        }
    }

    fn write(self, scheme: &Scheme, document: &Value, tail: &str) -> Bytes {
        let wrapped = |text: String| {
            let name = scheme.form_payload.as_ref().map_or("", FormPayload::field);
            (name.to_owned(), text)
        };
        match self {
            Self::Json => document.to_string().into(),
            Self::Xml => xml(document).into(),
            Self::Form => form(fields(document)).into(),
            Self::Multipart => multipart(fields(document)).into(),
            Self::FormOfXml => form([wrapped(STANDARD.encode(xml(document) + tail))]).into(),
            Self::FormOfJson => {
                let text = document.to_string() + tail;
                let text = match scheme.form_payload {
                    Some(FormPayload::Base64(_)) => STANDARD.encode(text),
                    _ => text,
                };
                form([wrapped(text)]).into()
            }
            Self::MultipartOfJson => multipart(vec![wrapped(document.to_string() + tail)]).into(),
        }
    }
}

/// One event: its id, type and payload.
pub(super) struct Composed<'a> {
    pub(super) id: &'a str,
    pub(super) event_type: &'a str,
    pub(super) payload: Value,
    /// White space behind what is wrapped in a form.
    pub(super) tail: &'a str,
}

/// The body of one event, and the headers that carry what is not in it.
pub(super) fn event(scheme: &Scheme, event: Composed<'_>, headers: &mut HeaderMap) -> Bytes {
    if scheme.items.is_some() {
        return batch(scheme, vec![event]);
    }
    let shape = Shape::of(scheme);
    let mut body = document(
        &scheme.payload,
        &scheme.event_type,
        &event,
        shape,
        headers,
        scheme,
    );
    let id = scheme.id.iter().flat_map(Source::places);
    if let Some(place) = id
        .into_iter()
        .find(|place| place.is_in_body() && shape.has(place))
    {
        put(&mut body, place, event.id);
    }
    cover(scheme, shape, &mut body);
    shape.write(scheme, &body, event.tail)
}

/// What else of the body is signed has to be there: what must be allowed is, and the rest is made up.
fn cover(scheme: &Scheme, shape: Shape, body: &mut Value) {
    if let Some(allowed) = &scheme.allowed {
        put(body, &allowed.source, Scheme::SAMPLE_TOPIC);
    }
    for part in scheme.content.iter() {
        match part {
            Part::Text(Source::Json(pointer))
                if shape == Shape::Json && body.pointer(pointer).is_none() =>
            {
                set(body, pointer, "made-up-for-the-test".into());
            }
            _ => {}
        }
    }
}

/// The body of several events, where this sender puts them.
pub(super) fn batch(scheme: &Scheme, events: Vec<Composed<'_>>) -> Bytes {
    let shape = Shape::of(scheme);
    let place = scheme.items.as_ref();
    let item = |event: Composed<'_>| {
        let types = place.map_or(&[][..], |items| &*items.event_type);
        let unused = &mut HeaderMap::new();
        let mut item = document(&scheme.payload, types, &event, shape, unused, scheme);
        match place.and_then(|items| items.id.as_deref()) {
            Some(pointer) => set(&mut item, pointer, event.id.into()),
            None => tell_apart(&mut item, types, event.id),
        }
        item
    };
    let items: Vec<Value> = events.into_iter().map(item).collect();
    let mut body = Value::Null;
    let pointer = place.map_or("", |items| &*items.pointer);
    set(&mut body, pointer, Value::Array(items));
    shape.write(scheme, &body, "")
}

/// An item without an id is known by its content, and two events are never the same: the first member that says nothing
/// of the type has the id, unless the payload has it.
fn tell_apart(item: &mut Value, types: &[TypePart], id: &str) {
    let known = types.iter().find_map(|part| match &part.source {
        Source::OtherMember(known) => Some(known.iter().map(|name| &**name).collect()),
        _ => None,
    });
    let names: Vec<&str> = known.unwrap_or_else(|| vec!["id", "event_id"]);
    if let Some(name) = names.into_iter().find(|name| item.get(name).is_none()) {
        set(item, &format!("/{name}"), id.into());
    }
}

/// The body with the texts that the sender signs in it, the id standing for those that the event does not have.
pub(super) fn complete(scheme: &Scheme, body: Bytes, id: &str) -> Bytes {
    let texts = scheme.content.iter().filter_map(|part| match part {
        Part::Text(source) => Some(source),
        _ => None,
    });
    let json = serde_json::from_slice::<Value>(&body).ok();
    let json = json.filter(Value::is_object);
    texts
        .flat_map(Source::places)
        .fold(body, |body, place| match (place, &json) {
            (Source::Json(pointer), Some(_)) => with_text(body, pointer, id),
            (Source::Form(name), None) if is_form(&body) => with_field(body, name, id),
            _ => body,
        })
}

fn with_text(body: Bytes, pointer: &str, text: &str) -> Bytes {
    let document = serde_json::from_slice::<Value>(&body);
    let mut document = document.expect("a document, as before");
    if document.pointer(pointer).is_some() {
        return body;
    }
    set(&mut document, pointer, text.into());
    document.to_string().into()
}

fn is_form(body: &[u8]) -> bool {
    !body.starts_with(b"--") && !body.trim_ascii_start().starts_with(b"{")
}

fn with_field(body: Bytes, name: &str, text: &str) -> Bytes {
    if form_urlencoded::parse(&body).any(|(known, _)| known == name) {
        return body;
    }
    let join = if body.is_empty() { "" } else { "&" };
    [
        &*body,
        join.as_bytes(),
        name.as_bytes(),
        b"=",
        text.as_bytes(),
    ]
    .concat()
    .into()
}

/// The payload where it belongs, with the parts of the type around it; the last part takes all that is left.
fn document(
    pointer: &str,
    types: &[TypePart],
    event: &Composed<'_>,
    shape: Shape,
    headers: &mut HeaderMap,
    scheme: &Scheme,
) -> Value {
    let mut body = Value::Null;
    set(&mut body, pointer, event.payload.clone());
    let places = || {
        types
            .iter()
            .filter_map(|part| Some((part, place_of(part, shape)?)))
    };
    let always = || places().filter(|(part, _)| part.when == When::Present);
    let count = always().count();
    let wanted: Vec<&Source> = if count == 0 {
        // A type that has but one place, which counts where nothing was found before.
        places().take(1).map(|(_, place)| place).collect()
    } else {
        always().map(|(_, place)| place).collect()
    };
    for (place, text) in wanted
        .iter()
        .zip(event.event_type.splitn(wanted.len(), '.'))
    {
        match place {
            Source::Header(name) => {
                let prefix = scheme.header_prefixes.first().map_or("", |prefix| prefix);
                let name = HeaderName::try_from(format!("{prefix}{name}")).expect("a header name");
                headers.insert(name, HeaderValue::from_str(text).expect("a header value"));
            }
            Source::OtherMember(_) if body.get(text).is_none() => body = json!({text: body}),
            place => put(&mut body, place, text),
        }
    }
    body
}

/// Of the places of a part, the one that this body can have.
fn place_of(part: &TypePart, shape: Shape) -> Option<&Source> {
    part.source.places().iter().find(|place| shape.has(place))
}

fn put(body: &mut Value, place: &Source, text: &str) {
    match place {
        Source::Json(pointer) | Source::Xml(pointer) => set(body, pointer, text.into()),
        Source::Form(name) => set(body, &format!("/{name}"), text.into()),
        _ => {}
    }
}

/// Sets a value at a JSON pointer, making objects and, for an index of 0 or a `*`, arrays of one on the way. What stands there as an
/// object is merged.
pub(super) fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let token = if token == "*" { "0".to_owned() } else { token };
        if place.is_null() && token == "0" {
            *place = json!([null]);
        }
        let index: Option<usize> = token.parse().ok();
        if !(place.is_object() || place.is_array() && index.is_some()) {
            *place = Value::Object(Map::new());
        }
        place = match (place, index) {
            (Value::Array(items), Some(index)) => items.get_mut(index).expect("an item"),
            (place, _) => place
                .as_object_mut()
                .expect("an object")
                .entry(token)
                .or_insert(Value::Null),
        };
    }
    *place = value;
}

/// The members of an object as fields, each as text.
fn fields(document: &Value) -> Vec<(String, String)> {
    let members = document.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn form(fields: impl IntoIterator<Item = (String, String)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn multipart(fields: Vec<(String, String)>) -> String {
    let part = |(name, text): (String, String)| {
        format!(
            "--made-up-for-the-test\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        )
    };
    fields.into_iter().map(part).collect::<String>() + "--made-up-for-the-test--\r\n"
}

/// An object as XML: members that begin with `@` are attributes, arrays elements that repeat.
fn xml(document: &Value) -> String {
    let members = document.as_object().into_iter().flatten();
    members.map(|(name, value)| element(name, value)).collect()
}

fn element(name: &str, value: &Value) -> String {
    if let Value::Array(items) = value {
        return items.iter().map(|item| element(name, item)).collect();
    }
    let Value::Object(members) = value else {
        return format!("<{name}>{}</{name}>", escaped(&text(value)));
    };
    let attributes = members.iter().filter_map(|(member, value)| {
        let attribute = member.strip_prefix('@')?;
        Some(format!(" {attribute}=\"{}\"", escaped(&text(value))))
    });
    let children = members
        .iter()
        .filter(|(member, _)| !member.starts_with('@'));
    let inner: String = children
        .map(|(member, value)| element(member, value))
        .collect();
    format!("<{name}{}>{inner}</{name}>", attributes.collect::<String>())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
