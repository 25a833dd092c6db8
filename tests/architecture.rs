//! Who may import whom: no circles, and every room keeps to its neighbours.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What every room may use. None of these uses any other room.
const VOCABULARY: &[&str] = &[
    "answer",
    "clock",
    "delivery",
    "envelope",
    "error",
    "failpoint",
    "key",
    "metric",
    "origin",
    "profile",
    "secret",
    "source",
];

/// The rooms, and what each may use besides the vocabulary.
const ROOMS: &[(&str, &[&str])] = &[
    ("cloudevents", &[]),
    ("drain", &[]),
    ("store", &[]),
    ("scheme", &[]),
    ("provider", &["scheme"]),
    ("public_url", &[]),
    ("tenant", &["scheme"]),
    ("discovery", &["scheme"]),
    (
        "layer",
        &[
            "discovery",
            "explain",
            "scheme",
            "store",
            "drain",
            "public_url",
            "tenant",
        ],
    ),
    ("router", &[]),
    (
        "receiver",
        &[
            "discovery",
            "drain",
            "explain",
            "layer",
            "public_url",
            "router",
            "scheme",
            "store",
            "tenant",
            "health",
            "worker",
        ],
    ),
    ("health", &["store"]),
    ("worker", &["drain", "health", "layer", "router", "store"]),
    (
        "hooks",
        &[
            "drain",
            "explain",
            "health",
            "layer",
            "public_url",
            "receiver",
            "scheme",
            "store",
            "tenant",
        ],
    ),
    ("serve", &["drain", "hooks"]),
    ("testing", &["scheme", "store"]),
    ("explain", &["provider", "scheme"]),
    // Uses the public API alone.
    ("inspector", &["explain", "store"]),
    // The command line: a crate of its own, which has the public API.
    ("bin", &[]),
    // Documentation alone: it links to this.
    ("guide", &["testing"]),
];

#[test]
fn every_room_keeps_to_its_neighbours() {
    let uses = uses_of(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path());
    let faults = faults(&uses);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn there_are_no_circles() {
    let uses = uses_of(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path());
    assert_eq!(circle(&uses), None);
}

#[test]
fn nothing_asks_the_system_for_the_time_but_the_clock() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (file, text) in files(&source) {
        let asks =
            code(&text).any(|line| line.contains("now_utc") || line.contains("SystemTime::now"));
        assert!(
            !asks || file.ends_with("clock.rs"),
            "{file} asks the system for the time"
        );
    }
}

#[test]
fn the_checks_can_fail() {
    let uses =
        |from: &str, to: &str| BTreeMap::from([(from.to_owned(), BTreeSet::from([to.to_owned()]))]);
    assert_eq!(faults(&uses("router", "layer")).len(), 1);
    assert_eq!(faults(&uses("delivery", "scheme")).len(), 1);
    assert_eq!(faults(&uses("lost", "key")).len(), 1, "an unknown room");
    assert!(faults(&uses("layer", "scheme")).is_empty());
    let mut both = uses("a", "b");
    both.extend(uses("b", "a"));
    assert!(circle(&both).is_some());
    let text = "use crate::{\n    layer::{A, B},\n    key::Key,\n};\n// use crate::serve;\nlet x = crate::store::Y;\n#[cfg(test)]\nmod tests { use crate::hooks; }";
    assert_eq!(
        rooms_in(text),
        ["key", "layer", "store"].map(str::to_owned).into()
    );
}

fn faults(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let allowed = |room: &str| {
        if VOCABULARY.contains(&room) {
            return Some(&[][..]);
        }
        ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .map(|(_, allowed)| *allowed)
    };
    let mut faults = Vec::new();
    for (room, used) in uses {
        let Some(allowed) = allowed(room) else {
            faults.push(format!("`{room}` is a new room: say here what it may use"));
            continue;
        };
        let strangers = used.iter().filter(|other| {
            !VOCABULARY.contains(&other.as_str()) && !allowed.contains(&other.as_str())
        });
        faults.extend(strangers.map(|other| format!("`{room}` must not use `{other}`")));
    }
    faults
}

fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(room: &str, uses: &BTreeMap<String, BTreeSet<String>>, path: &mut Vec<String>) -> bool {
        let back = path.iter().any(|known| known == room);
        path.push(room.to_owned());
        let closed = back
            || uses
                .get(room)
                .into_iter()
                .flatten()
                .any(|next| walk(next, uses, path));
        if !closed {
            path.pop();
        }
        closed
    }
    uses.keys().find_map(|room| {
        let mut path = Vec::new();
        walk(room, uses, &mut path).then_some(path)
    })
}

/// The rooms each room uses. A room is a file or folder directly under `src`; `lib.rs` only joins them.
fn uses_of(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut uses = BTreeMap::<String, BTreeSet<String>>::new();
    for (file, text) in files(source) {
        let room = file
            .split('/')
            .next()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        if room == "lib" {
            continue;
        }
        let mut used = rooms_in(&text);
        used.remove(&room);
        uses.entry(room).or_default().extend(used);
    }
    assert!(uses.len() > 15, "found only {:?}", uses.keys());
    uses
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The rooms a file names after `crate::`, outside of comments and of its unit tests.
fn rooms_in(text: &str) -> BTreeSet<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        // `$crate::` and `some_crate::` are others.
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || "_$".contains(before)) {
            continue;
        }
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => rooms.extend(first_word(rest)),
            Some(list) => rooms.extend(top_level(list).filter_map(first_word)),
        }
    }
    rooms
}

/// The lines of a file up to its unit tests, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let tests = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..tests]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}

/// The entries of a brace list, nested lists left aside.
fn top_level(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let end = list.find(|c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth < 0
    });
    let mut depth = 0_i32;
    list[..end.unwrap_or(list.len())].split(move |c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    })
}
