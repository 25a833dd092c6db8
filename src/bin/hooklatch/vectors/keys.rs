//! From the key of a case to a keyring: by the type of the key and how the scheme writes its keys, whoever the sender is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{Encoding, Keyring, Param, Scheme, Secret, Source};
use serde_json::Value;

use super::case::{Case, Kind};

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
const PARAMS: [(&str, &str); 8] = [
    ("api_key", "issuer"),
    ("app_apple_id", "app_id"),
    ("callback_url", "public_url"),
    ("email", "service_account"),
    ("notification_url", "public_url"),
    ("pending_topics", "topics"),
    ("rate", "allowed_rate"),
    ("verification_token", "verify_token"),
];

/// The members that name the one key of a case.
const NAMES: [&str; 4] = ["keyid", "keyId", "key_id", "kid"];

/// The keyring of a case. Short secrets are allowed: published vectors have short ones.
pub(crate) fn keyring(case: &Case, scheme: &Scheme) -> Keyring {
    let mut keyring = Keyring::empty().insecure_allow_short_secrets();
    for member in KEYS {
        if let Some(value) = case.key.get(member) {
            keyring = add(keyring, case, value, scheme);
        }
    }
    if keyring.keys().is_empty() && case.kind == Kind::Handshake {
        keyring = keyring.and("key", "made-up-for-the-challenge");
    }
    keyring = keyring.with(Param::VerifyToken, "made-up-for-the-challenge");
    if let Some(allowed) = &scheme.allowed
        && let Some(text) = text_of_body(case, &allowed.source)
    {
        keyring = keyring.with(allowed.param, text);
    }
    for (member, value) in &case.key {
        if let (Some(param), Some(text)) = (param(member), text(value)) {
            keyring = keyring.with(param, text);
        }
    }
    keyring
}

fn add(keyring: Keyring, case: &Case, value: &Value, scheme: &Scheme) -> Keyring {
    match value {
        Value::String(text) => {
            let name = NAMES.iter().find_map(|member| case.key_text(member));
            keyring.and(name.unwrap_or("key").to_owned(), secret(case, text, scheme))
        }
        Value::Array(all) => all
            .iter()
            .filter_map(text_of_key)
            .enumerate()
            .fold(keyring, |keyring, (index, text)| {
                keyring.and(index.to_string(), secret(case, &text, scheme))
            }),
        Value::Object(jwks) if jwks.get("keys").is_some_and(Value::is_array) => {
            add_jwks(keyring, value)
        }
        Value::Object(by_name) => by_name.iter().fold(keyring, |keyring, (name, value)| {
            let text = text_of_key(value).unwrap_or_default();
            keyring.and(name.clone(), secret(case, &text, scheme))
        }),
        _ => keyring,
    }
}

/// The text of a JSON body at a place.
fn text_of_body(case: &Case, source: &Source) -> Option<String> {
    let document: Value = serde_json::from_slice(&case.body().ok()?).ok()?;
    source.places().iter().find_map(|place| match place {
        Source::Json(pointer) => Some(document.pointer(pointer)?.as_str()?.to_owned()),
        _ => None,
    })
}

/// The keys of a JWK Set, by their names; those that the scheme cannot use are passed over.
fn add_jwks(keyring: Keyring, jwks: &Value) -> Keyring {
    match Keyring::from_jwks(&jwks.to_string()) {
        Ok(keys) => keys.insecure_allow_short_secrets(),
        Err(_) => keyring,
    }
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
/// decoded first; in front of it the name of its algorithm is written, where the scheme tells keys apart by that.
fn secret(case: &Case, text: &str, scheme: &Scheme) -> Secret {
    let named = algorithm(case).map(|algorithm| format!("{algorithm}:"));
    let is_named = |named: &&String| {
        let mut methods = scheme.methods.iter();
        methods.any(|method| method.key.prefix == **named)
    };
    if let Some(named) = named.as_ref().filter(is_named) {
        return format!("{named}{}", text.trim()).into();
    }
    let encoding = match case.key_text("type") {
        Some("secret-hex") => Encoding::Hex,
        Some("secret-base64") => Encoding::Base64,
        _ => return text.into(),
    };
    let mut methods = scheme.methods.iter();
    if methods.any(|method| method.key.encoding == encoding) {
        return text.into();
    }
    let bytes = match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        _ => from_hex(text),
    };
    Secret::new(bytes.unwrap_or_else(|| text.into()))
}

/// The name of the key's algorithm, as the key has it, else as the scheme begins.
fn algorithm(case: &Case) -> Option<&str> {
    let own = case.key_text("alg");
    own.or_else(|| {
        let mut words = case.scheme.split([' ', ',']);
        words.find(|word| !word.is_empty() && *word != case.provider)
    })
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

/// The text of a parameter; of a list, its texts with spaces between them.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(all) => {
            let texts: Option<Vec<_>> = all.iter().map(text).collect();
            Some(texts?.join(" "))
        }
        _ => None,
    }
}
