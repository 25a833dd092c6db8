//! Signature headers: missing, repeated, oversized, misspelt, of another kind.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE},
};

use crate::presets::{Endpoint, PRESETS, Signed, Stage, Time, Written};

/// What is wrong, and the request.
pub(crate) type Attack = (String, Signed);

#[tokio::test]
async fn a_signature_header_has_one_spelling() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let attacks = headers(endpoint)
            .chain(spellings(endpoint))
            .chain(lists(endpoint));
        let count = stage.refuses(endpoint, attacks, 401).await;
        assert!(count > 40, "{count}");
    }
}

#[tokio::test]
async fn a_signature_of_another_sender_or_key_is_none() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let others = stage
            .endpoints
            .iter()
            .filter(|other| other.preset.name != endpoint.preset.name);
        // All headers of all other senders together, over this sender's body.
        let mut foreign = endpoint.good("1").without(endpoint.preset.signature);
        for other in others {
            let signed = other.good("1").with_body(foreign.body.clone());
            if signed
                .head
                .headers()
                .contains_key(endpoint.preset.signature)
            {
                continue;
            }
            foreign
                .head
                .headers_mut()
                .extend(signed.head.headers().clone());
        }
        let wrong = endpoint.draft("1").with_wrong_key().into();
        let attacks = [("foreign".to_owned(), foreign), ("key".to_owned(), wrong)];
        stage.refuses(endpoint, attacks, 401).await;
    }
}

#[tokio::test]
async fn two_header_families_do_not_mix() {
    let stage = Stage::new();
    let endpoint = stage.endpoint("standard-v1");
    let good = endpoint.good("msg_1");
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| good.header(name));
    let bare = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .iter()
        .fold(good.clone(), |signed, name| signed.without(name));
    let svix = bare
        .clone()
        .with("svix-id", &id)
        .with("svix-timestamp", &timestamp)
        .with("svix-signature", &signature);
    let forged = format!("v1,{}", STANDARD.encode([7; 32]));
    let attacks = [
        (
            "svix signature, webhook rest",
            good.clone()
                .without("webhook-signature")
                .with("svix-signature", &signature),
        ),
        (
            "webhook signature, svix rest",
            svix.clone()
                .without("svix-signature")
                .with("webhook-signature", &signature),
        ),
        (
            "one header of the other family",
            svix.clone().without("svix-id").with("webhook-id", &id),
        ),
        (
            "a forged first family before a good second",
            svix.clone()
                .with("webhook-id", &id)
                .with("webhook-timestamp", &timestamp)
                .with("webhook-signature", &forged),
        ),
        (
            "an empty first family before a good second",
            svix.clone().with("webhook-signature", ""),
        ),
        (
            "a repeated second family alone",
            svix.clone().and("svix-signature", &signature),
        ),
    ];
    let attacks = attacks.map(|(what, signed)| (what.to_owned(), signed));
    stage.refuses(endpoint, attacks, 401).await;
    // A good first family counts, whatever the second says; the second alone is as good.
    let both = good
        .with("svix-id", "msg_2")
        .with("svix-signature", &forged);
    assert_eq!(
        crate::support::status(&endpoint.app, both.request()).await,
        200
    );
    assert_eq!(
        crate::support::status(&endpoint.app, svix.request()).await,
        200,
        "a duplicate"
    );
    assert_eq!(stage.runs.count(), 2, "one more than the good one before");
}

/// Headers missing, empty, repeated, oversized, not ASCII.
pub(crate) fn headers(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let signature = endpoint.preset.signature;
    let mut needed = vec![signature];
    if let Time::Header(name) = endpoint.preset.timestamp {
        needed.push(name);
    }
    if endpoint.preset.name.starts_with("standard") {
        needed.push("webhook-id");
    }
    let mut attacks = Vec::new();
    for name in needed {
        let value = good.header(name);
        let mut add = |what: &str, signed: Signed| attacks.push((format!("{name} {what}"), signed));
        add("missing", good.clone().without(name));
        add("empty", good.clone().with(name, ""));
        add("twice, the same", good.clone().and(name, &value));
        add(
            "twice, another first",
            good.clone().with(name, "x").and(name, &value),
        );
        add("twice, an empty one", good.clone().and(name, ""));
        add(
            "a hundred times",
            (0..99).fold(good.clone(), |signed, _| signed.and(name, &value)),
        );
        // In a list one good entry suffices; of named fields, ` t` is one of an unknown name and passed over.
        if name != signature || !matches!(endpoint.preset.mark, "v1=" | "v1," | "v1a,") {
            add(
                "comma joined",
                good.clone().with(name, format!("{value}, {value}")),
            );
        }
        add(
            "oversized",
            good.clone()
                .with(name, value.repeat(5_000 / value.len() + 1)),
        );
        add("huge", good.clone().with(name, "a".repeat(1_000_000)));
        add(
            "not ASCII",
            good.clone()
                .with(name, [value.as_bytes(), "é".as_bytes()].concat()),
        );
        add(
            "not UTF-8",
            good.clone()
                .with(name, [value.as_bytes(), b"\xff"].concat()),
        );
        add(
            "all bytes",
            good.clone().with(name, (0x80..=0xff).collect::<Vec<u8>>()),
        );
        add("with a tab", good.clone().with(name, format!("{value}\t")));
        add("with a space", good.clone().with(name, format!(" {value}")));
        add("quoted", good.clone().with(name, format!("\"{value}\"")));
    }
    attacks.into_iter()
}

/// The signature itself, written otherwise.
pub(crate) fn spellings(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let (before, signature) = endpoint.signature(&good);
    let bytes = match endpoint.preset.encoding {
        Written::Base64 => STANDARD.decode(&signature).unwrap(),
        Written::Hex => (0..signature.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap())
            .collect(),
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let middle = signature.len() / 2;
    let flipped: Vec<u8> = bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| if at == 5 { byte ^ 1 } else { *byte })
        .collect();
    let mut texts = vec![
        String::new(),
        signature[..signature.len() - 1].to_owned(),
        signature[..signature.len() - 2].to_owned(),
        signature[..middle].to_owned(),
        signature[1..].to_owned(),
        format!("{signature}="),
        format!("{signature}=="),
        format!("{signature}0"),
        format!("{signature}00"),
        format!("00{signature}"),
        format!("{signature}{signature}"),
        format!("0x{signature}"),
        format!("+{}", &signature[1..]),
        signature.to_ascii_uppercase(),
        format!(
            "{}{}",
            signature[..middle].to_ascii_uppercase(),
            &signature[middle..]
        ),
        hex.clone(),
        hex.to_ascii_uppercase(),
        STANDARD.encode(&bytes),
        STANDARD_NO_PAD.encode(&bytes),
        URL_SAFE.encode(&bytes),
        STANDARD.encode(&hex),
        STANDARD.encode(&signature),
        STANDARD.encode(&flipped),
        "g".repeat(signature.len()),
        "_".repeat(signature.len()),
        "%".repeat(signature.len()),
        "０".repeat(signature.len() / 3),
        format!("{} {}", &signature[..middle], &signature[middle..]),
        signature.chars().rev().collect(),
        "null".to_owned(),
        "0".repeat(signature.len()),
        "A".repeat(signature.len()),
    ];
    texts.extend(stray_bits(&signature, endpoint.preset.encoding));
    texts.retain(|text| *text != signature);
    let name = endpoint.preset.signature;
    texts.into_iter().map(move |text| {
        let value = format!("{before}{text}");
        (value.clone(), good.clone().with(name, value))
    })
}

/// The same bytes in base64 with other bits where only zeros belong.
fn stray_bits(signature: &str, written: Written) -> Option<String> {
    let at = signature.find('=').filter(|_| written == Written::Base64)?;
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = alphabet.find(&signature[at - 1..at])?;
    let other = &alphabet[last + 1..last + 2];
    Some(format!(
        "{}{other}{}",
        &signature[..at - 1],
        &signature[at..]
    ))
}

/// Tags, lists and fields.
pub(crate) fn lists(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let (before, signature) = endpoint.signature(&good);
    let mark = endpoint.preset.mark;
    let lead = before.strip_suffix(mark).unwrap().to_owned();
    let whole = format!("{before}{signature}");
    let tags = [
        "",
        "v0=",
        "v1=",
        "v2=",
        "V1=",
        "v1,",
        "v1a,",
        "v2,",
        "v0,",
        "V1,",
        "v1:",
        "v1 ",
        "v1==",
        "=v1=",
        "sha1=",
        "sha256=",
        "sha256:",
        "SHA256=",
        "sha512=",
        "sha256 =",
        "hmac-sha256=",
        "none=",
        "t=",
        ",",
        "=",
    ];
    let mut texts: Vec<String> = tags
        .iter()
        .filter(|tag| **tag != mark)
        .map(|tag| format!("{lead}{tag}{signature}"))
        .collect();
    for separator in [",", " ", ";", ", ", ",,", "\t"] {
        // In a space list `,` is an entry of an empty tag.
        if !(separator == ", " && endpoint.preset.name.starts_with("standard")) {
            texts.push(format!("{separator}{whole}"));
            texts.push(format!("{whole}{separator}"));
        }
        texts.push(vec![format!("{mark}A"); 37_500].join(separator));
        texts.push(vec![whole.as_str(); 37_500].join(separator));
        texts.push(vec![whole.as_str(); 17].join(separator));
    }
    if endpoint.preset.name == "stripe" {
        let (t, v1) = whole.split_once(',').unwrap();
        texts.extend([
            v1.to_owned(),
            t.to_owned(),
            format!("{t},{t},{v1}"),
            format!("{t},{v1},{t}"),
            format!("t=1,{t},{v1}"),
            format!("{t},{v1},t="),
            format!("{t} ,{v1}"),
            format!("{t},v0={signature}"),
            format!("{t};{v1}"),
            format!("t,{v1}"),
            format!("T{},{v1}", &t[1..]),
        ]);
    }
    let name = endpoint.preset.signature;
    texts
        .into_iter()
        .map(move |text| (format!("{name}: {text}"), good.clone().with(name, text)))
}

#[test]
fn every_preset_is_in_the_table() {
    let names: Vec<String> = PRESETS
        .iter()
        .map(|preset| (preset.scheme)().name.to_string())
        .collect();
    for scheme in hooklatch::provider::all() {
        assert!(names.contains(&scheme.name.to_string()), "{}", scheme.name);
    }
}
