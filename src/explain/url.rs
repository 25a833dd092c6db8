//! What goes wrong with the URL, where the signature covers it: the sender knows the endpoint by another than arrives.

mod address;

use http::Uri;

use super::{Explain, attempt::Attempt, hypothesis::Variants, mistake::Mistake};

pub(super) use self::address::assumed;
use self::address::{Url, split_port};

/// The variants of an attempt at other URLs.
fn at<'a>(
    attempt: &'a Attempt,
    mistake: Mistake,
    changes: impl Fn(&Url) -> Vec<(String, Url)>,
) -> Variants<'a> {
    let Some(url) = Url::of(attempt) else {
        return Box::new(std::iter::empty());
    };
    let others = changes(&url)
        .into_iter()
        .filter(move |(_, other)| *other != url);
    Box::new(
        others
            .filter_map(move |(detail, other)| Some(other.put(attempt)?.variant(mistake, detail))),
    )
}

/// `http` instead of `https`, and the other way round.
pub(super) fn schemes<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlScheme, |url| {
        let (other, before) = match &*url.scheme {
            "http" => ("https", "http"),
            _ => ("http", "https"),
        };
        let scheme = other.to_owned();
        vec![(
            format!("at `{other}`, and `{before}` was expected"),
            Url {
                scheme,
                ..url.clone()
            },
        )]
    })
}

/// The hosts that proxies tell of, and the one of the request.
pub(super) fn hosts<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlHost, |url| {
        let told = HOSTS
            .iter()
            .filter_map(|name| Some((*name, last(attempt.header(name)?))));
        let forwarded = forwarded(attempt, "host").map(|host| ("forwarded", host));
        let named = told.chain(forwarded).map(|(name, authority)| {
            let (host, port) = split_port(authority);
            let other = Url {
                host: host.to_owned(),
                port: port.map(str::to_owned),
                ..url.clone()
            };
            (format!("at the host that the header `{name}` names"), other)
        });
        let host = match url.host.strip_prefix("www.") {
            Some(rest) => rest.to_owned(),
            None => format!("www.{}", url.host),
        };
        let www = (
            "with or without `www.` in front of the host".to_owned(),
            Url {
                host,
                ..url.clone()
            },
        );
        let spelt = [
            ("in lower case", url.host.to_lowercase()),
            ("in upper case", url.host.to_uppercase()),
        ];
        let spelt = spelt.map(|(how, host)| {
            let other = Url {
                host,
                ..url.clone()
            };
            (format!("with the host {how}"), other)
        });
        named.chain([www]).chain(spelt).collect()
    })
}

const HOSTS: [&str; 5] = [
    "x-forwarded-host",
    "x-original-host",
    "x-forwarded-server",
    "x-host",
    "host",
];

/// The ports that are usual.
pub(super) fn ports<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlPort, |url| {
        let told = attempt.header("x-forwarded-port").map(last);
        let ports = told.into_iter().chain(PORTS).map(|port| {
            let other = Url {
                port: Some(port.to_owned()),
                ..url.clone()
            };
            (format!("with the port {port} in the URL"), other)
        });
        let without = Url {
            port: None,
            ..url.clone()
        };
        [("without the port of the URL".to_owned(), without)]
            .into_iter()
            .chain(ports)
            .collect()
    })
}

const PORTS: [&str; 7] = ["443", "80", "8443", "8080", "8000", "5000", "3000"];

/// A slash at the end, or none.
pub(super) fn slashes<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlSlash, |url| {
        let (path, detail) = match url.path.strip_suffix('/') {
            Some(path) => (path.to_owned(), "without the slash at the end of the path"),
            None => (
                format!("{}/", url.path),
                "with a slash at the end of the path",
            ),
        };
        vec![(
            detail.to_owned(),
            Url {
                path,
                ..url.clone()
            },
        )]
    })
}

/// Paths as proxies tell of them, the path without its first step, and the URL without its query.
pub(super) fn paths<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlPath, |url| {
        let mut all = Vec::new();
        for name in PATHS {
            let told = attempt
                .header(name)
                .map(last)
                .and_then(|path| path.parse::<Uri>().ok());
            all.extend(told.map(|told| {
                let other = Url {
                    path: told.path().to_owned(),
                    query: told.query().map(str::to_owned),
                    ..url.clone()
                };
                (format!("at the path that the header `{name}` names"), other)
            }));
        }
        if let Some(prefix) = prefix(attempt) {
            let path = format!("{prefix}{}", url.path);
            let detail = "at the path behind the prefix that `x-forwarded-prefix` names";
            all.push((
                detail.to_owned(),
                Url {
                    path,
                    ..url.clone()
                },
            ));
        }
        if let Some((_, rest)) = url.path.trim_start_matches('/').split_once('/') {
            let path = format!("/{rest}");
            let detail = "without the first step of the path, which something has put in front";
            all.push((
                detail.to_owned(),
                Url {
                    path,
                    ..url.clone()
                },
            ));
        }
        all.extend(queries(url.query.as_deref()).map(|(detail, query)| {
            let other = Url {
                query,
                ..url.clone()
            };
            (detail.to_owned(), other)
        }));
        all
    })
}

/// Other queries, and none.
fn queries(query: Option<&str>) -> impl Iterator<Item = (&'static str, Option<String>)> {
    let others = query.map(|query| {
        let mut pairs: Vec<&str> = query.split('&').collect();
        // By name alone: those of one name keep their order.
        pairs.sort_by_key(|pair| pair.split_once('=').map_or(*pair, |(name, _)| name));
        [
            (
                "with `%20` for each `+` of the query",
                query.replace('+', "%20"),
            ),
            (
                "with `+` for each `%20` of the query",
                query.replace("%20", "+"),
            ),
            (
                "with the parameters of the query in the order of their names",
                pairs.join("&"),
            ),
        ]
    });
    let others = others.into_iter().flatten();
    let others = others.map(|(detail, query)| (detail, Some(query)));
    [("without the query", None)].into_iter().chain(others)
}

const PATHS: [&str; 6] = [
    "x-original-uri",
    "x-original-url",
    "x-rewrite-url",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-envoy-original-path",
];

/// All that the headers of a proxy say, at once.
pub(super) fn proxies<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    at(attempt, Mistake::UrlProxy, |url| {
        let mut other = url.clone();
        if let Some(scheme) = told(attempt, "x-forwarded-proto", "proto") {
            other.scheme = scheme.to_owned();
        }
        if let Some(authority) = told(attempt, "x-forwarded-host", "host") {
            let (host, port) = split_port(authority);
            other.host = host.to_owned();
            other.port = port.map(str::to_owned);
        }
        if let Some(port) = attempt.header("x-forwarded-port").map(last) {
            other.port = Some(port.to_owned());
        }
        if let Some(prefix) = prefix(attempt) {
            other.path = format!("{prefix}{}", other.path);
        }
        vec![(
            "at the URL that the headers of the proxy tell".to_owned(),
            other,
        )]
    })
}

fn told<'a>(attempt: &'a Attempt, name: &str, parameter: &str) -> Option<&'a str> {
    let own = attempt.header(name).map(last);
    own.or_else(|| forwarded(attempt, parameter))
}

fn prefix(attempt: &Attempt) -> Option<&str> {
    let prefix = attempt.header("x-forwarded-prefix").map(last)?;
    Some(prefix.trim_end_matches('/'))
}

/// A parameter of the last element of `Forwarded`; it need not be read as strictly as where a URL is believed.
fn forwarded<'a>(attempt: &'a Attempt, parameter: &str) -> Option<&'a str> {
    let element = last(attempt.header("forwarded")?);
    let mut pairs = element
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case(parameter))?;
    Some(value.trim_matches('"'))
}

/// The last of the values of a list, which the nearest proxy wrote.
fn last(text: &str) -> &str {
    text.rsplit_once(',').map_or(text, |(_, last)| last).trim()
}
