//! What the README says, held against what is so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hooklatch::{metric, provider};

const README: &str = include_str!("../README.md");

#[test]
fn the_senders_are_counted() {
    let count = provider::ALL.len();
    let link = format!("[{count} senders][catalogue]");
    assert_eq!(README.matches(&link).count(), 2, "{count}");
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
        metric::ACCEPTED,
        metric::SKIPPED,
        metric::REJECTIONS,
        metric::OLD_KEY_MATCHES,
        metric::FORGOTTEN,
        metric::INBOX_PENDING,
        metric::INBOX_DEAD,
        metric::INBOX_AGE_SECONDS,
    ] {
        assert!(README.contains(&format!("| `{name}` |")), "{name}");
    }
    let source = include_str!("../src/metric.rs");
    assert_eq!(source.matches("pub const").count(), 10, "a new metric?");
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
        let Some(name) = file.strip_suffix(".md") else {
            assert_eq!(file, "inspector.png");
            continue;
        };
        assert!(guide.contains(&format!("page!({name}, \"{file}\");")));
        assert!(guide.contains(&format!("| [`{name}`] |")), "{name}");
        let to_page = format!("\"[{name}]: crate::guide::{name}\"");
        assert!(guide.contains(&to_page) && front.contains(&to_page));
        assert!(README.contains(&format!("][{name}] |")), "{name}");
        assert!(README.contains(&format!("\n[{name}]: docs/{file}\n")));
    }
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
