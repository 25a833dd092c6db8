//! The page of all senders, `docs/catalogue.md`, held against the presets and their vectors.
//!
//! When they differ, the page as it should be is written beside the build, and the failure says where: updating is a `cp`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use hooklatch::{
    Algorithm, AnswerPart, ChallengeAnswer, Compression, Condition, Coverage, Discovery, Encoding,
    Format, Grammar, Handshake, Jws, KeyAccess, KeyMember, KeyPlace, Method, Must, Names, Param,
    Part, Proof, Scheme, Several, Source, Timestamp, TokenPayload, provider,
};
use serde_json::Value;

const PAGE: &str = include_str!("../docs/catalogue.md");

#[test]
fn the_page_of_all_senders_is_that_of_the_presets() {
    let (before, rest) = PAGE.split_once("\n| sender |").unwrap();
    let (_, after) = rest.split_once("|\n\n").unwrap();
    let columns = COLUMNS.len();
    let head = format!("| {} |\n|{}\n", COLUMNS.join(" | "), "---|".repeat(columns));
    let vectors = vectors();
    let rows = provider::ALL.iter().map(|scheme| row(scheme, &vectors));
    let table: String = rows.collect();
    let page = format!("{before}\n{head}{table}\n{after}");
    if page != PAGE {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("catalogue.md");
        fs::write(&file, page).unwrap();
        panic!(
            "docs/catalogue.md is not that of the presets; look at the difference, then: cp {} docs/catalogue.md",
            file.display()
        );
    }
}

#[test]
fn the_senders_are_counted() {
    let count = provider::ALL.len();
    assert!(PAGE.contains(&format!("{count} senders")), "{count}");
}

/// What each column is about. A cell that is empty says no.
const COLUMNS: [&str; 13] = [
    "sender",
    "signature",
    "covers",
    "id signed",
    "timestamp",
    "batch",
    "URL challenge",
    "keys",
    "needs",
    "remembered",
    "feature",
    "vectors",
    "worth knowing",
];

/// A sender's row.
fn row(scheme: &Scheme, vectors: &BTreeMap<String, usize>) -> String {
    let cells: [String; COLUMNS.len()] = [
        format!("`{}`", scheme.name),
        signature(scheme),
        covers(scheme).to_owned(),
        yes(signs_ids(scheme)).to_owned(),
        timestamp(scheme),
        batch(scheme).to_owned(),
        challenges(scheme),
        keys(scheme),
        needs(scheme),
        length(scheme.profile.retention),
        feature(scheme),
        vectors
            .get(&*scheme.name)
            .map(usize::to_string)
            .unwrap_or_default(),
        scheme.quirks.trim_end_matches('.').replace('|', "\\|"),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn signature(scheme: &Scheme) -> String {
    let methods: Vec<String> = scheme
        .methods
        .iter()
        .map(|one| method(scheme, one))
        .collect();
    let methods = methods.join(" or ");
    let kind = match &scheme.proof {
        Proof::Composed | Proof::Items => "",
        Proof::MessageSignature(_) => "RFC 9421 with ",
        Proof::DraftSignature => "draft-cavage with ",
        Proof::Jws(jws) => match jws.payload {
            TokenPayload::Claims => "JWT with ",
            TokenPayload::Event => "JWS with ",
            TokenPayload::Detached => "detached JWS with ",
            other => unreachable!("say what a token of {other:?} is called"),
        },
        other => unreachable!("say what {other:?} is called"),
    };
    let numbered = match scheme.several {
        Several::Numbered => " and a number",
        _ => "",
    };
    let place = place(scheme, &scheme.signature);
    format!("{kind}{methods}; in {place}{numbered}")
}

fn method(scheme: &Scheme, method: &Method) -> String {
    let algorithm = match method.algorithm {
        Algorithm::HmacSha1 => "HMAC-SHA-1",
        Algorithm::HmacSha256 => "HMAC-SHA-256",
        Algorithm::HmacSha384 => "HMAC-SHA-384",
        Algorithm::HmacSha512 => "HMAC-SHA-512",
        Algorithm::InsecurePrefixSha256 => "insecure SHA-256 of key and content",
        Algorithm::Token => "token",
        Algorithm::EcdsaP256 => "ECDSA P-256",
        Algorithm::EcdsaP256Raw => "ECDSA P-256 (raw)",
        Algorithm::EcdsaP256Sha1 => "ECDSA P-256 with SHA-1",
        Algorithm::EcdsaP384Raw => "ECDSA P-384 (raw)",
        Algorithm::EcdsaP521Raw => "ECDSA P-521 (raw)",
        Algorithm::RsaSha1 => "RSA with SHA-1",
        Algorithm::RsaSha256 => "RSA with SHA-256",
        Algorithm::RsaSha384 => "RSA with SHA-384",
        Algorithm::RsaSha512 => "RSA with SHA-512",
        Algorithm::RsaPssSha256 => "RSA-PSS with SHA-256",
        Algorithm::RsaPssSha384 => "RSA-PSS with SHA-384",
        Algorithm::RsaPssSha512 => "RSA-PSS with SHA-512",
        Algorithm::Ed25519 => "Ed25519",
        other => unreachable!("say how {other:?} is called"),
    };
    if !matches!(scheme.proof, Proof::Composed | Proof::Items) {
        return algorithm.to_owned();
    }
    let encoding = match method.encoding {
        Encoding::Hex => " in hex",
        Encoding::HexUpper => " in upper-case hex",
        Encoding::HexAnyCase => " in hex of either case",
        Encoding::Base64 => " in base64",
        Encoding::Base64Url => " in base64url",
        Encoding::Base64UrlPadded => " in padded base64url",
        Encoding::Base64OfHex => " in base64 of hex",
        Encoding::Text => "",
    };
    format!("{algorithm}{encoding}{}", tag(scheme, method))
}

/// What marks a signature as of this method, where it is worth a word.
fn tag(scheme: &Scheme, method: &Method) -> String {
    let tag = method.tag.trim_end();
    match &scheme.grammar {
        _ if tag.is_empty() && method.key.id_before.is_some() => {
            " (behind the key's id)".to_owned()
        }
        _ if tag.is_empty() => String::new(),
        _ if scheme.method_id.is_some() => format!(" (`{tag}`)"),
        Grammar::Single | Grammar::Positional { .. } => format!(" behind `{tag}`"),
        Grammar::Fields { .. } | Grammar::List { .. } => format!(" (`{tag}`)"),
        Grammar::KeyedList { .. } => format!(" (`{tag}`, behind the key's id)"),
        Grammar::Base64Json => format!(" (`{tag}`, in base64 of JSON)"),
    }
}

/// Where a text is, in words.
fn place(scheme: &Scheme, source: &Source) -> String {
    let places = source.places().iter();
    let places: Vec<String> = places.map(|place| one_place(scheme, place)).collect();
    places.join(" or ")
}

fn one_place(scheme: &Scheme, source: &Source) -> String {
    match source {
        Source::Header(name) if scheme.header_prefixes.is_empty() => format!("`{name}`"),
        Source::Header(name) => {
            let names = scheme.header_prefixes.iter();
            let names: Vec<String> = names.map(|prefix| format!("`{prefix}{name}`")).collect();
            names.join(" or ")
        }
        Source::Query(name) => format!("the query, `{name}`"),
        Source::Field(name) | Source::Form(name) => format!("the field `{name}`"),
        Source::Json(pointer) if scheme.proof == Proof::Items => format!("each item, `{pointer}`"),
        Source::Json(pointer) => format!("the body, `{pointer}`"),
        Source::Body => "the body, all of it".to_owned(),
        Source::Claim(pointer) => format!("the claim `{pointer}`"),
        Source::Protected(pointer) => format!("the token's header, `{pointer}`"),
        Source::Xml(path) => format!("the body, `{path}`"),
        Source::OtherMember(_) | Source::FirstOf(_) => {
            unreachable!("nothing of a signature stands in {source:?}")
        }
    }
}

fn covers(scheme: &Scheme) -> &'static str {
    match scheme.coverage() {
        Coverage::Whole => "the body",
        _ if scheme.may_cover_whole() => "the body, or part of it",
        Coverage::Partial => "part of it",
        Coverage::Nothing => "nothing",
        other => unreachable!("say what {other:?} is"),
    }
}

/// Whether ids are signed: that of the delivery, or those of its items.
fn signs_ids(scheme: &Scheme) -> bool {
    let items = scheme
        .items
        .as_ref()
        .is_some_and(|items| items.id.is_some());
    scheme.signs_id() || items && scheme.coverage() == Coverage::Whole
}

fn timestamp(scheme: &Scheme) -> String {
    let Some(Timestamp {
        names, tolerance, ..
    }) = &scheme.timestamp
    else {
        return String::new();
    };
    match names {
        Names::Attempt => format!("± {}", length(*tolerance)),
        Names::Event => {
            let past = (scheme.profile.retry_horizon + AHEAD).max(*tolerance);
            format!("{} back, {} ahead", length(past), length(AHEAD))
        }
    }
}

/// How far ahead of ours a time may be that every retry repeats.
const AHEAD: Duration = Duration::from_secs(300);

const fn batch(scheme: &Scheme) -> &'static str {
    match (&scheme.proof, &scheme.items) {
        (Proof::Items, _) => "yes, signed by item",
        (_, Some(_)) => "yes",
        (_, None) => "",
    }
}

fn challenges(scheme: &Scheme) -> String {
    let mut told: Vec<String> = Vec::new();
    for handshake in scheme.handshakes.iter() {
        let one = challenge(handshake);
        if !told.contains(&one) {
            told.push(one);
        }
    }
    told.join("; ")
}

fn challenge(handshake: &Handshake) -> String {
    let parts = match &handshake.answer {
        ChallengeAnswer::Text(parts) | ChallengeAnswer::Json(parts) => &**parts,
        _ => &[],
    };
    let answer = match &handshake.answer {
        _ if parts.iter().any(|part| matches!(part, AnswerPart::Mac(..))) => "a MAC".to_owned(),
        _ if parts
            .iter()
            .any(|part| matches!(part, AnswerPart::Sha256(..))) =>
        {
            "a digest".to_owned()
        }
        ChallengeAnswer::Echo(_) | ChallengeAnswer::EchoJson(..) => "echo".to_owned(),
        ChallengeAnswer::Acknowledge => "200".to_owned(),
        ChallengeAnswer::NoContent => "204".to_owned(),
        ChallengeAnswer::Text(_) => "a text".to_owned(),
        ChallengeAnswer::Json(_) => "JSON".to_owned(),
        ChallengeAnswer::Headers(_) => "headers".to_owned(),
        ChallengeAnswer::Refuse(status) => format!("else {status}"),
        ChallengeAnswer::Secret(..) => "takes the secret".to_owned(),
        other => unreachable!("say what {other:?} is"),
    };
    let signed = if handshake.signed { "signed " } else { "" };
    format!("{signed}{}: {answer}", handshake.method)
}

/// How a request names its key, and where keys come from that are in no keyring.
fn keys(scheme: &Scheme) -> String {
    let named = match (&scheme.key_id, &scheme.grammar, &scheme.proof) {
        (Some(source), _, _) => Some(format!("named in {}", place(scheme, source))),
        (None, Grammar::KeyedList { .. }, _)
        | (None, _, Proof::MessageSignature(_) | Proof::DraftSignature) => {
            Some("named by the signature".to_owned())
        }
        _ => None,
    };
    let found = scheme.discovery.as_ref().map(fetched);
    let told: Vec<String> = named.into_iter().chain(found).collect();
    told.join("; ")
}

fn fetched(discovery: &Discovery) -> String {
    let patterns: Vec<&str> = match &discovery.place {
        KeyPlace::Named(urls) => urls.iter().map(|url| &*url.url).collect(),
        KeyPlace::Fixed(url) | KeyPlace::PerKey(url) => vec![url],
    };
    let hosts = patterns.iter().map(|url| url.split('/').nth(2).unwrap());
    let hosts: BTreeSet<String> = hosts.map(|host| format!("`{host}`")).collect();
    let hosts: Vec<String> = hosts.into_iter().collect();
    format!("fetched from {}", hosts.join(", "))
}

/// What the receiver has to know besides a key.
fn needs(scheme: &Scheme) -> String {
    let params: BTreeSet<Param> = params(scheme).collect();
    let mut needs: Vec<String> = params
        .into_iter()
        .map(|param| format!("`{param:?}`"))
        .collect();
    if signs_url(scheme) {
        needs.push("the public URL".to_owned());
    }
    needs.join(", ")
}

/// The parameters a keyring has to have.
fn params(scheme: &Scheme) -> impl Iterator<Item = Param> {
    let signed = scheme.content.iter().filter_map(|part| match part {
        Part::Param(param) => Some(*param),
        _ => None,
    });
    let listed = scheme.allowed.iter().map(|allowed| allowed.param);
    let claims = jws(scheme)
        .into_iter()
        .flat_map(|jws| jws.require.iter())
        .filter_map(|one| match &one.must {
            Must::EqualParam(param) => Some(*param),
            _ => None,
        });
    let asked = scheme.discovery.iter().flat_map(asked);
    let challenges = scheme.handshakes.iter().flat_map(of_challenge);
    let all = signed.chain(listed).chain(claims).chain(asked);
    all.chain(challenges)
}

fn asked(discovery: &Discovery) -> Vec<Param> {
    match &discovery.access {
        KeyAccess::Open => Vec::new(),
        KeyAccess::Bearer => vec![Param::AccessToken],
        KeyAccess::Post(members) => {
            let params = members.iter().filter_map(|(_, member)| match member {
                KeyMember::KeyId => None,
                KeyMember::Param(param) => Some(*param),
            });
            params.collect()
        }
    }
}

/// The parameters without which a challenge is not answered.
fn of_challenge(handshake: &Handshake) -> Vec<Param> {
    let compared = handshake
        .when
        .iter()
        .filter_map(|condition| match condition {
            Condition::EqualsParam(_, param)
            | Condition::Listed(_, param)
            | Condition::Unlisted(_, param) => Some(*param),
            _ => None,
        });
    let parts = match &handshake.answer {
        ChallengeAnswer::Text(parts) | ChallengeAnswer::Json(parts) => &**parts,
        _ => &[],
    };
    let hashed = parts.iter().flat_map(|part| match part {
        AnswerPart::Sha256(_, params, _) => &**params,
        _ => &[],
    });
    let hashed = hashed.copied().filter(|param| *param != Param::PublicUrl);
    compared.chain(hashed).collect()
}

fn signs_url(scheme: &Scheme) -> bool {
    let in_token = |jws: &Jws| {
        let mut require = jws.require.iter();
        require.any(|one| matches!(one.must, Must::UrlSha256(_)))
    };
    let in_challenge = |handshake: &Handshake| match &handshake.answer {
        ChallengeAnswer::Json(parts) => parts.iter().any(|part| match part {
            AnswerPart::Sha256(_, params, _) => params.contains(&Param::PublicUrl),
            _ => false,
        }),
        _ => false,
    };
    let mut content = scheme.content.iter();
    content.any(|part| matches!(part, Part::Url | Part::BareUrl))
        || jws(scheme).is_some_and(in_token)
        || scheme.handshakes.iter().any(in_challenge)
}

const fn jws(scheme: &Scheme) -> Option<&Jws> {
    match &scheme.proof {
        Proof::Jws(jws) => Some(jws),
        _ => None,
    }
}

/// What the sender's methods and bodies need, and which of them.
fn feature(scheme: &Scheme) -> String {
    let is_public = |method: &&Method| {
        !matches!(
            method.algorithm,
            Algorithm::HmacSha1
                | Algorithm::HmacSha256
                | Algorithm::HmacSha384
                | Algorithm::HmacSha512
                | Algorithm::InsecurePrefixSha256
                | Algorithm::Token
        )
    };
    let public: Vec<&Method> = scheme.methods.iter().filter(is_public).collect();
    let asymmetric = match (public.as_slice(), scheme.methods.len()) {
        ([], _) => None,
        (public, all) if public.len() == all => Some("`asymmetric`".to_owned()),
        (public, _) => {
            let tags: Vec<String> = public.iter().map(|one| format!("`{}`", one.tag)).collect();
            Some(format!("`asymmetric` for {}", tags.join(", ")))
        }
    };
    let discovery = scheme.discovery.is_some();
    let discovery = discovery.then(|| "`discovery`, to fetch keys".to_owned());
    let gzip = scheme.compression != Compression::Refused;
    let gzip = gzip.then(|| "`gzip`".to_owned());
    let formats = scheme.formats.iter().map(|format| match format {
        Format::Xml => "`xml`".to_owned(),
        Format::Multipart => "`multipart`".to_owned(),
        other => unreachable!("say what {other:?} needs"),
    });
    let all = asymmetric.into_iter().chain(discovery).chain(gzip);
    let features: Vec<String> = all.chain(formats).collect();
    features.join(", ")
}

/// How many cases of `tests/vectors` each preset has.
fn vectors() -> BTreeMap<String, usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut counts = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let cases: Vec<Value> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        for case in &cases {
            for name in presets_of(case) {
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    counts
}

/// The presets a case is about: that of its variant, else the sender's own, else the sender's others.
fn presets_of(case: &Value) -> Vec<String> {
    let sender = case["provider"].as_str().unwrap();
    let variant = case["variant"].as_str();
    let of_variant = variant.map(|variant| format!("{sender}-{variant}"));
    let own = of_variant.into_iter().chain([sender.to_owned()]);
    let own = own
        .into_iter()
        .find(|name| provider::by_name(name).is_some());
    let others = || {
        let names = provider::ALL.iter().map(|scheme| &*scheme.name);
        let of_sender = |name: &&str| {
            let rest = name.strip_prefix(sender);
            rest.is_some_and(|rest| rest.starts_with('-'))
        };
        names.filter(of_sender).map(str::to_owned).collect()
    };
    own.map_or_else(others, |name| vec![name])
}

/// A length of time in its own units, as `1 d 5 min`.
fn length(time: Duration) -> String {
    let mut rest = time.as_secs();
    let mut told = Vec::new();
    for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
        if rest >= seconds {
            told.push(format!("{} {unit}", rest / seconds));
        }
        rest %= seconds;
    }
    told.join(" ")
}

const fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "" }
}
