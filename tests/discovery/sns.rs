//! Amazon SNS, whose messages name their certificate.

use std::sync::Arc;

use axum::body::Body;
use hooklatch::{
    Event, EventRouter, Hooks, KeyPlace, Keyring, Param, Receive, SchemeVerifier, Unverified,
    Verifier,
    provider::{self, aws_sns::Notification},
    testing::ManualClock,
};
use http::Request;
use serde_json::Value;
use time::OffsetDateTime;
use tower::ServiceExt;

use crate::world::{Answer, Site};

/// A case of the vectors: a real message, its certificate, and when it came.
struct Case(Value);

impl Case {
    fn of(file: &str, id: &str) -> Self {
        let cases: Vec<Value> = serde_json::from_str(file).unwrap();
        Self(cases.into_iter().find(|case| case["id"] == id).unwrap())
    }

    fn real() -> Self {
        Self::of(include_str!("../vectors/aws-sns.json"), "sns-v2-subject")
    }

    fn certificate(&self) -> (String, String) {
        let certificates = self.0["key"]["certs"].as_object().unwrap();
        let (url, pem) = certificates.iter().next().unwrap();
        (url.clone(), pem.as_str().unwrap().to_owned())
    }

    fn request(&self) -> Request<Body> {
        Request::post("/")
            .body(Body::from(self.0["body"].as_str().unwrap().to_owned()))
            .unwrap()
    }

    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0["now"].as_i64().unwrap()).unwrap()
    }
}

const TOPIC: &str =
    "arn:aws:sns:us-east-2:295079676684:publish-and-verify-530b26da-0687-4fe4-9f71-780bad3181e2";
const HOST: &str = "sns.us-east-2.amazonaws.com";

fn endpoint(site: &Site, topics: &str, now: OffsetDateTime) -> Receive {
    async fn notified(event: Event<Notification>) {
        assert_eq!(event.data.message, "Hello world");
    }
    Hooks::new()
        .with_clock(Arc::new(ManualClock::new(now)))
        .receiver(
            "sns",
            provider::AWS_SNS,
            Keyring::empty().with(Param::Topics, topics),
        )
        .unwrap()
        .key_source(Arc::new(site.fetcher()))
        .receive(EventRouter::new().on("Notification", notified))
}

async fn status(endpoint: &Receive, request: Request<Body>) -> u16 {
    endpoint
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_real_message_is_verified_by_the_certificate_it_names() {
    let (site, case) = (Site::start(&[HOST]).await, Case::real());
    let (url, pem) = case.certificate();
    site.answer(
        url.strip_prefix("https://sns.us-east-2.amazonaws.com")
            .unwrap(),
        Answer::ok(&pem),
    );
    let listed = format!("arn:aws:sns:eu-west-1:123456789012:orders, {TOPIC}");
    let ours = endpoint(&site, &listed, case.now());
    assert_eq!(status(&ours, case.request()).await, 200);
    assert_eq!(site.asked().len(), 1);
    // The certificate is valid until August 2022 and from September 2021.
    for moment in [1_700_000_000, 1_600_000_000] {
        let moment = OffsetDateTime::from_unix_timestamp(moment).unwrap();
        assert_eq!(
            status(&endpoint(&site, TOPIC, moment), case.request()).await,
            401
        );
    }
    // What the message says of itself is not the topic of this endpoint.
    let before = site.resolved();
    let other = endpoint(
        &site,
        "arn:aws:sns:us-east-2:295079676684:other",
        case.now(),
    );
    assert_eq!(status(&other, case.request()).await, 401);
    assert_eq!(site.resolved(), before);
}

#[tokio::test]
async fn a_certificate_of_somebody_else_does_not_count() {
    let (site, case) = (Site::start(&[HOST]).await, Case::real());
    let (url, pem) = case.certificate();
    let path = url
        .strip_prefix("https://sns.us-east-2.amazonaws.com")
        .unwrap()
        .to_owned();
    let paypal = Case::of(include_str!("../vectors/paypal.json"), "paypal-valid")
        .certificate()
        .1;
    let two = format!("{paypal}\n{pem}");
    for (answer, expected) in [
        (paypal.as_str(), 401),
        (&two, 401),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            503,
        ),
        (
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            503,
        ),
        ("<html>", 503),
        (&pem, 200),
    ] {
        site.answer(&path, Answer::ok(answer));
        let endpoint = endpoint(&site, TOPIC, case.now());
        assert_eq!(
            status(&endpoint, case.request()).await,
            expected,
            "{answer}"
        );
    }
}

#[test]
fn a_certificate_has_to_name_the_sender() {
    let case = Case::real();
    let (url, pem) = case.certificate();
    let judge = |name: &'static str| {
        let mut scheme = provider::AWS_SNS;
        if let Some(discovery) = &mut scheme.discovery
            && let KeyPlace::Named(urls) = &mut discovery.place
        {
            urls.to_mut()[0].certificate = Some(name.into());
        }
        let keys = Keyring::empty()
            .and(url.clone(), pem.clone())
            .with(Param::Topics, TOPIC);
        let (head, ()) = Request::post("/").body(()).unwrap().into_parts();
        let body = case.0["body"].as_str().unwrap().to_owned().into();
        SchemeVerifier::new(scheme, keys)
            .unwrap()
            .verify(&Unverified::new(&head, &body, case.now()))
            .is_ok()
    };
    assert!(judge("sns.amazonaws.com"));
    for name in [
        "amazonaws.com",
        "sns.amazonaws.com.evil.example",
        "evil.sns.amazonaws.com",
        "",
    ] {
        assert!(!judge(name), "{name}");
    }
}

#[test]
fn without_topics_there_is_no_receiver() {
    for topics in [
        "",
        " , ",
        "orders",
        "arn:aws:sns:us-east-2:295079676684:*",
        "https://evil.example",
    ] {
        let keys = Keyring::empty().with(Param::Topics, topics);
        assert!(
            Hooks::new()
                .receiver("sns", provider::AWS_SNS, keys)
                .is_err(),
            "{topics}"
        );
    }
    assert!(
        Hooks::new()
            .receiver("sns", provider::AWS_SNS, Keyring::empty())
            .is_err()
    );
}
