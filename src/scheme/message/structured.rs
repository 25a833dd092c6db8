//! Structured fields (RFC 9651, section 4.2) to values and back. Strict and bounded: a name that repeats is refused, since
//! two readers could see two values, and so are display strings, which no field that is read here has. Pure.

mod write;

use std::borrow::Cow;

pub(in crate::scheme) use self::write::{write_dictionary, write_list};

/// A member of a list or dictionary.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scheme) enum Member<'a> {
    Item(Item<'a>),
    Inner(Inner<'a>),
}

/// An inner list and its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scheme) struct Inner<'a> {
    pub(in crate::scheme) items: Vec<Item<'a>>,
    pub(in crate::scheme) params: Params<'a>,
}

/// A value and its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scheme) struct Item<'a> {
    pub(in crate::scheme) value: Bare<'a>,
    pub(in crate::scheme) params: Params<'a>,
}

/// Names and values, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::scheme) struct Params<'a>(pub(in crate::scheme) Vec<(&'a str, Bare<'a>)>);

/// A value.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scheme) enum Bare<'a> {
    Integer(i64),
    /// In thousandths.
    Decimal(i64),
    String(Cow<'a, str>),
    Token(&'a str),
    /// The base64 as it stands between the colons: whoever takes it decodes it.
    Bytes(&'a str),
    Boolean(bool),
    Date(i64),
}

impl<'a> Params<'a> {
    pub(in crate::scheme) fn get(&self, name: &str) -> Option<&Bare<'a>> {
        let mut params = self.0.iter();
        params
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// A dictionary, in order.
pub(in crate::scheme) type Dictionary<'a> = Vec<(&'a str, Member<'a>)>;

/// Reads a dictionary.
pub(in crate::scheme) fn dictionary(text: &str) -> Result<Dictionary<'_>, &'static str> {
    let mut members: Dictionary<'_> = Vec::new();
    let mut reader = Reader::new(text)?;
    while reader.next_member(members.len())? {
        let name = reader.key()?;
        if members.iter().any(|(known, _)| *known == name) {
            return Err("a name of a structured field repeats");
        }
        let member = if reader.take('=') {
            reader.member()?
        } else {
            let params = reader.params()?;
            Member::Item(Item {
                value: Bare::Boolean(true),
                params,
            })
        };
        members.push((name, member));
    }
    Ok(members)
}

/// Reads a list.
pub(in crate::scheme) fn list(text: &str) -> Result<Vec<Member<'_>>, &'static str> {
    let mut members = Vec::new();
    let mut reader = Reader::new(text)?;
    while reader.next_member(members.len())? {
        members.push(reader.member()?);
    }
    Ok(members)
}

/// Reads an item.
pub(in crate::scheme) fn item(text: &str) -> Result<Item<'_>, &'static str> {
    let mut reader = Reader::new(text)?;
    let item = reader.item()?;
    if reader.rest.is_empty() {
        Ok(item)
    } else {
        Err(MALFORMED)
    }
}

/// The text that is left to read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Result<Self, &'static str> {
        if text.len() > MOST_TEXT {
            return Err("a structured field is too long");
        }
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
        if !text.bytes().all(is_plain) {
            return Err("a structured field is not visible ASCII");
        }
        Ok(Self {
            rest: text.trim_matches(' '),
        })
    }

    /// Goes to the next member of a list or dictionary of which `count` were read; `false` at its end.
    fn next_member(&mut self, count: usize) -> Result<bool, &'static str> {
        if count == 0 {
            return Ok(!self.rest.is_empty());
        }
        self.skip(|character| matches!(character, ' ' | '\t'));
        if self.rest.is_empty() {
            return Ok(false);
        }
        if !self.take(',') {
            return Err(MALFORMED);
        }
        self.skip(|character| matches!(character, ' ' | '\t'));
        if self.rest.is_empty() {
            return Err("a structured field ends with a comma");
        }
        if count >= MOST_MEMBERS {
            Err(TOO_MANY)
        } else {
            Ok(true)
        }
    }

    fn member(&mut self) -> Result<Member<'a>, &'static str> {
        if self.take('(') {
            Ok(Member::Inner(self.inner()?))
        } else {
            Ok(Member::Item(self.item()?))
        }
    }

    /// An inner list, behind its parenthesis.
    fn inner(&mut self) -> Result<Inner<'a>, &'static str> {
        let mut items = Vec::new();
        loop {
            let before = self.rest;
            self.skip(|character| character == ' ');
            if self.take(')') {
                let params = self.params()?;
                return Ok(Inner { items, params });
            }
            let is_apart = items.is_empty() || before.len() > self.rest.len();
            if !is_apart {
                return Err(MALFORMED);
            }
            if items.len() >= MOST_MEMBERS {
                return Err(TOO_MANY);
            }
            items.push(self.item()?);
        }
    }

    fn item(&mut self) -> Result<Item<'a>, &'static str> {
        let value = self.bare()?;
        let params = self.params()?;
        Ok(Item { value, params })
    }

    fn params(&mut self) -> Result<Params<'a>, &'static str> {
        let mut params = Vec::new();
        while self.take(';') {
            self.skip(|character| character == ' ');
            let name = self.key()?;
            let value = if self.take('=') {
                self.bare()?
            } else {
                Bare::Boolean(true)
            };
            if params.iter().any(|(known, _)| *known == name) {
                return Err("a parameter of a structured field repeats");
            }
            if params.len() >= MOST_PARAMS {
                return Err(TOO_MANY);
            }
            params.push((name, value));
        }
        Ok(Params(params))
    }

    fn key(&mut self) -> Result<&'a str, &'static str> {
        if !self
            .rest
            .starts_with(|first: char| first.is_ascii_lowercase() || first == '*')
        {
            return Err(MALFORMED);
        }
        Ok(self.while_is(|character| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || matches!(character, '_' | '-' | '.' | '*')
        }))
    }

    fn bare(&mut self) -> Result<Bare<'a>, &'static str> {
        match self.rest.chars().next() {
            Some('"') => self.string(),
            Some(':') => self.bytes(),
            Some('?') => self.boolean(),
            Some('-' | '0'..='9') => self.number(),
            Some('@') => {
                self.take('@');
                match self.number()? {
                    Bare::Integer(seconds) => Ok(Bare::Date(seconds)),
                    _ => Err(MALFORMED),
                }
            }
            Some('*' | 'a'..='z' | 'A'..='Z') => Ok(Bare::Token(self.while_is(is_token))),
            _ => Err(MALFORMED),
        }
    }

    fn string(&mut self) -> Result<Bare<'a>, &'static str> {
        self.take('"');
        let plain = self.while_is(|character| !matches!(character, '"' | '\\' | '\t'));
        if self.take('"') {
            return Ok(Bare::String(Cow::Borrowed(plain)));
        }
        let mut text = plain.to_owned();
        loop {
            if self.take('"') {
                return Ok(Bare::String(Cow::Owned(text)));
            }
            if !self.take('\\') {
                return Err(MALFORMED);
            }
            let escaped = self
                .rest
                .chars()
                .next()
                .filter(|next| matches!(next, '"' | '\\'));
            let escaped = escaped.ok_or(MALFORMED)?;
            self.take(escaped);
            text.push(escaped);
            text.push_str(self.while_is(|character| !matches!(character, '"' | '\\' | '\t')));
        }
    }

    fn bytes(&mut self) -> Result<Bare<'a>, &'static str> {
        self.take(':');
        let base64 = self.while_is(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=')
        });
        if self.take(':') {
            Ok(Bare::Bytes(base64))
        } else {
            Err(MALFORMED)
        }
    }

    fn boolean(&mut self) -> Result<Bare<'a>, &'static str> {
        self.take('?');
        if self.take('1') {
            Ok(Bare::Boolean(true))
        } else if self.take('0') {
            Ok(Bare::Boolean(false))
        } else {
            Err(MALFORMED)
        }
    }

    fn number(&mut self) -> Result<Bare<'a>, &'static str> {
        let sign = if self.take('-') { -1 } else { 1 };
        let whole = self.while_is(|character| character.is_ascii_digit());
        let parse = |digits: &str| digits.parse::<i64>().map_err(|_| MALFORMED);
        if !self.take('.') {
            if !(1..=15).contains(&whole.len()) {
                return Err(MALFORMED);
            }
            return Ok(Bare::Integer(parse(whole)?.saturating_mul(sign)));
        }
        let fraction = self.while_is(|character| character.is_ascii_digit());
        if !(1..=12).contains(&whole.len()) || !(1..=3).contains(&fraction.len()) {
            return Err(MALFORMED);
        }
        let thousandths = parse(&format!("{whole}{fraction:0<3}"))?;
        Ok(Bare::Decimal(thousandths.saturating_mul(sign)))
    }

    fn take(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip(&mut self, is: fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(is);
    }

    fn while_is(&mut self, is: fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !is(character));
        let (found, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        found
    }
}

const fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '!' | '#'
                | '$'
                | '%'
                | '&'
                | '\''
                | '*'
                | '+'
                | '-'
                | '.'
                | '^'
                | '_'
                | '`'
                | '|'
                | '~'
                | ':'
                | '/'
        )
}

const MALFORMED: &str = "a structured field is malformed";
const TOO_MANY: &str = "a structured field has too many members";
/// As long as a head may be in all.
const MOST_TEXT: usize = 32 * 1024;
const MOST_MEMBERS: usize = 64;
const MOST_PARAMS: usize = 16;

#[cfg(test)]
mod tests;
