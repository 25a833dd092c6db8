//! Decodes a payload as the type a handler asks for, and says where it does not fit without quoting it.

use bytes::Bytes;
use serde::de::{DeserializeOwned, Deserializer};

use crate::{
    delivery::Payload,
    envelope::{self, Part},
};

/// The payload as `T`, or where it does not fit.
pub(super) fn decode<T: DeserializeOwned>(payload: &Payload) -> Result<T, String> {
    match payload {
        Payload::Json(json) => {
            // One check of the whole text is cheaper than one of every string in it.
            let text = text(json)?;
            serde_json::from_str(text).map_err(|_| misfit_of_json::<T>(text))
        }
        Payload::Xml(xml) => decode_xml(text(xml)?),
        Payload::Form(form) => decode_form(form),
        Payload::Parts(parts) => decode_form(urlencoded(parts).as_bytes()),
    }
}

fn text(bytes: &Bytes) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Decodes again, this time watching the path: doing so always would double the cost of every event.
fn misfit_of_json<T: DeserializeOwned>(json: &str) -> String {
    let mut json = serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => format!(
            "at `{}` (line {}, column {})",
            bounded(&error.path().to_string()),
            error.inner().line(),
            error.inner().column()
        ),
        Ok(_) => "trailing characters".to_owned(),
    }
}

#[cfg(feature = "xml")]
fn decode_xml<T: DeserializeOwned>(xml: &str) -> Result<T, String> {
    // A decoder alone would go as deep as the document does.
    envelope::xml::check(xml).map_err(|reason| reason.detail().to_owned())?;
    watched(&mut quick_xml::de::Deserializer::from_str(xml))
}

#[cfg(not(feature = "xml"))]
fn decode_xml<T>(_: &str) -> Result<T, String> {
    Err("XML needs the cargo feature `xml`".to_owned())
}

fn decode_form<T: DeserializeOwned>(form: &[u8]) -> Result<T, String> {
    let form = envelope::limited_form(form).map_err(|reason| reason.detail().to_owned())?;
    watched(serde_urlencoded::Deserializer::new(form_urlencoded::parse(
        form,
    )))
}

/// The text parts as a form, so that both are decoded by the same rules.
fn urlencoded(parts: &[Part]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for part in parts.iter().filter(|part| part.file_name.is_none()) {
        form.append_pair(&part.name, &String::from_utf8_lossy(&part.bytes));
    }
    form.finish()
}

/// Decodes watching the path. The error's own text is not told: it may quote the body.
fn watched<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, String> {
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| format!("at `{}`", bounded(&error.path().to_string())))
}

/// The start of a path, on one line: the keys of a map are the sender's text, of any length.
fn bounded(path: &str) -> String {
    let start = path.chars().take(LONGEST_PATH);
    let shown: String = start.flat_map(char::escape_debug).collect();
    if path.len() > LONGEST_PATH {
        shown + "…"
    } else {
        shown
    }
}

/// How much of a path is told, in characters.
const LONGEST_PATH: usize = 128;
