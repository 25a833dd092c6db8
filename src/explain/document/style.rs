//! The styles of the usual libraries.

use std::fmt;

/// How JSON is written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) layout: &'static Layout,
    pub(super) escapes: &'static Escapes,
    pub(super) sorted: bool,
}

pub(super) struct Layout {
    name: &'static str,
    pub(super) comma: &'static str,
    pub(super) colon: &'static str,
    /// Of each level; lines are broken where there is one.
    pub(super) indent: Option<&'static str>,
}

pub(super) struct Escapes {
    name: &'static str,
    /// What of a text is escaped besides what has to be.
    pub(super) also: fn(char) -> Option<String>,
    /// Whether that is another text than the other escapes give.
    matter: fn(Traits) -> bool,
}

impl Style {
    /// All styles that may differ in such a document: those of JavaScript, Python, PHP and Go among them.
    pub(super) fn all(traits: Traits) -> impl Iterator<Item = Self> {
        let orders: &[bool] = if traits.sorted {
            &[false]
        } else {
            &[false, true]
        };
        let escapes = move || {
            ESCAPES
                .iter()
                .filter(move |escapes| (escapes.matter)(traits))
        };
        orders.iter().flat_map(move |sorted| {
            escapes().flat_map(move |escapes| {
                LAYOUTS.iter().map(move |layout| Self {
                    layout,
                    escapes,
                    sorted: *sorted,
                })
            })
        })
    }
}

/// What of a document the styles differ in.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    /// The members of each object, by name.
    pub(super) sorted: bool,
    slash: bool,
    beyond_ascii: bool,
    of_html: bool,
}

impl Traits {
    /// Of a document that has nothing.
    pub(super) const NONE: Self = Self {
        sorted: true,
        slash: false,
        beyond_ascii: false,
        of_html: false,
    };

    pub(super) fn add_text(&mut self, text: &str) {
        self.slash |= text.contains('/');
        self.beyond_ascii |= !text.is_ascii();
        self.of_html |= text.contains(|c| of_html(c).is_some());
    }
}

/// Completes "is written again …".
impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.sorted { ", its keys sorted" } else { "" };
        write!(f, "{}{}{order}", self.layout.name, self.escapes.name)
    }
}

static LAYOUTS: [Layout; 6] = [
    Layout {
        name: "without spaces",
        comma: ",",
        colon: ":",
        indent: None,
    },
    Layout {
        name: "with a space behind each comma and colon",
        comma: ", ",
        colon: ": ",
        indent: None,
    },
    Layout {
        name: "with two spaces for each level",
        comma: ",",
        colon: ": ",
        indent: Some("  "),
    },
    Layout {
        name: "with four spaces for each level",
        comma: ",",
        colon: ": ",
        indent: Some("    "),
    },
    Layout {
        name: "with a tab for each level",
        comma: ",",
        colon: ": ",
        indent: Some("\t"),
    },
    Layout {
        name: "with a space behind each comma",
        comma: ", ",
        colon: ":",
        indent: None,
    },
];

static ESCAPES: [Escapes; 5] = [
    Escapes {
        name: "",
        also: |_| None,
        matter: |_| true,
    },
    Escapes {
        name: ", slashes and letters beyond ASCII escaped as PHP does",
        also: |c| slash(c).or_else(|| beyond_ascii(c)),
        matter: |traits| traits.slash && traits.beyond_ascii,
    },
    Escapes {
        name: ", letters beyond ASCII escaped as Python does",
        also: beyond_ascii,
        matter: |traits| traits.beyond_ascii,
    },
    Escapes {
        name: ", slashes escaped",
        also: slash,
        matter: |traits| traits.slash,
    },
    Escapes {
        name: ", `<`, `>` and `&` escaped as Go does",
        also: of_html,
        matter: |traits| traits.of_html,
    },
];

fn slash(c: char) -> Option<String> {
    (c == '/').then(|| "\\/".to_owned())
}

fn beyond_ascii(c: char) -> Option<String> {
    (!c.is_ascii()).then(|| escaped(c))
}

fn of_html(c: char) -> Option<String> {
    matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}').then(|| escaped(c))
}

pub(super) fn escaped(c: char) -> String {
    let units = &mut [0; 2];
    let units = c.encode_utf16(units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}
