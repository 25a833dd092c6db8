//! XML bodies.

use hooklatch::{Scheme, Source, TypePart};
use serde::Deserialize;

use crate::{Endpoint, Taken, support::Runs, taking};

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    #[serde(rename = "@currency")]
    currency: String,
    total: u32,
    #[serde(default)]
    line: Vec<Line>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Line {
    #[serde(rename = "$text")]
    text: String,
}

fn scheme() -> Scheme {
    Scheme {
        name: "orders".into(),
        id: Some(Source::xml("/order/@id")),
        event_type: vec![TypePart::new(Source::xml("/order/kind"))].into(),
        ..Scheme::HMAC_SHA256
    }
}

const ORDER: &str = "<?xml version='1.0' encoding='utf-8'?>\n<o:order xmlns:o='urn:o' id='17' currency='EUR'>\
    <kind>paid</kind><o:total>3</o:total><line>a &amp; b</line><line><![CDATA[<c>]]></line></o:order>";

#[tokio::test]
async fn xml_is_decoded_by_local_names_whatever_the_content_type_says() {
    let taken = Taken::<Order>::default();
    let endpoint = Endpoint::new(scheme(), taking(&taken));
    let marked = format!("\u{feff}{ORDER}").replace("17", "18");
    for (content_type, body) in [
        ("text/xml", ORDER),
        ("application/json", &ORDER.replace("17", "19")),
        ("application/x-www-form-urlencoded", &marked),
    ] {
        let status = endpoint.post(content_type, body.to_owned()).await;
        assert_eq!(status, 200, "{content_type}: {}", endpoint.why());
    }
    let taken = taken.lock().unwrap();
    let lines = ["a & b", "<c>"].map(|text| Line { text: text.into() });
    let order = Order {
        currency: "EUR".into(),
        total: 3,
        line: lines.into(),
    };
    assert_eq!(taken[0], ("paid".to_owned(), "17".to_owned(), order));
    let ids: Vec<&str> = taken.iter().map(|(_, id, _)| &**id).collect();
    assert_eq!(ids, ["17", "19", "18"]);
}

#[tokio::test]
async fn a_payload_is_an_element() {
    let taken = Taken::<Line>::default();
    let scheme = Scheme {
        payload: "/order/line".into(),
        ..scheme()
    };
    let endpoint = Endpoint::new(scheme, taking(&taken));
    let one = ORDER.replace("<line><![CDATA[<c>]]></line>", "");
    assert_eq!(endpoint.post("text/xml", one).await, 200);
    assert_eq!(taken.lock().unwrap()[0].2.text, "a & b");
    let status = endpoint.post("text/xml", ORDER).await;
    assert_eq!(status, 422, "two payloads are no payload");
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_not_quoted() {
    let endpoint = Endpoint::new(scheme(), taking(&Taken::<Order>::default()));
    let body = ORDER.replace(">3<", ">secret-word<");
    assert_eq!(endpoint.post("text/xml", body).await, 422);
    assert!(endpoint.why().contains("total"), "{}", endpoint.why());
    assert!(
        !endpoint.why().contains("secret-word"),
        "{}",
        endpoint.why()
    );
}

/// Documents that nobody reads, and why.
fn hostile() -> Vec<(Vec<u8>, &'static str)> {
    let deep = |depth| {
        let (open, close) = ("<a>".repeat(depth), "</a>".repeat(depth));
        format!("<order>{open}{close}</order>")
    };
    let bomb =
        "<!DOCTYPE order [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><order><kind>&b;</kind></order>";
    let outside = "<!DOCTYPE order SYSTEM 'http://127.0.0.1:1/x'><order/>";
    let wide = format!("<order {}/>", "a='1' ".repeat(100_000));
    let mut documents: Vec<(Vec<u8>, &str)> = vec![
        (deep(100_000).into(), "too deep"),
        (deep(128).into(), "too deep"),
        (bomb.into(), "document type"),
        (outside.into(), "document type"),
        (wide.into(), "too many"),
        (format!("{ORDER}<order/>").into(), "cannot be read"),
        (ORDER[..ORDER.len() - 1].into(), "cannot be read"),
    ];
    let latin = ORDER.replace("utf-8", "iso-8859-1");
    documents.push((latin.into(), "cannot be read"));
    let utf16 = "\u{feff}<order id='1'/>".encode_utf16();
    let utf16: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    documents.push((utf16[2..].to_vec(), "cannot be read"));
    documents.push((utf16, "cannot be read"));
    documents
}

/// Documents that are read differently by different readers, on the way to what is wanted, and why.
fn ambiguous() -> impl Iterator<Item = (Vec<u8>, &'static str)> {
    [
        ("<kind>paid", "<kind>&undefined;", "cannot be read"),
        ("id='17'", "id='17' id='18'", "cannot be read"),
        ("id='17'", "id='17' o:id='18'", "repeats"),
        ("<kind>", "<kind>x</kind><kind>", "repeats"),
        ("paid", "pa<!-- x -->id", "repeats"),
    ]
    .into_iter()
    .map(|(from, to, reason)| (ORDER.replace(from, to).into(), reason))
}

#[tokio::test]
async fn hostile_xml_is_unreadable_for_a_type_and_for_a_raw_handler() {
    let runs = Runs::default();
    let typed = Endpoint::new(scheme(), taking(&Taken::<Order>::default()));
    let raw = Endpoint::new(scheme(), runs.router());
    for (body, reason) in hostile().into_iter().chain(ambiguous()) {
        for endpoint in [&typed, &raw] {
            let status = endpoint.post("text/xml", body.clone()).await;
            let why = endpoint.why();
            assert_eq!(status, 422, "{reason}");
            assert!(why.contains(reason), "{reason}: {why}");
        }
    }
    assert_eq!(runs.count(), 0);
    let mixed = ORDER.replace("<kind>paid", "<kind>text<b/>paid");
    assert_eq!(
        raw.post("text/xml", mixed).await,
        200,
        "no text, so no type"
    );
}

#[tokio::test]
async fn a_type_is_never_decoded_from_hostile_xml() {
    let scheme = || Scheme {
        name: "typed".into(),
        ..Scheme::HMAC_SHA256
    };
    let typed = Endpoint::new(scheme(), taking(&Taken::<serde::de::IgnoredAny>::default()));
    let raw = Endpoint::new(scheme(), Runs::default().router());
    for (body, reason) in hostile() {
        let status = typed.post("text/xml", body.clone()).await;
        assert_eq!(status, 422, "{reason}");
        let status = raw.post("text/xml", body).await;
        assert_eq!(status, 200, "raw is raw");
    }
}
