//! What goes wrong with bodies: bytes that something has parsed, decoded or written again.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use sha2::{Digest as _, Sha256};

use super::{
    Explain, attempt::Attempt, document::Document, hypothesis::Variants, mistake::Mistake,
};

/// Another body than this, where there is one.
pub(super) type Change = fn(&[u8]) -> Option<Vec<u8>>;

/// The variants of an attempt with its body changed.
pub(super) fn changed<'a>(
    attempt: &'a Attempt,
    mistake: Mistake,
    changes: &'static [(&str, Change)],
) -> Variants<'a> {
    Box::new(changes.iter().filter_map(move |(detail, change)| {
        let body = change(&attempt.body).filter(|body| *body != attempt.body)?;
        Some(attempt.with_body(body).variant(mistake, *detail))
    }))
}

/// JSON in other spacing, order and escapes. White space around it stays.
pub(super) fn reserialised<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let starts = attempt.body.trim_ascii_start().first();
    let fits = matches!(starts, Some(b'{' | b'['));
    let document = fits.then(|| attempt.document()).flatten();
    let written = document.into_iter().flat_map(Document::all);
    // Some styles give the same text where there is nothing to separate.
    let mut seen = HashSet::from([digest(&attempt.body)]);
    let new = written.filter(move |(body, _)| seen.insert(digest(body)));
    Box::new(new.map(|(body, style)| {
        let detail = format!("once the JSON is written again {style}");
        attempt
            .with_body(body)
            .variant(Mistake::BodyReserialised, detail)
    }))
}

/// Of what is written again, in bytes.
pub(super) const MOST_JSON: usize = 1024 * 1024;

pub(super) fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// Line breaks.
pub(super) fn newlines<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    changed(attempt, Mistake::BodyNewline, NEWLINES)
}

const NEWLINES: &[(&str, Change)] = &[
    ("without the white space at the end of the body", |body| {
        Some(body.trim_ascii_end().to_vec())
    }),
    ("with a line break at the end of the body", |body| {
        Some([body, b"\n"].concat())
    }),
    ("with a line break (CR LF) at the end of the body", |body| {
        Some([body, b"\r\n"].concat())
    }),
    (
        "without one of the line breaks at the end of the body",
        |body| body.strip_suffix(b"\n").map(<[u8]>::to_vec),
    ),
    ("without the white space in front of the body", |body| {
        Some(body.trim_ascii_start().to_vec())
    }),
    ("with LF for each CR LF of the body", |body| {
        Some(replaced(body, "\r\n", "\n"))
    }),
    ("with CR LF for each LF of the body", |body| {
        Some(replaced(&replaced(body, "\r\n", "\n"), "\n", "\r\n"))
    }),
];

/// Byte order marks.
pub(super) fn boms<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    changed(attempt, Mistake::BodyBom, BOMS)
}

const BOMS: &[(&str, Change)] = &[
    ("without the byte order mark in front of the body", |body| {
        body.strip_prefix(BOM).map(<[u8]>::to_vec)
    }),
    ("with a byte order mark in front of the body", |body| {
        (!body.starts_with(BOM)).then(|| [BOM, body].concat())
    }),
];
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The body inside another.
pub(super) fn wrapped<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    changed(attempt, Mistake::BodyWrapped, WRAPPED)
}

const WRAPPED: &[(&str, Change)] = &[
    ("once the body is decoded from base64", |body| {
        let text = body.trim_ascii();
        (!text.is_empty()).then(|| STANDARD.decode(text).ok())?
    }),
    ("once the body is taken out of a JSON string", |body| {
        serde_json::from_slice::<String>(body)
            .ok()
            .map(String::into_bytes)
    }),
    (
        "once the body is taken out of the event of a function platform",
        |body| inner(body).map(String::into_bytes),
    ),
    (
        "once the body is taken out of the event of a function platform, and decoded from base64",
        |body| STANDARD.decode(inner(body)?).ok(),
    ),
];

/// The body that an event of a function platform holds.
fn inner(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Event {
        body: String,
    }

    let starts = body.trim_ascii_start().first();
    let event = || serde_json::from_slice::<Event>(body).ok();
    Some(matches!(starts, Some(b'{')).then(event)??.body)
}

/// A form instead of JSON, and the other way round.
pub(super) fn forms<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let field = attempt
        .scheme
        .form_payload
        .as_ref()
        .map_or("payload", |form| form.field());
    let members = std::iter::once_with(|| {
        let detail = "once the members of the JSON object are the fields of a form";
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(attempt.document()?.fields()?);
        Some((detail, form.finish().into_bytes(), FORM))
    });
    let to_form = FORMS.iter().filter_map(move |(detail, change)| {
        let body = change(&attempt.body, field).filter(|body| *body != attempt.body)?;
        Some((*detail, body, FORM))
    });
    let to_json = JSON_OF_FORMS
        .iter()
        .filter_map(move |(detail, change)| Some((*detail, change(&attempt.body, field)?, JSON)));
    let all = members.flatten().chain(to_form).chain(to_json);
    Box::new(all.map(|(detail, body, kind)| {
        let variant = attempt.with_body(body);
        let variant = variant.with_head(|head| {
            head.headers.insert(header::CONTENT_TYPE, kind);
        });
        variant.variant(Mistake::FormOrJson, detail)
    }))
}

/// The same for a body and the name of the field that holds the document.
type ChangeOfForm = fn(&[u8], &str) -> Option<Vec<u8>>;

const FORMS: [(&str, ChangeOfForm); 3] = [
    ("once the JSON is the field of a form", |body, field| {
        json_object(body)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        let text = str::from_utf8(body).ok()?;
        Some(form.append_pair(field, text).finish().into_bytes())
    }),
    (
        "once the form is written again, spaces as `+`",
        |body, _| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(form_urlencoded::parse(form_body(body)?));
            Some(form.finish().into_bytes())
        },
    ),
    ("once spaces of the form are written as `%20`", |body, _| {
        form_body(body).map(|body| replaced(body, "+", "%20"))
    }),
];

const JSON_OF_FORMS: [(&str, ChangeOfForm); 2] = [
    ("once the JSON is taken out of the form", |body, field| {
        let mut fields = form_urlencoded::parse(form_body(body)?);
        let (_, value) = fields.find(|(name, _)| name == field)?;
        Some(value.into_owned().into_bytes())
    }),
    (
        "once the fields of the form are the members of a JSON object",
        |body, _| {
            let fields = form_urlencoded::parse(form_body(body)?);
            let members = fields
                .map(|(name, value)| Some(format!("{}:{}", json_text(&name)?, json_text(&value)?)));
            let members: Vec<String> = members.collect::<Option<_>>()?;
            Some(format!("{{{}}}", members.join(",")).into_bytes())
        },
    ),
];

fn json_text(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}

fn json_object(body: &[u8]) -> Option<()> {
    let document = serde_json::from_slice::<serde::de::IgnoredAny>(body).ok();
    document
        .filter(|_| body.trim_ascii_start().starts_with(b"{"))
        .map(|_| ())
}

/// A body that may be a form.
fn form_body(body: &[u8]) -> Option<&[u8]> {
    let first = body.trim_ascii_start().first();
    let may = body.contains(&b'=') && !matches!(first, Some(b'{' | b'[' | b'<'));
    may.then_some(body)
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The bytes with each of these texts replaced; unchanged where they are no text.
fn replaced(body: &[u8], from: &str, to: &str) -> Vec<u8> {
    str::from_utf8(body).map_or_else(
        |_| body.to_vec(),
        |text| text.replace(from, to).into_bytes(),
    )
}
