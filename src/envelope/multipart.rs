//! The parts of a `multipart/form-data` body, within bounds.
//!
//! The parser is that of axum's own `Multipart`. No signature covers the content type, and with it the boundary: one that
//! is not the body's own first line is refused, or whoever wrote to the sender could have written parts for another.

use std::{convert::Infallible, future::ready, sync::Arc};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::HeaderMap;
use multer::Field;

use super::{Part, Unreadable, form::MOST_FIELDS};

/// The parts of a body that is complete already.
pub(crate) fn parts(content_type: &str, body: &Bytes) -> Result<Arc<[Part]>, Unreadable> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Unreadable::Malformed)?;
    if !is_boundary(&boundary) || !begins_with(body, &boundary) {
        return Err(Unreadable::Malformed);
    }
    // There is nothing to wait for.
    read(boundary, body.clone())
        .now_or_never()
        .unwrap_or(Err(Unreadable::Malformed))
}

async fn read(boundary: String, body: Bytes) -> Result<Arc<[Part]>, Unreadable> {
    let stream = stream::once(ready(Ok::<_, Infallible>(body)));
    let mut fields = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Some(field) = fields.next_field().await.map_err(malformed)? {
        if parts.len() == MOST_FIELDS || length(field.headers()) > LONGEST_HEAD {
            return Err(Unreadable::TooMany);
        }
        parts.push(part(field).await?);
    }
    Ok(parts.into())
}

async fn part(mut field: Field<'_>) -> Result<Part, Unreadable> {
    let mut part = Part {
        name: field.name().ok_or(Unreadable::Malformed)?.to_owned(),
        file_name: field.file_name().map(str::to_owned),
        content_type: field.content_type().map(ToString::to_string),
        bytes: Bytes::new(),
    };
    while let Some(bytes) = field.chunk().await.map_err(malformed)? {
        // With the body complete it comes in one piece, which is not copied.
        part.bytes = if part.bytes.is_empty() {
            bytes
        } else {
            [part.bytes, bytes].concat().into()
        };
    }
    Ok(part)
}

fn malformed(_: multer::Error) -> Unreadable {
    Unreadable::Malformed
}

fn length(headers: &HeaderMap) -> usize {
    let lengths = headers
        .iter()
        .map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    lengths.sum()
}

/// RFC 2046, section 5.1.1.
fn is_boundary(boundary: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    (1..=70).contains(&boundary.len()) && boundary.bytes().all(allowed) && !boundary.ends_with(' ')
}

/// Whether the first line of a body is this boundary, be it the last line too.
fn begins_with(body: &[u8], boundary: &str) -> bool {
    let body = body.strip_prefix(b"\r\n").unwrap_or(body);
    let rest = body
        .strip_prefix(b"--")
        .and_then(|line| line.strip_prefix(boundary.as_bytes()));
    rest.is_some_and(|rest| {
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let line = rest.get(padding.count()..).unwrap_or_default();
        line.starts_with(b"\r\n") || rest.trim_ascii_end() == b"--"
    })
}

/// The longest head of a part, in bytes of names and values.
const LONGEST_HEAD: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\na@b.example\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"../x.txt\"\r\nContent-Type: text/plain\r\n\r\n\
        1\r\n2\r\n--b--\r\n";

    fn read(boundary: &str, body: &str) -> Result<Arc<[Part]>, Unreadable> {
        let content_type = format!("Multipart/Form-Data; boundary={boundary}");
        parts(&content_type, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn parts_are_told_apart() {
        for boundary in ["b", "\"b\"", "b; charset=utf-8"] {
            let parts = read(boundary, BODY).unwrap();
            let [from, file] = &*parts else {
                unreachable!("{parts:?}");
            };
            assert_eq!(
                (&*from.name, &from.bytes[..]),
                ("from", &b"a@b.example"[..])
            );
            assert_eq!(from.file_name, None);
            assert_eq!(file.file_name.as_deref(), Some("../x.txt"));
            assert_eq!(file.content_type.as_deref(), Some("text/plain"));
            assert_eq!(&file.bytes[..], b"1\r\n2");
        }
        assert_eq!(read("b", "--b--").unwrap().len(), 0);
    }

    #[test]
    fn what_is_cut_off_or_bounded_otherwise_is_unreadable() {
        for end in 0..BODY.len() - "--\r\n".len() {
            assert_eq!(
                read("b", &BODY[..end]).unwrap_err(),
                Unreadable::Malformed,
                "{end}"
            );
        }
        let long = "b".repeat(71);
        for boundary in ["c", "", "\"\"", "\"b \"", "\"\u{e9}\"", "\"b;\"", &long] {
            assert_eq!(
                read(boundary, BODY).unwrap_err(),
                Unreadable::Malformed,
                "{boundary}"
            );
        }
        assert!(parts("multipart/form-data", &Bytes::from(BODY)).is_err());
        assert!(parts("multipart/mixed; boundary=b", &Bytes::from(BODY)).is_err());
        let nameless = BODY.replace(" name=\"from\"", "");
        assert_eq!(read("b", &nameless).unwrap_err(), Unreadable::Malformed);
    }

    #[test]
    fn parts_and_their_heads_are_bounded() {
        let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
        assert_eq!(
            read("b", &(part.repeat(1_000) + "--b--")).unwrap().len(),
            1_000
        );
        let many = part.repeat(1_001) + "--b--";
        assert_eq!(read("b", &many).unwrap_err(), Unreadable::TooMany);
        let long = BODY.replace("../x.txt", &"x".repeat(9_000));
        assert_eq!(read("b", &long).unwrap_err(), Unreadable::TooMany);
        let heads = BODY.replace("Content-Type: text/plain", &"X: 1\r\n".repeat(40));
        assert_eq!(read("b", &heads).unwrap_err(), Unreadable::Malformed);
    }
}
