//! What a signature reaches: how much of the body, and whether the event id.

use http::HeaderName;

use super::{Algorithm, Grammar, Jws, ListedAs, Part, Scheme, Several, TokenPayload, view::View};
use crate::{delivery::Coverage, source::Source};

impl Scheme {
    /// How much of the body a signature covers.
    ///
    /// [`Coverage::Whole`] only where the raw body is part of the content: a sorted form covers every field, but not
    /// what cannot be read as a form, so it counts as [`Coverage::Partial`]; so does all that an
    /// [insecure](crate::Algorithm::InsecurePrefixSha256) hash covers. Where it depends on the request, as for a
    /// [`Part::Document`], this is the least; [`Delivery::coverage`](crate::Delivery::coverage) says what it was.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        if let Some(TokenPayload::Event) = self.proof.jws().map(|jws| jws.payload) {
            // What stands around the token is not signed.
            return if self.signature == Source::Body {
                Coverage::Whole
            } else {
                Coverage::Partial
            };
        }
        if self.is_extendable() {
            Coverage::Partial
        } else if self.content.contains(&Part::Body) || self.needs_digest() {
            Coverage::Whole
        } else if Part::each(&self.content).any(|part| self.is_of_body(part)) {
            Coverage::Partial
        } else {
            Coverage::Nothing
        }
    }

    /// Whether a signature can be made longer by whoever has one.
    fn is_extendable(&self) -> bool {
        let mut methods = self.methods.iter();
        methods.any(|method| method.algorithm == Algorithm::InsecurePrefixSha256)
    }

    /// Whether the content holds what is all of the body in some requests only.
    pub(super) fn coverage_varies(&self) -> bool {
        let document = |part: &Part| matches!(part, Part::Document | Part::FirstElement);
        self.content.iter().any(document)
    }

    /// Whether this request is covered whole, where that depends on the request.
    pub(super) fn covers_whole(&self, view: &View<'_>) -> bool {
        let covers = |part: &Part| match part {
            Part::Document => !view.is_form(),
            Part::FirstElement => !view.is_array(),
            _ => false,
        };
        !self.is_extendable() && self.content.iter().any(covers)
    }

    /// Whether what is signed tells one event from another. A timestamp and a type do not: two events of a type in one
    /// second have the same signature.
    pub(super) fn tells_apart(&self) -> bool {
        let is_type = |source: &Source| self.event_type.iter().any(|part| part.source == *source);
        self.content.iter().any(|part| match part {
            Part::Text(source) => !is_type(source),
            Part::Literal(_) | Part::Timestamp | Part::Method | Part::Maybe(_) => false,
            _ => true,
        })
    }

    /// Whether some request is covered whole.
    #[must_use]
    pub fn may_cover_whole(&self) -> bool {
        let digest = self.body_digest.is_some();
        self.coverage() == Coverage::Whole
            || !self.is_extendable() && (digest || self.coverage_varies())
    }

    /// Whether the query is under the signature.
    pub(super) fn signs_query(&self) -> bool {
        let query = |part: &Part| matches!(part, Part::Path | Part::EscapedPath | Part::Url);
        self.content.iter().any(query)
    }

    /// Whether the URL the sender was given is under the signature.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        let in_token = self.proof.jws().is_some_and(Jws::signs_url);
        let url = |part: &Part| matches!(part, Part::Url | Part::BareUrl | Part::SortedUrl);
        self.content.iter().any(url) || in_token
    }

    /// Whether only a digest of the body can stand for it: no part of the content does.
    pub(super) fn needs_digest(&self) -> bool {
        let otherwise = self
            .content
            .iter()
            .any(|part| matches!(part, Part::Body | Part::SortedForm));
        self.body_digest.is_some() && !otherwise
    }

    /// Whether the content may hold a text or not.
    pub(super) fn has_optional(&self) -> bool {
        let optional = |part: &Part| matches!(part, Part::Maybe(_));
        self.content.iter().any(optional)
    }

    /// Whether what is signed hangs on a field beside the signature, so that one way to sign covers more than another.
    pub(super) fn falls_back(&self) -> bool {
        let by_field = |part: &Part| matches!(part, Part::Where(Source::Field(_), _));
        self.content.iter().any(by_field)
    }

    /// Whether a request has one signature and no other: one text in one place.
    pub(super) fn is_signed_once(&self) -> bool {
        self.grammar == Grammar::Single
            && self.several == Several::No
            && self.signature.places().len() == 1
            && self.header_prefixes.len() < 2
    }

    /// The header of the signature, where only one can have it.
    pub(super) fn signature_header(&self) -> Option<HeaderName> {
        match &self.signature {
            Source::Header(name) => HeaderName::from_bytes(name.as_bytes()).ok(),
            _ => None,
        }
    }

    /// Whether a part of the content stands in the body, all of it or a piece.
    fn is_of_body(&self, part: &Part) -> bool {
        let in_body = |source: Option<&Source>| source.is_some_and(Source::is_in_body);
        match part {
            Part::Body | Part::SortedForm | Part::Crc32 | Part::Document | Part::FirstElement => {
                true
            }
            Part::Id => in_body(self.id.as_ref()),
            Part::Timestamp => in_body(self.timestamp.as_ref().map(|timestamp| &timestamp.source)),
            Part::Text(source) | Part::FreeText(source) => source.is_in_body(),
            _ => false,
        }
    }

    /// Whether a source has to be read before the signature can be checked: it stands outside the body, or the content
    /// holds the part it is for.
    pub(crate) fn reads_early(&self, source: &Source, part: &Part) -> bool {
        !source.is_in_body() || self.content.contains(part)
    }

    /// Whether something in the body has to be read before the signature can be checked.
    pub(super) fn reads_body_early(&self) -> bool {
        let text = |part: &Part| match part {
            Part::Text(source) | Part::FreeText(source) | Part::Where(source, _) => {
                source.is_in_body()
            }
            Part::Document | Part::FirstElement => true,
            Part::Id | Part::Timestamp => self.is_of_body(part),
            _ => false,
        };
        let allowed = self.allowed.as_ref().map(|allowed| &allowed.source);
        let named = [self.key_id.as_ref(), self.method_id.as_ref(), allowed];
        self.signature.is_in_body()
            || named.into_iter().flatten().any(Source::is_in_body)
            || Part::each(&self.content).any(text)
    }

    /// Whether the event id is under the signature. Where it is not, the same signed bytes can come again under
    /// another id; nor does an id count that runs into free text without a delimiter, as in `{id}{body}`, since a
    /// letter of one could be made a letter of the other.
    #[must_use]
    pub fn signs_id(&self) -> bool {
        match &self.id {
            None => false,
            Some(source) if source.is_in_body() && self.coverage() == Coverage::Whole => true,
            Some(Source::Query(_)) if self.signs_query() => true,
            Some(Source::Field(_)) if self.proof.names_parts() => true,
            Some(Source::Claim(_) | Source::Protected(_)) => self.proof.jws().is_some(),
            Some(source) => {
                self.content.iter().any(|part| is_id(part, source)) && !self.id_is_loose(source)
            }
        }
    }

    /// Whether the body stands directly beside free text in the content, as in `{url}{body}`: then a letter of one could
    /// be made a letter of the other, and what begins otherwise may be read as another format, which holds no id.
    pub(super) fn body_is_loose(&self) -> bool {
        if self.proof.names_parts() {
            return false;
        }
        let mut pairs = self.content.iter().zip(self.content.iter().skip(1));
        pairs.any(|(one, other)| {
            (*one == Part::Body && other.is_open()) || (*other == Part::Body && one.is_open())
        }) || self.lists_values()
    }

    /// Whether values that may hold what joins them are signed.
    fn lists_values(&self) -> bool {
        let values = |part: &Part| matches!(part, Part::Listed(listed) if listed.written == ListedAs::Values);
        Part::each(&self.content).any(values)
    }

    /// Whether the id stands directly beside free text in the content.
    fn id_is_loose(&self, id: &Source) -> bool {
        if self.proof.names_parts() {
            return false;
        }
        let mut pairs = self.content.iter().zip(self.content.iter().skip(1));
        pairs.any(|(one, other)| {
            (is_id(one, id) && other.is_open()) || (is_id(other, id) && one.is_open())
        })
    }
}

/// Whether a part of the content is the id from this source.
pub(super) fn is_id(part: &Part, id: &Source) -> bool {
    *part == Part::Id || is_text_of(part, id)
}

/// Whether a part of the content is the text at this place, wherever there is one.
pub(super) fn is_text_of(part: &Part, place: &Source) -> bool {
    match (part, place) {
        (Part::Header(name), Source::Header(place)) => name.eq_ignore_ascii_case(place),
        (Part::Text(source) | Part::FreeText(source), _) => source == place,
        (Part::Listed(listed), Source::Header(place)) => {
            let mut always = listed.always.iter();
            listed.written != ListedAs::Values
                && always.any(|name| name.eq_ignore_ascii_case(place))
        }
        (Part::Where(source, parts), _) => {
            source == place && parts.iter().any(|part| is_text_of(part, place))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Scheme = Scheme::HMAC_SHA256;

    #[test]
    fn an_id_is_signed_where_the_content_holds_it() {
        let header = Scheme {
            id: Some(Source::header("x-id")),
            ..BASE
        };
        assert!(!header.signs_id());
        let delimited = vec![Part::Id, Part::literal("."), Part::Body];
        assert!(
            Scheme {
                content: delimited.into(),
                ..header.clone()
            }
            .signs_id()
        );
        assert!(
            !Scheme {
                content: vec![Part::Id, Part::Body].into(),
                ..header.clone()
            }
            .signs_id()
        );
        assert!(
            !Scheme {
                content: vec![Part::Body, Part::Id].into(),
                ..header.clone()
            }
            .signs_id()
        );
        assert!(
            Scheme {
                content: vec![Part::Header("X-Id".into())].into(),
                ..header.clone()
            }
            .signs_id()
        );
        assert!(
            !Scheme {
                content: vec![Part::Header("x-id".into()), Part::Body].into(),
                ..header
            }
            .signs_id()
        );
        assert!(
            Scheme {
                id: Some(Source::json("/id")),
                ..BASE
            }
            .signs_id()
        );
        assert!(
            !Scheme {
                id: Some(Source::json("/id")),
                ..Scheme::BEARER
            }
            .signs_id()
        );
        assert!(!BASE.signs_id());
    }
}
