//! Where a sender publishes its keys, as data: the URLs that may be asked, and what their answers hold. Pure.
//!
//! A URL of the request is compared whole with patterns, before anything is asked: nothing is parsed that two parsers
//! could read as two URLs.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

#[cfg(feature = "testing")]
use super::Scheme;
use super::{keys::Ring, refusal::malformed};
use crate::{error::Rejection, profile::seconds, secret::Param};

/// Where a sender publishes the keys that sign its requests.
///
/// With keys in the keyring nothing is ever fetched; they are named as the request names them, by URL or id. With none
/// the feature `discovery` fetches them. Either way a request that names a URL off the list is refused.
///
/// ```
/// use hooklatch::{Discovery, KeyDocument, KeyPlace};
///
/// let acme = Discovery {
///     place: KeyPlace::Fixed("https://keys.acme.example/jwks.json".into()),
///     ..Discovery::JWKS
/// };
/// assert_eq!(acme.document, KeyDocument::Jwks);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Discovery {
    /// The URLs that may be asked.
    pub place: KeyPlace,
    /// What they answer.
    pub document: KeyDocument,
    /// What they are asked.
    #[serde(default)]
    pub access: KeyAccess,
    /// How much longer keys count while their source fails. Zero: not at all, the sender is answered 503 then.
    #[serde(default, with = "seconds")]
    pub stale: Duration,
}

impl Discovery {
    /// A JWK set that anybody may read; its place is yet to be said.
    pub const JWKS: Self = Self {
        place: KeyPlace::Fixed(Cow::Borrowed("")),
        document: KeyDocument::Jwks,
        access: KeyAccess::Open,
        stale: Duration::ZERO,
    };

    /// An X.509 certificate in PEM that anybody may read; its place is yet to be said.
    pub const CERTIFICATE: Self = Self {
        document: KeyDocument::Certificate,
        ..Self::JWKS
    };
}

/// The URLs that keys may be fetched from, as patterns of a whole URL: `https`, a host, a path, no more. Between braces
/// stands what varies:
///
/// | | stands for |
/// |---|---|
/// | `{hex32}` | 32 lower-case hexadecimal digits |
/// | `{token}` | 1 to 128 ASCII letters, digits, `-` and `_` |
/// | `{uuid}` | a UUID in lower case |
/// | `{kid}` | the key's id, percent-encoded: 1 to 128 visible ASCII characters, but not `.` or `..` |
/// | `{domain}` | the keyring's [`Param::Domain`] |
/// | `{region}`, `{dns}` | the region of the request's AWS topic, and the domain of its partition: `amazonaws.com` or `amazonaws.com.cn` |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum KeyPlace {
    /// The request's [`Scheme::key_id`](crate::Scheme::key_id) is a URL; it must be one of these.
    Named(Cow<'static, [KeyUrl]>),
    /// This URL has all keys, whatever a request says.
    Fixed(Cow<'static, str>),
    /// Each key has a URL of its own, of its id.
    PerKey(Cow<'static, str>),
}

/// One kind of URL that a request may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct KeyUrl {
    /// The pattern of the whole URL.
    pub url: Cow<'static, str>,
    /// Whom a certificate there must name: a DNS name of its subject alternative name, or where it has none its common
    /// name.
    #[serde(default)]
    pub certificate: Option<Cow<'static, str>>,
}

/// What a URL of keys answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum KeyDocument {
    /// An X.509 certificate in PEM; of several the first.
    Certificate,
    /// A JWK set (RFC 7517).
    Jwks,
    /// The configuration of an OpenID provider, whose `jwks_uri` must be this URL, where its JWK set is.
    OpenId(Cow<'static, str>),
    /// JSON with the one key at this pointer, as PEM or as a JWK.
    Json(Cow<'static, str>),
    /// JSON with a list of keys.
    JsonList {
        /// JSON pointer to the list.
        list: Cow<'static, str>,
        /// The member of an entry that is the key's id.
        id: Cow<'static, str>,
        /// The member that is the key, as PEM.
        key: Cow<'static, str>,
    },
}

/// How a URL of keys is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum KeyAccess {
    /// By GET, as anybody may.
    #[default]
    Open,
    /// By GET with the keyring's [`Param::AccessToken`] as a bearer token.
    Bearer,
    /// By POST of a JSON object with these members.
    Post(Cow<'static, [(Cow<'static, str>, KeyMember)]>),
}

/// A member of the object that a URL of keys is asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum KeyMember {
    /// The id of the key.
    KeyId,
    /// A parameter of the keyring.
    Param(Param),
}

impl KeyAccess {
    /// The parameters it takes of the keyring.
    pub(super) fn params(&self) -> impl Iterator<Item = Param> {
        let members = match self {
            Self::Post(members) => &**members,
            Self::Open | Self::Bearer => &[],
        };
        let bearer = matches!(self, Self::Bearer).then_some(Param::AccessToken);
        let members = members.iter().filter_map(|(_, member)| match member {
            KeyMember::Param(param) => Some(*param),
            KeyMember::KeyId => None,
        });
        bearer.into_iter().chain(members)
    }
}

impl Discovery {
    /// Whether a request may name this key: where it names a URL, the kind of URL that it is.
    pub(super) fn allows(
        &self,
        id: &[u8],
        topic: Option<&Topic>,
        ring: &Ring,
    ) -> Result<Option<&KeyUrl>, Rejection> {
        let KeyPlace::Named(urls) = &self.place else {
            return Ok(None);
        };
        let url = str::from_utf8(id).ok().and_then(|url| {
            let known = |name: &str| known(name, topic, ring);
            urls.iter()
                .find(|allowed| matches(&allowed.url, url, &known))
        });
        let url = url.ok_or_else(|| {
            malformed("the request names a URL of keys that the sender does not have")
        })?;
        Ok(Some(url))
    }

    /// What is wrong with the description.
    pub(super) fn fault(&self) -> Option<String> {
        let patterns: Vec<&str> = match &self.place {
            KeyPlace::Named(urls) => urls.iter().map(|url| &*url.url).collect(),
            KeyPlace::Fixed(url) | KeyPlace::PerKey(url) => vec![url],
        };
        let second = match &self.document {
            KeyDocument::OpenId(url) => Some(&**url),
            _ => None,
        };
        let bad = patterns.iter().copied().chain(second);
        if let Some(bad) = bad.into_iter().find(|pattern| !is_pattern(pattern)) {
            return Some(format!(
                "{bad:?} is not a URL of keys: `https://`, a host and a path"
            ));
        }
        let varies = |pattern: &&str| pattern.contains('{');
        match &self.place {
            KeyPlace::Named(urls) if urls.is_empty() => Some("no URL of keys is allowed".into()),
            KeyPlace::PerKey(url) if !varies(&&**url) => {
                Some("every key has the same URL: it does not hold its id".into())
            }
            _ => None,
        }
    }
}

#[cfg(feature = "testing")]
impl Scheme {
    /// A topic to test with.
    pub(crate) const SAMPLE_TOPIC: &'static str = "arn:aws:sns:eu-west-1:123456789012:made-up";

    /// A URL that a request may name, where requests name their key so.
    pub(crate) fn sample_key_url(&self) -> Option<String> {
        let KeyPlace::Named(urls) = &self.discovery.as_ref()?.place else {
            return None;
        };
        let samples = [
            ("{hex32}", "0123456789abcdef0123456789abcdef"),
            ("{token}", "made-up"),
            ("{uuid}", "01234567-89ab-cdef-0123-456789abcdef"),
            ("{region}", "eu-west-1"),
            ("{dns}", "amazonaws.com"),
        ];
        let pattern = urls.first()?.url.to_string();
        let fill = |url: String, (name, text): &(&str, &str)| url.replace(name, text);
        Some(samples.iter().fold(pattern, fill))
    }
}

/// What stands for this name, where the keyring tells.
pub(super) fn known<'k>(name: &str, topic: Option<&'k Topic>, ring: &'k Ring) -> Option<&'k str> {
    if name == "domain" {
        let domain = ring.param(Param::Domain)?;
        return str::from_utf8(domain.expose()).ok();
    }
    topic?.known(name)
}

/// What a pattern's braces stand for that the request does not choose.
pub(super) type Known<'k> = &'k dyn Fn(&str) -> Option<&'k str>;

/// Whether a text is, whole, a URL of this pattern.
pub(super) fn matches(mut pattern: &str, text: &str, known: Known<'_>) -> bool {
    let mut rest = text;
    loop {
        let Some((literal, after)) = pattern.split_once('{') else {
            return rest == pattern;
        };
        let Some((name, after)) = after.split_once('}') else {
            return false;
        };
        let Some(at) = rest.strip_prefix(literal) else {
            return false;
        };
        let next = match known(name) {
            Some(value) => at.strip_prefix(value),
            None => variable(name, at),
        };
        let Some(next) = next else {
            return false;
        };
        (rest, pattern) = (next, after);
    }
}

/// The URL of a key of this id. `None` where no key can have the id.
#[cfg(feature = "discovery")]
pub(super) fn filled(pattern: &str, id: &str, known: Known<'_>) -> Option<String> {
    let mut url = String::new();
    let mut pattern = pattern;
    while let Some((literal, after)) = pattern.split_once('{') {
        let (name, after) = after.split_once('}')?;
        url.push_str(literal);
        match known(name) {
            Some(value) => url.push_str(value),
            None if name == "kid" => push_encoded(&mut url, id)?,
            None => {
                variable(name, id).filter(|rest| rest.is_empty())?;
                url.push_str(id);
            }
        }
        pattern = after;
    }
    url.push_str(pattern);
    Some(url)
}

/// What follows a text of this kind; `None` where there is none.
fn variable<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let end = match name {
        "hex32" => {
            let digits = text.as_bytes().get(..32)?;
            digits.iter().all(hex).then_some(32)?
        }
        "uuid" => {
            let uuid = text.as_bytes().get(..36)?;
            let fits = uuid.iter().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => hex(byte),
            });
            fits.then_some(36)?
        }
        "token" => {
            let is = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let end = text.bytes().position(|byte| !is(&byte));
            let end = end.unwrap_or(text.len());
            (1..=LONGEST_ID).contains(&end).then_some(end)?
        }
        _ => return None,
    };
    text.get(end..)
}

#[cfg(feature = "discovery")]
fn push_encoded(url: &mut String, id: &str) -> Option<()> {
    if !is_id(id) || matches!(id, "." | "..") {
        return None;
    }
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(())
}

/// Whether a text can be the id of a key: visible ASCII, bounded.
#[cfg(feature = "discovery")]
pub(super) fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a pattern is `https://`, a host and a path, what varies being left aside.
fn is_pattern(pattern: &str) -> bool {
    let Some((host, path)) = pattern
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let braces = pattern.matches('{').count() == pattern.matches('}').count();
    let known = pattern.split('{').skip(1).all(|rest| {
        let name = rest.split('}').next().unwrap_or_default();
        ["hex32", "token", "uuid", "kid", "domain", "region", "dns"].contains(&name)
    });
    let of = |text: &str, more: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    braces
        && known
        && !host.is_empty()
        && of(host, b"-.{}")
        && of(path, b"-._~/{}")
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// A topic of AWS SNS, as its ARN names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) arn: Box<str>,
    region: std::ops::Range<usize>,
    is_china: bool,
}

impl Topic {
    /// An ARN, as `arn:aws:sns:eu-west-1:123456789012:orders`.
    pub(super) fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
        let name_fits = name.strip_suffix(".fifo").unwrap_or(name);
        let words = |text: &str, upper: bool| {
            !text.is_empty()
                && text.bytes().all(|byte| {
                    byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || byte == b'-'
                        || (upper && (byte.is_ascii_uppercase() || byte == b'_'))
                })
        };
        let fits = head == "arn"
            && matches!(partition, "aws" | "aws-cn" | "aws-us-gov")
            && service == "sns"
            && words(region, false)
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && words(name_fits, true)
            && name.len() <= 256;
        let start = head.len() + partition.len() + service.len() + 3;
        fits.then(|| Self {
            arn: arn.into(),
            region: start..start + region.len(),
            is_china: partition == "aws-cn",
        })
    }

    /// What `{region}` and `{dns}` stand for.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        match name {
            "region" => self.arn.get(self.region.clone()),
            "dns" if self.is_china => Some("amazonaws.com.cn"),
            "dns" => Some("amazonaws.com"),
            _ => None,
        }
    }
}

const LONGEST_ID: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const SNS: &str = "https://sns.{region}.{dns}/SimpleNotificationService-{hex32}.pem";

    fn sns(url: &str) -> bool {
        let topic = Topic::parse("arn:aws:sns:us-east-1:123456789012:MyTopic").unwrap();
        matches(SNS, url, &|name| topic.known(name))
    }

    #[test]
    fn a_url_is_compared_whole() {
        let good = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
        assert!(sns(good));
        let file = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
        let bad = [
            format!("http://sns.us-east-1.amazonaws.com{file}"),
            format!("HTTPS://sns.us-east-1.amazonaws.com{file}"),
            format!("https://SNS.us-east-1.amazonaws.com{file}"),
            format!("https://sns.us-east-1.amazonaws.com:443{file}"),
            format!("https://sns.us-east-1.amazonaws.com.{file}"),
            format!("https://sns.us-east-1.amazonaws.com@evil.example{file}"),
            format!("https://sns.us-east-1.amazonaws.com.evil.example{file}"),
            format!("https://evil.example/sns.us-east-1.amazonaws.com{file}"),
            format!("https://sns.us-east-1.amazonaws.com\\@evil.example{file}"),
            format!("https://user@sns.us-east-1.amazonaws.com{file}"),
            format!("https://sns.s3-us-west-2.amazonaws.com{file}"),
            format!("https://sns.s3-accelerate.amazonaws.com{file}"),
            format!("https://sns.s3.amazonaws.com{file}"),
            format!("https://sns.eu-west-1.amazonaws.com{file}"),
            format!("https://sns.us-east-1.amazonaws.com.cn{file}"),
            format!("https://sns.us-east-1.amazonaws.com/..{file}"),
            format!("https://sns.us-east-1.amazonaws.com//{file}"),
            format!("https://sns.us-east-1.amazonaws.com/?x={file}"),
            format!("{good}?x"),
            format!("{good}#x"),
            format!("{good}/"),
            format!(" {good}"),
            format!("{good}\n"),
            good.replace("abcdef.pem", "abcdeF.pem"),
            good.replace("abcdef.pem", "abcde.pem"),
            good.replace("abcdef.pem", "abcdef.%70em"),
            good.replace(".pem", ".pem.pem"),
            good.replace("SimpleN", "simpleN"),
            String::new(),
        ];
        for url in bad {
            assert!(!sns(&url), "{url}");
        }
    }

    #[cfg(feature = "discovery")]
    #[test]
    fn an_id_cannot_leave_its_place() {
        let none = |_: &str| None;
        let url = |pattern: &str, id: &str| filled(pattern, id, &none);
        let kid = "https://keys.example/{kid}";
        assert_eq!(
            url(kid, "a-b_1").as_deref(),
            Some("https://keys.example/a-b_1")
        );
        assert_eq!(
            url(kid, "../x?y#z").as_deref(),
            Some("https://keys.example/..%2Fx%3Fy%23z")
        );
        assert_eq!(
            url(kid, "%2e").as_deref(),
            Some("https://keys.example/%252e")
        );
        let long = "a".repeat(129);
        for id in ["", ".", "..", "a b", "é", "a\n", &long] {
            assert_eq!(url(kid, id), None, "{id:?}");
        }
        let uuid = "https://keys.example/key/{uuid}";
        assert!(url(uuid, "9936261a-7d7b-4621-a0f1-96ccb428af49").is_some());
        for id in [
            "",
            "../9936261a-7d7b-4621-a0f1-96ccb428af",
            "9936261a-7d7b-4621-a0f1-96ccb428af49/",
            "9936261A-7D7B-4621-A0F1-96CCB428AF49",
        ] {
            assert_eq!(url(uuid, id), None, "{id:?}");
        }
    }

    #[test]
    fn a_topic_is_an_arn_and_tells_its_host() {
        let china = Topic::parse("arn:aws-cn:sns:cn-north-1:123456789012:Orders.fifo").unwrap();
        assert_eq!(china.known("region"), Some("cn-north-1"));
        assert_eq!(china.known("dns"), Some("amazonaws.com.cn"));
        for arn in [
            "",
            "arn:aws:sns:us-east-1:123456789012:",
            "arn:aws:sns:us-east-1:1234:x",
            "arn:aws:sqs:us-east-1:123456789012:x",
            "arn:aws:sns::123456789012:x",
            "arn:aws:sns:evil.example/:123456789012:x",
            "arn:evil:sns:us-east-1:123456789012:x",
            "arn:aws:sns:us-east-1:123456789012:x:sub",
        ] {
            assert_eq!(Topic::parse(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_pattern_is_https_a_host_and_a_path() {
        assert!(is_pattern(SNS));
        for bad in [
            "",
            "http://keys.example/",
            "https://keys.example",
            "https:///x",
            "https://keys.example:1/x",
            "https://a@keys.example/x",
            "https://keys.example/x?y",
            "https://keys.example/x#y",
            "https://keys.example/../x",
            "https://keys.example/{nonsense}",
            "https://keys.example/{kid",
            "https://keys.example/%2e",
        ] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }
}
