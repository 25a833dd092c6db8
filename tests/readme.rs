//! What the README says, held against what is so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hooklatch::{
    Algorithm, Coverage, Encoding, Format, Grammar, Method, Names, Scheme, Source, Timestamp,
    metric, provider,
};

const README: &str = include_str!("../README.md");

#[test]
fn the_table_of_senders_is_that_of_the_presets() {
    let head = "| sender | signature | id signed | timestamp | remembered | feature | worth knowing |\n|---|---|---|---|---|---|---|\n";
    let rows: String = provider::ALL.iter().map(row).collect();
    let table = format!("{head}{rows}\n");
    assert!(
        README.contains(&table),
        "the table of senders in README.md should be:\n\n{table}"
    );
}

#[test]
fn the_senders_are_counted() {
    let count = provider::ALL.len();
    assert!(README.contains(&format!("[{count} senders](#senders)")));
}

#[test]
fn every_room_is_on_the_map() {
    let (_, map) = README.split_once("\n## Where things are\n").unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap();
        let row = map
            .lines()
            .any(|line| line.starts_with('|') && line.contains(&format!("`{room}`")));
        assert!(room == "lib" || row, "{room}");
    }
}

#[test]
fn the_first_code_is_the_minimal_example() {
    let example = include_str!("../examples/minimal.rs");
    let (_, code) = example.split_once("\nuse axum").unwrap();
    assert!(README.contains(&format!("```rust,no_run\nuse axum{code}```")));
}

#[test]
fn every_metric_is_named() {
    for name in [
        metric::HANDLED,
        metric::HANDLER_SECONDS,
        metric::SKIPPED,
        metric::REJECTIONS,
        metric::OLD_KEY_MATCHES,
        metric::FORGOTTEN,
    ] {
        assert!(README.contains(&format!("| `{name}` |")), "{name}");
    }
    let source = include_str!("../src/metric.rs");
    assert_eq!(source.matches("pub const").count(), 6, "a new metric?");
}

#[test]
fn every_target_of_the_log_is_named_and_no_other() {
    let targets = |text: &str, before: &str| {
        text.split(before)
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next())
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let code: String = sources()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    assert_eq!(
        targets(README, "| `hooklatch::"),
        targets(&code, "\"hooklatch::")
    );
}

#[test]
fn every_feature_and_the_oldest_compiler_are_named() {
    let manifest = include_str!("../Cargo.toml");
    let (_, features) = manifest.split_once("[features]").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    for line in features.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(" = ").next().unwrap();
        assert!(
            name.is_empty() || name == "default" || README.contains(&format!("| `{name}` |")),
            "{name}"
        );
    }
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(README.contains(&format!("Rust {rust} or newer")), "{rust}");
}

#[test]
fn every_example_is_named_and_every_file_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for example in fs::read_dir(root.join("examples")).unwrap() {
        let name = example.unwrap().file_name().into_string().unwrap();
        assert!(README.contains(&format!("`{name}`")), "{name}");
    }
    for file in ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"] {
        assert!(README.contains(file) && root.join(file).exists(), "{file}");
    }
    for name in ["custom_scheme", "layers", "tenants", "thin_event"] {
        let path = format!("examples/{name}.rs");
        assert!(README.contains(&path) && root.join(&path).exists());
    }
}

#[test]
fn every_page_of_the_guide_is_in_the_documentation_and_is_linked() {
    let guide = include_str!("../src/guide.rs");
    let front = include_str!("../src/lib.rs");
    let pages = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap();
    for page in pages {
        let file = page.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".md").unwrap();
        assert!(guide.contains(&format!("page!({name}, \"{file}\");")));
        assert!(guide.contains(&format!("| [`{name}`] |")), "{name}");
        let to_page = format!("\"[{name}]: crate::guide::{name}\"");
        assert!(guide.contains(&to_page) && front.contains(&to_page));
        assert!(README.contains(&format!("][{name}] |")), "{name}");
        assert!(README.contains(&format!("\n[{name}]: docs/{file}\n")));
    }
}

/// A sender's row.
fn row(scheme: &Scheme) -> String {
    let Scheme { name, quirks, .. } = scheme;
    let (signature, signed) = (signature(scheme), yes(signs_ids(scheme)));
    let days = scheme.profile.retention.as_secs() / DAY;
    let (time, feature) = (timestamp(scheme), feature(scheme));
    format!("| `{name}` | {signature} | {signed} | {time} | {days} d | {feature} | {quirks} |\n")
}

fn signature(scheme: &Scheme) -> String {
    let methods: Vec<String> = scheme
        .methods
        .iter()
        .map(|one| method(scheme, one))
        .collect();
    format!("{}; in {}", methods.join(" or "), place(scheme))
}

fn method(scheme: &Scheme, method: &Method) -> String {
    let algorithm = match method.algorithm {
        Algorithm::HmacSha1 => "HMAC-SHA-1",
        Algorithm::HmacSha256 => "HMAC-SHA-256",
        Algorithm::HmacSha384 => "HMAC-SHA-384",
        Algorithm::HmacSha512 => "HMAC-SHA-512",
        Algorithm::Token => "token",
        Algorithm::EcdsaP256 => "ECDSA P-256",
        Algorithm::Ed25519 => "Ed25519",
        other => unreachable!("say how {other:?} is called"),
    };
    let encoding = match method.encoding {
        Encoding::Hex => " in hex",
        Encoding::Base64 => " in base64",
        Encoding::Base64Url => " in base64url",
        Encoding::HexUpper | Encoding::HexAnyCase => " in hex",
        Encoding::Base64UrlPadded => " in padded base64url",
        Encoding::Base64OfHex => " in base64 of hex",
        Encoding::Text => "",
    };
    let tag = match scheme.grammar {
        Grammar::Single | Grammar::Positional { .. } => String::new(),
        _ if method.key.id_before.is_some() => " (behind the key's id)".to_owned(),
        Grammar::Fields { .. } | Grammar::List { .. } => format!(" (`{}`)", method.tag),
    };
    format!("{algorithm}{encoding}{tag}")
}

fn place(scheme: &Scheme) -> String {
    let places = scheme.signature.places().iter();
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
        Source::Json(pointer) => format!("the body, `{pointer}`"),
        other => unreachable!("no signature stands in {other:?}"),
    }
}

fn timestamp(scheme: &Scheme) -> String {
    let Some(Timestamp {
        names, tolerance, ..
    }) = &scheme.timestamp
    else {
        return "none".to_owned();
    };
    let seconds = tolerance.as_secs();
    match names {
        Names::Attempt => format!("± {seconds} s"),
        Names::Event => {
            let past = seconds.max(scheme.profile.retry_horizon.as_secs() + 300);
            let (days, seconds) = (past / DAY, past % DAY);
            format!("{days} d {seconds} s back, 300 s ahead")
        }
    }
}

/// What the sender's methods need, and which of them.
fn feature(scheme: &Scheme) -> String {
    let is_public =
        |method: &&Method| matches!(method.algorithm, Algorithm::EcdsaP256 | Algorithm::Ed25519);
    let public: Vec<&Method> = scheme.methods.iter().filter(is_public).collect();
    let asymmetric = match (public.as_slice(), scheme.methods.len()) {
        ([], _) => None,
        (public, all) if public.len() == all => Some("`asymmetric`".to_owned()),
        (public, _) => {
            let tags: Vec<String> = public.iter().map(|one| format!("`{}`", one.tag)).collect();
            Some(format!("`asymmetric` for {}", tags.join(", ")))
        }
    };
    let formats = scheme.formats.iter().map(|format| match format {
        Format::Xml => "`xml`".to_owned(),
        Format::Multipart => "`multipart`".to_owned(),
        other => unreachable!("say what {other:?} needs"),
    });
    let features: Vec<String> = asymmetric.into_iter().chain(formats).collect();
    features.join(", ")
}

/// Whether ids are signed: that of the delivery, or those of its items.
fn signs_ids(scheme: &Scheme) -> bool {
    let items = scheme
        .items
        .as_ref()
        .is_some_and(|items| items.id.is_some());
    scheme.signs_id() || items && scheme.coverage() == Coverage::Whole
}

const fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}

/// All files below `src`.
fn sources() -> impl Iterator<Item = PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.into_iter()
}

const DAY: u64 = 24 * 3600;
