//! Which route an event type takes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use crate::delivery::Delivery;

/// Patterns and what they lead to.
#[derive(Clone)]
pub(super) struct Table<H> {
    exact: HashMap<Box<str>, usize>,
    /// Without the `*`, longest first.
    prefixes: Vec<(Box<str>, usize)>,
    fallback: Option<usize>,
    handlers: Vec<H>,
}

impl<H> Default for Table<H> {
    fn default() -> Self {
        Self {
            exact: HashMap::new(),
            prefixes: Vec::new(),
            fallback: None,
            handlers: Vec::new(),
        }
    }
}

impl<H> Table<H> {
    #[track_caller]
    pub(super) fn insert(&mut self, pattern: &str, handler: H) {
        let index = self.handlers.len();
        let taken = match pattern.strip_suffix('*') {
            None => self.exact.insert(pattern.into(), index).is_some(),
            Some(prefix) => {
                let taken = self.prefixes.iter().any(|(known, _)| **known == *prefix);
                self.prefixes.push((prefix.into(), index));
                self.prefixes
                    .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
                taken
            }
        };
        assert!(
            !taken,
            "a handler for `{pattern}` is registered already: one handler per event"
        );
        self.handlers.push(handler);
    }

    #[track_caller]
    pub(super) fn set_fallback(&mut self, handler: H) {
        assert!(
            self.fallback.is_none(),
            "a fallback is registered already: one handler per event"
        );
        self.fallback = Some(self.handlers.len());
        self.handlers.push(handler);
    }

    /// The route of an event type, with its number.
    pub(super) fn find(&self, event_type: Option<&str>) -> Option<(usize, &H)> {
        let index = event_type
            .and_then(|event_type| self.matching(event_type))
            .or(self.fallback)?;
        Some((index, self.handlers.get(index)?))
    }

    /// Whether what follows this first part of a type could change the route.
    pub(super) fn looks_beyond(&self, head: &str) -> bool {
        let beyond = |pattern: &str| {
            pattern
                .strip_prefix(head)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        self.exact
            .keys()
            .any(|pattern| **pattern == *head || beyond(pattern))
            || self.prefixes.iter().any(|(prefix, _)| beyond(prefix))
    }

    pub(super) fn map<H2>(self, change: impl FnMut(H) -> H2) -> Table<H2> {
        Table {
            exact: self.exact,
            prefixes: self.prefixes,
            fallback: self.fallback,
            handlers: self.handlers.into_iter().map(change).collect(),
        }
    }

    pub(super) fn patterns(&self) -> Vec<String> {
        let exact = self.exact.keys().map(ToString::to_string);
        exact
            .chain(self.prefixes.iter().map(|(prefix, _)| format!("{prefix}*")))
            .collect()
    }

    fn matching(&self, event_type: &str) -> Option<usize> {
        let prefix = || {
            self.prefixes
                .iter()
                .find(|(prefix, _)| event_type.starts_with(&**prefix))
        };
        self.exact
            .get(event_type)
            .copied()
            .or_else(|| prefix().map(|(_, index)| *index))
    }
}

/// The types no route took, each logged once: a typo in a pattern is a handler that never runs.
#[derive(Debug, Default)]
pub(super) struct Unknown(Mutex<HashSet<Box<str>>>);

impl Unknown {
    pub(super) fn note(&self, delivery: &Delivery) {
        let event_type = delivery.event_type().unwrap_or_default();
        let event_type: String = event_type.chars().take(LONGEST_NOTED).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_NOTED && known.insert(event_type.as_str().into()) {
            tracing::info!(target: "hooklatch::router", receiver = delivery.receiver(), event_type, "no handler for this type");
        }
    }
}

/// A sender with endless types must not grow this without end.
const MOST_NOTED: usize = 1_000;
/// Nor one whose types are as long as its bodies; in characters.
const LONGEST_NOTED: usize = 128;

#[cfg(test)]
mod tests {
    use super::Table;

    fn table(patterns: &[&'static str]) -> Table<&'static str> {
        let mut table = Table::default();
        patterns
            .iter()
            .for_each(|pattern| table.insert(pattern, *pattern));
        table
    }

    #[test]
    fn exact_then_longest_prefix_then_fallback() {
        let mut table = table(&["invoice*", "invoice.paid", "invoice.p*", "*"]);
        let found =
            |table: &Table<&'static str>, name| table.find(Some(name)).map(|(_, handler)| *handler);
        assert_eq!(found(&table, "invoice.paid"), Some("invoice.paid"));
        assert_eq!(found(&table, "invoice.paid.late"), Some("invoice.p*"));
        assert_eq!(found(&table, "invoice"), Some("invoice*"));
        assert_eq!(found(&table, "customer"), Some("*"));
        assert!(table.find(None).is_none());
        table.set_fallback("fallback");
        assert_eq!(
            table.find(None).map(|(_, handler)| *handler),
            Some("fallback")
        );
    }

    #[test]
    fn a_first_part_suffices_unless_a_pattern_looks_beyond_it() {
        let table = table(&[
            "issues.opened",
            "push",
            "pull_request*",
            "pull_request.c*",
            "star*",
        ]);
        assert!(table.looks_beyond("issues"));
        assert!(table.looks_beyond("push"), "`push` is not `push.x`");
        assert!(table.looks_beyond("pull_request"));
        assert!(!table.looks_beyond("star"));
        assert!(!table.looks_beyond("issue"));
        assert!(!table.looks_beyond("pull"));
    }
}
