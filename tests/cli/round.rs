//! What `sign` writes, `verify` accepts with the same arguments, for every sender with a secret.

use hooklatch::{Algorithm, Param, Scheme, provider, testing::Sender};

use super::{told, written};

/// The senders whose signing key is a secret, each with one that is as it writes them.
fn senders() -> impl Iterator<Item = (&'static Scheme, Sender)> {
    let all = provider::ALL.iter();
    let secret = all.filter(|scheme| is_secret(scheme.methods[0].algorithm));
    secret.map(|scheme| (scheme, Sender::new(scheme.clone())))
}

fn is_secret(algorithm: Algorithm) -> bool {
    let secret = [
        Algorithm::HmacSha1,
        Algorithm::HmacSha256,
        Algorithm::HmacSha384,
        Algorithm::HmacSha512,
        Algorithm::InsecurePrefixSha256,
        Algorithm::Token,
    ];
    secret.contains(&algorithm)
}

/// What `verify` says of what `sign` wrote.
fn verified(scheme: &Scheme, keys: &[&str]) -> Result<(), String> {
    let sign = [
        "sign",
        &scheme.name,
        "--event",
        "thing.done",
        "--format",
        "http",
    ];
    let (raw, fault, code) = told(&[&sign[..], keys].concat());
    if code != Some(0) {
        return Err(format!("{} is not signed: {fault}", scheme.name));
    }
    let (_folder, path) = written("request.http", &raw);
    let verify = ["verify", &scheme.name, "--request", &path];
    let (text, fault, code) = told(&[&verify[..], keys].concat());
    let is_so = code == Some(0);
    is_so
        .then_some(())
        .ok_or_else(|| format!("{}: {text}{fault}", scheme.name))
}

#[test]
fn what_is_signed_verifies_for_every_sender_with_a_secret() {
    let mut count = 0;
    let mut faults = Vec::new();
    for (scheme, sender) in senders() {
        let keyring = sender.keyring();
        let secret = sender.key_text();
        let given = [
            (Param::Audience, "audience"),
            (Param::Domain, "domain"),
            (Param::Issuer, "issuer"),
            (Param::Topics, "topics"),
            (Param::VerifyToken, "verify_token"),
            (Param::WebhookId, "webhook_id"),
            (Param::AllowedOrigins, "allowed_origins"),
        ];
        let params = given.iter().filter_map(|(param, name)| {
            let value = str::from_utf8(keyring.param(*param)?.expose()).unwrap();
            Some(format!("--param={name}={value}"))
        });
        let params: Vec<String> = params.collect();
        let mut keys = vec!["--secret", &*secret];
        keys.extend(params.iter().map(String::as_str));
        faults.extend(verified(scheme, &keys).err());
        count += 1;
    }
    assert!(
        faults.is_empty(),
        "{} of {count}: {faults:#?}",
        faults.len()
    );
    assert!(count > 200, "{count}");
}

#[test]
fn senders_that_sign_the_url_are_verified_with_the_one_they_were_given() {
    for name in [
        "twilio",
        "square",
        "trello",
        "plivo",
        "hubspot-v3",
        "mandrill",
    ] {
        let scheme = provider::by_name(name).unwrap();
        for url in ["http://localhost:3000/", "https://example.com/hooks?a=b"] {
            let keys = ["--secret-env", "HOOK_SECRET", "--event", "thing.done"];
            let sign = ["sign", &scheme.name, "--format", "http", "--url", url];
            let (raw, fault, code) = told(&[&sign[..], &keys].concat());
            assert!(
                raw.starts_with(&format!("POST {url}")),
                "{name}: {raw}{fault}"
            );
            assert_eq!(code, Some(0));
            let (_folder, path) = written("request.http", &raw);
            let verify = [
                "verify",
                name,
                "--request",
                &path,
                "--secret-env",
                "HOOK_SECRET",
            ];
            let (text, fault, code) = told(&verify);
            assert_eq!(code, Some(0), "{name}: {text}{fault}");
        }
    }
}

#[test]
fn a_key_that_requests_name_has_the_name_that_is_given() {
    let sign = [
        "sign",
        "pusher",
        "--event",
        "thing.done",
        "--format",
        "http",
    ];
    let named = ["--secret-env", "HOOK_SECRET", "--key-name", "3a9cf1d2"];
    let (raw, fault, _) = told(&[&sign[..], &named].concat());
    assert!(raw.contains("x-pusher-key: 3a9cf1d2\r\n"), "{raw}{fault}");
    let (_folder, path) = written("request.http", &raw);
    let verify = ["verify", "pusher", "--request", &path];
    let (text, _, code) = told(&[&verify[..], &named].concat());
    assert!(
        text.contains("the key \"3a9cf1d2\"") && code == Some(0),
        "{text}"
    );
    let (text, _, code) = told(&[&verify[..], &named[..2]].concat());
    assert!(text.starts_with("refused: ") && code == Some(1), "{text}");
    let (_, fault, code) = told(&[&verify[..], &named[2..]].concat());
    assert!(fault.contains("more names") && code == Some(2), "{fault}");
}
