//! Secrets and public keys that were copied amiss.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{Encoding, Keyring, Scheme, explain::Mistake, provider, testing::Sender};

use super::{
    situation::{JSON, PUBLIC_KEY_SENDERS, SECRET, Situation},
    table::{Row, hex, row},
};

pub(crate) const ROWS: &[Row] = &[
    // The line break as two characters.
    row(Mistake::SecretWhitespace, |scheme| ended(scheme, "\\n")),
    row(Mistake::SecretWhitespace, |scheme| ended(scheme, "\\r\\n")),
    // What nobody sees, at either end.
    row(Mistake::SecretWhitespace, |scheme| {
        ended(scheme, "\u{200b}\n")
    }),
    row(Mistake::SecretWhitespace, |scheme| {
        let situation = Situation::correct(scheme);
        let secret = format!("\u{feff}{}", situation.secret);
        Some(situation.with_secret(&secret))
    }),
    // All of it in base64, as Kubernetes shows it; on several lines, as `base64` writes it.
    row(Mistake::SecretEncoding, |scheme| {
        let situation = Situation::correct(scheme);
        let secret = STANDARD.encode(&situation.secret);
        Some(situation.with_secret(&secret))
    }),
    row(Mistake::SecretEncoding, |scheme| {
        let situation = Situation::correct(scheme);
        let mut secret = STANDARD.encode(format!("{}\n", situation.secret));
        secret.insert(40, '\n');
        Some(situation.with_secret(&secret))
    }),
    of(
        DECODED,
        &row(Mistake::SecretEncoding, |scheme| {
            let secret = format!("whsec_{}", hex(SECRET.as_bytes()));
            Some(Situation::correct(scheme).with_secret(&secret))
        }),
    ),
    // A public key as it stands in an environment file.
    of(
        PUBLIC_KEY_SENDERS,
        &row(Mistake::PemLines, |scheme| {
            Some(with_pem(scheme, |pem| pem.replace('\n', "\\n")))
        }),
    ),
    of(
        PUBLIC_KEY_SENDERS,
        &row(Mistake::PemLines, |scheme| {
            let pem = |pem: &str| format!("\"{}\"", pem.replace('\n', "\\\\r\\\\n"));
            Some(with_pem(scheme, pem))
        }),
    ),
    of(
        PUBLIC_KEY_SENDERS,
        &row(Mistake::SecretWhitespace, |scheme| {
            Some(with_pem(scheme, |pem| format!("\u{feff}{pem}\u{200b}")))
        }),
    ),
];

/// Senders that decode their secrets.
const DECODED: &[Scheme] = &[
    provider::CLERK,
    provider::ETSY,
    provider::RESEND,
    provider::STANDARD_WEBHOOKS,
    provider::SVIX,
];

const fn of(senders: &'static [Scheme], row: &Row) -> Row {
    Row { senders, ..*row }
}

fn ended(scheme: &Scheme, end: &str) -> Option<Situation> {
    let situation = Situation::correct(scheme);
    let secret = format!("{}{end}", situation.secret);
    Some(situation.with_secret(&secret))
}

/// Everything is as it should be, but for what is made of the public key in PEM.
pub(crate) fn with_pem(scheme: &Scheme, change: impl Fn(&str) -> String) -> Situation {
    let situation = Situation::by(&Sender::new(scheme.clone()), scheme, JSON);
    let key = match scheme.methods[0].key.encoding {
        Encoding::Hex => bytes(&situation.secret),
        _ => STANDARD.decode(&situation.secret).unwrap(),
    };
    let key = if key.len() == 32 {
        [ED25519, &key].concat()
    } else {
        key
    };
    let lines = STANDARD.encode(key).into_bytes();
    let lines: Vec<_> = lines.chunks(64).map(String::from_utf8_lossy).collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    );
    let name = situation.keys.keys()[0].name().to_owned();
    Situation {
        keys: Keyring::empty().and(name, change(&pem)),
        ..situation
    }
}

/// What stands in front of an Ed25519 key in SPKI (RFC 8410).
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}
