//! [`CloudEvent`]: a delivery as a CloudEvent 1.0, for a bus or function behind.

mod json;
mod percent;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::delivery::{Coverage, Delivery};

/// An event in the format of CloudEvents 1.0.2, to be passed on.
///
/// [`Delivery::cloud_event`] makes it of any sender's event; [`to_json`](Self::to_json) writes it in structured mode,
/// [`into_binary`](Self::into_binary) in binary mode of the HTTP binding.
///
/// | attribute | of a webhook |
/// |---|---|
/// | `id` | the event id, else the key of the content in hexadecimal |
/// | `source` | `/receiver/sender`, with a tenant `/receiver/sender/tenant`, percent-encoded |
/// | `type` | the sender's event type, else the sender's name and `.event`; a prefix is yours to add |
/// | `time` | the signed timestamp, where there is one |
/// | `datacontenttype` | that of the body, else of what it is |
/// | `coverage` (extension) | how much of the data the signature covers: `whole`, `partial`, `nothing` |
/// | data | the body, or of a batch's item its own document |
///
/// A delivery that is a CloudEvent already is passed on as what it is, with `coverage` added: in structured mode
/// (`application/cloudevents+json`), and in binary mode where the scheme's `keep_headers` name the `ce-` headers, which a
/// signature seldom covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEvent {
    id: String,
    source: String,
    event_type: String,
    content_type: Option<String>,
    /// The other attributes: name and value.
    more: Vec<(String, Value)>,
    data: Option<Bytes>,
}

/// The value of an attribute that is not always a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    /// A number or truth value, as JSON writes it.
    Plain(String),
}

impl Value {
    fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Plain(text) => text,
        }
    }
}

impl Delivery {
    /// This delivery as a CloudEvent.
    ///
    /// ```
    /// use hooklatch::{CloudEvent, Delivery};
    ///
    /// async fn forward(delivery: Delivery) {
    ///     let event = delivery.cloud_event().with_type_prefix("com.stripe.");
    ///     println!("{}", event.to_json());
    /// }
    /// ```
    #[must_use]
    pub fn cloud_event(&self) -> CloudEvent {
        let body = self.handled_body();
        let content_type = self.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let known = if content_type.is_some_and(json::is_structured) {
            json::read(&body)
        } else {
            binary(self.headers(), content_type, &body)
        };
        let event = known.unwrap_or_else(|| self.wrapped(content_type, body));
        event.with("coverage", name_of(self.coverage()).to_owned())
    }

    /// An event of a sender who knows nothing of CloudEvents.
    fn wrapped(&self, content_type: Option<&str>, body: Bytes) -> CloudEvent {
        let path = [Some(self.receiver()), Some(self.provider()), self.tenant()];
        let path = path.into_iter().flatten();
        let source = path.map(|segment| format!("/{}", percent::segment(segment)));
        let event_type = self.event_type().filter(|name| !name.is_empty());
        let content_type = if self.is_item() { None } else { content_type };
        let guessed = || json::guess(&body);
        let event = CloudEvent {
            id: self
                .id()
                .map_or_else(|| self.event_key().to_string(), str::to_owned),
            source: source.collect(),
            event_type: event_type
                .map_or_else(|| format!("{}.event", self.provider()), str::to_owned),
            content_type: content_type.or_else(guessed).map(str::to_owned),
            more: Vec::new(),
            data: Some(body).filter(|body| !body.is_empty()),
        };
        let time = self.timestamp().and_then(|time| written(time.at));
        match time {
            Some(time) => event.with("time", time),
            None => event,
        }
    }
}

impl CloudEvent {
    /// The id: with the [`source`](Self::source) it names the event.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it comes from, a URI reference.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What happened.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The format of the data.
    #[must_use]
    pub fn data_content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The data.
    #[must_use]
    pub const fn data(&self) -> Option<&Bytes> {
        self.data.as_ref()
    }

    /// Another attribute or extension, as `time`, `subject` or `coverage`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut more = self.more.iter();
        more.find_map(|(known, value)| (known == name).then(|| value.as_str()))
    }

    /// Another source.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// A prefix for the type, which should be the sender's domain reversed, as `com.github.`.
    #[must_use]
    pub fn with_type_prefix(mut self, prefix: &str) -> Self {
        self.event_type.insert_str(0, prefix);
        self
    }

    /// The event in structured mode: a JSON document, to be sent as
    /// [`STRUCTURED`](Self::STRUCTURED). JSON data stands in it to the letter, other text as a string, other bytes as
    /// `data_base64`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The event in binary mode: the headers `ce-…` and the content type, and the data as the body.
    #[must_use]
    pub fn into_binary(self) -> (HeaderMap, Bytes) {
        let fixed = [
            ("specversion", VERSION),
            ("id", &self.id),
            ("source", &self.source),
            ("type", &self.event_type),
        ];
        let more = self
            .more
            .iter()
            .map(|(name, value)| (&**name, value.as_str()));
        let named = fixed.into_iter().chain(more).filter_map(|(name, value)| {
            let name = HeaderName::try_from(format!("{PREFIX}{name}")).ok()?;
            Some((name, HeaderValue::try_from(percent::header(value)).ok()?))
        });
        let content_type = self.content_type.as_deref();
        let content_type = content_type.and_then(|text| HeaderValue::try_from(text).ok());
        let content_type = content_type.map(|value| (header::CONTENT_TYPE, value));
        let headers = named.chain(content_type).collect();
        (headers, self.data.unwrap_or_default())
    }

    /// The content type of [`to_json`](Self::to_json).
    pub const STRUCTURED: &str = "application/cloudevents+json; charset=utf-8";

    fn with(mut self, name: &str, value: String) -> Self {
        self.more.retain(|(known, _)| known != name);
        self.more.push((name.to_owned(), Value::Text(value)));
        self
    }
}

/// An event in binary mode; `None` where a header that it needs is missing or empty.
fn binary(headers: &HeaderMap, content_type: Option<&str>, body: &Bytes) -> Option<CloudEvent> {
    let attribute = |name: &str| {
        let value = headers.get(format!("{PREFIX}{name}"))?.as_bytes();
        percent::unheader(value).filter(|value| !value.is_empty())
    };
    let more = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(PREFIX)?;
        let value = percent::unheader(value.as_bytes())?;
        (!FIXED.contains(&name)).then(|| (name.to_owned(), Value::Text(value)))
    });
    (attribute("specversion")? == VERSION).then_some(())?;
    Some(CloudEvent {
        id: attribute("id")?,
        source: attribute("source")?,
        event_type: attribute("type")?,
        content_type: content_type.map(str::to_owned),
        more: more.collect(),
        data: Some(body.clone()).filter(|body| !body.is_empty()),
    })
}

const fn name_of(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Whole => "whole",
        Coverage::Partial => "partial",
        Coverage::Nothing => "nothing",
    }
}

fn written(time: OffsetDateTime) -> Option<String> {
    time.format(&Rfc3339).ok()
}

const VERSION: &str = "1.0";
const PREFIX: &str = "ce-";
/// The attributes with a place of their own. The content type has a header of its own.
const FIXED: [&str; 7] = [
    "specversion",
    "id",
    "source",
    "type",
    "datacontenttype",
    "data",
    "data_base64",
];
