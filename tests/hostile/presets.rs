//! All presets and the other ways their senders write, each with an endpoint.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::discriminant,
    sync::LazyLock,
};

use hooklatch::{
    Algorithm, Condition, Coverage, EventRouter, Grammar, Must, Names, OnClientError, Param, Part,
    Proof, Receive, Receiver, Scheme, Source, TimeFormat, provider,
    testing::{Draft, Sender},
};
use http::header::CONTENT_TYPE;
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub(crate) use crate::places::{Place, Signed};
use crate::shapes;
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
    /// The number of its [shape](crate::shapes).
    pub(crate) shape: usize,
    /// Whether it is the first of that: what is costly to try is tried on these.
    pub(crate) leads: bool,
}

impl Preset {
    pub(crate) fn new(scheme: &Scheme) -> Self {
        Self {
            name: scheme.name.to_string(),
            scheme: scheme.clone(),
            sent: scheme.clone(),
            body: None,
            shape: 0,
            leads: true,
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
        // What stands in a token cannot be changed without its signature.
        let in_token = |place: &Source| matches!(place, Source::Claim(_) | Source::Protected(_));
        let is_free = !timestamp.source.places().iter().any(in_token);
        is_free.then(|| self.place(&timestamp.source))
    }

    /// Whether the URL, or the query of it, is under the signature.
    pub(crate) fn signs_query(&self) -> bool {
        self.signs_url() || self.signs(&Part::Path) || self.signs(&Part::EscapedPath)
    }

    fn signs_url(&self) -> bool {
        let in_token = match &self.scheme.proof {
            Proof::Jws(jws) => jws
                .require
                .iter()
                .any(|one| matches!(one.must, Must::UrlSha256(_))),
            _ => false,
        };
        self.signs(&Part::Url) || self.signs(&Part::SortedUrl) || in_token
    }

    /// Whether its signature is a token that says nothing of the request: that of another sender with the same key will do.
    pub(crate) fn is_bare_token(&self) -> bool {
        let is_token = matches!(self.scheme.proof, Proof::Jws(_));
        is_token && self.scheme.coverage() == Coverage::Nothing
    }

    /// Whether a claim of its token has to be a text of the body.
    pub(crate) fn compares_body(&self) -> bool {
        let of_body = |must: &Must| matches!(must, Must::EqualText(source) if source.is_in_body());
        match &self.scheme.proof {
            Proof::Jws(jws) => jws.require.iter().any(|one| of_body(&one.must)),
            _ => false,
        }
    }

    /// Whether what proves its requests says nothing of the body.
    pub(crate) fn takes_any_body(&self) -> bool {
        self.is_token() || self.scheme.coverage() == Coverage::Nothing
    }

    /// How it signs, roughly: what costs most is tried on one of each kind.
    pub(crate) fn kind(&self) -> String {
        let scheme = &self.scheme;
        let proof = discriminant(&scheme.proof);
        let (grammar, place) = (
            discriminant(&scheme.grammar),
            discriminant(&self.signature()),
        );
        format!(
            "{proof:?} {grammar:?} {place:?} {:?} {:?}",
            scheme.coverage(),
            scheme.several
        )
    }

    /// Whether only its body tells an event from a challenge that nobody signs.
    pub(crate) fn may_be_unsigned(&self) -> bool {
        let by_body = |one: &Condition| match one {
            Condition::Present(at)
            | Condition::Absent(at)
            | Condition::StartsWith(at, _)
            | Condition::Hex(at, ..)
            | Condition::Equals(at, _)
            | Condition::EqualsParam(at, _)
            | Condition::Listed(at, _)
            | Condition::Unlisted(at, _) => at.is_in_body(),
        };
        let handshakes = self.scheme.handshakes.iter();
        handshakes
            .filter(|one| !one.signed && one.method == "POST")
            .any(|one| one.when.iter().any(by_body))
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

    /// Whether this receiver takes what that one signs with the same secret, by another of its hashes.
    pub(crate) fn takes(&self, other: &Self) -> bool {
        let method = &other.sent.methods[0];
        self.scheme.methods.len() > 1
            && self.scheme.methods.contains(method)
            && self.scheme.content == other.scheme.content
            && !other.signs_with_private_key()
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
            TimeFormat::Rfc3339 => OffsetDateTime::from_unix_timestamp(unix)
                .unwrap()
                .format(&Rfc3339)
                .unwrap(),
            TimeFormat::HttpDate => http_date(unix),
            other => panic!("{other:?}"),
        }
    }
}

/// The content type and body of an event of this id.
type Written = fn(&str) -> (&'static str, String);

const FORM: &str = "application/x-www-form-urlencoded";

/// Every preset, its other headers and kinds of signature, and the bodies that no scheme tells of.
pub(crate) fn presets() -> Vec<Preset> {
    static ALL: LazyLock<Vec<Preset>> = LazyLock::new(all);
    ALL.clone()
}

fn all() -> Vec<Preset> {
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
    let mut shapes = BTreeMap::new();
    all.iter()
        .map(Preset::new)
        .chain(all.iter().filter_map(Preset::other_headers))
        .chain(all.iter().filter_map(Preset::other_method))
        .chain([mailgun_form, twilio_json])
        .map(|preset| {
            let next = shapes.len();
            let shape = *shapes.entry(shapes::of(&preset)).or_insert(next);
            Preset {
                shape,
                leads: shape == next,
                ..preset
            }
        })
        .collect()
}

#[test]
fn a_sender_is_attacked_in_every_way_it_writes() {
    let all = presets();
    let names: BTreeSet<&str> = all.iter().map(|one| &*one.name).collect();
    assert_eq!(names.len(), all.len(), "each has a name of its own");
    for scheme in provider::ALL {
        let name = &*scheme.name;
        assert!(names.contains(name));
        let several_headers = scheme.header_prefixes.len() > 1
            || matches!(&scheme.signature, Source::FirstOf(places) if matches!(places[0], Source::Header(_)));
        for (several, what) in [
            (several_headers, "other"),
            (scheme.methods.len() > 1, "last-method"),
        ] {
            let other = format!("{name}-{what}");
            assert_eq!(names.contains(&*other), several, "{other}");
        }
    }
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
        let sender =
            if preset.signs_url() || preset.signs(&Part::BareUrl) || preset.signs(&Part::SortedUrl)
            {
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

    /// The signature's text in front of the signature, and the signature; what is [behind](Self::behind) it is always the
    /// same.
    pub(crate) fn signature(&self, signed: &Signed) -> (String, String) {
        let text = signed.at(&self.preset.signature());
        let text = text.strip_suffix(self.behind()).unwrap();
        let tag = &self.preset.sent.methods[0].tag;
        let after = |mark: &str| text.rfind(mark).unwrap() + mark.len();
        let at = match (&self.preset.scheme.proof, &self.preset.scheme.grammar) {
            (Proof::MessageSignature(_), _) => after("=:"),
            (Proof::DraftSignature, _) => after("signature=\""),
            (_, Grammar::Single) if self.preset.scheme.method_id.is_some() => 0,
            (_, Grammar::Single) => tag.len(),
            (_, Grammar::List { assign, .. }) => text.find(*assign).unwrap() + 1,
            (_, Grammar::KeyedList { assign, .. }) => text.find(*assign).unwrap() + 1 + tag.len(),
            // All of it is one text, and nothing of that may be another.
            (_, Grammar::Base64Json) => 0,
            (_, Grammar::Positional { separator, .. }) => text.find(*separator).unwrap() + 1,
            (_, Grammar::Fields { assign, .. }) => {
                let mark = format!("{tag}{assign}");
                text.find(&mark).unwrap() + mark.len()
            }
        };
        (text[..at].to_owned(), text[at..].to_owned())
    }

    /// The end of the signature's text.
    pub(crate) fn behind(&self) -> &'static str {
        match self.preset.scheme.proof {
            Proof::MessageSignature(_) => ":",
            Proof::DraftSignature => "\"",
            _ => "",
        }
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
        // Where a list of headers covers the timestamp, it has to be there before. Signatures of messages say when they
        // were made: `tests/messages.rs` writes it otherwise.
        let listed = !self.preset.signs(&Part::Timestamp) && !place.is_in_body();
        let composed = self.preset.scheme.proof == Proof::Composed;
        if self.preset.signs_with_private_key() || listed || !composed {
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
        let json = r#"{"id":"evt_9","type":"a","event_id":"9","event":{"event_type":"a"}}"#;
        let body = if self.preset.is_form() {
            "event=a"
        } else {
            json
        };
        self.signed_as("msg", timestamp, body)
    }
}

fn http_date(unix: i64) -> String {
    let format =
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT";
    let format = time::format_description::parse_borrowed::<1>(format).unwrap();
    let moment = OffsetDateTime::from_unix_timestamp(unix).unwrap();
    moment.format(&format).unwrap()
}

fn with_member(body: &str, pointer: &str, text: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(body).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    if let Some(parent) = parent.strip_prefix('/')
        && document.get(parent).is_none()
    {
        document[parent] = json!({});
    }
    document.pointer_mut(parent).unwrap()[name] = text.into();
    document.to_string()
}
