//! How it begins and ends: the demo, TLS, faults of the configuration, signals.

use std::{fs, io::Write as _, net::TcpStream, process::Command, sync::Arc, time::Duration};

use rcgen::generate_simple_self_signed;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::{
    senders::printing,
    service::{Folder, SECRET, Service, hooklatch},
};

/// What it says to a configuration that it cannot begin with.
fn refused(folder: &Folder) -> String {
    // One that begins would never end by itself.
    let output = Command::new("timeout")
        .args(["30", env!("CARGO_BIN_EXE_hooklatch"), "serve", "--config"])
        .arg(folder.path("hooklatch.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    assert!(
        text.starts_with("hooklatch: ") && !text.contains(SECRET),
        "{text}"
    );
    text
}

#[test]
fn a_fault_of_the_configuration_is_printed_and_ends_it_with_2() {
    let good = printing(&["stripe"], "memory");
    for (from, to, told) in [
        ("provider = \"stripe\"", "provider = \"stripes\"", "stripe"),
        ("print = true", "print = 1", "print"),
        ("\"secret\"", "\"missing\"", "cannot be read"),
        (
            "url = \"memory\"",
            "url = \"mysql://localhost\"",
            "postgres://",
        ),
        (
            "[admin]\nlisten = \"127.0.0.1:0\"",
            "[admin]\nlisten = \"0.0.0.0:0\"",
            "token",
        ),
    ] {
        let fault = refused(&Folder::new(&good.replace(from, to)));
        assert!(
            fault.contains(told) && fault.contains("hooklatch.toml:"),
            "{fault}"
        );
    }
    let folder = Folder::new("");
    fs::remove_file(folder.path("hooklatch.toml")).unwrap();
    assert!(refused(&folder).contains("hooklatch.toml"));
}

#[test]
fn an_address_that_is_taken_and_a_store_that_cannot_be_opened_end_it_with_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let config = printing(&["stripe"], "memory").replacen("127.0.0.1:0", &addr, 1);
    assert!(refused(&Folder::new(&config)).contains(&format!("cannot listen on {addr}")));
    let config = printing(&["stripe"], "sqlite:no/such/folder/hooks.db");
    refused(&Folder::new(&config));
    let config = printing(&["stripe"], "redis://127.0.0.1:9/");
    refused(&Folder::new(&config));
}

#[test]
fn without_a_configuration_there_is_a_demo_that_says_how_to_try_it() {
    let folder = Folder::new("");
    fs::remove_file(folder.path("hooklatch.toml")).unwrap();
    let mut command = hooklatch();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "json"])
        .current_dir(folder.path(""));
    let service = Service::start(command, folder);
    let line = service.until("it says how", |service| {
        let lines = service.log.all();
        lines
            .into_iter()
            .find(|line| line.trim_start().starts_with("hooklatch send"))
    });
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    assert!(words.contains(&&*service.hook("demo")), "{line}");
    let sent = hooklatch().args(words).output().unwrap();
    assert!(
        sent.status.success(),
        "{}",
        String::from_utf8_lossy(&sent.stdout)
    );
    let printed = &service.printed(1)[0];
    assert_eq!(
        (&printed["source"], &printed["type"]),
        (&"demo".into(), &"user.created".into())
    );
    let (status, _, _) = service.stop();
    assert!(status.success());
}

#[test]
fn the_usual_file_is_found_and_the_log_is_for_people() {
    let folder = Folder::new(&printing(&["stripe"], "memory"));
    let mut service = hooklatch()
        .args(["serve", "--log-level", "warn,hooklatch::serve=info"])
        .current_dir(folder.path(""))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = std::io::BufReader::new(service.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("receiving") {
        let read = std::io::BufRead::read_line(&mut log, &mut told).unwrap();
        assert!(read > 0, "{told}");
    }
    assert!(
        told.contains("INFO hooklatch::serve: source name=\"stripe\""),
        "{told}"
    );
    assert!(told.contains("store=\"memory\" ready=true"), "{told}");
    service.kill().unwrap();
    service.wait().unwrap();
    let nonsense = hooklatch()
        .args(["serve", "--log-level", "=very=loud="])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}

#[test]
fn tls_is_ended_and_a_renewed_certificate_shown() {
    let renew = |folder: &Folder| {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        folder.write("key.pem", &made.signing_key.serialize_pem());
        folder.write("cert.pem", &made.cert.pem());
    };
    let head = "[server]\nlisten = \"127.0.0.1:0\"\n";
    let tls = format!("{head}tls = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n");
    let config = printing(&["stripe"], "memory").replace(head, &tls);
    let folder = Folder::new("");
    renew(&folder);
    folder.write("hooklatch.toml", &config);
    let service = folder.serve();
    assert!(
        service.url.starts_with("https://127.0.0.1:"),
        "{}",
        service.url
    );
    let port: u16 = service.url.rsplit(':').next().unwrap().parse().unwrap();
    let post = |certificate: &str| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(post(port, certificate))
    };
    let before = service.folder.read("cert.pem");
    assert_eq!(post(&before).unwrap(), "HTTP/1.1 401");
    renew(&service.folder);
    service.says_again("the configuration was read again", 1);
    let after = service.folder.read("cert.pem");
    assert_eq!(post(&after).unwrap(), "HTTP/1.1 401");
    assert!(
        post(&before).is_err(),
        "the old certificate is not shown any more"
    );
}

/// The beginning of the answer to a request without a signature, to whoever trusts this certificate alone.
async fn post(port: u16, certificate: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes());
    roots.add(certificate.unwrap()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let request = b"POST /webhooks/stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(request).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let config = printing(&["stripe"], "sqlite:hooks.db")
        .replace("print = true", "[sources.command]\nprogram = \"./act\"\n");
    let folder = Folder::new("");
    folder.write("act", "#!/bin/sh\necho $$ > \"$PLACE/id\"; exec sleep 30\n");
    folder.write("hooklatch.toml", &config);
    let place = folder.path("").to_str().unwrap().to_owned();
    let mut service = folder.serve_with(&[], &[("PLACE", &place)]);
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    let program = service.until("it runs", |service| {
        let id = service.folder.read("id");
        id.ends_with('\n').then(|| id.trim().to_owned())
    });
    service.signal("TERM");
    service.says_again("draining", 1);
    let began = std::time::Instant::now();
    service.signal("INT");
    assert_eq!(service.ended().code(), Some(1));
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    let alive = fs::read_to_string(format!("/proc/{program}/stat"));
    assert!(
        alive.is_err() || alive.unwrap().contains(") Z "),
        "the program was left behind"
    );
}

#[test]
fn a_request_in_flight_is_answered_before_it_ends() {
    let mut service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let addr = service.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(addr).unwrap();
    let head = b"POST /webhooks/stripe HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{";
    stream.write_all(head).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    service.signal("TERM");
    service.says_again("draining", 1);
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(b"}").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(service.ended().success());
}
