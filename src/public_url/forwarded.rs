//! What the nearest proxy says of a request: the last value of `Forwarded` (RFC 7239) and of `X-Forwarded-*`. Pure.

use std::borrow::Cow;

use http::HeaderMap;

use super::is_host;

/// What is said, well-formed; `None` where nothing is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Forwarded<'a> {
    pub(super) proto: Option<&'static str>,
    pub(super) host: Option<Cow<'a, str>>,
    pub(super) port: Option<u16>,
    /// Without a slash at its end.
    pub(super) prefix: Option<&'a str>,
}

impl<'a> Forwarded<'a> {
    pub(super) fn read(headers: &'a HeaderMap) -> Result<Self, &'static str> {
        let standard = match last_line(headers, "forwarded")? {
            Some(line) => last_element(line).ok_or("Forwarded is malformed")?,
            None => Self::default(),
        };
        let proto = last(headers, "x-forwarded-proto")?.map(|text| proto(text).ok_or(MALFORMED));
        let host = last(headers, "x-forwarded-host")?
            .map(|text| is_host(text).then_some(text).ok_or(MALFORMED));
        let port = last(headers, "x-forwarded-port")?.map(|text| port(text).ok_or(MALFORMED));
        let prefix = last(headers, "x-forwarded-prefix")?.map(|text| prefix(text).ok_or(MALFORMED));
        Ok(Self {
            proto: agreed(standard.proto, proto.transpose()?)?,
            host: agreed(standard.host, host.transpose()?.map(Cow::Borrowed))?,
            port: port.transpose()?,
            prefix: prefix.transpose()?,
        })
    }
}

/// A proxy that sets one header may pass on the other as a stranger sent it.
fn agreed<T: PartialEq>(one: Option<T>, other: Option<T>) -> Result<Option<T>, &'static str> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => {
            Err("Forwarded and X-Forwarded-* contradict each other")
        }
        (one, other) => Ok(one.or(other)),
    }
}

fn last_line<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, &'static str> {
    let line = headers.get_all(name).iter().next_back();
    line.map(|line| line.to_str().map_err(|_| MALFORMED))
        .transpose()
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, &'static str> {
    let line = last_line(headers, name)?;
    Ok(line.map(|line| line.rsplit_once(',').map_or(line, |(_, last)| last).trim()))
}

fn proto(text: &str) -> Option<&'static str> {
    ["https", "http"]
        .into_iter()
        .find(|known| text.eq_ignore_ascii_case(known))
}

fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

fn prefix(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\'));
    is_path.then(|| text.trim_end_matches('/'))
}

/// The last element of a list of elements, each a list of pairs. All of the text must be well-formed: a quotation mark
/// that a stranger leaves open would swallow what the proxy wrote behind it.
fn last_element(text: &str) -> Option<Forwarded<'_>> {
    let mut element = Forwarded::default();
    let mut rest = text.trim();
    loop {
        if let Some(tail) = rest.strip_prefix(';') {
            rest = tail.trim_start();
        } else if let Some(tail) = rest.strip_prefix(',') {
            element = Forwarded::default();
            rest = tail.trim_start();
        } else if rest.is_empty() {
            return Some(element);
        } else {
            let (name, value, tail) = pair(rest)?;
            element.set(name, value)?;
            rest = tail.trim_start();
            if !(rest.is_empty() || rest.starts_with([';', ','])) {
                return None;
            }
        }
    }
}

impl<'a> Forwarded<'a> {
    /// `None`: said twice, or malformed. `for` and `by` are nobody's business here.
    fn set(&mut self, name: &str, value: Cow<'a, str>) -> Option<()> {
        if name.eq_ignore_ascii_case("proto") {
            return (self.proto.replace(proto(&value)?).is_none()).then_some(());
        }
        if name.eq_ignore_ascii_case("host") {
            let fits = is_host(&value);
            return (fits && self.host.replace(value).is_none()).then_some(());
        }
        Some(())
    }
}

/// A name, its value, and what follows.
fn pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (name, rest) = text.split_once('=')?;
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return None;
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (value, rest) = unquote(quoted)?;
        return Some((name, value.into(), rest));
    }
    // A port needs quotation marks, and many proxies leave them out.
    let end = rest.find([';', ',', '"', ' ', '\t']).unwrap_or(rest.len());
    let (value, rest) = rest.split_at_checked(end)?;
    (!value.is_empty()).then_some((name, value.into(), rest))
}

/// The text up to the closing quotation mark, and what follows that.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return Some((value, rest.as_str())),
            '\\' => value.push(rest.next()?),
            other => value.push(other),
        }
    }
}

const MALFORMED: &str = "a forwarded header is malformed";

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn read(lines: &[(&'static str, &str)]) -> Result<[Option<String>; 4], &'static str> {
        let headers = headers(lines);
        let said = Forwarded::read(&headers)?;
        Ok([
            said.proto.map(str::to_owned),
            said.host.map(Cow::into_owned),
            said.port.map(|port| port.to_string()),
            said.prefix.map(str::to_owned),
        ])
    }

    fn standard(text: &str) -> Option<(Option<String>, Option<String>)> {
        let [proto, host, ..] = read(&[("forwarded", text)]).ok()?;
        Some((proto, host))
    }

    #[test]
    fn the_last_element_of_forwarded_counts() {
        let some = |text: &str| Some(text.to_owned());
        for (text, proto, host) in [
            (
                "proto=https;host=a.example",
                some("https"),
                some("a.example"),
            ),
            (
                "for=1.2.3.4, for=\"[::1]:80\";Proto=HTTP",
                some("http"),
                None,
            ),
            ("host=evil.example, host=a.example", None, some("a.example")),
            ("host=\"a.example:8443\"", None, some("a.example:8443")),
            ("host=a.example:8443 ; by=b", None, some("a.example:8443")),
            (
                "host=\"[2001:db8::1]:8443\"",
                None,
                some("[2001:db8::1]:8443"),
            ),
            (
                "for=\"a\\\",host=evil\", host=a.example;",
                None,
                some("a.example"),
            ),
            ("host=a.example,", None, None),
            ("", None, None),
        ] {
            assert_eq!(standard(text), Some((proto, host)), "{text}");
        }
        let lines = [
            ("forwarded", "host=evil.example"),
            ("forwarded", "host=a.example"),
        ];
        assert_eq!(read(&lines).unwrap()[1], some("a.example"));
    }

    #[test]
    fn what_is_malformed_is_not_guessed() {
        for text in [
            "host",
            "host=",
            "=a",
            "host=\"a",
            "host=\"a\\",
            "for=\"x, host=a.example",
            "for=\"x\"y;host=a",
            "host=a b",
            "host=a;host=a",
            "proto=https;proto=https",
            "proto=wss",
            "proto=",
            "host=user@a",
            "host=a/b",
            "host=\"a b\"",
            "host=\":80\"",
            "host=a:",
            "host=a:99999",
            "h\u{e4}=b",
        ] {
            assert_eq!(standard(text), None, "{text}");
        }
        for (name, value) in [
            ("x-forwarded-proto", ""),
            ("x-forwarded-proto", "https,"),
            ("x-forwarded-proto", "https http"),
            ("x-forwarded-host", "a.example,"),
            ("x-forwarded-host", "https://a.example"),
            ("x-forwarded-host", "a.example/x"),
            ("x-forwarded-port", "+80"),
            ("x-forwarded-port", "0"),
            ("x-forwarded-port", "65536"),
            ("x-forwarded-port", "44 3"),
            ("x-forwarded-prefix", "api"),
            ("x-forwarded-prefix", "/api?x"),
            ("x-forwarded-prefix", "/a b"),
        ] {
            assert!(read(&[(name, value)]).is_err(), "{name}: {value}");
        }
    }

    #[test]
    fn the_last_value_of_the_older_headers_counts() {
        let said = read(&[
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-host", "a.example , b.example"),
            ("x-forwarded-port", "8443"),
            ("x-forwarded-prefix", "/api/"),
        ]);
        let texts = ["https", "b.example", "8443", "/api"];
        assert_eq!(said, Ok(texts.map(|text| Some(text.to_owned()))));
        assert_eq!(read(&[]), Ok([None, None, None, None]));
        assert_eq!(
            read(&[("x-forwarded-prefix", "/")]).unwrap()[3].as_deref(),
            Some("")
        );
    }

    #[test]
    fn two_ways_to_say_it_must_agree() {
        let both = |host| read(&[("forwarded", "host=a.example"), ("x-forwarded-host", host)]);
        assert!(both("a.example").is_ok());
        assert!(both("evil.example").is_err());
    }
}
