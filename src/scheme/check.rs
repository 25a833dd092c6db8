//! Finds what contradicts itself in a [`Scheme`], before any request does.

use std::{fmt::Display, time::Duration};

use http::{HeaderName, HeaderValue, header};

use super::{
    Algorithm, Condition, Derivation, Encoding, Grammar, Handshake, Method, Names, Part, Scheme,
    TimeFormat, Timestamp, content::MOST_COVERED, head::Family,
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
            Self::signature_fault,
            Self::method_fault,
            Self::key_fault,
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

    /// Whether the URL challenge needs a parameter of the keyring.
    pub(super) fn needs_param(&self, param: Param) -> bool {
        let conditions = self
            .handshakes
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
            Source::Query(_) => self.signs_query(),
            Source::FirstOf(places) => places.iter().all(|place| self.signs(place)),
            Source::Field(_) => false,
            Source::Json(_) | Source::Form(_) | Source::Xml(_) | Source::OtherMember(_) => {
                self.coverage() == Coverage::Whole
            }
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
        let texts = self.content.iter().filter_map(|part| match part {
            Part::Text(source) => Some(source),
            _ => None,
        });
        let sources = sources.into_iter().flatten().chain(types).chain(texts);
        let named = sources
            .flat_map(Source::places)
            .filter_map(|source| match source {
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
                Source::Query(_) if self.header_prefixes.is_empty() => {}
                Source::Query(_) => return fault("header prefixes need a signature in a header"),
                Source::Field(_) => return fault("the signature cannot be a field beside itself"),
                Source::Xml(_) | Source::OtherMember(_) | Source::FirstOf(_) => {
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
        let texts = self.content.iter().filter_map(|part| match part {
            Part::Text(source) => Some(source),
            _ => None,
        });
        let timestamp = self.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let key_id = self.key_id.as_ref();
        let mut sources = texts
            .chain([&self.signature])
            .chain(timestamp)
            .chain(key_id);
        if let Some(what) = sources.find_map(document::pointer_fault) {
            return Some(what);
        }
        if Family::early_pointers(self).count() > Plan::MOST {
            return Some(format!(
                "more than {} texts of a JSON body are signed",
                Plan::MOST
            ));
        }
        let (separator, assign) = self.grammar.delimiters()?;
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
        // Behind the id of its key a tag is a part of the text.
        if let Grammar::KeyedList { separator, .. } = self.grammar {
            return tag
                .contains(separator)
                .then(|| format!("tag {tag:?} contains the separator of the grammar"));
        }
        if tag.is_empty() && !matches!(self.grammar, Grammar::Single) {
            return fault("a method of a list needs a tag");
        }
        let (separator, assign) = self.grammar.delimiters()?;
        tag.contains([separator, assign])
            .then(|| format!("tag {tag:?} contains a delimiter of the grammar"))
    }

    fn key_fault(&self) -> Option<String> {
        self.methods.iter().enumerate().find_map(|(index, method)| {
            let key = &method.key;
            if key.prefix.is_empty() && (key.prefix_required || key.prefix_kept) {
                return fault("an empty key prefix is required or kept");
            }
            let public = method.algorithm.is_public_key();
            if public && (!key.suffix.is_empty() || key.derivation != Derivation::None) {
                return fault("a public key is made of nothing else");
            }
            // The answers of a URL challenge may hold it too.
            if key.id_before.is_some() && !self.names_key() && self.handshakes.is_empty() {
                return fault("nothing names the key by the id in front of it");
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
        let empty = |part: &Part| matches!(part, Part::Literal(text) | Part::Maybe(text) if text.is_empty());
        if self.content.iter().any(empty) {
            return fault("a literal of the content is empty");
        }
        let covered = self
            .content
            .iter()
            .filter(|part| matches!(part, Part::Header(_) | Part::Text(_)))
            .count();
        if covered > MOST_COVERED {
            return Some(format!(
                "the content covers more than {MOST_COVERED} headers and texts"
            ));
        }
        if self.content.contains(&Part::Id) && self.id.is_none() {
            return fault("the content holds the id and the scheme has none");
        }
        let digest = self.body_digest.as_ref();
        if digest.is_some_and(|digest| digest.encoding == Encoding::Text) {
            return fault("a digest is no text");
        }
        if digest.is_some_and(|digest| digest.source.is_in_body() || !self.signs(&digest.source)) {
            return fault("the digest of the body is not under the signature");
        }
        (self.content.contains(&Part::Timestamp) && self.timestamp.is_none())
            .then(|| "the content holds a timestamp and the scheme has none".to_owned())
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
        let mut pairs = self.content.iter().zip(self.content.iter().skip(1));
        pairs.any(|pair| matches!(pair, (Part::Timestamp, Part::Literal(text)) if is_bad(text)))
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
        for source in outer.into_iter().flatten().flat_map(Source::places) {
            let Source::Field(name) = source else {
                continue;
            };
            if !self.grammar.has_fields() && !self.proof.names_parts() {
                return Some(format!("field {name:?} needs a grammar of fields"));
            }
            if name.is_empty() || self.methods.iter().any(|method| method.tag == *name) {
                return Some(format!("field {name:?} is empty or the tag of a method"));
            }
        }
        if types().any(|source| matches!(source, Source::Field(_))) {
            return fault("an event type cannot be a field beside the signature");
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
        self.handshakes.iter().find_map(Handshake::fault)
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

/// What is wrong with a source that stands for several.
fn several_fault(source: &Source) -> Option<&'static str> {
    let Source::FirstOf(places) = source else {
        return None;
    };
    let in_body = places.iter().filter(|place| place.is_in_body()).count();
    if places.is_empty() {
        Some("the first of no places is no place")
    } else if places
        .iter()
        .any(|place| matches!(place, Source::FirstOf(_)))
    {
        Some("the first of several places is one of several places again")
    } else if in_body != 0 && in_body != places.len() {
        Some("the first of several places is partly in the body and partly not")
    } else {
        None
    }
}

pub(super) fn fault(what: impl Display) -> Option<String> {
    Some(what.to_string())
}

pub(super) fn is_header(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

const MOST_PREFIXES: usize = 4;
const MOST_METHODS: usize = 8;
const MOST_HANDSHAKES: usize = 8;

mod document;
mod proof;
#[cfg(test)]
mod tests;
