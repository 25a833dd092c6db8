//! Structured fields as RFC 9651 writes them (section 4.1). Pure.

use std::fmt::Write as _;

use super::{Bare, Dictionary, Inner, Item, Member, Params};

/// Writes a dictionary.
pub(in crate::scheme) fn write_dictionary(members: &Dictionary<'_>) -> String {
    let mut text = String::new();
    for (name, member) in members {
        text.push_str(if text.is_empty() { "" } else { ", " });
        text.push_str(name);
        match member {
            Member::Item(Item {
                value: Bare::Boolean(true),
                params,
            }) => params.write(&mut text),
            member => {
                text.push('=');
                member.write(&mut text);
            }
        }
    }
    text
}

/// Writes a list.
pub(in crate::scheme) fn write_list(members: &[Member<'_>]) -> String {
    let mut text = String::new();
    for member in members {
        text.push_str(if text.is_empty() { "" } else { ", " });
        member.write(&mut text);
    }
    text
}

impl Member<'_> {
    pub(in crate::scheme) fn write(&self, text: &mut String) {
        match self {
            Self::Item(item) => item.write(text),
            Self::Inner(inner) => inner.write(text),
        }
    }
}

impl Inner<'_> {
    pub(in crate::scheme) fn write(&self, text: &mut String) {
        text.push('(');
        for (index, item) in self.items.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { " " });
            item.write(text);
        }
        text.push(')');
        self.params.write(text);
    }
}

impl Item<'_> {
    pub(in crate::scheme) fn write(&self, text: &mut String) {
        self.value.write(text);
        self.params.write(text);
    }
}

impl Params<'_> {
    fn write(&self, text: &mut String) {
        for (name, value) in &self.0 {
            text.push(';');
            text.push_str(name);
            if *value != Bare::Boolean(true) {
                text.push('=');
                value.write(text);
            }
        }
    }
}

impl Bare<'_> {
    fn write(&self, text: &mut String) {
        // Writing to a string never fails.
        let _ = match self {
            Self::Integer(number) => write!(text, "{number}"),
            Self::Decimal(thousandths) => {
                let sign = if *thousandths < 0 { "-" } else { "" };
                let number = thousandths.unsigned_abs();
                let fraction = format!("{:03}", number % 1000);
                let first = fraction.get(..1).unwrap_or_default();
                let more = fraction.get(1..).unwrap_or_default().trim_end_matches('0');
                write!(text, "{sign}{}.{first}{more}", number / 1000)
            }
            Self::String(string) => {
                let escaped = string.replace('\\', "\\\\").replace('"', "\\\"");
                write!(text, "\"{escaped}\"")
            }
            Self::Token(token) => write!(text, "{token}"),
            Self::Bytes(base64) => write!(text, ":{base64}:"),
            Self::Boolean(boolean) => write!(text, "?{}", u8::from(*boolean)),
            Self::Date(seconds) => write!(text, "@{seconds}"),
        };
    }
}
