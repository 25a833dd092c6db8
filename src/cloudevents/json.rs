//! The JSON format of CloudEvents 1.0.2.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::value::RawValue;

use super::{CloudEvent, FIXED, VERSION, Value};

/// Whether a content type says that the body is an event in structured mode.
pub(super) fn is_structured(content_type: &str) -> bool {
    media_type(content_type).eq_ignore_ascii_case("application/cloudevents+json")
}

/// The content type of a body that does not say.
pub(super) fn guess(body: &[u8]) -> Option<&'static str> {
    if raw(body).is_some() {
        Some("application/json")
    } else if body.trim_ascii_start().starts_with(b"<") {
        Some("application/xml")
    } else {
        None
    }
}

/// The event; `None` where it is none of version 1.0, or lacks what every event has.
pub(super) fn read(document: &[u8]) -> Option<CloudEvent> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(document).ok()?;
    let text = |name: &str| {
        let text: String = serde_json::from_str(members.get(name)?.get()).ok()?;
        Some(text).filter(|text| !text.is_empty())
    };
    (text("specversion")? == VERSION).then_some(())?;
    let content_type = text("datacontenttype");
    let data = match (members.get("data"), members.get("data_base64")) {
        (Some(_), Some(_)) => return None,
        (None, None) => None,
        (None, Some(_)) => Some(STANDARD.decode(text("data_base64")?).ok()?.into()),
        (Some(data), None) => Some(data_of(content_type.as_deref(), data.get())),
    };
    let more = members.iter().filter_map(|(name, value)| {
        let value = match value.get() {
            // An attribute that is null is not there.
            "null" => return None,
            text if text.starts_with('"') => Value::Text(serde_json::from_str(text).ok()?),
            plain => Value::Plain(plain.to_owned()),
        };
        (!FIXED.contains(&&**name)).then(|| (name.clone(), value))
    });
    Some(CloudEvent {
        id: text("id")?,
        source: text("source")?,
        event_type: text("type")?,
        more: more.collect(),
        content_type,
        data,
    })
}

/// Of JSON data its text; of other data the text that its string holds.
fn data_of(content_type: Option<&str>, data: &str) -> Bytes {
    let inner = serde_json::from_str::<String>(data).ok();
    match inner.filter(|_| !content_type.is_none_or(declares_json)) {
        Some(text) => text.into(),
        None => data.to_owned().into(),
    }
}

pub(super) fn write(event: &CloudEvent) -> String {
    let fixed = [
        ("specversion", quoted(VERSION)),
        ("id", quoted(&event.id)),
        ("source", quoted(&event.source)),
        ("type", quoted(&event.event_type)),
    ];
    let content_type = event.content_type.as_deref();
    let content_type = content_type.map(|text| ("datacontenttype", quoted(text)));
    let more = event.more.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => quoted(text),
            Value::Plain(plain) => plain.clone(),
        };
        (&**name, value)
    });
    let data = event.data.as_deref().map(|data| {
        let json = event.content_type.as_deref().is_none_or(declares_json);
        match (json, raw(data), str::from_utf8(data)) {
            (true, Some(document), _) => ("data", document.get().to_owned()),
            (false, _, Ok(text)) => ("data", quoted(text)),
            _ => ("data_base64", quoted(&STANDARD.encode(data))),
        }
    });
    let members = fixed
        .into_iter()
        .chain(content_type)
        .chain(more)
        .chain(data);
    let members: Vec<String> = members
        .map(|(name, value)| format!("{}:{value}", quoted(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn raw(document: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(document).ok()
}

/// Whether a content type declares JSON: `*/json` or `*/*+json` (JSON format, section 3.1).
fn declares_json(content_type: &str) -> bool {
    let subtype = media_type(content_type).split_once('/');
    let subtype = subtype.map(|(_, subtype)| subtype.to_ascii_lowercase());
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the JSON format, section 3.2 and appendix, each written as it was read.
    #[test]
    fn the_examples_of_the_format_come_back() {
        let head = r#""specversion":"1.0","id":"B234-1234-1234","source":"/mycontext","type":"com.example.someevent""#;
        let more = r#""comexampleextension1":"value","comexampleothervalue":5,"time":"2018-04-05T17:31:00Z""#;
        for (kind, data, bytes) in [
            (
                "application/xml",
                r#""data":"<much wow=\"xml\"/>""#,
                r#"<much wow="xml"/>"#,
            ),
            (
                "application/json",
                r#""data":{"appinfoA":"abc","appinfoB":123,"appinfoC":true}"#,
                r#"{"appinfoA":"abc","appinfoB":123,"appinfoC":true}"#,
            ),
            ("application/json", r#""data":1.5"#, "1.5"),
            (
                "application/json",
                r#""data":"I'm just a string""#,
                r#""I'm just a string""#,
            ),
            (
                "text/plain",
                r#""data":"I'm just a string""#,
                "I'm just a string",
            ),
        ] {
            let document = format!(r#"{{{head},"datacontenttype":"{kind}",{more},{data}}}"#);
            let event = read(document.as_bytes()).unwrap();
            assert_eq!(event.data.as_deref(), Some(bytes.as_bytes()), "{document}");
            assert_eq!(event.attribute("comexampleothervalue"), Some("5"));
            assert_eq!(write(&event), document);
        }
        let bytes = format!(
            r#"{{{head},"datacontenttype":"application/vnd.apache.thrift.binary","data_base64":"/wA="}}"#
        );
        let event = read(bytes.as_bytes()).unwrap();
        assert_eq!(event.data.as_deref(), Some(&[255, 0][..]));
        assert_eq!(write(&event), bytes);
        // Without a type of content, data is JSON.
        let bare = format!(r#"{{{head},"data":"text"}}"#);
        assert_eq!(
            read(bare.as_bytes()).unwrap().data.as_deref(),
            Some(&b"\"text\""[..])
        );
    }

    #[test]
    fn what_is_no_event_is_none() {
        for document in [
            "{}",
            "[]",
            "",
            r#"{"specversion":"0.3","id":"1","source":"/a","type":"b"}"#,
            r#"{"specversion":"1.0","id":"","source":"/a","type":"b"}"#,
            r#"{"specversion":"1.0","source":"/a","type":"b"}"#,
            r#"{"specversion":"1.0","id":"1","source":"/a","type":"b","data":1,"data_base64":""}"#,
            r#"{"specversion":"1.0","id":"1","source":"/a","type":"b","data_base64":"?"}"#,
        ] {
            assert!(read(document.as_bytes()).is_none(), "{document}");
        }
    }
}
