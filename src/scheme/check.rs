//! Finds what contradicts itself in a [`Scheme`], before any request does.

use std::{fmt::Display, time::Duration};

use http::{HeaderName, HeaderValue, header};

use super::{
    Allowed, Discovery, Grammar, Handshake, KeyPlace, Names, Part, Scheme, Several, TimeFormat,
    Timestamp, head::Family, reach::is_text_of,
};
use crate::{
    delivery::Coverage,
    envelope::Plan,
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
            Self::token_fault,
            Self::signature_fault,
            Self::method_fault,
            Self::key_fault,
            Self::discovery_fault,
            Self::content_fault,
            Self::timestamp_fault,
            Self::source_fault,
            Self::proof_fault,
            Self::document_fault,
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

    /// Whether the URL challenge or the content needs a parameter of the keyring.
    pub(super) fn needs_param(&self, param: Param) -> bool {
        let mut needed = self.handshakes.iter().flat_map(Handshake::params);
        self.content.contains(&Part::Param(param)) || needed.any(|wanted| wanted == param)
    }

    /// Whether the sender's secret arrives in a URL challenge, so that a receiver begins without a key.
    pub(crate) fn learns_its_secret(&self) -> bool {
        self.handshakes.iter().any(Handshake::brings_secret)
    }

    /// Whether a source outside the body is covered under its own name.
    fn signs(&self, source: &Source) -> bool {
        let named = || self.content.iter().any(|part| is_text_of(part, source));
        match source {
            Source::Header(_) => named(),
            Source::Query(_) => self.signs_query() || named(),
            Source::FirstOf(places) => places.iter().all(|place| self.signs(place)),
            Source::Field(_) => false,
            Source::Claim(_) | Source::Protected(_) => self.proof.jws().is_some(),
            Source::Json(_)
            | Source::Form(_)
            | Source::Xml(_)
            | Source::OtherMember(_)
            | Source::Body => self.coverage() == Coverage::Whole,
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
            self.body_digest.as_ref().map(|digest| &digest.source),
            self.key_id.as_ref(),
        ];
        let types = self.event_type.iter().map(|part| &part.source);
        let texts = Part::each(&self.content).filter_map(Part::source);
        let sources = sources.into_iter().flatten().chain(types).chain(texts);
        let named = sources
            .flat_map(Source::places)
            .filter_map(|source| match source {
                Source::Header(name) => Some(&**name),
                _ => None,
            });
        let covered = Part::each(&self.content).filter_map(|part| match part {
            Part::Header(name) => Some(&**name),
            _ => None,
        });
        named
            .chain(covered)
            .chain(self.keep_headers.iter().map(|name| &**name))
    }

    /// Whether a header may hold a signature or credential.
    pub(super) fn is_private(&self, name: &str) -> bool {
        let signature = |prefix: &str| {
            self.signature.places().iter().any(|place| {
                matches!(place, Source::Header(header) if name.eq_ignore_ascii_case(&format!("{prefix}{header}")))
            })
        };
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
        for place in self.signature.places() {
            match place {
                Source::Header(_) | Source::Json(_) | Source::Form(_) => {}
                Source::Body if self.proof.jws().is_some() => {}
                Source::Query(_) if self.header_prefixes.is_empty() => {}
                Source::Query(_) => return fault("header prefixes need a signature in a header"),
                Source::Field(_) => return fault("the signature cannot be a field beside itself"),
                Source::Xml(_)
                | Source::OtherMember(_)
                | Source::FirstOf(_)
                | Source::Body
                | Source::Claim(_)
                | Source::Protected(_) => {
                    return fault("the signature cannot be read from there");
                }
            }
        }
        if self.signature.is_in_body() && self.content.contains(&Part::Body) {
            return fault("a signature cannot cover the body it stands in");
        }
        if matches!(self.signature, Source::Query(_)) && self.signs_query() {
            return fault("a signature cannot cover the URL it stands in");
        }
        let texts = Part::each(&self.content).filter_map(Part::source);
        let timestamp = self.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let key_id = self.key_id.as_ref();
        let mut sources = texts
            .chain([&self.signature])
            .chain(timestamp)
            .chain(key_id);
        if let Some(what) = sources.find_map(document::pointer_fault) {
            return Some(what);
        }
        if Family::early_pointers(self).len() > Plan::MOST {
            return Some(format!(
                "more than {} texts of a JSON body are signed",
                Plan::MOST
            ));
        }
        if matches!(self.several, Several::Repeated | Several::Numbered)
            && !matches!(self.signature, Source::Header(_))
        {
            return fault("several signatures need a header each");
        }
        if let Grammar::Positional { separator, first } = &self.grammar
            && (!is_punctuation(*separator) || first.is_empty())
        {
            return fault(
                "the grammar needs ASCII punctuation or a space, and a name for its first value",
            );
        }
        let (separator, assign) = self.grammar.delimiters()?;
        if self.several == Several::Between(separator) || self.several == Several::Between(assign) {
            return fault("a delimiter of the grammar parts the texts too");
        }
        if separator == assign {
            return fault("the grammar separates and assigns by the same character");
        }
        (!is_punctuation(separator) || !is_punctuation(assign))
            .then(|| "the grammar needs ASCII punctuation or a space".to_owned())
    }

    fn discovery_fault(&self) -> Option<String> {
        let source = |allowed: &Allowed| {
            let source = &allowed.source;
            let covered = self.signs(source) || self.content.contains(&Part::Text(source.clone()));
            (!covered)
                .then(|| "the text that must be allowed is not under the signature".to_owned())
        };
        let named = matches!(
            &self.discovery,
            Some(Discovery {
                place: KeyPlace::Named(_) | KeyPlace::PerKey(_),
                ..
            })
        );
        let nameless = named && self.key_id.is_none();
        self.allowed
            .as_ref()
            .and_then(source)
            .or_else(|| self.discovery.as_ref().and_then(Discovery::fault))
            .or_else(|| nameless.then(|| "no request names its key".to_owned()))
    }

    fn timestamp_fault(&self) -> Option<String> {
        let timestamp = self.timestamp.as_ref()?;
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
        let rest = self.content.split(|part| *part == Part::Timestamp).skip(1);
        rest.into_iter().any(|rest| may_begin(rest, &is_bad))
    }

    fn source_fault(&self) -> Option<String> {
        let outer = [
            self.id.as_ref(),
            self.timestamp.as_ref().map(|time| &time.source),
            self.key_id.as_ref(),
        ];
        let types = || self.event_type.iter().map(|part| &part.source);
        let all = outer.into_iter().flatten().chain([&self.signature]);
        if let Some(what) = all.chain(types()).find_map(several_fault) {
            return fault(what);
        }
        // Where nothing is signed, nothing has to be known before the body is read.
        let early = [
            self.timestamp.as_ref().map(|time| &time.source),
            Some(&self.signature),
        ];
        let id = self.id.as_ref().filter(|_| !self.content.is_empty());
        let mut early = early.into_iter().flatten().chain(id).chain(types());
        if early.any(is_mixed) {
            return fault("the first of several places is partly in the body and partly not");
        }
        for source in outer.into_iter().flatten().flat_map(Source::places) {
            let Source::Field(name) = source else {
                continue;
            };
            if !self.grammar.has_field(name) && !self.proof.names_parts() {
                return Some(format!("field {name:?} needs a grammar of fields"));
            }
            if name.is_empty() || self.methods.iter().any(|method| method.tag == *name) {
                return Some(format!("field {name:?} is empty or the tag of a method"));
            }
        }
        let unread = |source: &Source| {
            matches!(
                source,
                Source::Field(_) | Source::Body | Source::Claim(_) | Source::Protected(_)
            )
        };
        if types().any(unread) {
            return fault("an event type cannot be a field beside the signature, or of its token");
        }
        if self.key_id.is_some() && matches!(self.grammar, Grammar::KeyedList { .. }) {
            return fault("entries name their key, and so does another place");
        }
        let mut key_id = self.key_id.iter().flat_map(Source::places);
        if key_id.any(|place| matches!(place, Source::Xml(_) | Source::OtherMember(_))) {
            return fault("the id of the key cannot be read from there before verification");
        }
        let mut id = self.id.iter().flat_map(Source::places);
        if id.any(|place| matches!(place, Source::OtherMember(_))) {
            return fault("the name of the other member is a type, not an id");
        }
        (self.header_prefixes.len() > 1
            && types().any(|source| matches!(source, Source::Header(_)) && self.signs(source)))
        .then(|| "a signed event type in a header needs a single header prefix".to_owned())
    }

    fn handshake_fault(&self) -> Option<String> {
        if self.handshakes.len() > MOST_HANDSHAKES {
            return Some(format!("more than {MOST_HANDSHAKES} URL challenges"));
        }
        self.handshakes
            .iter()
            .find_map(|handshake| handshake.fault(self))
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
        if !(400..500).contains(&self.profile.refusal_status) {
            return fault("the status of a refusal is no 4xx");
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

impl Timestamp {
    fn is_digits(&self) -> bool {
        matches!(
            self.format,
            TimeFormat::UnixSeconds | TimeFormat::UnixMillis
        )
    }
}

/// Whether some of a source's places are in the body, and some are not.
fn is_mixed(source: &Source) -> bool {
    let places = source.places();
    let in_body = places.iter().filter(|place| place.is_in_body()).count();
    in_body != 0 && in_body != places.len()
}

/// What is wrong with a source that stands for several.
fn several_fault(source: &Source) -> Option<&'static str> {
    let Source::FirstOf(places) = source else {
        return None;
    };
    if places.is_empty() {
        Some("the first of no places is no place")
    } else if places
        .iter()
        .any(|place| matches!(place, Source::FirstOf(_)))
    {
        Some("the first of several places is one of several places again")
    } else {
        None
    }
}

const fn is_punctuation(character: char) -> bool {
    character == ' ' || character.is_ascii_punctuation()
}

/// Whether a literal like this may come first.
fn may_begin(parts: &[Part], is_bad: &impl Fn(&str) -> bool) -> bool {
    match parts {
        [Part::Literal(text), ..] => is_bad(text),
        [Part::Where(_, inner), after @ ..] => may_begin(inner, is_bad) || may_begin(after, is_bad),
        _ => false,
    }
}

pub(super) fn fault(what: impl Display) -> Option<String> {
    Some(what.to_string())
}

pub(super) fn is_header(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

const MOST_PREFIXES: usize = 4;
const MOST_HANDSHAKES: usize = 8;

mod content;
mod document;
mod methods;
mod proof;
#[cfg(test)]
mod tests;
