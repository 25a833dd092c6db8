//! The usual mistakes, and how each is made.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{
    Algorithm, Encoding, KeyFormat, Keyring, Method, Param, Part, Scheme, Source, TimeFormat,
    Timestamp, explain::Mistake, provider, testing::Sender,
};
use time::Duration;

use super::{
    charsets, keys,
    situation::{JSON, NOW, SECRET, SENDERS, Situation, URL_SENDERS, body_for, keyring, secret},
    urls,
};

pub(crate) struct Row {
    pub(crate) mistake: Mistake,
    pub(crate) senders: &'static [Scheme],
    /// The mistake made with this sender; `None` where it cannot be made.
    pub(crate) make: fn(&Scheme) -> Option<Situation>,
}

pub(crate) const fn row(mistake: Mistake, make: fn(&Scheme) -> Option<Situation>) -> Row {
    Row {
        mistake,
        senders: SENDERS,
        make,
    }
}

pub(crate) const fn url(mistake: Mistake, make: fn(&Scheme) -> Option<Situation>) -> Row {
    Row {
        mistake,
        senders: URL_SENDERS,
        make,
    }
}

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    [ROWS, charsets::ROWS, keys::ROWS, urls::ROWS]
        .into_iter()
        .flatten()
}

const ROWS: &[Row] =
    &[
        row(Mistake::OtherEndpoint, |scheme| {
            let mut situation = Situation::correct(scheme).configured(provider::CLICKUP);
            situation.keys = keyring("the secret of clickup");
            situation
                .others
                .push(("billing", scheme.clone(), keyring(&situation.secret)));
            Some(situation)
        }),
        row(Mistake::SwappedSecret, |scheme| {
            let mut situation = Situation::correct(scheme);
            situation
                .others
                .push(("billing", scheme.clone(), situation.keys));
            situation.keys = keyring(&secret(scheme, "the secret of another"));
            Some(situation)
        }),
        row(Mistake::TestOrLive, |scheme| {
            let mut situation = Situation::with_body(scheme, r#"{"livemode":false,"a":"hello"}"#);
            situation
                .others
                .push(("of the test mode", scheme.clone(), situation.keys));
            situation.keys = keyring(&secret(scheme, "the secret of live mode"));
            Some(situation)
        }),
        row(Mistake::SecretShort, |scheme| {
            Some(Situation::signed(
                scheme,
                &secret(scheme, "too short"),
                JSON,
            ))
        }),
        // Configured with a line break.
        row(Mistake::SecretWhitespace, |scheme| {
            let situation = Situation::correct(scheme);
            let secret = format!("{}\n", situation.secret);
            Some(situation.with_secret(&secret))
        }),
        // Given to the sender with a line break.
        row(Mistake::SecretWhitespace, |scheme| {
            let is_text = scheme.methods[0].key.encoding == Encoding::Text;
            is_text.then(|| signed_with_end(scheme, "\n"))
        }),
        row(Mistake::SecretQuoted, |scheme| {
            let situation = Situation::correct(scheme);
            let secret = format!("\"{}\"", situation.secret);
            Some(situation.with_secret(&secret))
        }),
        row(Mistake::SecretPrefix, |scheme| {
            let situation = match scheme.methods[0].key.encoding {
                Encoding::Text => {
                    Situation::signed(scheme, &format!("whsec_{SECRET}"), JSON).with_secret(SECRET)
                }
                _ => {
                    let situation = Situation::correct(scheme);
                    let secret = format!("v1,{}", situation.secret);
                    situation.with_secret(&secret)
                }
            };
            Some(situation)
        }),
        // Encoded once more, as a secret of Kubernetes is.
        row(Mistake::SecretEncoding, |scheme| {
            let situation = Situation::correct(scheme);
            let text = situation
                .secret
                .strip_prefix("whsec_")
                .unwrap_or(&situation.secret)
                .to_owned();
            let secret = match scheme.methods[0].key.encoding {
                // Its bytes are what the sender signs with: shown in hexadecimal instead.
                Encoding::Base64 => hex(SECRET.as_bytes()),
                _ => STANDARD.encode(text),
            };
            Some(situation.with_secret(&secret))
        }),
        // The sender decodes its secret, and the scheme does not say so.
        row(Mistake::SecretEncoding, |scheme| {
            let mut decoded = scheme.clone();
            decoded.methods.to_mut()[0].key.encoding = Encoding::Hex;
            let situation = Situation::signed(&decoded, SECRET, JSON);
            let other = if scheme.methods[0].key.encoding == Encoding::Text {
                scheme.clone()
            } else {
                Scheme {
                    methods: vec![Method {
                        key: KeyFormat::TEXT,
                        ..scheme.methods[0].clone()
                    }]
                    .into(),
                    ..scheme.clone()
                }
            };
            Some(situation.configured(other))
        }),
        row(Mistake::KeyExpired, |scheme| {
            let mut situation = Situation::correct(scheme);
            situation.keys = Keyring::new(secret(scheme, "the key of today and tomorrow"))
                .and_until("old", situation.secret.clone(), NOW - Duration::HOUR);
            Some(situation)
        }),
        row(Mistake::KeyName, |scheme| {
            let named = Scheme {
                key_id: Some(Source::header("x-key")),
                ..scheme.clone()
            };
            let mut situation = Situation::signed(&named, &secret(scheme, SECRET), JSON);
            situation.keys = Keyring::empty().and("another", situation.secret.clone());
            Some(situation.configured(named))
        }),
        // Written by Python, received as JavaScript writes it.
        row(Mistake::BodyReserialised, |scheme| {
            let sent = JSON
                .replace(':', ": ")
                .replace(',', ", ")
                .replace("https: ", "https:");
            Some(Situation::with_body(scheme, sent).received(JSON))
        }),
        // Written by JavaScript, made pretty, with its keys sorted.
        row(Mistake::BodyReserialised, |scheme| {
            let document: serde_json::Value =
                serde_json::from_str(r#"{"a":{"b":"hello","c":[1,2]},"d":1}"#).unwrap();
            let pretty = serde_json::to_string_pretty(&document).unwrap();
            Some(Situation::with_body(scheme, document.to_string()).received(pretty))
        }),
        // Written by PHP: slashes and accents escaped.
        row(Mistake::BodyReserialised, |scheme| {
            let received = r#"{"a":"h\u00e9/llo"}"#;
            Some(
                Situation::with_body(scheme, received.replace('/', "\\/"))
                    .received("{\"a\":\"h\u{e9}/llo\"}"),
            )
        }),
        row(Mistake::BodyNewline, |scheme| {
            Some(Situation::correct(scheme).received(format!("{JSON}\n")))
        }),
        row(Mistake::BodyNewline, |scheme| {
            Some(Situation::with_body(scheme, format!("{JSON}\r\n")).received(JSON))
        }),
        row(Mistake::BodyNewline, |scheme| {
            Some(Situation::with_body(scheme, "a\r\nhello\r\n").received("a\nhello\n"))
        }),
        row(Mistake::BodyBom, |scheme| {
            Some(Situation::correct(scheme).received(format!("\u{feff}{JSON}")))
        }),
        row(Mistake::BodyBom, |scheme| {
            Some(Situation::with_body(scheme, format!("\u{feff}{JSON}")).received(JSON))
        }),
        row(Mistake::BodyCharset, |scheme| {
            let situation = Situation::with_body(scheme, "{\"a\":\"h\u{e9}llo\"}");
            Some(situation.received(&b"{\"a\":\"h\xe9llo\"}"[..]))
        }),
        row(Mistake::BodyCharset, |scheme| {
            let situation = Situation::with_body(scheme, "{\"a\":\"h\u{e9}llo\"}");
            Some(situation.received("{\"a\":\"h\u{c3}\u{a9}llo\"}"))
        }),
        row(Mistake::BodyWrapped, |scheme| {
            Some(Situation::correct(scheme).received(STANDARD.encode(JSON)))
        }),
        row(Mistake::BodyWrapped, |scheme| {
            let event = serde_json::json!({"body": JSON, "isBase64Encoded": false});
            Some(Situation::correct(scheme).received(event.to_string()))
        }),
        row(Mistake::FormOrJson, |scheme| {
            let form = form_urlencoded::Serializer::new(String::new())
                .append_pair("payload", JSON)
                .finish();
            Some(Situation::correct(scheme).received(form))
        }),
        row(Mistake::FormOrJson, |scheme| {
            let received = r#"{"a":"hello world","b":"1"}"#;
            Some(Situation::with_body(scheme, "a=hello+world&b=1").received(received))
        }),
        row(Mistake::SignatureEncoding, |scheme| {
            let other = match scheme.methods[0].encoding {
                Encoding::Hex => Encoding::Base64,
                _ => Encoding::Hex,
            };
            Some(
                Situation::correct(scheme)
                    .configured(with_method(scheme, |method| method.encoding = other)),
            )
        }),
        row(Mistake::Hash, |scheme| {
            let sha512 = with_method(scheme, |method| method.algorithm = Algorithm::HmacSha512);
            Some(Situation::correct(scheme).configured(sha512))
        }),
        row(Mistake::SignatureTag, |scheme| {
            let other = with_method(scheme, |method| method.tag = "odd".into());
            Some(Situation::correct(scheme).configured(other))
        }),
        Row {
            senders: MORE,
            ..row(Mistake::SignatureHeader, |scheme| {
                let other = Scheme {
                    signature: Source::header("x-odd"),
                    ..scheme.clone()
                };
                Some(Situation::correct(scheme).configured(other))
            })
        },
        // The sender has renamed its headers.
        Row {
            senders: FAMILIES,
            ..row(Mistake::OldHeaders, |scheme| {
                let other = Scheme {
                    header_prefixes: vec!["new-".into()].into(),
                    ..scheme.clone()
                };
                Some(Situation::correct(scheme).configured(other))
            })
        },
        row(Mistake::TimestampFormat, |scheme| {
            let timestamp = Timestamp::unix(Source::header("x-time"));
            let timed = Scheme {
                content: vec![Part::Timestamp, Part::Body].into(),
                timestamp: Some(timestamp.clone()),
                ..scheme.clone()
            };
            let format = TimeFormat::Rfc3339;
            let other = Scheme {
                timestamp: Some(Timestamp {
                    format,
                    ..timestamp
                }),
                ..timed.clone()
            };
            Some(Situation::with_body(&timed, JSON).configured(other))
        }),
        Row {
            senders: TIMED,
            ..row(Mistake::Clock, |scheme| {
                let mut situation = Situation::correct(scheme);
                situation.now = NOW + Duration::DAY;
                Some(situation)
            })
        },
        Row {
            senders: TIMED,
            ..row(Mistake::Clock, |scheme| {
                let mut situation = Situation::correct(scheme);
                situation.now = NOW - Duration::HOUR;
                Some(situation)
            })
        },
        row(Mistake::OtherPreset, |scheme| {
            Some(Situation::correct(scheme).configured(provider::CAL_COM))
        }),
        url(Mistake::UrlScheme, |scheme| {
            signs_origin(scheme)?;
            signed_at(scheme, "http://hooks.example.com/in/here?a=b")
        }),
        url(Mistake::UrlHost, |scheme| {
            signs_origin(scheme)?;
            let situation = Situation::correct(scheme).header("host", "internal");
            Some(situation.header("x-forwarded-host", "hooks.example.com"))
        }),
        url(Mistake::UrlPort, |scheme| {
            signs_origin(scheme)?;
            signed_at(scheme, "https://hooks.example.com:8443/in/here?a=b")
        }),
        url(Mistake::UrlSlash, |scheme| {
            Some(Situation::correct(scheme).at_path(&moved(scheme, "/in/here/")))
        }),
        url(Mistake::UrlPath, |scheme| {
            let situation = Situation::correct(scheme).at_path(&moved(scheme, "/here"));
            Some(situation.header("x-forwarded-prefix", "/in"))
        }),
        url(Mistake::UrlProxy, |scheme| {
            signs_origin(scheme)?;
            let situation = signed_at(scheme, "http://hooks.example.com:8443/in/here?a=b")?;
            let situation = situation
                .header("host", "internal")
                .header("x-forwarded-proto", "http");
            Some(situation.header("x-forwarded-host", "hooks.example.com:8443"))
        }),
    ];

const FAMILIES: &[Scheme] = &[
    provider::SHOPIFY,
    provider::STANDARD_WEBHOOKS,
    provider::SVIX,
    provider::CLERK,
    provider::RESEND,
    provider::ETSY,
];

const MORE: &[Scheme] = &[
    provider::CLICKUP,
    provider::GITEA,
    provider::GITHUB,
    provider::INTERCOM,
    provider::SLACK,
    provider::TYPEFORM,
    provider::ZOOM,
];

const TIMED: &[Scheme] = &[
    provider::CLERK,
    provider::SLACK,
    provider::STANDARD_WEBHOOKS,
    provider::STRIPE,
    provider::SVIX,
    provider::ZOOM,
];

/// Contentful signs the path alone.
pub(crate) fn signs_origin(scheme: &Scheme) -> Option<()> {
    (scheme.name != "contentful").then_some(())
}

/// Signed at another URL than the request arrives at.
pub(crate) fn signed_at(scheme: &Scheme, url: &str) -> Option<Situation> {
    let arrived = Situation::correct(scheme);
    let sender = Sender::with_secret(scheme.clone(), SECRET).with(Param::PublicUrl, url);
    let kind = arrived
        .head
        .headers
        .get("content-type")?
        .to_str()
        .ok()?
        .to_owned();
    let draft = sender.raw(body_for(scheme)).at(NOW).to(url);
    let (request, body) = draft.header(http::header::CONTENT_TYPE, &kind).parts();
    let (mut head, ()) = request.into_parts();
    head.uri = head.uri.path_and_query()?.as_str().parse().ok()?;
    head.headers
        .insert("host", "hooks.example.com".parse().ok()?);
    Some(Situation {
        head,
        body,
        ..arrived
    })
}

/// A path with the query that the request of this sender has.
fn moved(scheme: &Scheme, path: &str) -> String {
    let situation = Situation::correct(scheme);
    let query = situation.head.uri.query().unwrap_or_default().to_owned();
    format!("{path}?{query}")
}

fn with_method(scheme: &Scheme, change: impl Fn(&mut Method)) -> Scheme {
    let mut scheme = scheme.clone();
    change(&mut scheme.methods.to_mut()[0]);
    scheme
}

/// Signed with a secret that ends with this, which no keyring takes.
fn signed_with_end(scheme: &Scheme, end: &'static str) -> Situation {
    let ended = with_method(scheme, |method| method.key.suffix = end.into());
    Situation::signed(&ended, SECRET, JSON).configured(scheme.clone())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
