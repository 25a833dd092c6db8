//! What can be done to a signature, and to the timestamp and id it needs, wherever a sender writes them.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use hooklatch::{Encoding, Grammar, Proof, Several};

use crate::places::{Place, Signed};
use crate::presets::Endpoint;

/// What is wrong, and the request.
pub(crate) type Attack = (String, Signed);

/// All of the attacks on a signature's text.
pub(crate) fn all(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    values(endpoint)
        .chain(spellings(endpoint))
        .chain(lists(endpoint))
        .chain(fields(endpoint))
}

/// Signatures, timestamps and ids that are missing, empty, repeated, oversized, not ASCII.
pub(crate) fn values(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let preset = &endpoint.preset;
    let others = preset.timestamp().into_iter().chain(preset.signed_id());
    let mut attacks = of_place(endpoint, &good, &preset.signature());
    for place in others {
        attacks.extend(of_place(endpoint, &good, &place));
    }
    attacks.into_iter()
}

fn of_place(endpoint: &Endpoint, good: &Signed, place: &Place) -> Vec<Attack> {
    let value = good.at(place);
    let texts = [
        ("empty", String::new()),
        ("comma joined", format!("{value}, {value}")),
        ("oversized", value.repeat(5_000 / value.len() + 1)),
        ("huge", "a".repeat(place.room())),
        ("with a tab", format!("{value}\t")),
        ("with a space", format!(" {value}")),
        ("with a NBSP", format!("{value}\u{a0}")),
        ("quoted", format!("\"{value}\"")),
        ("without its end", value[..value.len() - 1].to_owned()),
        ("longer", format!("{value}0")),
    ];
    let is_signature = *place == endpoint.preset.signature();
    // Where values have no names, one more behind the first is a signature that matches nothing.
    let first = match place {
        Place::Field {
            separator, name, ..
        } if name.is_empty() => Some(*separator),
        _ => None,
    };
    let texts = texts
        .into_iter()
        .filter(|(_, text)| !(is_signature && is_good(endpoint, good, text)))
        .filter(|(_, text)| !first.is_some_and(|comma| text.contains(comma)));
    let replaced = texts.map(|(what, text)| (what, good.clone().put(place, text)));
    let bytes = [
        ("not ASCII", [value.as_bytes(), "é".as_bytes()].concat()),
        ("not UTF-8", [value.as_bytes(), b"\xff"].concat()),
        ("all bytes", (0x80..=0xff).collect::<Vec<u8>>()),
    ];
    let bytes = bytes.map(|(what, text)| (what, good.clone().put(place, text)));
    let counts = [
        ("missing", good.clone().without_at(place)),
        ("twice, the same", good.clone().again(place, &value)),
        (
            "twice, another first",
            good.clone().put(place, "x").again(place, &value),
        ),
        ("twice, an empty one", good.clone().again(place, "")),
        ("a hundred times", good.clone().often(place, &value)),
    ];
    // One more changes nothing where the sender sends several.
    let may_repeat = is_signature && endpoint.preset.scheme.several == Several::Repeated;
    let counts = counts
        .into_iter()
        .filter(|(what, _)| !(may_repeat && what.starts_with("twice")))
        .filter(|(what, _)| {
            first.is_none() || !["twice, the same", "twice, an empty one"].contains(what)
        });
    let all = replaced.chain(bytes).chain(counts);
    all.map(|(what, signed)| (format!("{place:?} {what}"), signed))
        .collect()
}

/// The signature itself, written otherwise: another case, padding, encoding or length, other bits.
pub(crate) fn spellings(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let (mut before, mut signature) = endpoint.signature(&good);
    let mut encoding = endpoint.preset.sent.methods[0].encoding;
    // The signature of a token stands behind its last point.
    if matches!(endpoint.preset.scheme.proof, Proof::Jws(_)) {
        let (said, end) = signature.rsplit_once('.').unwrap();
        before = format!("{before}{said}.");
        (signature, encoding) = (end.to_owned(), Encoding::Base64Url);
    }
    let bytes = read(encoding, &signature);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let middle = signature.len() / 2;
    let (start, end) = signature.split_at(middle);
    let upper = start.to_ascii_uppercase();
    let mut texts = vec![
        String::new(),
        signature[..signature.len() - 1].to_owned(),
        signature[..signature.len() - 2].to_owned(),
        start.to_owned(),
        signature[..1].to_owned(),
        signature[1..].to_owned(),
        format!("{signature}="),
        format!("{signature}=="),
        format!("{signature}0"),
        format!("{signature}00"),
        format!("{signature}\\0"),
        format!("00{signature}"),
        format!("{signature}{signature}"),
        format!("0x{signature}"),
        format!("+{}", &signature[1..]),
        signature.to_ascii_uppercase(),
        format!("{upper}{end}"),
        hex.clone(),
        hex.to_ascii_uppercase(),
        STANDARD.encode(&bytes),
        STANDARD_NO_PAD.encode(&bytes),
        URL_SAFE.encode(&bytes),
        STANDARD.encode(&hex),
        STANDARD.encode(&signature),
        "g".repeat(signature.len()),
        "_".repeat(signature.len()),
        "%".repeat(signature.len()),
        "０".repeat(signature.len() / 3),
        format!("{start} {end}"),
        signature.chars().rev().collect(),
        "null".to_owned(),
        "0".repeat(signature.len()),
        "A".repeat(signature.len()),
    ];
    texts.extend((0..bytes.len()).step_by(7).map(|at| {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        written(encoding, &flipped)
    }));
    texts.extend(stray_bits(&signature, encoding));
    texts.retain(|text| !is_same(encoding, text, &signature));
    let (place, behind) = (endpoint.preset.signature(), endpoint.behind());
    texts.into_iter().map(move |text| {
        let value = format!("{before}{text}{behind}");
        (value.clone(), good.clone().put(&place, value))
    })
}

/// The bytes of a signature; of one that is a text of its own, those of the text.
fn read(encoding: Encoding, text: &str) -> Vec<u8> {
    let hex = |text: &str| {
        let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    };
    match encoding {
        Encoding::Hex | Encoding::HexUpper | Encoding::HexAnyCase => hex(text),
        Encoding::Base64 => STANDARD.decode(text).unwrap(),
        Encoding::Base64Url => URL_SAFE_NO_PAD.decode(text).unwrap(),
        Encoding::Base64UrlPadded => URL_SAFE.decode(text).unwrap(),
        Encoding::Base64OfHex => hex(&String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()),
        Encoding::Text => text.as_bytes().to_vec(),
    }
}

fn written(encoding: Encoding, bytes: &[u8]) -> String {
    let hex = || {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    match encoding {
        Encoding::Hex | Encoding::HexAnyCase => hex(),
        Encoding::HexUpper => hex().to_ascii_uppercase(),
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        Encoding::Base64UrlPadded => URL_SAFE.encode(bytes),
        Encoding::Base64OfHex => STANDARD.encode(hex()),
        Encoding::Text => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Whether two texts are one signature to a receiver: only hex that some write in capitals has several spellings.
fn is_same(encoding: Encoding, one: &str, other: &str) -> bool {
    one == other || encoding == Encoding::HexAnyCase && one.eq_ignore_ascii_case(other)
}

/// The same bytes in base64 with other bits where only zeros belong.
fn stray_bits(signature: &str, encoding: Encoding) -> Option<String> {
    let alphabet = match encoding {
        Encoding::Base64 | Encoding::Base64OfHex => format!("{LETTERS}+/"),
        Encoding::Base64Url | Encoding::Base64UrlPadded => format!("{LETTERS}-_"),
        _ => return None,
    };
    let bare = signature.trim_end_matches('=');
    let (start, last) = bare.split_at(bare.len() - 1);
    if bare.len().is_multiple_of(4) {
        return None;
    }
    let at = alphabet.find(last)?;
    let other = &alphabet[at + 1..at + 2];
    Some(format!("{start}{other}{}", &signature[bare.len()..]))
}

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The right signature under another tag, and in lists that are none.
pub(crate) fn lists(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let (before, signature) = endpoint.signature(&good);
    let mark = endpoint.mark(&before);
    let lead = before.strip_suffix(&*mark).unwrap().to_owned();
    let behind = endpoint.behind();
    let whole = format!("{before}{signature}{behind}");
    let mut tags: Vec<String> = TAGS.iter().map(|tag| (*tag).to_owned()).collect();
    // The name of an authentication scheme has no case.
    if !mark.is_empty() && !mark.ends_with(' ') {
        tags.push(mark.to_ascii_uppercase());
    }
    if !mark.is_empty() {
        tags.extend([
            mark[1..].to_owned(),
            mark[..mark.len() - 1].to_owned(),
            format!("{mark}{mark}"),
            format!("{mark} "),
            format!(" {mark}"),
            format!("0{mark}"),
        ]);
    }
    // In front of a space stands a word without a case, as of an authentication scheme.
    let same = |tag: &str| match mark.ends_with(' ') {
        true => tag.eq_ignore_ascii_case(&mark),
        false => tag == mark,
    };
    tags.retain(|tag| !same(tag));
    let tagged = tags
        .iter()
        .map(|tag| format!("{lead}{tag}{signature}{behind}"));
    let mut texts: Vec<String> = tagged.collect();
    for separator in [",", " ", ";", "&", ", ", ",,", "\t"] {
        texts.push(format!("{separator}{whole}"));
        texts.push(format!("{whole}{separator}"));
        texts.push(vec![format!("{mark}A"); 1_000].join(separator));
        texts.push(vec![whole.as_str(); 500].join(separator));
        texts.push(vec![whole.as_str(); 17].join(separator));
    }
    texts.retain(|text| !is_good(endpoint, &good, text));
    put_all(endpoint, good, texts)
}

/// The named fields beside a signature: out of order, repeated, misnamed, without a value.
pub(crate) fn fields(endpoint: &Endpoint) -> impl Iterator<Item = Attack> {
    let good = endpoint.good("1");
    let mut texts = Vec::new();
    if let Grammar::Fields { separator, assign } = endpoint.preset.scheme.grammar {
        let (before, signature) = endpoint.signature(&good);
        let whole = format!("{before}{signature}");
        let Some((time, tagged)) = whole.split_once(separator) else {
            return put_all(endpoint, good, texts);
        };
        let (name, _) = time.split_once(assign).unwrap();
        let (upper, s) = (name.to_ascii_uppercase(), separator);
        let other = if tagged.starts_with("v0") { "v1" } else { "v0" };
        texts.extend([
            tagged.to_owned(),
            time.to_owned(),
            format!("{time}{s}{time}{s}{tagged}"),
            format!("{time}{s}{tagged}{s}{time}"),
            format!("{name}{assign}1{s}{time}{s}{tagged}"),
            format!("{time}{s}{tagged}{s}{name}{assign}"),
            format!("{time} {s}{tagged}"),
            format!("{time}{s}{other}{assign}{signature}"),
            format!("{time}|{tagged}"),
            format!("{name}{s}{tagged}"),
            format!("{upper}{}{s}{tagged}", &time[name.len()..]),
        ]);
        texts.retain(|text| !is_good(endpoint, &good, text));
    }
    put_all(endpoint, good, texts)
}

fn put_all(endpoint: &Endpoint, good: Signed, texts: Vec<String>) -> impl Iterator<Item = Attack> {
    let place = endpoint.preset.signature();
    let room = place.room();
    texts
        .into_iter()
        .filter(move |text| text.len() <= room)
        .map(move |text| (format!("{place:?}: {text}"), good.clone().put(&place, text)))
}

/// Whether a text is as good as the signature itself: in a list one good entry suffices, and entries of unknown tags are
/// passed over.
fn is_good(endpoint: &Endpoint, good: &Signed, text: &str) -> bool {
    let (before, signature) = endpoint.signature(good);
    if text == format!("{before}{signature}{}", endpoint.behind()) {
        return true;
    }
    let scheme = &endpoint.preset.scheme;
    let encoding = endpoint.preset.sent.methods[0].encoding;
    let same = |one: &str| is_same(encoding, one, &signature);
    if text.strip_prefix(&*before).is_some_and(same) {
        return true;
    }
    let fallback = scheme.methods[0].fallback_tag.as_deref();
    if let Several::Between(between) = scheme.several {
        let whole = format!("{before}{signature}");
        let ones: Vec<&str> = text.split(between).collect();
        if ones.len() <= MOST && ones.contains(&&*whole) {
            return true;
        }
    }
    let (separator, assign) = match scheme.grammar {
        Grammar::Single => return fallback.is_some_and(|tag| text == format!("{tag}{signature}")),
        Grammar::Base64Json => return false,
        Grammar::Fields { separator, assign }
        | Grammar::List { separator, assign }
        | Grammar::KeyedList { separator, assign } => (separator, assign.to_string()),
        Grammar::Positional { separator, .. } => (separator, String::new()),
    };
    let mark = endpoint.mark(&before);
    let entry = format!("{mark}{signature}");
    let lead = before[..before.len() - mark.len()].trim_end_matches(separator);
    let entries = match scheme.spaced {
        true => spaced_entries(text, separator),
        false => {
            let keyed = matches!(scheme.grammar, Grammar::KeyedList { .. });
            let entries = text.split(separator).enumerate().map(|(at, entry)| {
                let bare = entry.strip_prefix(' ').filter(|_| keyed && at > 0);
                bare.unwrap_or(entry)
            });
            entries.collect()
        }
    };
    // The field in front is there once; where values have no names, it is the first.
    let leads = || match lead.split_once(&*assign) {
        _ if lead.is_empty() => true,
        Some((name, _)) if !assign.is_empty() => {
            let is_named =
                |one: &&&str| one.split_once(&*assign).is_some_and(|(own, _)| own == name);
            entries.contains(&lead) && entries.iter().filter(is_named).count() == 1
        }
        _ => entries.first() == Some(&lead),
    };
    (1..=MOST).contains(&entries.len())
        && entries.iter().all(|one| one.contains(&assign))
        && entries.contains(&&*entry)
        && leads()
}

/// The most entries that are read.
const MOST: usize = 16;

/// Entries with spaces and commas between them: none where one of these stands in front, or a separator at the end.
fn spaced_entries(text: &str, separator: char) -> Vec<&str> {
    let pieces: Vec<&str> = text.split([' ', separator]).collect();
    if pieces.first() == Some(&"") || pieces.last() == Some(&"") {
        return Vec::new();
    }
    let pieces = pieces.iter().enumerate().map(|(at, piece)| match at {
        0 => piece.trim_end_matches(','),
        _ => piece.trim_matches(','),
    });
    pieces.filter(|piece| !piece.is_empty()).collect()
}

const TAGS: [&str; 26] = [
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
    "h1=",
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
