//! Finds a member without reading the document, where it is plain to see.

use serde_json::value::RawValue;

use super::{Found, Plan};

impl Plan {
    /// Finds the sole member wanted where that needs no reading: it is written nowhere in the document, or once, at its
    /// beginning, as GitHub writes `action`. Searching for a few bytes is many times quicker than reading JSON. Whether
    /// the rest can be read is for whoever wants it.
    pub(super) fn glance<'a>(&self, document: &'a str) -> Option<Found<'a>> {
        let (name, index) = self.sole.as_ref()?;
        let members = document.trim_start_matches(BLANK).strip_prefix('{')?;
        // A name can also be spelled with escapes.
        if document.contains("\\u") {
            return None;
        }
        let mut found = [None; Self::MOST];
        let rest = match members.trim_start_matches(BLANK).strip_prefix(&**name) {
            Some(rest) => rest,
            None if document.contains(&**name) => return None,
            None => return Some(found),
        };
        if rest.contains(&**name) {
            return None;
        }
        let value = rest.trim_start_matches(BLANK).strip_prefix(':')?;
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<&RawValue>();
        *found.get_mut(*index)? = Some(values.next()?.ok()?);
        Some(found)
    }
}

/// What JSON takes for white space (RFC 8259, section 2).
const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_finds_what_reading_would() {
        let plan = Plan::new([None, Some("/action")]).at_a_glance();
        let glance = |document| {
            let found = plan.glance(document);
            found.map(|found| found[1].map(RawValue::get))
        };
        assert_eq!(
            glance(r#" { "action" : "opened", "n": 1}"#),
            Some(Some(r#""opened""#))
        );
        assert_eq!(glance(r#"{"ref":"refs/heads/main"}"#), Some(None));
        for reads in [
            r#"{"n":1,"action":"opened"}"#,
            r#"{"action":"opened","action":"closed"}"#,
            r#"{"action":"opened","issue":{"action":1}}"#,
            r#"{"action":"opened","\u0061ction":"closed"}"#,
            r#"{"text":"action"}"#,
            r#"{"action""#,
            r#"["action"]"#,
            "",
        ] {
            assert_eq!(glance(reads), None, "{reads}");
        }
        assert!(
            Plan::new([Some("/a/b")])
                .at_a_glance()
                .glance(r#"{"c":1}"#)
                .is_none()
        );
        assert!(
            Plan::new([Some("/a"), Some("/b")])
                .at_a_glance()
                .glance(r#"{"c":1}"#)
                .is_none()
        );
    }
}
