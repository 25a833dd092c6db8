//! Certificates made for these tests: a root of P-384, and a leaf of P-256 that it signed.

use super::*;

const ROOT: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBazCB86ADAgECAgEHMAoGCCqGSM49BAMDMBcxFTATBgNVBAMMDEV4YW1wbGUg\n\
Um9vdDAeFw0yNjAxMDEwMDAwMDBaFw0yNzAxMDEwMDAwMDBaMBcxFTATBgNVBAMM\n\
DEV4YW1wbGUgUm9vdDB2MBAGByqGSM49AgEGBSuBBAAiA2IABLF+Q5jKLpNr71K+\n\
Td7tsn5+iopJO2u/XwXDTW3HyqfWwTzilo8S1LAiSVFvXMr0G0/p0UvpUZgYyhVg\n\
AWSgJTaitHUW8dnb1/P7kT2KubaNAwG9tnoY6LRkICN7QTkRVqMTMBEwDwYDVR0T\n\
AQH/BAUwAwEB/zAKBggqhkjOPQQDAwNnADBkAjBOhLzvOEGbFqEMOg2CWWFSp60Z\n\
+7C5PicxzqK4laFAz9RaQFF4OvhDxv2cSA9sLfECMEwc9sqgZ3c41a2ptVXF7qSu\n\
GJb4YyhBR0hwAPtoamxqk8jZLriw7KtcX4gtLMqW3w==\n\
-----END CERTIFICATE-----\n";
pub(in crate::scheme) const LEAF: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBkTCCARegAwIBAgIBBzAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxFeGFtcGxl\n\
IFJvb3QwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWjAcMRowGAYDVQQD\n\
DBFob29rcy5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMQi\n\
/Gu5vMAg49BMVcOOOsDq3StymdKUIOF6SCiFHrho24xdasEPhULRmuEfLQKn2uQO\n\
tq99hkWVSFxlD6LQL5WjTzBNMAwGA1UdEwEB/wQCMAAwKwYDVR0RBCQwIoIRaG9v\n\
a3MuZXhhbXBsZS5jb22CDSouZXhhbXBsZS5vcmcwEAYKKoZIhvdjZAYLAQQCBQAw\n\
CgYIKoZIzj0EAwIDaAAwZQIwH8zmxtyQu8+xmakM8oTxO2QgIhZku6FNZUTu9rpx\n\
WzEJBWxPJAruiABTxEtgu7QsAjEAyzpBm9cidx+tY8OtV9vC0Wtvr//qzYfMT+PZ\n\
RUD3X/kSpPEcBpfT5eU/u2u2vX/L\n\
-----END CERTIFICATE-----\n";

fn root() -> Certificate {
    Certificate::from_pem(ROOT.as_bytes()).unwrap()
}

fn leaf() -> Certificate {
    Certificate::from_pem(LEAF.as_bytes()).unwrap()
}

#[test]
fn a_certificate_says_whose_key_it_is_and_when_it_counts() {
    let leaf = leaf();
    assert_eq!(leaf.common_name(), Some("hooks.example.com"));
    assert_eq!(leaf.dns_names(), ["hooks.example.com", "*.example.org"]);
    assert!(!leaf.is_ca() && root().is_ca());
    assert!(leaf.has_extension("1.2.840.113635.100.6.11.1"));
    assert!(!root().has_extension("1.2.840.113635.100.6.11.1"));
    assert!(!leaf.has_extension("not an identifier"));
    assert!(leaf.spki().starts_with(&[0x30, 0x59]));
    let (first, last) = (unix(FIRST), unix(LAST));
    assert_eq!((leaf.not_before(), leaf.not_after()), (first, last));
    assert!(leaf.counts_at(first) && leaf.counts_at(last));
    assert!(!leaf.counts_at(first - time::Duration::SECOND));
    assert!(!leaf.counts_at(last + time::Duration::SECOND));
}

#[test]
fn only_the_issuers_key_vouches_and_only_for_these_bytes() {
    let (leaf, root) = (leaf(), root());
    assert_eq!(leaf.issuer(), root.subject());
    assert_ne!(leaf.issuer(), leaf.subject());
    assert!(leaf.is_signed_by(root.spki()) && root.is_signed_by(root.spki()));
    assert!(!leaf.is_signed_by(leaf.spki()) && !leaf.is_signed_by(b""));
    // A name that was changed after signing.
    let mut der = leaf.der().to_vec();
    let at = der.windows(5).position(|text| text == b"hooks").unwrap();
    der[at] = b'b';
    assert!(
        !Certificate::from_der(&der)
            .unwrap()
            .is_signed_by(root.spki())
    );
}

#[test]
fn what_is_no_certificate_is_refused() {
    let der = leaf().der().to_vec();
    for cut in 0..der.len() {
        assert!(Certificate::from_der(&der[..cut]).is_err(), "{cut}");
    }
    let longer = [&der[..], b"\0"].concat();
    assert!(Certificate::from_der(&longer).is_err());
    assert!(Certificate::from_der(leaf().spki()).is_err());
    for text in [
        "",
        "text",
        &LEAF.replace("CERTIFICATE", "PUBLIC KEY"),
        &LEAF[..200],
    ] {
        assert!(Certificate::from_pem(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn of_several_blocks_the_first_is_taken_or_all() {
    let chain = format!("{LEAF}{ROOT}");
    let first = Certificate::from_pem(chain.as_bytes()).unwrap();
    assert_eq!(first.der(), leaf().der());
    let all = Certificate::all_from_pem(chain.as_bytes()).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].der(), root().der());
    let on_one_line = LEAF.replace('\n', "");
    let certificate = Certificate::from_pem(on_one_line.as_bytes()).unwrap();
    assert_eq!(certificate.der(), leaf().der());
    assert!(Certificate::all_from_pem(format!("{LEAF}rubbish").as_bytes()).is_err());
}

fn unix(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

// 2026-01-01 and 2027-01-01.
const FIRST: i64 = 1_767_225_600;
const LAST: i64 = 1_798_761_600;
