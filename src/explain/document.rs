//! JSON written again in the styles of the usual libraries, which is how a parsed body becomes another.

mod read;
mod style;
mod write;

use self::{
    style::{Style, Traits},
    write::Writer,
};

/// A JSON document that was read once, to be written in any style.
pub(super) struct Document {
    /// The white space around it, which stays.
    before: String,
    after: String,
    root: Node,
    /// Where what is written is cut, in bytes: deep JSON may become hundreds of times as long as it was, and no webhook does.
    longest: usize,
}

enum Node {
    /// In their order, repeats and all.
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    Text(String),
    /// A number or word, as it stands there.
    Other(String),
}

impl Document {
    /// `None` for what is no JSON, or nested deeper than any webhook is.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let body = str::from_utf8(body).ok()?;
        let root = read::read(body)?;
        let (before, after) = body.split_once(body.trim_ascii())?;
        Some(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            root,
            longest: body.len().saturating_mul(16).saturating_add(4096),
        })
    }

    /// It in each style, and what that is called. What is over a length is cut: it is some other text then, and matches nothing.
    pub(super) fn all(&self) -> impl Iterator<Item = (Vec<u8>, String)> {
        let mut traits = Traits::NONE;
        add(&mut traits, &self.root);
        Style::all(traits).map(move |style| (self.written(&style), style.to_string()))
    }

    /// Whether it is an object with at least this many members, all in the order of their names.
    pub(super) fn is_sorted(&self, least: usize) -> bool {
        matches!(&self.root, Node::Object(members)
            if members.len() >= least && members.is_sorted_by_key(|(name, _)| name))
    }

    fn written(&self, style: &Style) -> Vec<u8> {
        let mut out = String::with_capacity(self.longest / 8);
        out.push_str(&self.before);
        let longest = self.longest;
        let mut writer = Writer {
            style,
            out,
            longest,
        };
        writer.write(&self.root, 0);
        let mut out = writer.out;
        out.push_str(&self.after);
        out.into_bytes()
    }

    /// The members of an object as the fields of a form: texts, numbers and words.
    pub(super) fn fields(&self) -> Option<Vec<(&str, &str)>> {
        let Node::Object(members) = &self.root else {
            return None;
        };
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members {
            let (Node::Text(text) | Node::Other(text)) = value else {
                return None;
            };
            fields.push((name.as_str(), text.as_str()));
        }
        Some(fields)
    }
}

fn add(traits: &mut Traits, node: &Node) {
    match node {
        Node::Object(members) => {
            traits.sorted &= members.is_sorted_by_key(|(name, _)| name);
            for (name, value) in members {
                traits.add_text(name);
                add(traits, value);
            }
        }
        Node::Array(items) => items.iter().for_each(|item| add(traits, item)),
        Node::Text(text) => traits.add_text(text),
        Node::Other(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str) -> Vec<String> {
        let document = Document::read(body.as_bytes());
        let texts = document.iter().flat_map(Document::all);
        texts
            .map(|(text, _)| String::from_utf8(text).unwrap())
            .collect()
    }

    #[test]
    fn json_is_written_as_the_usual_libraries_do() {
        let all = all("{\"b\":[1.50,true,{}],\"a\":\"\u{e9}/<\u{1f600}\\n\"}");
        for expected in [
            "{\"b\":[1.50,true,{}],\"a\":\"\u{e9}/<\u{1f600}\\n\"}",
            "{\"b\": [1.50, true, {}], \"a\": \"\\u00e9/<\\ud83d\\ude00\\n\"}",
            "{\"b\":[1.50,true,{}],\"a\":\"\\u00e9\\/<\\ud83d\\ude00\\n\"}",
            "{\"a\":\"\u{e9}/\\u003c\u{1f600}\\n\",\"b\":[1.50,true,{}]}",
            "{\n  \"b\": [\n    1.50,\n    true,\n    {}\n  ],\n  \"a\": \"\u{e9}/<\u{1f600}\\n\"\n}",
        ] {
            assert!(
                all.iter().any(|one| one == expected),
                "{expected}\n{all:#?}"
            );
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_left_alone() {
        for body in ["", "{", "{\"a\":}", "a=b"] {
            assert!(all(body).is_empty(), "{body}");
        }
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!all(&deep(60)).is_empty());
        assert!(all(&deep(100)).is_empty());
        assert!(all(&deep(100_000)).is_empty());
    }

    #[test]
    fn repeats_and_order_stay() {
        assert!(all("{\"b\":1,\"a\":2,\"b\":3}").contains(&"{\"b\":1,\"a\":2,\"b\":3}".to_owned()));
    }

    #[test]
    fn each_text_is_written_once_and_none_without_end() {
        assert_eq!(all("{\"a\":[1,2]}").len(), 6);
        assert_eq!(all("{\"b\":\"/\",\"a\":[1,2]}").len(), 24);
        let items = "1,".repeat(100_000);
        let deep = format!("{}{items}1{}", "[".repeat(60), "]".repeat(60));
        let longest = all(&deep).iter().map(String::len).max().unwrap();
        assert!(longest < 17 * deep.len(), "{longest}");
    }
}
