//! Bodies that were decoded as one charset and written in another.

use hooklatch::explain::Mistake;

use super::{
    situation::{JSON, Situation},
    table::{Row, row},
};

pub(crate) const ROWS: &[Row] = &[
    // Decoded as Windows-1252, and encoded in UTF-8 again.
    row(Mistake::BodyCharset, |scheme| {
        let situation = Situation::with_body(scheme, r#"{"a":"Zoë – hello"}"#);
        Some(situation.received(r#"{"a":"ZoÃ« â€“ hello"}"#))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let situation = Situation::with_body(scheme, r#"{"a":"Zoë – hello"}"#);
        Some(situation.received(&b"{\"a\":\"Zo\xeb \x96 hello\"}"[..]))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let signed = &b"{\"a\":\"Zo\xeb \x96 hello\"}"[..];
        Some(Situation::with_body(scheme, signed).received(r#"{"a":"Zoë – hello"}"#))
    }),
    // ISO-8859-15.
    row(Mistake::BodyCharset, |scheme| {
        let situation = Situation::with_body(scheme, r#"{"a":"hello for 5 €"}"#);
        Some(situation.received(&b"{\"a\":\"hello for 5 \xa4\"}"[..]))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let signed = &b"{\"a\":\"hello for 5 \xa4\"}"[..];
        Some(Situation::with_body(scheme, signed).received(r#"{"a":"hello for 5 €"}"#))
    }),
    // UTF-16, with a byte order mark and without.
    row(Mistake::BodyCharset, |scheme| {
        Some(Situation::correct(scheme).received(utf16(JSON, u16::to_le_bytes)))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let marked = utf16(&format!("\u{feff}{JSON}"), u16::to_be_bytes);
        Some(Situation::correct(scheme).received(marked))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let signed = utf16(&format!("\u{feff}{JSON}"), u16::to_le_bytes);
        Some(Situation::with_body(scheme, signed).received(JSON))
    }),
    row(Mistake::BodyCharset, |scheme| {
        let signed = utf16(JSON, u16::to_be_bytes);
        Some(Situation::with_body(scheme, signed).received(JSON))
    }),
];

fn utf16(text: &str, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(write).collect()
}
