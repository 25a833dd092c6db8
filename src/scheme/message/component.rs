//! The components of a request that a signature may cover (RFC 9421, section 2), and their values. Pure and bounded.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, Method};

use super::{
    field,
    structured::{Bare, Item, Member, dictionary, item, list, write_dictionary, write_list},
    target::Target,
};

/// A request, as far as signatures cover it.
pub(in crate::scheme) struct Message<'a> {
    pub(in crate::scheme) method: &'a Method,
    pub(in crate::scheme) target: &'a Target,
    pub(in crate::scheme) headers: &'a HeaderMap,
}

/// One component.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Component<'a> {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    /// The one parameter of this name, which is percent-encoded.
    QueryParam(&'a str),
    Field(HeaderName, As<'a>),
}

/// How the value of a field is taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum As<'a> {
    /// As it is.
    Lines,
    /// As a structured field, written canonically.
    Structured,
    /// Each line as a sequence of bytes.
    Bytes,
    /// The member of this name of a dictionary.
    Member(&'a str),
}

impl<'a> Component<'a> {
    /// What an identifier names; the reason if that is nothing a request can have.
    pub(super) fn of(identifier: &'a Item<'a>) -> Result<Self, &'static str> {
        let Bare::String(name) = &identifier.value else {
            return Err("a covered component is not named by a string");
        };
        let params = &*identifier.params.0;
        if let ("@query-param", [("name", Bare::String(name))]) = (&**name, params) {
            return Ok(Self::QueryParam(name));
        }
        if !name.starts_with('@') {
            return Self::field(name, params);
        }
        if !params.is_empty() {
            return Err("a derived component has a parameter that it cannot have");
        }
        Ok(match &**name {
            "@method" => Self::Method,
            "@target-uri" => Self::TargetUri,
            "@authority" => Self::Authority,
            "@scheme" => Self::Scheme,
            "@request-target" => Self::RequestTarget,
            "@path" => Self::Path,
            "@query" => Self::Query,
            // Also `@status`, which only responses have.
            _ => return Err("a covered component is none that a request has"),
        })
    }

    fn field(name: &str, params: &'a [(&'a str, Bare<'a>)]) -> Result<Self, &'static str> {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("the name of a covered header is not in lower case");
        }
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| "the name of a covered header is none")?;
        let taken = match params {
            [] => As::Lines,
            [("sf", Bare::Boolean(true))] => As::Structured,
            [("bs", Bare::Boolean(true))] => As::Bytes,
            [("key", Bare::String(key))] => As::Member(key),
            // `req` is for responses, and trailers are not read.
            _ => return Err("a covered header has parameters that are not supported"),
        };
        Ok(Self::Field(name, taken))
    }

    /// Whether this is all of a header.
    pub(super) fn is_header(&self, wanted: &str) -> bool {
        matches!(self, Self::Field(name, As::Lines | As::Structured | As::Bytes) if name == wanted)
    }

    /// The value, as it stands in the signature base.
    pub(super) fn value(&self, message: &Message<'_>) -> Result<String, &'static str> {
        let target = message.target;
        Ok(match self {
            Self::Method => message.method.as_str().to_owned(),
            Self::TargetUri => target.uri(),
            Self::Authority => target.authority(),
            Self::Scheme => target.scheme.clone(),
            Self::RequestTarget => target.path_and_query(),
            Self::Path => target.path.clone(),
            Self::Query => format!("?{}", target.query.as_deref().unwrap_or_default()),
            Self::QueryParam(name) => query_param(target, name)?,
            Self::Field(name, As::Lines) => field::combined(message.headers, name)?,
            Self::Field(name, As::Structured) => {
                structured(name, &field::combined(message.headers, name)?)?
            }
            Self::Field(name, As::Bytes) => as_bytes(&field::lines(message.headers, name)?)?,
            Self::Field(name, As::Member(key)) => {
                member(&field::combined(message.headers, name)?, key)?
            }
        })
    }
}

/// The value of the one query parameter of this name (section 2.2.8). One that repeats cannot be signed: its readers
/// may take another than was signed.
fn query_param(target: &Target, name: &str) -> Result<String, &'static str> {
    let query = target.query.as_deref().unwrap_or_default();
    let encoded = |text: &str| {
        form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    // Decoded once: a query may have thousands of names.
    let wanted = form_urlencoded::parse(name.as_bytes()).next();
    let wanted = wanted.unwrap_or_default().0;
    let is_it = encoded(&wanted) == name;
    let mut values =
        form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| is_it && *known == wanted);
    let (_, value) = values
        .next()
        .ok_or("a covered query parameter is missing")?;
    if values.next().is_some() {
        return Err("a covered query parameter repeats");
    }
    Ok(encoded(&value))
}

/// A structured field, written canonically (section 2.1.1). What kind of field it is, its name tells; of others nobody
/// can say.
fn structured(name: &HeaderName, text: &str) -> Result<String, &'static str> {
    if DICTIONARIES.contains(&name.as_str()) {
        Ok(write_dictionary(&dictionary(text)?))
    } else if LISTS.contains(&name.as_str()) {
        Ok(write_list(&list(text)?))
    } else if ITEMS.contains(&name.as_str()) {
        let mut written = String::new();
        item(text)?.write(&mut written);
        Ok(written)
    } else {
        Err("a header is covered as a structured field, and is not known as one")
    }
}

/// The lines as sequences of bytes (section 2.1.3).
fn as_bytes(lines: &[&str]) -> Result<String, &'static str> {
    if lines.is_empty() {
        return Err("a header under the signature is missing");
    }
    let encoded = lines
        .iter()
        .map(|line| format!(":{}:", STANDARD.encode(line)));
    Ok(encoded.collect::<Vec<_>>().join(", "))
}

/// One member of a dictionary (section 2.1.2).
fn member(text: &str, key: &str) -> Result<String, &'static str> {
    let members = dictionary(text)?;
    let found = members.iter().find(|(name, _)| *name == key);
    let (_, member) = found.ok_or("a covered member of a header is missing")?;
    let mut written = String::new();
    Member::write(member, &mut written);
    Ok(written)
}

/// Structured fields of the HTTP field name registry that a sender of webhooks may have.
const DICTIONARIES: [&str; 8] = [
    "accept-signature",
    "content-digest",
    "priority",
    "repr-digest",
    "signature",
    "signature-input",
    "want-content-digest",
    "want-repr-digest",
];
const LISTS: [&str; 3] = ["cache-status", "client-cert-chain", "proxy-status"];
const ITEMS: [&str; 2] = ["client-cert", "idempotency-key"];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[expect(clippy::unwrap_in_result, reason = "a test fails by panicking")]
    fn value(
        identifier: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<String, &'static str> {
        let target = Target::new(url).unwrap();
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let message = Message {
            method: &Method::POST,
            target: &target,
            headers: &all,
        };
        Component::of(&item(identifier)?)?.value(&message)
    }

    #[test]
    fn the_url_has_its_pieces() {
        let url = "https://www.Example.com/path?param=value&foo=bar&baz=batman&qux=";
        for (identifier, expected) in [
            ("\"@method\"", "POST"),
            (
                "\"@target-uri\"",
                "https://www.example.com/path?param=value&foo=bar&baz=batman&qux=",
            ),
            ("\"@authority\"", "www.example.com"),
            ("\"@scheme\"", "https"),
            (
                "\"@request-target\"",
                "/path?param=value&foo=bar&baz=batman&qux=",
            ),
            ("\"@path\"", "/path"),
            ("\"@query\"", "?param=value&foo=bar&baz=batman&qux="),
            ("\"@query-param\";name=\"baz\"", "batman"),
            ("\"@query-param\";name=\"qux\"", ""),
        ] {
            assert_eq!(
                value(identifier, url, &[]).as_deref(),
                Ok(expected),
                "{identifier}"
            );
        }
        assert_eq!(value("\"@query\"", "https://a/b", &[]).as_deref(), Ok("?"));
    }

    /// The examples of section 2.2.8.
    #[test]
    fn query_parameters_are_percent_encoded_again() {
        let url = "https://a/b?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something";
        for (name, expected) in [
            ("var", "this%20is%20a%20big%0Amultiline%20value"),
            ("bar", "with%20plus%20whitespace"),
            ("fa%C3%A7ade%22%3A%20", "something"),
        ] {
            let identifier = format!("\"@query-param\";name=\"{name}\"");
            assert_eq!(
                value(&identifier, url, &[]).as_deref(),
                Ok(expected),
                "{name}"
            );
        }
        let twice = "https://a/b?Pet=dog&Pet=cat&%50et=fish";
        assert!(value("\"@query-param\";name=\"Pet\"", twice, &[]).is_err());
        assert!(value("\"@query-param\";name=\"pet\"", twice, &[]).is_err());
        assert!(value("\"@query-param\"", twice, &[]).is_err());
    }

    /// The examples of sections 2.1 to 2.1.3.
    #[test]
    fn headers_are_taken_as_the_identifier_says() {
        let headers = [
            ("x-ows-header", "  Leading and trailing whitespace.   "),
            ("cache-control", "max-age=60"),
            ("cache-control", "   must-revalidate"),
            ("x-empty", ""),
            ("example-dict", " a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
            ("example-header", "value, with, lots"),
            ("example-header", "of, commas"),
            ("content-digest", "a=:AA==:,b=:AA==:"),
            ("cache-status", "a,b;hit"),
            ("client-cert", ":AA==:"),
        ];
        let read = |identifier: &str| value(identifier, "https://a/b", &headers);
        for (identifier, expected) in [
            ("\"x-ows-header\"", "Leading and trailing whitespace."),
            ("\"cache-control\"", "max-age=60, must-revalidate"),
            ("\"x-empty\"", ""),
            (
                "\"example-dict\"",
                "a=1,    b=2;x=1;y=2,   c=(a   b   c), d",
            ),
            ("\"example-dict\";key=\"a\"", "1"),
            ("\"example-dict\";key=\"d\"", "?1"),
            ("\"example-dict\";key=\"b\"", "2;x=1;y=2"),
            ("\"example-dict\";key=\"c\"", "(a b c)"),
            (
                "\"example-header\";bs",
                ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:",
            ),
            ("\"content-digest\";sf", "a=:AA==:, b=:AA==:"),
            ("\"cache-status\";sf", "a, b;hit"),
            ("\"client-cert\";sf", ":AA==:"),
        ] {
            assert_eq!(read(identifier).as_deref(), Ok(expected), "{identifier}");
        }
        for identifier in [
            "\"x-missing\"",
            "\"x-missing\";bs",
            "\"example-dict\";sf",
            "\"example-dict\";key=\"e\"",
            "\"example-dict\";key",
            "\"example-dict\";key=a",
            "\"example-header\";bs;sf",
            "\"x-empty\";tr",
            "\"x-empty\";req",
            "\"x-empty\";bs=?0",
            "\"x-empty\";crit",
            "\"X-Empty\"",
            "\"x empty\"",
            "\"\"",
            "x-empty",
            "\"@status\"",
            "\"@method\";req",
            "\"@signature-params\"",
            "\"@query-param\";name=1",
            "\"@other\"",
            "\"@query-param\";name=\"a\";req",
        ] {
            assert!(read(identifier).is_err(), "{identifier}");
        }
    }
}
