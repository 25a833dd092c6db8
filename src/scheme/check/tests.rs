//! Every kind of contradiction, and what makes sense.

use super::*;
use crate::{
    delivery::Coverage,
    profile::Profile,
    scheme::{
        Algorithm, BodyDigest, ChallengeAnswer, Condition, Encoding, KeyFormat, Listed, ListedAs,
        Method, Proof,
    },
    source::{Items, TypePart},
};

const BASE: Scheme = Scheme::HMAC_SHA256;

#[test]
fn the_starting_points_make_sense() {
    for scheme in [Scheme::HMAC_SHA256, Scheme::BEARER, Scheme::BASIC] {
        scheme.check().unwrap();
    }
    assert_eq!(BASE.coverage(), Coverage::Whole);
    assert_eq!(Scheme::BEARER.coverage(), Coverage::Nothing);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn contradictions_are_found() {
    let list = Grammar::List {
        separator: ' ',
        assign: ',',
    };
    let fields = Grammar::Fields {
        separator: ',',
        assign: '=',
    };
    let time = |name| Some(Timestamp::unix(Source::header(name)));
    let bad = [
        Scheme {
            name: "".into(),
            ..BASE
        },
        Scheme {
            signature: Source::header("no header"),
            ..BASE
        },
        Scheme {
            signature: Source::field("v1"),
            ..BASE
        },
        Scheme {
            signature: Source::json("/sig"),
            ..BASE
        },
        Scheme {
            grammar: list,
            ..BASE
        },
        Scheme {
            grammar: Grammar::Fields {
                separator: ',',
                assign: ',',
            },
            ..BASE
        },
        Scheme {
            methods: vec![].into(),
            ..BASE
        },
        Scheme {
            methods: vec![Method::HMAC_SHA256, Method::HMAC_SHA256].into(),
            ..BASE
        },
        Scheme {
            methods: vec![Method {
                encoding: Encoding::Text,
                ..Method::HMAC_SHA256
            }]
            .into(),
            ..BASE
        },
        Scheme {
            content: vec![].into(),
            ..BASE
        },
        Scheme {
            content: vec![Part::Body].into(),
            ..Scheme::BEARER
        },
        Scheme {
            content: vec![Part::Id, Part::Body].into(),
            ..BASE
        },
        Scheme {
            signature: Source::json("sig"),
            content: vec![Part::Text(Source::json("/id"))].into(),
            ..BASE
        },
        Scheme {
            content: vec![Part::Text(Source::json("id"))].into(),
            ..BASE
        },
        Scheme {
            signature: Source::FirstOf(vec![].into()),
            ..BASE
        },
        Scheme {
            id: Some(Source::FirstOf(
                vec![Source::json("/id"), Source::header("x-id")].into(),
            )),
            ..BASE
        },
        Scheme {
            timestamp: Some(Timestamp::unix(Source::json("/time"))),
            content: vec![Part::Text(Source::json("/id"))].into(),
            ..BASE
        },
        Scheme {
            body_digest: Some(BodyDigest {
                source: Source::header("digest"),
                ..BodyDigest::SHA256
            }),
            ..BASE
        },
        Scheme {
            body_digest: Some(BodyDigest {
                source: Source::query("digest"),
                encoding: Encoding::Text,
                ..BodyDigest::SHA256
            }),
            content: vec![Part::Url].into(),
            ..BASE
        },
        Scheme {
            key_id: Some(Source::field("kid")),
            ..BASE
        },
        Scheme {
            key_id: Some(Source::xml("/kid")),
            ..BASE
        },
        Scheme {
            key_id: Some(Source::header("not a header")),
            ..BASE
        },
        Scheme {
            key_id: Some(Source::json("kid")),
            ..BASE
        },
        Scheme {
            key_id: Some(Source::header("x-key")),
            grammar: KEYED,
            ..BASE
        },
        Scheme {
            grammar: KEYED,
            ..with(Method {
                tag: "a,b".into(),
                ..Method::HMAC_SHA256
            })
        },
        Scheme {
            grammar: Grammar::Base64Json,
            ..BASE
        },
        with(Method {
            key: KeyFormat {
                id_before: Some(':'),
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }),
        with(Method {
            key: KeyFormat {
                prefix_kept: true,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }),
        with(Method {
            algorithm: Algorithm::Ed25519,
            key: KeyFormat {
                suffix: "&".into(),
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }),
        Scheme {
            handshakes: vec![Handshake {
                signed: false,
                method: "POST".into(),
                when: vec![Condition::EqualsParam(
                    Source::json("/token"),
                    Param::VerifyToken,
                )]
                .into(),
                answer: ChallengeAnswer::Acknowledge,
            }]
            .into(),
            ..BASE
        },
        Scheme {
            content: vec![Part::Timestamp, Part::Body].into(),
            ..BASE
        },
        Scheme {
            content: vec![Part::literal(""), Part::Body].into(),
            ..BASE
        },
        Scheme {
            timestamp: time("x-time"),
            ..BASE
        },
        Scheme {
            timestamp: time("x-time"),
            content: vec![Part::Timestamp, Part::literal("0"), Part::Body].into(),
            ..BASE
        },
        Scheme {
            id: Some(Source::field("id")),
            ..BASE
        },
        Scheme {
            id: Some(Source::field("")),
            grammar: fields,
            ..BASE
        },
        Scheme {
            id: Some(Source::json("id")),
            ..BASE
        },
        Scheme {
            payload: "/~2".into(),
            ..BASE
        },
        Scheme {
            event_type: vec![TypePart::new(Source::json("/type")); 11].into(),
            ..BASE
        },
        Scheme {
            items: Some(Items {
                pointer: "x".into(),
                id: None,
                event_type: vec![].into(),
            }),
            ..BASE
        },
        Scheme {
            content: vec![Part::Timestamp, Part::literal("."), Part::Body].into(),
            timestamp: time("x-time"),
            profile: Profile {
                retention: Duration::from_secs(599),
                ..Profile::DEFAULT
            },
            ..BASE
        },
        Scheme {
            profile: Profile {
                refusal_status: 200,
                ..Profile::DEFAULT
            },
            ..BASE
        },
        Scheme {
            keep_headers: vec!["authorization".into()].into(),
            ..BASE
        },
        Scheme {
            keep_headers: vec!["X-Signature".into()].into(),
            ..BASE
        },
    ];
    for scheme in bad {
        let error = scheme.check().expect_err(&format!("{scheme:?}"));
        assert_eq!(error.kind(), ConfigErrorKind::Scheme);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn contradictions_of_the_content_are_found() {
    let content = |parts: Vec<Part>| Scheme {
        content: parts.into(),
        ..BASE
    };
    let place = || Source::header("x-a");
    let listed = |list: Source, join: &'static str, always: &'static str| {
        Part::Listed(Listed {
            list,
            separator: ',',
            written: ListedAs::Pairs,
            join: join.into(),
            always: vec![always.into()].into(),
        })
    };
    let bad = [
        content(vec![Part::Where(place(), vec![].into()), Part::Body]),
        content(vec![
            Part::Where(place(), vec![Part::Body].into()),
            Part::Method,
        ]),
        content(vec![
            Part::FreeText(Source::json("/a")),
            Part::FreeText(Source::json("/b")),
        ]),
        content(vec![Part::FreeText(place()), Part::Body]),
        content(vec![listed(Source::json("/a"), ";", "a"), Part::Body]),
        content(vec![listed(place(), "", "a"), Part::Body]),
        content(vec![listed(place(), ";", "A"), Part::Body]),
        Scheme {
            proof: Proof::Items,
            ..BASE
        },
        Scheme {
            several: Several::Numbered,
            signature: Source::query("a"),
            ..BASE
        },
        Scheme {
            grammar: Grammar::Positional {
                separator: ',',
                first: "".into(),
            },
            ..BASE
        },
        Scheme {
            methods: vec![Method {
                fallback_tag: Some("".into()),
                ..Method::HMAC_SHA256
            }]
            .into(),
            ..BASE
        },
    ];
    for scheme in bad {
        let error = scheme.check().expect_err(&format!("{scheme:?}"));
        assert_eq!(error.kind(), ConfigErrorKind::Scheme);
    }
    let good = content(vec![
        listed(place(), ";", "a"),
        Part::literal("."),
        Part::Body,
    ]);
    assert!(good.check().is_ok());
}

const KEYED: Grammar = Grammar::KeyedList {
    separator: ',',
    assign: '/',
};

fn with(method: Method) -> Scheme {
    Scheme {
        methods: vec![method].into(),
        ..BASE
    }
}
