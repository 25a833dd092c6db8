//! What a request may name its key by.

use hooklatch::{
    ConfigErrorKind, Discovery, KeyPlace, KeyUrl, Keyring, Param, Scheme, SchemeVerifier,
};
use serde_json::json;

use crate::world::{Answer, Endpoint, HOST, Site, request, scheme, scheme_per_key, sender};

#[tokio::test]
async fn an_id_is_no_path() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let endpoint = Endpoint::new(
        scheme_per_key("https://keys.acme.example/key/{uuid}"),
        site.fetcher(),
    );
    let long = "a".repeat(5000);
    for id in [
        "../admin",
        "..",
        ".",
        "..%2fadmin",
        "x/../../admin",
        "x?y=z",
        "x#y",
        "x y",
        "@evil.example",
        "9936261a-7d7b-4621-a0f1-96ccb428af49/",
        "9936261A-7D7B-4621-A0F1-96CCB428AF49",
        "https://evil.example/9936261a-7d7b-4621-a0f1-96ccb428af49",
        &long,
    ] {
        assert_eq!(endpoint.status(&key, id).await, 401, "{id}");
    }
    assert_eq!(site.resolved(), 0);
    let good = "9936261a-7d7b-4621-a0f1-96ccb428af49";
    site.answer(
        &format!("/key/{good}"),
        Answer::ok(&json!({"key": key.key_text()}).to_string()),
    );
    assert_eq!(endpoint.status(&key, good).await, 200);
}

#[tokio::test]
async fn an_opaque_id_is_encoded() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let endpoint = Endpoint::new(
        scheme_per_key("https://keys.acme.example/key/{kid}"),
        site.fetcher(),
    );
    site.answer(
        "/key/..%2Fadmin%3Fx",
        Answer::ok(&json!({"key": key.key_text()}).to_string()),
    );
    assert_eq!(endpoint.status(&key, "../admin?x").await, 200);
    assert_eq!(endpoint.status(&key, "..").await, 401);
    assert_eq!(site.asked().len(), 1);
}

#[tokio::test]
async fn a_request_without_a_name_is_refused_unasked() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    let mut nameless = request(&key, "k1");
    nameless.headers_mut().remove("x-key-id");
    assert_eq!(endpoint.answer(nameless).await.status(), 401);
    let mut twice = request(&key, "k1");
    twice
        .headers_mut()
        .append("x-key-id", "k2".parse().unwrap());
    assert_eq!(endpoint.answer(twice).await.status(), 401);
    let mut unsigned = request(&key, "k1");
    unsigned.headers_mut().remove("x-signature");
    assert_eq!(endpoint.answer(unsigned).await.status(), 401);
    assert_eq!(site.resolved(), 0);
}

fn named(url: &'static str) -> Scheme {
    let discovery = Discovery {
        place: KeyPlace::Named(
            vec![KeyUrl {
                url: url.into(),
                certificate: None,
            }]
            .into(),
        ),
        ..scheme().discovery.unwrap()
    };
    Scheme {
        discovery: Some(discovery),
        ..scheme()
    }
}

#[tokio::test]
async fn a_url_off_the_list_is_refused_unasked_and_for_fixed_keys_too() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let scheme = named("https://keys.acme.example/certs/CERT-{token}");
    let good = "https://keys.acme.example/certs/CERT-1a-2B_3";
    let bad = [
        "http://keys.acme.example/certs/CERT-1",
        "https://keys.acme.example.evil.example/certs/CERT-1",
        "https://evil.example/keys.acme.example/certs/CERT-1",
        "https://keys.acme.example@evil.example/certs/CERT-1",
        "https://keys.acme.example:443/certs/CERT-1",
        "https://keys.acme.example:8443/certs/CERT-1",
        "https://keys.acme.example\\@evil.example/certs/CERT-1",
        "https://KEYS.acme.example/certs/CERT-1",
        "https://keys.acme.example./certs/CERT-1",
        "https://keys.acme.example/certs/CERT-1?x=y",
        "https://keys.acme.example/certs/CERT-1#x",
        "https://keys.acme.example/certs/CERT-1/",
        "https://keys.acme.example/certs/../certs/CERT-1",
        "https://keys.acme.example/certs/CERT-..",
        "https://keys.acme.example/certs/CERT-%2e%2e",
        "https://keys.acme.example//certs/CERT-1",
        "https://keys.acme.example/certs/CERT-",
        "https:/keys.acme.example/certs/CERT-1",
        "//keys.acme.example/certs/CERT-1",
        "https://[::1]/certs/CERT-1",
        "file:///etc/passwd",
    ];
    let fetching = Endpoint::new(scheme.clone(), site.fetcher());
    for url in bad {
        assert_eq!(fetching.status(&key, url).await, 401, "{url}");
        let keys = Keyring::empty().and(url, key.key_text());
        let fixed = Endpoint::with(scheme.clone(), site.fetcher(), keys);
        assert_eq!(fixed.status(&key, url).await, 401, "{url}, in the keyring");
    }
    let keys = Keyring::empty().and(good, key.key_text());
    let fixed = Endpoint::with(scheme, site.fetcher(), keys);
    assert_eq!(fixed.status(&key, good).await, 200);
    assert_eq!(site.resolved(), 0);
}

#[test]
fn a_domain_becomes_part_of_a_url_only_as_a_host_name() {
    let scheme = Scheme {
        discovery: Some(Discovery {
            place: KeyPlace::Fixed("https://{domain}/jwks.json".into()),
            ..Discovery::JWKS
        }),
        ..scheme()
    };
    let with = |domain: &str| {
        let keys = Keyring::empty().with(Param::Domain, domain);
        SchemeVerifier::new(scheme.clone(), keys)
    };
    assert!(with("acme.kinde.com").is_ok());
    for bad in [
        "",
        "localhost",
        "acme.kinde.com/x",
        "acme.kinde.com:1",
        "a@b.c",
        "a..b",
        "acme.kinde.com?",
    ] {
        assert_eq!(
            with(bad).unwrap_err().kind(),
            ConfigErrorKind::Param,
            "{bad}"
        );
    }
    let none = SchemeVerifier::new(scheme.clone(), Keyring::empty());
    assert_eq!(none.unwrap_err().kind(), ConfigErrorKind::Param);
}
