//! Every kind of contradiction, and what makes sense.

use super::*;
use crate::{
    delivery::Coverage,
    profile::Profile,
    scheme::{BodyDigest, ChallengeAnswer},
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
                encoding: Encoding::Hex,
            }),
            ..BASE
        },
        Scheme {
            body_digest: Some(BodyDigest {
                source: Source::query("digest"),
                encoding: Encoding::Text,
            }),
            content: vec![Part::Url].into(),
            ..BASE
        },
        Scheme {
            handshakes: vec![Handshake {
                signed: false,
                method: "POST".into(),
                when: vec![Condition::Present(Source::json("/challenge"))].into(),
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
