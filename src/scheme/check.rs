//! Finds what contradicts itself in a [`Scheme`], before any request does.

use std::{fmt::Display, iter, time::Duration};

use http::{HeaderName, HeaderValue, header};

use super::{
    Algorithm, ChallengeAnswer, Condition, Encoding, Grammar, Handshake, Method, Names, Part,
    Scheme, TimeFormat, Timestamp, content::MOST_HEADERS,
};
use crate::{
    envelope::{Plan, is_path, is_pointer},
    error::{ConfigError, ConfigErrorKind},
    secret::Param,
    source::Source,
};

impl Scheme {
    /// Whether the description makes sense: names can exist, pointers can be read, every part of the content has a
    /// source, the timestamp is under the signature, each method can have a key of its own, and an event is remembered at
    /// least as long as its request is fresh.
    ///
    /// Every constructor that takes a scheme calls it.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Scheme`]: the first contradiction found, in words.
    pub fn check(&self) -> Result<(), ConfigError> {
        let faults = [
            Self::name_fault,
            Self::header_fault,
            Self::signature_fault,
            Self::method_fault,
            Self::key_fault,
            Self::content_fault,
            Self::timestamp_fault,
            Self::source_fault,
            Self::pointer_fault,
            Self::handshake_fault,
            Self::profile_fault,
        ];
        match faults.iter().find_map(|fault| fault(self)) {
            Some(what) => Err(ConfigError::new(
                ConfigErrorKind::Scheme,
                format!("scheme {}: {what}", self.name),
            )),
            None => Ok(()),
        }
    }

    /// Whether the URL challenge needs a parameter of the keyring.
    pub(super) fn needs_param(&self, param: Param) -> bool {
        let conditions = self
            .handshake
            .iter()
            .flat_map(|handshake| handshake.when.iter());
        conditions.into_iter().any(
            |condition| matches!(condition, Condition::EqualsParam(_, wanted) if *wanted == param),
        )
    }

    /// Whether a source outside the body is covered under its own name.
    fn signs(&self, source: &Source) -> bool {
        match source {
            Source::Header(name) => {
                let covered = |part: &Part| matches!(part, Part::Header(header) if header.eq_ignore_ascii_case(name));
                self.content.iter().any(covered)
            }
            Source::Query(_) => self.content.contains(&Part::Path),
            Source::FirstOf(places) => places.iter().all(|place| self.signs(place)),
            Source::Field(_)
            | Source::Json(_)
            | Source::Form(_)
            | Source::Xml(_)
            | Source::OtherMember(_) => false,
        }
    }

    fn name_fault(&self) -> Option<String> {
        self.name.is_empty().then(|| "it has no name".to_owned())
    }

    fn header_fault(&self) -> Option<String> {
        if self.header_prefixes.len() > MOST_PREFIXES {
            return Some(format!("more than {MOST_PREFIXES} header prefixes"));
        }
        let prefix = self
            .header_prefixes
            .iter()
            .find(|prefix| !is_header(&format!("{prefix}x")));
        let mut names = self.header_names();
        let bad = prefix
            .map(|prefix| &**prefix)
            .or_else(|| names.find(|name| !is_header(name)));
        if let Some(name) = bad {
            return Some(format!("{name:?} is not a header name"));
        }
        self.keep_headers
            .iter()
            .find(|name| self.is_private(name))
            .map(|name| {
                format!(
                    "header {name} may hold a signature or credential, which no handler is shown"
                )
            })
    }

    fn header_names(&self) -> impl Iterator<Item = &str> {
        let sources = [
            Some(&self.signature),
            self.id.as_ref(),
            self.timestamp.as_ref().map(|time| &time.source),
        ];
        let sources = sources
            .into_iter()
            .flatten()
            .chain(self.event_type.iter().map(|part| &part.source));
        let places = sources.flat_map(Source::places);
        let named = places.filter_map(|place| match place {
            Source::Header(name) => Some(&**name),
            _ => None,
        });
        let covered = self.content.iter().filter_map(|part| match part {
            Part::Header(name) => Some(&**name),
            _ => None,
        });
        named
            .chain(covered)
            .chain(self.keep_headers.iter().map(|name| &**name))
    }

    /// Whether a header may hold a signature or credential.
    pub(super) fn is_private(&self, name: &str) -> bool {
        let signature = |prefix: &str| matches!(&self.signature, Source::Header(header) if name.eq_ignore_ascii_case(&format!("{prefix}{header}")));
        let credentials = [
            header::AUTHORIZATION,
            header::PROXY_AUTHORIZATION,
            header::COOKIE,
            header::SET_COOKIE,
        ];
        credentials
            .iter()
            .any(|header| name.eq_ignore_ascii_case(header.as_str()))
            || signature("")
            || self.header_prefixes.iter().any(|prefix| signature(prefix))
    }

    fn signature_fault(&self) -> Option<String> {
        match &self.signature {
            Source::Header(_) => {}
            Source::Query(_) if self.header_prefixes.is_empty() => {}
            Source::Query(_) => return fault("header prefixes need a signature in a header"),
            Source::Field(_) => return fault("the signature cannot be a field beside itself"),
            Source::Json(_)
            | Source::Form(_)
            | Source::Xml(_)
            | Source::OtherMember(_)
            | Source::FirstOf(_) => {
                return fault("a signature in the body is not supported yet");
            }
        }
        let (Grammar::Fields { separator, assign } | Grammar::List { separator, assign }) =
            self.grammar
        else {
            return None;
        };
        if separator == assign {
            return fault("the grammar separates and assigns by the same character");
        }
        let usable = |character: char| character == ' ' || character.is_ascii_punctuation();
        (!usable(separator) || !usable(assign))
            .then(|| "the grammar needs ASCII punctuation or a space".to_owned())
    }

    fn method_fault(&self) -> Option<String> {
        if self.methods.is_empty() {
            return fault("it accepts no method");
        }
        if self.methods.len() > MOST_METHODS {
            return Some(format!("more than {MOST_METHODS} methods"));
        }
        self.methods.iter().enumerate().find_map(|(index, method)| {
            let before = self.methods.iter().take(index);
            if before.into_iter().any(|other| other.tag == method.tag) {
                return Some(format!("two methods have the tag {:?}", method.tag));
            }
            method
                .encoding_fault()
                .or_else(|| self.tag_fault(&method.tag))
        })
    }

    fn tag_fault(&self, tag: &str) -> Option<String> {
        if !tag.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Some(format!("tag {tag:?} is not visible ASCII"));
        }
        let (Grammar::Fields { separator, assign } | Grammar::List { separator, assign }) =
            self.grammar
        else {
            return None;
        };
        if tag.is_empty() {
            return fault("a method of a list needs a tag");
        }
        tag.contains([separator, assign])
            .then(|| format!("tag {tag:?} contains a delimiter of the grammar"))
    }

    fn key_fault(&self) -> Option<String> {
        self.methods.iter().enumerate().find_map(|(index, method)| {
            let key = &method.key;
            if key.prefix.is_empty() && key.prefix_required {
                return fault("an empty key prefix is required");
            }
            let taken = |other: &Method| {
                if key.prefix.is_empty() {
                    !other.key.prefix_required
                } else {
                    !other.key.prefix.is_empty() && key.prefix.starts_with(&*other.key.prefix)
                }
            };
            let unreachable = self.methods.iter().take(index).any(taken);
            unreachable.then(|| {
                format!(
                    "no key could ever serve the method {:?}: an earlier one takes them all",
                    method.tag
                )
            })
        })
    }

    fn content_fault(&self) -> Option<String> {
        let tokens = self
            .methods
            .iter()
            .filter(|method| method.algorithm == Algorithm::Token)
            .count();
        if tokens > 0 && (tokens < self.methods.len() || !self.content.is_empty()) {
            return fault("a token signs nothing: its scheme has no content and no other method");
        }
        if tokens == 0 && self.content.is_empty() {
            return fault("the signature covers nothing");
        }
        if self.content.contains(&Part::literal("")) {
            return fault("a literal of the content is empty");
        }
        let headers = self
            .content
            .iter()
            .filter(|part| matches!(part, Part::Header(_)))
            .count();
        if headers > MOST_HEADERS {
            return Some(format!(
                "the content covers more than {MOST_HEADERS} headers"
            ));
        }
        let outside = |source: &Source| !source.is_in_body();
        if self.content.contains(&Part::Id) && !self.id.as_ref().is_some_and(outside) {
            return fault(
                "the content holds the id, which has to be a header, field or query parameter then",
            );
        }
        (self.content.contains(&Part::Timestamp) && self.timestamp.is_none())
            .then(|| "the content holds a timestamp and the scheme has none".to_owned())
    }

    fn timestamp_fault(&self) -> Option<String> {
        let timestamp = self.timestamp.as_ref()?;
        if timestamp.source.is_in_body() {
            return fault("a timestamp in the body is not supported yet");
        }
        // A fresh timestamp that nobody signed must never make an old body fresh.
        if !self.content.contains(&Part::Timestamp) && !self.signs(&timestamp.source) {
            return fault("the timestamp is not part of the signed content");
        }
        if timestamp.tolerance.is_zero() && timestamp.names == Names::Attempt {
            return fault("the tolerance of the timestamp is zero");
        }
        (timestamp.is_digits()
            && self
                .follows_timestamp(|text| text.starts_with(|first: char| first.is_ascii_digit())))
        .then(|| "a digit behind the timestamp could be taken for a part of it".to_owned())
    }

    fn follows_timestamp(&self, is_bad: impl Fn(&str) -> bool) -> bool {
        let mut pairs = self.content.iter().zip(self.content.iter().skip(1));
        pairs.any(|pair| matches!(pair, (Part::Timestamp, Part::Literal(text)) if is_bad(text)))
    }

    fn source_fault(&self) -> Option<String> {
        let outer = [
            self.id.as_ref(),
            self.timestamp.as_ref().map(|time| &time.source),
        ];
        for source in outer.into_iter().flatten() {
            let Source::Field(name) = source else {
                continue;
            };
            if !matches!(self.grammar, Grammar::Fields { .. }) {
                return Some(format!("field {name:?} needs a grammar of fields"));
            }
            if name.is_empty() || self.methods.iter().any(|method| method.tag == *name) {
                return Some(format!("field {name:?} is empty or the tag of a method"));
            }
        }
        let types = || {
            let sources = self.event_type.iter().map(|part| &part.source);
            sources.flat_map(Source::places)
        };
        if types().any(|source| matches!(source, Source::Field(_))) {
            return fault("an event type cannot be a field beside the signature");
        }
        let id = self.id.iter().flat_map(Source::places);
        let nested = |place: &Source| matches!(place, Source::FirstOf(_));
        if id.clone().chain(types()).any(nested) {
            return fault("the first of several places cannot be among the first of others");
        }
        if id
            .clone()
            .any(|place| matches!(place, Source::OtherMember(_)))
        {
            return fault("the name of the other member is a type, not an id");
        }
        (self.header_prefixes.len() > 1
            && types().any(|source| matches!(source, Source::Header(_))))
        .then(|| "an event type in a header needs a single header prefix".to_owned())
    }

    fn pointer_fault(&self) -> Option<String> {
        let types = self.event_type.iter().map(|part| &part.source);
        let sources = self.id.iter().chain(types);
        self.items_fault()
            .or_else(|| (!is_pointer(&self.payload)).then(|| no_pointer(&self.payload)))
            .or_else(|| places_fault(sources))
    }

    fn items_fault(&self) -> Option<String> {
        let items = self.items.as_ref()?;
        let mut pointers = iter::once(&items.pointer).chain(&items.id);
        if let Some(pointer) = pointers.find(|pointer| !is_pointer(pointer)) {
            return Some(no_pointer(pointer));
        }
        let types = items.event_type.iter().map(|part| &part.source);
        let within = |place: &Source| {
            matches!(
                place,
                Source::Json(_) | Source::Xml(_) | Source::OtherMember(_)
            )
        };
        if !types.clone().flat_map(Source::places).all(within) {
            return fault("the event type of an item has to be within the item");
        }
        places_fault(types)
    }

    fn handshake_fault(&self) -> Option<String> {
        let handshake = self.handshake.as_ref()?;
        if http::Method::from_bytes(handshake.method.as_bytes()).is_err() {
            return Some(format!("{:?} is not a method", handshake.method));
        }
        if handshake.when.is_empty() && handshake.method == "POST" {
            return fault("a URL challenge without a condition would swallow every delivery");
        }
        handshake.sources().find_map(|source| match source {
            Source::Field(_) => fault("a URL challenge cannot use a field beside the signature"),
            Source::Header(name) if !is_header(name) => {
                Some(format!("{name:?} is not a header name"))
            }
            Source::Json(text) if !is_pointer(text) => {
                Some(format!("{text:?} is not a JSON pointer"))
            }
            _ => None,
        })
    }

    /// For how long one signed request can count as fresh.
    fn fresh_for(&self) -> Duration {
        let window = |timestamp: &Timestamp| timestamp.window(&self.profile);
        let (past, future) = self.timestamp.as_ref().map(window).unwrap_or_default();
        past.saturating_add(future)
    }

    fn profile_fault(&self) -> Option<String> {
        if self.profile.body_limit == 0 {
            return fault("the body limit is zero");
        }
        if self.profile.retention < self.fresh_for() {
            return fault(
                "a completed event is forgotten while a copy of its request is still fresh: the retention has to \
                 outlast the tolerance of the timestamp, both sides together",
            );
        }
        if let Some(words) = &self.profile.accepted
            && HeaderValue::from_str(&words.content_type).is_err()
        {
            return Some(format!("{:?} is no content type", words.content_type));
        }
        let (name, value) = self.profile.stop_header.as_ref()?;
        (!is_header(name) || HeaderValue::from_str(value).is_err())
            .then(|| format!("{name:?} is no header to stop with"))
    }
}

impl Method {
    fn encoding_fault(&self) -> Option<String> {
        (self.encoding == Encoding::Text && self.algorithm != Algorithm::Token).then(|| {
            format!(
                "the method {:?} writes raw bytes as text, which only a token can",
                self.tag
            )
        })
    }
}

impl Timestamp {
    fn is_digits(&self) -> bool {
        matches!(
            self.format,
            TimeFormat::UnixSeconds | TimeFormat::UnixMillis
        )
    }
}

impl Handshake {
    fn sources(&self) -> impl Iterator<Item = &Source> {
        let answer = match &self.answer {
            ChallengeAnswer::Echo(source) | ChallengeAnswer::EchoJson(source, _) => Some(source),
            ChallengeAnswer::Acknowledge => None,
        };
        let conditions = self.when.iter().map(|condition| match condition {
            Condition::Present(source)
            | Condition::Equals(source, _)
            | Condition::EqualsParam(source, _) => source,
        });
        conditions.chain(answer)
    }
}

fn fault(what: impl Display) -> Option<String> {
    Some(what.to_string())
}

/// What is wrong with the places in a document, which one read has to find.
fn places_fault<'s>(sources: impl Iterator<Item = &'s Source>) -> Option<String> {
    let (mut json, mut xml) = (0_usize, 0_usize);
    for place in sources.flat_map(Source::places) {
        match place {
            Source::Json(pointer) if !is_pointer(pointer) => return Some(no_pointer(pointer)),
            Source::Xml(path) if !is_path(path) => {
                return Some(format!("{path:?} is not the path of an XML element"));
            }
            Source::Json(_) => json = json.saturating_add(1),
            Source::Xml(_) => xml = xml.saturating_add(1),
            _ => {}
        }
    }
    // A plan also holds the payload, and of an item its id.
    let most = Plan::MOST.saturating_sub(2);
    (json.max(xml) > most)
        .then(|| format!("more than {most} places of the id and event type are in one document"))
}

fn no_pointer(pointer: &str) -> String {
    format!("{pointer:?} is not a JSON pointer")
}

fn is_header(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

const MOST_PREFIXES: usize = 4;
const MOST_METHODS: usize = 8;

#[cfg(test)]
mod tests;
