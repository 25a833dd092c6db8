//! What a URL of keys answered, taken apart: bytes to keys. Pure; the bytes are bounded by whoever read them.

use serde_json::Value;

use super::source::KeyError;
use crate::{
    scheme::{KeyDocument, KeyQuery},
    secret::{Keyring, Secret},
};

/// The keys in an answer, named as requests name them.
pub(super) fn keys(query: &KeyQuery, document: &[u8]) -> Result<Keyring, KeyError> {
    let broken =
        || KeyError::unavailable("what was fetched holds no keys as the sender writes them");
    let one = |key: Secret| Keyring::empty().and(query.id().to_owned(), key);
    let keyring = match query.document() {
        KeyDocument::Certificate => {
            let is_pem = document.trim_ascii_start().starts_with(CERTIFICATE);
            return is_pem
                .then(|| one(Secret::new(document.trim_ascii())))
                .ok_or_else(broken);
        }
        KeyDocument::Jwks | KeyDocument::OpenId(_) => list(&json(document)?, "/keys", "kid", None),
        KeyDocument::Json(pointer) => {
            let document = json(document)?;
            document.pointer(pointer).and_then(text).map(one)
        }
        KeyDocument::JsonList { list: at, id, key } => list(&json(document)?, at, id, Some(key)),
    };
    keyring.ok_or_else(broken)
}

/// The URL of the JWK set that the configuration of an OpenID provider names; only this one is allowed.
pub(super) fn checks_openid(document: &[u8], jwks: &str) -> Result<(), KeyError> {
    let document = json(document)?;
    let named = document.pointer("/jwks_uri").and_then(Value::as_str);
    if named == Some(jwks) {
        Ok(())
    } else {
        Err(KeyError::unavailable(
            "the configuration of the OpenID provider names another URL for its keys than is allowed",
        ))
    }
}

fn json(document: &[u8]) -> Result<Value, KeyError> {
    serde_json::from_slice(document)
        .map_err(|_| KeyError::unavailable("what was fetched is not JSON"))
}

/// The entries of a list, each by its id; the key is a member of the entry, or the entry itself.
fn list(document: &Value, at: &str, id: &str, key: Option<&str>) -> Option<Keyring> {
    let entries = document.pointer(at)?.as_array()?;
    if entries.len() > MOST_KEYS {
        return None;
    }
    let entries = entries.iter().filter_map(|entry| {
        let key = match key {
            Some(member) => entry.get(member)?,
            None => entry,
        };
        Some((entry.get(id)?.as_str()?.to_owned(), text(key)?))
    });
    Some(entries.fold(Keyring::empty(), |keyring, (id, key)| keyring.and(id, key)))
}

/// A key as a keyring takes it: PEM, or a JWK.
fn text(key: &Value) -> Option<Secret> {
    match key {
        Value::String(pem) => Some(pem.trim().into()),
        Value::Object(_) => Some(key.to_string().into()),
        _ => None,
    }
}

/// The most keys a sender may publish at a time.
const MOST_KEYS: usize = 64;
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
