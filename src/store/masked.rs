//! Bodies for people to see, without the tokens in them.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::DeliveryContent;
use crate::source::Source;

impl DeliveryContent {
    /// The body for people to see: a token by which the sender shows who it is (Wufoo, Microsoft Graph) is a secret of yours,
    /// and `[redacted]` stands in its place. A body that cannot be read as what the token stands in is redacted whole.
    ///
    /// Nothing else of it differs from [`body`](Self::body). What was written by an earlier version is not redacted.
    #[must_use]
    pub fn shown_body(&self) -> Cow<'_, [u8]> {
        let content_type = self.headers.iter().find(|(name, _)| name == "content-type");
        let is_multipart = content_type.is_some_and(|(_, value)| {
            let kind = value.split('/').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("multipart")
        });
        masked(&self.body, &self.tokens, is_multipart)
    }
}

fn masked<'b>(body: &'b [u8], tokens: &[Source], is_multipart: bool) -> Cow<'b, [u8]> {
    let mut shown = Cow::Borrowed(body);
    for token in tokens {
        let without = match token {
            Source::Json(pointer) => without_member(&shown, pointer),
            Source::Form(name) if !is_multipart => without_field(&shown, name),
            _ => None,
        };
        match without {
            Some(Cow::Borrowed(_)) => {}
            Some(Cow::Owned(without)) => shown = Cow::Owned(without),
            None => return Cow::Borrowed(REDACTED.as_bytes()),
        }
    }
    shown
}

/// JSON without what stands at a pointer, of which a step may be `*`: each element. Of a name that is there twice both.
fn without_member<'b>(body: &'b [u8], pointer: &str) -> Option<Cow<'b, [u8]>> {
    let text = str::from_utf8(body).ok()?;
    let whole: &RawValue = serde_json::from_str(text).ok()?;
    let steps: Vec<_> = pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    let mut found = Vec::new();
    find(whole, &steps, &mut found)?;
    if found.is_empty() {
        return Some(Cow::Borrowed(body));
    }
    let mut shown = Vec::with_capacity(body.len());
    let mut rest = text;
    for value in found {
        // Each is a part of the text, behind the one before.
        let start = value.as_ptr().addr().checked_sub(rest.as_ptr().addr())?;
        shown.extend_from_slice(rest.get(..start)?.as_bytes());
        shown.extend_from_slice(format!("\"{REDACTED}\"").as_bytes());
        rest = rest.get(start + value.len()..)?;
    }
    shown.extend_from_slice(rest.as_bytes());
    Some(Cow::Owned(shown))
}

/// The values at the end of these steps, in the order of the text.
fn find<'t>(value: &'t RawValue, steps: &[String], found: &mut Vec<&'t str>) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value.get());
        return Some(());
    };
    let text = value.get();
    if text.starts_with('{') {
        let Members(members) = serde_json::from_str(text).ok()?;
        for (_, member) in members.into_iter().filter(|(name, _)| name == step) {
            find(member, rest, found)?;
        }
    } else if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        for (at, element) in elements.into_iter().enumerate() {
            if step == "*" || *step == at.to_string() {
                find(element, rest, found)?;
            }
        }
    }
    Some(())
}

/// The members of an object, with those of one name.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((Cow::Owned(name), map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A form without the value of a field, wherever that is.
fn without_field<'b>(body: &'b [u8], name: &str) -> Option<Cow<'b, [u8]>> {
    let is_it = |field: &&[u8]| {
        let field = form_urlencoded::parse(field).next();
        field.is_some_and(|(known, _)| known == name)
    };
    let fields = || body.split(|byte| *byte == b'&');
    if !fields().any(|field| is_it(&field)) {
        return Some(Cow::Borrowed(body));
    }
    let shown = fields().map(|field| {
        if !is_it(&field) {
            return field.to_vec();
        }
        let written = field.split(|byte| *byte == b'=').next();
        [written.unwrap_or_default(), b"=", REDACTED.as_bytes()].concat()
    });
    Some(Cow::Owned(shown.collect::<Vec<_>>().join(&b'&')))
}

const REDACTED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str, token: &Source, is_multipart: bool) -> String {
        let shown = masked(body.as_bytes(), std::slice::from_ref(token), is_multipart);
        String::from_utf8(shown.into_owned()).unwrap()
    }

    #[test]
    fn a_token_in_json_is_redacted_by_its_place() {
        let place = Source::json("/value/*/a~1b");
        for (body, expected) in [
            (
                r#" {"value": [{"a/b": "s", "n": 1.50}, {"a\/b" : {"deep": [1]}, "a/b":2}, 3] } "#,
                r#" {"value": [{"a/b": "[redacted]", "n": 1.50}, {"a\/b" : "[redacted]", "a/b":"[redacted]"}, 3] } "#,
            ),
            (r#"{"other":"s"}"#, r#"{"other":"s"}"#),
            ("value=s", "[redacted]"),
        ] {
            assert_eq!(shown(body, &place, false), expected);
        }
        let first = Source::json("/0/0");
        assert_eq!(
            shown(r#"[["s"],"t"]"#, &first, false),
            r#"[["[redacted]"],"t"]"#
        );
    }

    #[test]
    fn a_token_in_a_form_is_redacted_by_its_place() {
        let place = Source::form("a b");
        for (body, expected) in [
            (
                "x=1&a+b=s&a%20b=t=u&y",
                "x=1&a+b=[redacted]&a%20b=[redacted]&y",
            ),
            ("x=a+b", "x=a+b"),
        ] {
            assert_eq!(shown(body, &place, false), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_redacted_whole() {
        assert_eq!(shown("x", &Source::form("a"), true), "[redacted]");
        assert_eq!(shown("<a/>", &Source::xml("/a"), false), "[redacted]");
    }
}
