//! Events forwarded over HTTPS: to an upstream that proves who it is, and to none else.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{
    admin::metric,
    senders::printing,
    service::{Folder, Service},
    upstream::Upstream,
};

/// Makes an authority in this file, and a certificate of it for this name in `chain` and `key`.
fn certify(folder: &Folder, authority: &str, name: &str) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    folder.write(authority, &issuer.pem());
    folder.write("chain", &certificate.pem());
    folder.write("key", &key.serialize_pem());
}

/// Forwards to this upstream, which these authorities vouch for, and tries it three times.
fn forwarding(folder: Folder, upstream: &Upstream, authorities: &str) -> Service {
    let action = format!(
        "retries = {{ attempts = 3, first = \"20ms\", longest = \"50ms\" }}\n[sources.forward]\n\
         url = \"https://localhost:{}/events\"\nsecret = {{ file = \"other\" }}\n{authorities}",
        upstream.addr.port()
    );
    let config = printing(&["stripe"], "sqlite:hooks.db").replace("print = true", &action);
    folder.write("hooklatch.toml", &config);
    folder.serve()
}

fn upstream(folder: &Folder) -> Upstream {
    Upstream::secure(&folder.path("chain"), &folder.path("key"))
}

const EVENT: &[&str] = &["--event", "invoice.paid", "--id", "evt_1"];

#[test]
fn an_upstream_of_a_named_authority_gets_the_event() {
    let folder = Folder::new("");
    certify(&folder, "authority", "localhost");
    let upstream = upstream(&folder);
    let service = forwarding(folder, &upstream, "ca = \"authority\"");
    service.send("stripe", "stripe", EVENT);
    service.until("it arrived", |_| {
        (upstream.taken().len() == 1).then_some(())
    });
    let body = &upstream.taken()[0].body;
    assert!(body.windows(7).any(|part| part == b"\"evt_1\""), "{body:?}");
}

/// As `openssl req -x509` makes them: the certificate of an authority is the server's own.
#[test]
fn an_upstream_may_stand_itself_among_the_authorities() {
    let folder = Folder::new("");
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    folder.write("chain", &params.self_signed(&key).unwrap().pem());
    folder.write("key", &key.serialize_pem());
    let upstream = upstream(&folder);
    let service = forwarding(folder, &upstream, "ca = \"chain\"");
    service.send("stripe", "stripe", EVENT);
    service.until("it arrived", |_| {
        (upstream.taken().len() == 1).then_some(())
    });
}

#[test]
fn an_upstream_that_cannot_prove_who_it_is_gets_nothing() {
    for (name, trusted, reason) in [
        // Of an authority that the system does not know.
        ("localhost", "", "UnknownIssuer"),
        // Of one that calls itself as the named one does.
        ("localhost", "ca = \"another\"", "BadSignature"),
        // Of the right authority, for somebody else.
        (
            "elsewhere.example",
            "ca = \"authority\"",
            "not valid for name",
        ),
    ] {
        let folder = Folder::new("");
        certify(&folder, "another", name);
        certify(&folder, "authority", name);
        let upstream = upstream(&folder);
        let service = forwarding(folder, &upstream, trusted);
        service.send("stripe", "stripe", EVENT);
        service.says_again("the action failed", 3);
        // After the last try there is none.
        let lines = service.log.json();
        let failed = lines
            .iter()
            .filter(|line| line["message"] == "the action failed");
        let again: Vec<_> = failed.map(|line| line["again"] == true).collect();
        assert_eq!(again, [true, true, false]);
        let dead = service.until("it is dead", |service| {
            service.log.said("a delivery is dead")
        });
        let told = dead["reason"].as_str().unwrap();
        assert!(told.contains(reason), "{told}");
        service.until("it is counted", |service| {
            (metric(service, "hooklatch_inbox_dead{") == Some(1.0)).then_some(())
        });
        // Not even a head: the handshake comes first.
        assert_eq!(upstream.asked(), 0, "{name} {trusted}");
    }
}

#[test]
fn an_upstream_that_speaks_tls_is_not_taken_for_one_of_http() {
    let folder = Folder::new("");
    certify(&folder, "authority", "localhost");
    let upstream = upstream(&folder);
    let service = forwarding(folder, &upstream, "");
    let config = service.folder.read("hooklatch.toml");
    let plain = config.replace("https://localhost", "http://localhost");
    service.folder.write("hooklatch.toml", &plain);
    service.says_again("the configuration was read again", 1);
    service.send("stripe", "stripe", EVENT);
    let failed = service.until("it failed", |service| service.log.said("the action failed"));
    let reason = failed["reason"].as_str().unwrap();
    assert!(reason.ends_with(": is it https?"), "{reason}");
}

#[test]
fn an_authority_that_changes_counts_at_once() {
    let folder = Folder::new("");
    certify(&folder, "authority", "localhost");
    let upstream = upstream(&folder);
    let authority = folder.read("authority");
    // Another one for now, so that the upstream is a stranger.
    certify(&folder, "authority", "localhost");
    let service = forwarding(folder, &upstream, "ca = \"authority\"");
    service.send("stripe", "stripe", EVENT);
    service.until("it is dead", |service| {
        service.log.said("a delivery is dead")
    });
    service.folder.write("authority", &authority);
    service.says_again("the configuration was read again", 1);
    service.send(
        "stripe",
        "stripe",
        &["--event", "invoice.paid", "--id", "evt_2"],
    );
    service.until("it arrived", |_| {
        (upstream.taken().len() == 1).then_some(())
    });
}
