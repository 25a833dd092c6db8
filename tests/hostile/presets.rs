//! All presets and the other ways their senders write, each with an endpoint.

use hooklatch::{
    Algorithm, Coverage, EventRouter, Grammar, Names, OnClientError, Param, Part, Receive,
    Receiver, Scheme, Source, TimeFormat, provider,
    testing::{Draft, Sender},
};
use http::header::CONTENT_TYPE;
use serde_json::json;

pub(crate) use crate::places::{Place, Signed};
pub(crate) use crate::stage::Stage;
use crate::support::{World, payload};

/// A sender to attack. What it signs and where is read off its scheme.
#[derive(Clone)]
pub(crate) struct Preset {
    pub(crate) name: String,
    /// The receiver's.
    pub(crate) scheme: Scheme,
    /// The sender's: it signs with the first method, under the first prefix, in the first place.
    pub(crate) sent: Scheme,
    /// How its bodies are written, where its scheme does not tell.
    body: Option<Written>,
}

impl Preset {
    fn new(scheme: &Scheme) -> Self {
        Self {
            name: scheme.name.to_string(),
            scheme: scheme.clone(),
            sent: scheme.clone(),
            body: None,
        }
    }

    fn called(mut self, what: &str) -> Self {
        self.name = format!("{}-{what}", self.scheme.name);
        self
    }

    /// The same sender with the last of its header prefixes or signature headers.
    fn other_headers(scheme: &Scheme) -> Option<Self> {
        let mut other = Self::new(scheme).called("other");
        if let Source::FirstOf(places) = &scheme.signature
            && matches!(**places, [Source::Header(_), ..])
        {
            let places = places.iter().rev().cloned().collect();
            other.sent.signature = Source::FirstOf(places);
            return Some(other);
        }
        let prefixes = scheme.header_prefixes.iter().rev().cloned();
        other.sent.header_prefixes = prefixes.collect();
        (scheme.header_prefixes.len() > 1).then_some(other)
    }

    /// The same sender with the last of its kinds of signature.
    fn other_method(scheme: &Scheme) -> Option<Self> {
        let mut other = Self::new(scheme).called("last-method");
        other.sent.methods = scheme.methods.iter().rev().cloned().collect();
        (scheme.methods.len() > 1).then_some(other)
    }

    /// Whether its scheme tells how its bodies are written.
    pub(crate) fn is_written_by_sender(&self) -> bool {
        self.body.is_none()
    }

    /// Whether its body is a form where its scheme knows JSON too.
    fn is_form(&self) -> bool {
        self.body.is_some_and(|body| body("").0 == FORM)
            || matches!(self.scheme.signature, Source::Form(_))
    }

    pub(crate) fn place(&self, source: &Source) -> Place {
        Place::of(source, &self.sent, self.is_form())
    }

    pub(crate) fn signature(&self) -> Place {
        self.place(&self.sent.signature)
    }

    pub(crate) fn timestamp(&self) -> Option<Place> {
        let timestamp = self.scheme.timestamp.as_ref()?;
        Some(self.place(&timestamp.source))
    }

    /// Where an id is, or a place for one, that has to be there for the signature.
    pub(crate) fn signed_id(&self) -> Option<Place> {
        let id = self.scheme.id.as_ref()?;
        self.signs(&Part::Id).then(|| self.place(id))
    }

    pub(crate) fn signs(&self, part: &Part) -> bool {
        self.scheme.content.contains(part)
    }

    /// Whether a signature covers every byte of this sender's bodies.
    pub(crate) fn covers_all(&self) -> bool {
        let by_digest = self.scheme.body_digest.is_some() && !self.sends_twilio_form();
        self.scheme.coverage() == Coverage::Whole || by_digest
    }

    /// Whether nothing of a body is signed.
    pub(crate) fn covers_nothing(&self) -> bool {
        self.scheme.coverage() == Coverage::Nothing
    }

    /// Whether the query is signed, or may not be changed for the sake of what is.
    pub(crate) fn signs_query(&self) -> bool {
        let query = |part: &Part| matches!(part, Part::Url | Part::Path | Part::EscapedPath);
        self.scheme.content.iter().any(query)
    }

    fn sends_twilio_form(&self) -> bool {
        self.signs(&Part::SortedForm) && self.body.is_none()
    }

    pub(crate) fn is_token(&self) -> bool {
        self.sent.methods[0].algorithm == Algorithm::Token
    }

    /// Whether only the sender has the key that signs.
    fn signs_with_private_key(&self) -> bool {
        let algorithm = self.sent.methods[0].algorithm;
        !matches!(
            algorithm,
            Algorithm::HmacSha1
                | Algorithm::HmacSha256
                | Algorithm::HmacSha384
                | Algorithm::HmacSha512
                | Algorithm::Token
        )
    }

    pub(crate) fn is_batch(&self) -> bool {
        self.scheme.items.is_some()
    }

    pub(crate) fn needs_xml(&self) -> bool {
        !self.scheme.formats.is_empty()
    }

    /// A stale request is put off where the sender would give up after a 4xx: our own clock may be wrong.
    pub(crate) fn stale(&self) -> u16 {
        match self.scheme.profile.on_client_error {
            OnClientError::Retry => 401,
            OnClientError::GiveUp | OnClientError::Disable => 503,
        }
    }

    /// How many seconds a timestamp may lie in the past and in the future.
    pub(crate) fn window(&self) -> Option<(i64, i64)> {
        let timestamp = self.scheme.timestamp.as_ref()?;
        let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap();
        let tolerance = seconds(timestamp.tolerance);
        Some(match timestamp.names {
            Names::Attempt => (tolerance, tolerance),
            Names::Event => {
                let last_try = seconds(self.scheme.profile.retry_horizon) + 300;
                (tolerance.max(last_try), 300)
            }
        })
    }

    /// A moment as this sender writes it.
    pub(crate) fn time(&self, unix: i64) -> String {
        match self.scheme.timestamp.as_ref().unwrap().format {
            TimeFormat::UnixSeconds => unix.to_string(),
            TimeFormat::UnixMillis => format!("{unix}000"),
            TimeFormat::Rfc3339 => {
                let moment = time::OffsetDateTime::from_unix_timestamp(unix).unwrap();
                let format = &time::format_description::well_known::Rfc3339;
                moment.format(format).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The content type and body of an event of this id.
type Written = fn(&str) -> (&'static str, String);

const FORM: &str = "application/x-www-form-urlencoded";

/// Every preset, its other headers and kinds of signature, and the bodies that no scheme tells of.
pub(crate) fn presets() -> Vec<Preset> {
    let mailgun_form = Preset {
        body: Some(|id| (FORM, format!("event=push&about={id}"))),
        ..Preset::new(&provider::MAILGUN).called("form")
    };
    let twilio_json = Preset {
        body: Some(|id| {
            let body = json!({"type": "push", "object": payload(), "about": id});
            ("application/json", body.to_string())
        }),
        ..Preset::new(&provider::TWILIO).called("json")
    };
    let all = provider::ALL;
    all.iter()
        .map(Preset::new)
        .chain(all.iter().filter_map(Preset::other_headers))
        .chain(all.iter().filter_map(Preset::other_method))
        .chain([mailgun_form, twilio_json])
        .collect()
}

#[test]
fn a_sender_is_attacked_in_every_way_it_writes() {
    let all = presets();
    let names: std::collections::BTreeSet<&str> = all.iter().map(|one| &*one.name).collect();
    assert_eq!(names.len(), all.len());
    for scheme in provider::ALL {
        assert!(names.contains(&*scheme.name));
    }
    let others = [
        "sentry-other",
        "shopify-other",
        "standard-webhooks-other",
        "svix-other",
        "aws-sns-last-method",
        "standard-webhooks-last-method",
        "svix-last-method",
        "mailgun-form",
        "twilio-json",
    ];
    assert!(others.iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(names.len(), provider::ALL.len() + others.len());
}

/// One preset's receiver and its sender.
pub(crate) struct Endpoint {
    pub(crate) preset: Preset,
    pub(crate) sender: Sender,
    pub(crate) app: Receive,
}

impl Endpoint {
    pub(crate) fn new(
        world: &World,
        preset: Preset,
        events: EventRouter,
        set: impl Fn(Receiver) -> Receiver,
    ) -> Self {
        // The URL that is signed must not depend on how a request comes: in process it has no host.
        let sender = world.sender(preset.sent.clone());
        let sender = if preset.signs(&Part::Url) || preset.signs(&Part::BareUrl) {
            let url = format!("https://hooks.example/{}", preset.name);
            sender.with(Param::PublicUrl, &url)
        } else {
            sender
        };
        let receiver = world.receiver(&preset.name, preset.scheme.clone(), &sender);
        Self {
            app: set(receiver).receive(events),
            preset,
            sender,
        }
    }

    /// A good event that nobody has sent yet.
    pub(crate) fn good(&self, id: &str) -> Signed {
        self.draft(id).into()
    }

    pub(crate) fn draft(&self, id: &str) -> Draft {
        let draft = match self.preset.body {
            Some(body) => {
                let (content_type, body) = body(id);
                self.sender.raw(body).header(CONTENT_TYPE, content_type)
            }
            None => {
                let event = json!({"object": payload(), "about": id});
                self.sender.event("push", event)
            }
        };
        draft.id(id).to(&format!("/{}", self.preset.name))
    }

    /// The signature's text in front of the signature, and the signature.
    pub(crate) fn signature(&self, signed: &Signed) -> (String, String) {
        let text = signed.at(&self.preset.signature());
        let tag = &self.preset.sent.methods[0].tag;
        let at = match self.preset.scheme.grammar {
            Grammar::Single if self.preset.scheme.method_id.is_some() => 0,
            Grammar::Single => tag.len(),
            Grammar::List { assign, .. } => text.find(assign).unwrap() + 1,
            Grammar::Positional { separator, .. } => text.find(separator).unwrap() + 1,
            Grammar::Fields { assign, .. } => {
                let mark = format!("{tag}{assign}");
                text.find(&mark).unwrap() + mark.len()
            }
        };
        (text[..at].to_owned(), text[at..].to_owned())
    }

    /// What stands directly in front of the signature: a tag and what assigns to it.
    pub(crate) fn mark(&self, before: &str) -> String {
        match self.preset.scheme.grammar {
            Grammar::Fields { separator, .. } => {
                before.rsplit(separator).next().unwrap().to_owned()
            }
            Grammar::Positional { .. } => String::new(),
            _ => before.to_owned(),
        }
    }

    /// Signed by the real key over a timestamp text of our choice (`None`: it is left out of the request); where the key
    /// is a secret, and the sender signs a timestamp.
    pub(crate) fn signed_as(
        &self,
        id: &str,
        timestamp: Option<&str>,
        body: &str,
    ) -> Option<Signed> {
        let place = self.preset.timestamp()?;
        // Where a list of headers covers the timestamp, it has to be there before.
        let listed = !self.preset.signs(&Part::Timestamp) && !place.is_in_body();
        if self.preset.signs_with_private_key() || listed {
            return None;
        }
        let text = timestamp.unwrap_or_default().to_owned();
        let header = self.preset.signed_id().filter(|id| !id.is_in_body());
        let content = self
            .preset
            .sent
            .content
            .iter()
            .filter_map(|part| match part {
                Part::Timestamp if text.is_empty() => None,
                Part::Timestamp => Some(Part::Literal(text.clone().into())),
                // An id that `Sender` would not sign is signed all the same.
                Part::Id if header.is_some() => Some(Part::Literal(id.to_owned().into())),
                part => Some(part.clone()),
            });
        let scheme = Scheme {
            content: content.collect(),
            timestamp: None,
            id: self.preset.sent.id.clone().filter(|_| header.is_none()),
            ..self.preset.sent.clone()
        };
        let body = match (&place, timestamp) {
            (Place::Json(pointer), Some(text)) => with_member(body, pointer, text),
            (Place::Form(name), Some(text)) => form_urlencoded::Serializer::new(body.to_owned())
                .append_pair(name, text)
                .finish(),
            _ => body.to_owned(),
        };
        let sender = Sender::with_secret(scheme, &self.sender.key_text());
        let draft = sender
            .raw(body)
            .id(id)
            .to(&format!("/{}", self.preset.name));
        let mut signed = Signed::from(draft);
        if let Some(header) = &header {
            signed = signed.put(header, id);
        }
        Some(match timestamp {
            Some(text) if !place.is_in_body() => signed.put(&place, text),
            _ => signed,
        })
    }

    /// Exactly this body, signed by the real key, whatever timestamp stands in it.
    pub(crate) fn signed_body(&self, body: String) -> Signed {
        let scheme = Scheme {
            timestamp: None,
            ..self.preset.sent.clone()
        };
        let sender = Sender::with_secret(scheme, &self.sender.key_text());
        sender.raw(body).id("msg_1").into()
    }

    /// A small event of this sender over a timestamp text of our choice.
    pub(crate) fn signed_at(&self, timestamp: Option<&str>) -> Option<Signed> {
        let json = r#"{"id":"evt_9","type":"a","event_id":"9"}"#;
        let body = if self.preset.is_form() {
            "event=a"
        } else {
            json
        };
        self.signed_as("msg_1", timestamp, body)
    }
}

fn with_member(body: &str, pointer: &str, text: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(body).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    if let Some(parent) = parent.strip_prefix('/') {
        document[parent] = json!({});
    }
    document.pointer_mut(parent).unwrap()[name] = text.into();
    document.to_string()
}
