//! From the key of a case to a keyring: by the type of the key and how the scheme writes its keys, whoever the sender is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{Encoding, Keyring, Param, Scheme, Secret};
use serde_json::Value;

use super::case::Case;

/// The members that hold keys: one, a list, or a map from a key's name to the key.
const KEYS: [&str; 8] = [
    "secret",
    "secrets",
    "public_key",
    "public_keys",
    "keys",
    "certs",
    "roots",
    "jwks",
];

/// The members that another word of the field stands for.
const PARAMS: [(&str, &str); 4] = [
    ("callback_url", "public_url"),
    ("notification_url", "public_url"),
    ("email", "service_account"),
    ("api_key", "issuer"),
];

/// The keyring of a case. Short secrets are allowed: published vectors have short ones.
pub(crate) fn keyring(case: &Case, scheme: &Scheme) -> Result<Keyring, String> {
    let kind = case.key_text("type").unwrap_or_default();
    let mut keyring = Keyring::empty().insecure_allow_short_secrets();
    for member in KEYS {
        if let Some(value) = case.key.get(member) {
            keyring = add(keyring, kind, value, scheme)?;
        }
    }
    for (member, value) in &case.key {
        if let (Some(param), Some(text)) = (param(member), text(value)) {
            keyring = keyring.with(param, text);
        }
    }
    Ok(keyring)
}

fn add(keyring: Keyring, kind: &str, value: &Value, scheme: &Scheme) -> Result<Keyring, String> {
    match value {
        Value::String(text) => Ok(keyring.and("key", secret(kind, text, scheme)?)),
        Value::Array(all) => all
            .iter()
            .enumerate()
            .try_fold(keyring, |keyring, (index, value)| {
                let text = text_of_key(value).ok_or("a key that is no text")?;
                Ok(keyring.and(index.to_string(), secret(kind, &text, scheme)?))
            }),
        Value::Object(jwks) if jwks.get("keys").is_some_and(Value::is_array) => {
            add_jwks(keyring, value)
        }
        Value::Object(by_name) => by_name.iter().try_fold(keyring, |keyring, (name, value)| {
            let text = text_of_key(value).ok_or_else(|| format!("key {name} is no text"))?;
            Ok(keyring.and(name.clone(), secret(kind, &text, scheme)?))
        }),
        _ => Err("a key that is no text, list or map".to_owned()),
    }
}

/// The keys of a JWK Set, by their names.
fn add_jwks(keyring: Keyring, jwks: &Value) -> Result<Keyring, String> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    keys.into_iter()
        .flatten()
        .try_fold(keyring, |keyring, jwk| {
            let name = jwk.get("kid").and_then(Value::as_str).unwrap_or("key");
            Ok(keyring.and(name.to_owned(), jwk.to_string()))
        })
}

/// The text of a key: its own, that of its one member that holds a key, or a JWK as JSON.
fn text_of_key(value: &Value) -> Option<String> {
    if let Value::Object(members) = value {
        let named = ["pem", "secret", "public_key", "key", "cert"];
        let member = named.iter().find_map(|name| members.get(*name)?.as_str());
        return Some(member.map_or_else(|| value.to_string(), str::to_owned));
    }
    value.as_str().map(str::to_owned)
}

/// A secret as the scheme's sender writes it. One that the type says is encoded in a way the sender does not use is
/// decoded first.
fn secret(kind: &str, text: &str, scheme: &Scheme) -> Result<Secret, String> {
    let encoding = match kind {
        "secret-hex" => Encoding::Hex,
        "secret-base64" => Encoding::Base64,
        _ => return Ok(text.into()),
    };
    if scheme
        .methods
        .iter()
        .any(|method| method.key.encoding == encoding)
    {
        return Ok(text.into());
    }
    let bytes = match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        _ => from_hex(text),
    };
    bytes
        .map(Secret::new)
        .ok_or_else(|| format!("the key is not written as {kind}"))
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// The parameter that a member of the key is.
fn param(member: &str) -> Option<Param> {
    let name = PARAMS
        .iter()
        .find_map(|(alias, name)| (*alias == member).then_some(*name));
    serde_json::from_value(Value::from(name.unwrap_or(member))).ok()
}

/// The text of a parameter; of a list, its texts between commas.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(all) => {
            let texts: Option<Vec<_>> = all.iter().map(text).collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}
