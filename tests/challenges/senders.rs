//! Senders that have no preset here: their challenges, and just enough of the rest.

use hooklatch::{
    Acknowledgement, Algorithm, AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake,
    Method, Param, Part, Profile, Scheme, Source, Timestamp, provider,
};

/// The schemes of senders that have no preset here: their challenges, and just enough of the rest.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn scheme(name: &str) -> Scheme {
    if let Some(preset) = provider::by_name(name) {
        return preset.clone();
    }
    let hmac = |header: &'static str, encoding| Scheme {
        signature: Source::header(header),
        methods: vec![Method {
            encoding,
            ..Method::HMAC_SHA256
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let tagged = |header: &'static str, tag: &'static str, encoding| Scheme {
        signature: Source::header(header),
        methods: vec![Method {
            tag: tag.into(),
            encoding,
            ..Method::HMAC_SHA256
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let base = match name {
        "asana" => hmac("x-hook-signature", Encoding::Hex),
        "dropbox" => hmac("x-dropbox-signature", Encoding::Hex),
        "linkedin" => hmac("x-li-signature", Encoding::Hex),
        "nylas" => hmac("x-nylas-signature", Encoding::Hex),
        "line" => hmac("x-line-signature", Encoding::Base64),
        "xero" => hmac("x-xero-signature", Encoding::Base64),
        "x-twitter" => tagged("x-twitter-webhooks-signature", "sha256=", Encoding::Base64),
        "twitch" => Scheme {
            content: vec![Part::Id, Part::Timestamp, Part::Body].into(),
            id: Some(Source::header("twitch-eventsub-message-id")),
            timestamp: Some(Timestamp {
                format: hooklatch::TimeFormat::Rfc3339,
                ..Timestamp::unix(Source::header("twitch-eventsub-message-timestamp"))
            }),
            ..tagged(
                "twitch-eventsub-message-signature",
                "sha256=",
                Encoding::Hex,
            )
        },
        "websub" => tagged("x-hub-signature", "sha256=", Encoding::Hex),
        "okta" => Scheme {
            methods: vec![Method::TOKEN].into(),
            ..Scheme::BEARER
        },
        "dropbox-sign" => Scheme {
            profile: Profile {
                accepted: Some(Acknowledgement {
                    content_type: "text/plain".into(),
                    body: "Hello API Event Received".into(),
                }),
                ..Profile::DEFAULT
            },
            ..Scheme::HMAC_SHA256
        },
        "trello" | "mandrill" => Scheme {
            methods: vec![Method {
                algorithm: Algorithm::HmacSha1,
                encoding: Encoding::Base64,
                ..Method::HMAC_SHA256
            }]
            .into(),
            ..Scheme::HMAC_SHA256
        },
        _ => Scheme::BEARER,
    };
    Scheme {
        name: name.to_owned().into(),
        handshakes: handshakes(name).into(),
        ..base
    }
}

/// The challenges of those senders.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn handshakes(name: &str) -> Vec<Handshake> {
    let one = |signed, method: &'static str, when: &[Condition], answer| Handshake {
        signed,
        method: method.into(),
        when: when.to_vec().into(),
        answer,
    };
    let query = Source::query;
    let is = |place, text: &'static str| Condition::Equals(place, text.into());
    let json = |parts: &[AnswerPart]| ChallengeAnswer::Json(parts.to_vec().into());
    let text = |text: &'static str| AnswerPart::Literal(text.into());
    match name {
        "asana" => {
            let secret = Source::header("x-hook-secret");
            let echo = ChallengeAnswer::Secret(secret.clone(), Some("x-hook-secret".into()));
            vec![one(false, "POST", &[Condition::Present(secret)], echo)]
        }
        "dropbox" | "nylas" => {
            let challenge = query("challenge");
            let when = [Condition::Present(challenge.clone())];
            vec![one(false, "GET", &when, ChallengeAnswer::Echo(challenge))]
        }
        "ebay" => {
            let code = query("challenge_code");
            let hash = AnswerPart::Sha256(
                code.clone(),
                vec![Param::VerifyToken, Param::PublicUrl].into(),
                Encoding::Hex,
            );
            let answer = json(&[text(r#"{"challengeResponse":""#), hash, text(r#""}"#)]);
            vec![one(false, "GET", &[Condition::Present(code)], answer)]
        }
        "fitbit" => {
            let code = query("verify");
            vec![
                one(
                    false,
                    "GET",
                    &[Condition::EqualsParam(code.clone(), Param::VerifyToken)],
                    ChallengeAnswer::NoContent,
                ),
                one(
                    false,
                    "GET",
                    &[Condition::Present(code)],
                    ChallengeAnswer::Refuse(404),
                ),
            ]
        }
        "linkedin" => {
            let code = query("challengeCode");
            let answer = json(&[
                text(r#"{"challengeCode":""#),
                AnswerPart::Challenge(code.clone()),
                text(r#"","challengeResponse":""#),
                AnswerPart::Mac(code.clone(), Encoding::Hex),
                text(r#""}"#),
            ]);
            vec![one(false, "GET", &[Condition::Present(code)], answer)]
        }
        "microsoft-graph" => {
            let token = query("validationToken");
            let when = [Condition::Present(token.clone())];
            vec![one(false, "POST", &when, ChallengeAnswer::Echo(token))]
        }
        "monday" => {
            let challenge = Source::json("/challenge");
            let when = [
                Condition::Present(challenge.clone()),
                Condition::Absent(Source::json("/event")),
            ];
            let echo = ChallengeAnswer::EchoJson(challenge, "challenge".into());
            vec![
                one(false, "POST", &when, echo.clone()),
                one(true, "POST", &when, echo),
            ]
        }
        "okta" => {
            let challenge = Source::header("x-okta-verification-challenge");
            let when = [Condition::Present(challenge.clone())];
            let echo = ChallengeAnswer::EchoJson(challenge, "verification".into());
            vec![one(false, "GET", &when, echo)]
        }
        "strava" => {
            let when = [
                is(query("hub.mode"), "subscribe"),
                Condition::EqualsParam(query("hub.verify_token"), Param::VerifyToken),
            ];
            let echo = ChallengeAnswer::EchoJson(query("hub.challenge"), "hub.challenge".into());
            vec![one(false, "GET", &when, echo)]
        }
        "circle" | "mandrill" | "trello" => {
            vec![one(false, "HEAD", &[], ChallengeAnswer::Acknowledge)]
        }
        "twitch" => {
            let when = [is(
                Source::header("twitch-eventsub-message-type"),
                "webhook_callback_verification",
            )];
            let echo = ChallengeAnswer::Echo(Source::json("/challenge"));
            vec![one(true, "POST", &when, echo)]
        }
        "websub" => {
            let (mode, topic) = (query("hub.mode"), query("hub.topic"));
            let listed = Condition::Listed(topic.clone(), Param::Topics);
            let echo = ChallengeAnswer::Echo(query("hub.challenge"));
            vec![
                one(
                    false,
                    "GET",
                    &[is(mode.clone(), "subscribe"), listed.clone()],
                    echo.clone(),
                ),
                one(
                    false,
                    "GET",
                    &[
                        is(mode.clone(), "unsubscribe"),
                        Condition::Unlisted(topic, Param::Topics),
                    ],
                    echo,
                ),
                one(
                    false,
                    "GET",
                    &[is(mode.clone(), "denied"), listed],
                    ChallengeAnswer::Acknowledge,
                ),
                one(
                    false,
                    "GET",
                    &[Condition::Present(mode)],
                    ChallengeAnswer::Refuse(404),
                ),
            ]
        }
        "worldline" => {
            let challenge = Source::header("x-gcs-webhooks-endpoint-verification");
            let when = [Condition::Present(challenge.clone())];
            vec![one(false, "GET", &when, ChallengeAnswer::Echo(challenge))]
        }
        "x-twitter" => {
            let token = query("crc_token");
            let answer = json(&[
                text(r#"{"response_token":"sha256="#),
                AnswerPart::Mac(token.clone(), Encoding::Base64),
                text(r#""}"#),
            ]);
            vec![one(false, "GET", &[Condition::Present(token)], answer)]
        }
        _ => Vec::new(),
    }
}
