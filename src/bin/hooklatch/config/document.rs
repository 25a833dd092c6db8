//! [`Document`]: the text of a configuration file, and how a place in it is shown without what may be a secret.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::super::unseen::SHORTEST;

/// A file, with the places of all its values. `Debug` prints the path alone: a comment may hold anything.
pub(super) struct Document {
    path: PathBuf,
    text: String,
    entries: Vec<Entry>,
}

/// A value of the file.
#[derive(Debug)]
struct Entry {
    /// As `sources[0].scheme.id`.
    path: String,
    /// Where it stands; of a table with a header the header.
    span: Range<usize>,
    /// Whether it is no table or array.
    is_scalar: bool,
}

/// One line of the file as it may be shown.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// Up to the end of what is marked. Values that may be secret are cut to `…`.
    pub(super) text: String,
    /// What is marked in the text, in bytes.
    pub(super) marked: Range<usize>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// The text as it was read, its values not known yet.
    pub(super) fn new(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
            entries: Vec::new(),
        }
    }

    /// The same, with the places of these values.
    pub(super) fn with_values(mut self, table: &DeTable<'_>) -> Self {
        walk_table("", table, &mut self.entries);
        self
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A path that the file names: one that is relative begins at the folder of the file.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        let folder = self.path.parent().unwrap_or_else(|| Path::new(""));
        folder.join(path)
    }

    /// Where the value of this path stands, else the nearest that holds it.
    pub(super) fn span_of(&self, path: &str) -> Option<Range<usize>> {
        let entry = self.entries.iter().find(|entry| entry.path == path);
        if let Some(entry) = entry {
            return Some(entry.span.clone());
        }
        let outer = path.rfind(['.', '[']).and_then(|at| path.get(..at))?;
        self.span_of(outer)
    }

    /// Where this text stands below the value of a path.
    pub(super) fn span_of_text(&self, below: &str, text: &str) -> Option<Range<usize>> {
        let quoted = [format!("\"{text}\""), format!("'{text}'")];
        let stands = |span: &Range<usize>| {
            let written = self.text.get(span.clone());
            written.is_some_and(|written| quoted.iter().any(|quoted| quoted == written))
        };
        let mut entries = self.entries.iter().filter(|entry| entry.is_scalar);
        let entry = entries.find(|entry| entry.path.starts_with(below) && stands(&entry.span));
        entry.map(|entry| entry.span.clone())
    }

    /// The name of the setting whose value stands here.
    pub(super) fn name_at(&self, span: &Range<usize>) -> String {
        let entry = self.entries.iter().find(|entry| entry.span == *span);
        let path = entry.map_or("it", |entry| &entry.path);
        let name = path.rsplit('.').next().unwrap_or(path);
        let name = name.split_once('[').map_or(name, |(name, _)| name);
        format!("`{name}`")
    }

    /// Whether the value that stands here, and does not fit, may be shown: none of the names on its path says that it may be
    /// secret, and it is shorter than secrets are, which may stand in a wrong place.
    pub(super) fn is_public(&self, span: &Range<usize>) -> bool {
        let entry = self.entries.iter().find(|entry| entry.span == *span);
        let is_short = self.text.get(span.clone()).is_some_and(is_short);
        is_short
            && entry.is_some_and(|entry| {
                let mut names = entry.path.split(['.', '[']);
                !names.any(|name| PRIVATE.contains(&name))
            })
    }

    /// The line of a place, up to its end. Every value on it is hidden, but for what is `revealed` as a whole.
    pub(super) fn excerpt(&self, span: &Range<usize>, revealed: bool) -> Excerpt {
        let (start, end) = self.line_around(span.start);
        let end = span.end.clamp(span.start, end);
        let mut text = String::new();
        let mut from = None;
        let mut at = start;
        for hidden in self.hidden(start..end, revealed.then_some(span)) {
            let plain = self.text.get(at..hidden.start).unwrap_or_default();
            if span.start < hidden.end {
                let into = span.start.saturating_sub(at).min(plain.len());
                from.get_or_insert_with(|| text.len().saturating_add(into));
            }
            text.push_str(plain);
            text.push('…');
            at = hidden.end;
        }
        let into = span.start.saturating_sub(at);
        let from = from.unwrap_or_else(|| text.len().saturating_add(into));
        text.push_str(self.text.get(at..end).unwrap_or_default());
        let marked = from..text.len();
        Excerpt { text, marked }
    }

    /// The line of a place where the file cannot be read as TOML, so that what is a value is not known: no more than the
    /// name of a setting or a table is shown.
    pub(super) fn excerpt_unread(&self, place: usize) -> Excerpt {
        let (start, end) = self.line_around(place);
        let line = self.text.get(start..end).unwrap_or_default();
        let before = self.text.get(..start).unwrap_or_default();
        let within_text = ["\"\"\"", "'''"]
            .iter()
            .any(|quotes| before.matches(quotes).count() % 2 == 1);
        let name = line.split_once('=').map_or(line, |(name, _)| name);
        let is_name = |c: char| c.is_ascii_lowercase() || "_.[] ".contains(c);
        let shown = !within_text && name.len() <= LONGEST_NAME && name.chars().all(is_name);
        let mut text = if shown { name } else { "" }.to_owned();
        let from = place.saturating_sub(start).min(text.len());
        if text.len() < line.len() {
            text.push_str(if shown { "= …" } else { "…" });
        }
        let marked = from..text.len();
        Excerpt { text, marked }
    }

    /// The values that are to be hidden in this part of a line.
    fn hidden(&self, part: Range<usize>, revealed: Option<&Range<usize>>) -> Vec<Range<usize>> {
        let scalars = self.entries.iter().filter(|entry| entry.is_scalar);
        let spans = scalars.map(|entry| &entry.span);
        let mut hidden: Vec<_> = spans
            .filter(|span| span.start < part.end && part.start < span.end)
            .filter(|span| revealed != Some(span))
            .map(|span| span.start.max(part.start)..span.end.min(part.end))
            .collect();
        hidden.sort_by_key(|span| span.start);
        hidden
    }

    /// Line and column, in characters, both counted from 1.
    pub(super) fn position(&self, place: usize) -> (usize, usize) {
        let before = self.text.get(..place).unwrap_or_default();
        let line = before.matches('\n').count();
        let last = before.rsplit('\n').next().unwrap_or_default();
        (
            line.saturating_add(1),
            last.chars().count().saturating_add(1),
        )
    }

    /// Where the line of a place starts and ends.
    fn line_around(&self, place: usize) -> (usize, usize) {
        let place = place.min(self.text.len());
        let before = self.text.get(..place).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let rest = self.text.get(place..).unwrap_or_default();
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        (start, place.saturating_add(length))
    }
}

fn walk_table(path: &str, table: &DeTable<'_>, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let path = match path {
            "" => key.get_ref().to_string(),
            path => format!("{path}.{}", key.get_ref()),
        };
        walk(path, value, entries);
    }
}

fn walk(path: String, value: &toml::Spanned<DeValue<'_>>, entries: &mut Vec<Entry>) {
    match value.get_ref() {
        DeValue::Table(table) => walk_table(&path, table, entries),
        DeValue::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                walk(format!("{path}[{at}]"), value, entries);
            }
        }
        _ => {}
    }
    entries.push(Entry {
        is_scalar: !value.get_ref().is_table() && !value.get_ref().is_array(),
        span: value.span(),
        path,
    });
}

/// Whether a text, in its quotes or not, is too short for a secret.
pub(super) fn is_short(text: &str) -> bool {
    text.trim_matches(['"', '\'']).len() < SHORTEST
}

/// Names of settings whose values are never shown, whatever is wrong with them.
const PRIVATE: &[&str] = &[
    "jwks",
    "params",
    "public_key",
    "secret",
    "secrets",
    "tenants",
    "token",
    "url",
];
/// Longer lines than any setting's name are something else.
const LONGEST_NAME: usize = 40;
