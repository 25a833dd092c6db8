//! The digest by which a replay is known.

use super::*;
use crate::{scheme::Grammar, source::Source};

#[test]
fn the_digest_of_unsigned_ids_in_a_list_does_not_depend_on_the_key() {
    let scheme = Scheme {
        grammar: Grammar::List {
            separator: ' ',
            assign: ',',
        },
        methods: vec![Method {
            tag: "v1".into(),
            ..Method::HMAC_SHA256
        }]
        .into(),
        id: Some(Source::header("x-id")),
        ..Scheme::HMAC_SHA256
    };
    let digest = |scheme: &Scheme, secret: &str| {
        let signed = scheme
            .sign(&Keyring::new(secret), &super::super::Signable::new(b"{}"))
            .unwrap();
        let mut request = http::Request::post("/").body(()).unwrap();
        request.headers_mut().extend(signed);
        let (head, ()) = request.into_parts();
        let verifier = SchemeVerifier::new(scheme.clone(), Keyring::new(secret)).unwrap();
        let now = time::OffsetDateTime::UNIX_EPOCH;
        verifier
            .verify(&Unverified::new(
                &head,
                &bytes::Bytes::from_static(b"{}"),
                now,
            ))
            .unwrap()
            .digest
    };
    assert_eq!(
        digest(&scheme, "0123456789abcdef"),
        digest(&scheme, "fedcba9876543210")
    );
    let single = Scheme {
        grammar: Grammar::Single,
        ..scheme
    };
    assert_ne!(
        digest(&single, "0123456789abcdef"),
        digest(&single, "fedcba9876543210")
    );
}
