//! What is not exactly a challenge, or would be too much of an answer.

use std::borrow::Cow;

use hooklatch::{
    AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, Hooks, Keyring,
    Param, Part, Scheme, Source, provider,
};
use serde_json::{Value, json};

use super::{House, keys, keys_of, request, senders::scheme};

#[tokio::test]
async fn a_challenge_that_could_sign_an_event_is_not_answered() {
    let keys = Keyring::new("integration_public_key|integration_private_key");
    let house = House::new(provider::BRAINTREE, keys);
    for challenge in [
        "PD94bWwgdmVyc2lvbj0iMS4wIj8-",
        "20F9F8ED05F77439FE955C977E4C8A53",
        "20f9f8ed05f77439fe9",
        "20f9f8ed05f77439fe955c977e4c8a5320f9f8ed",
        "",
    ] {
        let answer = house.get(&format!("/hook?bt_challenge={challenge}")).await;
        assert!(answer.is(401, ""), "{challenge}");
    }
    for name in ["x-twitter", "linkedin"] {
        let parameter = if name == "linkedin" {
            "challengeCode"
        } else {
            "crc_token"
        };
        let house = House::new(scheme(name), keys_of(name));
        for token in [
            "%7B%7D",
            "a%3D1",
            "a.b",
            "",
            "a%0Ab",
            "%C3%A4",
            &"a".repeat(257),
        ] {
            let answer = house.get(&format!("/?{parameter}={token}")).await;
            assert!(answer.is(401, ""), "{name} {token}");
        }
    }
}

#[tokio::test]
async fn the_mac_that_a_challenge_tells_is_of_no_use_for_a_delivery() {
    // Whoever asks for the MAC of a number has the signature of a JSON document.
    let house = House::new(scheme("x-twitter"), keys());
    for body in ["123", "true", "null", "abc"] {
        let answer = house.get(&format!("/?crc_token={body}")).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let signature = told["response_token"].as_str().unwrap();
        let headers = [
            ("x-twitter-webhooks-signature", signature),
            ("content-type", "application/json"),
        ];
        assert!(house.post("/", &headers, body).await.is(401, ""), "{body}");
    }
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test]
async fn what_is_not_exactly_a_challenge_is_refused() {
    let token = || keys().with(Param::VerifyToken, "a word");
    let long = "a".repeat(1_025);
    let dropbox = |query: &str| ("dropbox", keys(), "GET", format!("/?{query}"));
    let strava = |query: &str| ("strava", token(), "GET", format!("/?{query}"));
    for (name, keys, method, uri) in [
        dropbox("challenge="),
        dropbox("challenge=a&challenge=b"),
        dropbox("challenge=a%0d%0aSet-Cookie:x"),
        dropbox("challenge=%C3%A4"),
        dropbox(&format!("challenge={long}")),
        dropbox("Challenge=a"),
        ("dropbox", keys(), "POST", "/?challenge=a".to_owned()),
        strava("hub.mode=subscribe&hub.challenge=1&hub.verify_token=another"),
        strava("hub.mode=subscribe&hub.challenge=1"),
        strava("hub.challenge=1&hub.verify_token=a+word"),
        strava("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=a+word"),
        ("okta", keys(), "GET", "/".to_owned()),
        (
            "microsoft-graph",
            keys(),
            "POST",
            "/?validationtoken=a".to_owned(),
        ),
    ] {
        let house = House::new(scheme(name), keys);
        let answer = house.send(request(method, &uri, &[], "")).await;
        assert!(answer.is(401, ""), "{name} {method} {uri} {answer:?}");
        assert_eq!(house.runs.count(), 0);
    }
    let house = House::new(scheme("dropbox"), keys());
    for method in ["PUT", "HEAD", "OPTIONS"] {
        let answer = house.send(request(method, "/?challenge=a", &[], "")).await;
        assert_eq!(answer.status, 405);
    }
    // A header that repeats is nobody's challenge.
    let house = House::new(scheme("okta"), keys());
    let name = "x-okta-verification-challenge";
    let twice = request("GET", "/", &[(name, "a"), (name, "b")], "");
    assert_eq!(house.send(twice).await.status, 401);
}

#[tokio::test]
async fn markup_in_a_challenge_comes_back_as_plain_text() {
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for (name, method, parameter) in [
        ("dropbox", "GET", "challenge"),
        ("microsoft-graph", "POST", "validationToken"),
    ] {
        let house = House::new(scheme(name), keys_of(name));
        let uri = format!("/?{parameter}={script}");
        let answer = house.send(request(method, &uri, &[], "")).await;
        assert!(answer.is(200, "<script>alert(1)</script>"));
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let house = House::new(scheme("linkedin"), keys_of("linkedin"));
    let answer = house.get("/?challengeCode=%22%2C%22a%22%3A%22").await;
    assert_eq!(answer.status, 401, "quotation marks are no nonce");
    let monday = House::new(scheme("monday"), keys_of("monday"));
    let body = json!({"challenge": r#"","a":"<b>"#}).to_string();
    let answer = monday.post("/", &[], &body).await;
    assert!(answer.is(200, &body), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn challenges_that_would_tell_or_confirm_too_much_are_refused() {
    let one = |signed, method: &'static str, when: &[Condition], answer| Scheme {
        handshakes: vec![Handshake {
            signed,
            method: method.into(),
            when: when.to_vec().into(),
            answer,
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let body = Source::json("/challenge");
    let there = [Condition::Present(body.clone())];
    let query = [Condition::Present(Source::query("c"))];
    let text = |part: AnswerPart| ChallengeAnswer::Text(vec![part].into());
    let header = |name: &'static str, part| {
        ChallengeAnswer::Headers(
            vec![AnswerHeader {
                name: name.into(),
                value: vec![part].into(),
            }]
            .into(),
        )
    };
    let literal = |text: &'static str| AnswerPart::Literal(Cow::Borrowed(text));
    for (what, scheme) in [
        (
            "a MAC of an unverified body",
            one(
                false,
                "POST",
                &there,
                text(AnswerPart::Mac(body.clone(), Encoding::Hex)),
            ),
        ),
        (
            "a token in an unverified body",
            one(
                false,
                "POST",
                &[Condition::EqualsParam(body.clone(), Param::VerifyToken)],
                ChallengeAnswer::Acknowledge,
            ),
        ),
        (
            "the token",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Param(Param::VerifyToken, "".into())),
            ),
        ),
        (
            "a digest without a secret",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Sha256(
                    Source::query("c"),
                    Cow::Borrowed(&[]),
                    Encoding::Hex,
                )),
            ),
        ),
        (
            "a MAC as text",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Mac(Source::query("c"), Encoding::Text)),
            ),
        ),
        (
            "a refusal that is none",
            one(false, "GET", &query, ChallengeAnswer::Refuse(200)),
        ),
        (
            "a header that is none",
            one(false, "GET", &query, header("a b", literal("x"))),
        ),
        (
            "two lines in a header",
            one(false, "GET", &query, header("x-a", literal("a\r\nb"))),
        ),
        (
            "a secret under a known one",
            one(
                true,
                "POST",
                &there,
                ChallengeAnswer::Secret(body.clone(), None),
            ),
        ),
        (
            "a body that holds the signature",
            Scheme {
                signature: Source::json("/signature"),
                content: vec![Part::Text(Source::json("/id"))].into(),
                ..one(false, "POST", &there, ChallengeAnswer::Echo(body.clone()))
            },
        ),
    ] {
        assert!(scheme.check().is_err(), "{what}");
    }
    assert!(
        one(false, "POST", &there, ChallengeAnswer::Echo(body))
            .check()
            .is_ok()
    );
    // A receiver without a key has to be one that is brought it.
    assert!(
        Hooks::new()
            .receiver("a", Scheme::HMAC_SHA256, Keyring::empty())
            .is_err()
    );
}
