//! `verify` and `explain` by the sources of a configuration.

use std::fs;

use hooklatch::{Clock as _, SystemClock};
use serde_json::Value;

use super::told;

/// A configuration with two endpoints that have each their secret, and one with tenants.
const CONFIG: &str = r#"
[server]
public_url = "https://hooks.example.com"
[[sources]]
name = "shop"
path = "/shop"
provider = "stripe"
secret = { env = "HOOK_SECRET" }
tolerance = "1h"
[[sources]]
name = "billing"
path = "/billing"
provider = "stripe"
secret = { file = "billing.txt" }
[[sources]]
name = "sms"
path = "/in/sms"
provider = "twilio"
secret = { env = "HOOK_SECRET" }
[[sources]]
name = "many"
path = "/many/{tenant}"
provider = "github"
[sources.tenants]
folder = "tenants"
[sources.tenants.secrets]
acme = { env = "OTHER_SECRET" }
"#;

struct Stage(tempfile::TempDir);

impl Stage {
    fn new() -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        stage.write("hooks.toml", CONFIG);
        stage.write("billing.txt", super::OTHER_SECRET);
        fs::create_dir(stage.0.path().join("tenants")).unwrap();
        stage.write("tenants/globex", "a secret of globex alone");
        stage.write("tenants/globex.old", super::OTHER_SECRET);
        stage
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Signs a request by the secret of a variable.
    fn sign(&self, sender: &str, variable: &str, more: &[&str]) {
        let arguments = ["sign", sender, "--secret-env", variable, "--format", "http"];
        let (request, fault, code) = told(&[&arguments, more].concat());
        assert_eq!(code, Some(0), "{fault}");
        self.write("request", &request);
    }

    /// What a command says of the request.
    fn judged(&self, command: &str, more: &[&str]) -> (String, String, Option<i32>) {
        let (config, request) = (self.path("hooks.toml"), self.path("request"));
        let arguments = [command, "--config", &config, "--request", &request];
        told(&[&arguments, more].concat())
    }
}

#[test]
fn a_request_is_judged_by_a_source_and_its_settings() {
    let stage = Stage::new();
    stage.sign("stripe", "HOOK_SECRET", &["-d", r#"{"id":"evt_1"}"#]);
    let (text, fault, code) = stage.judged("verify", &["--source", "shop"]);
    assert!(text.starts_with("verified"), "{text}{fault}");
    assert_eq!(code, Some(0));
    // The source is patient for an hour, the sender for five minutes.
    let now = SystemClock::default().now().unix_timestamp();
    let at = |moment: i64| moment.to_string();
    for (moment, code) in [
        (now + 3000, 0),
        (now + 4000, 1),
        (now - 3000, 0),
        (now - 4000, 1),
    ] {
        let (text, _, ended) = stage.judged(
            "verify",
            &["--source", "shop", "--received-at", &at(moment)],
        );
        assert_eq!(ended, Some(code), "{text}");
        let side = if moment > now { "s before" } else { "s after" };
        assert!(code == 0 || text.contains(side), "{text}");
        assert!(!text.contains('-') || !text.contains("made -"), "{text}");
    }
    let (text, fault, code) = stage.judged("verify", &["--source", "billing", "--json"]);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (told["verifies"].as_bool(), code),
        (Some(false), Some(1)),
        "{fault}"
    );
}

#[test]
fn the_other_sources_are_tried() {
    let stage = Stage::new();
    stage.sign("stripe", "OTHER_SECRET", &["-d", r#"{"id":"evt_1"}"#]);
    let by_hand = ["stripe", "--secret-env", "HOOK_SECRET"];
    for asked in [&["--source", "shop"][..], &by_hand] {
        let (text, fault, code) = stage.judged("explain", asked);
        assert!(text.contains("swapped_secret: "), "{text}{fault}");
        assert!(text.contains("\"billing\"") && code == Some(1), "{text}");
    }
}

#[test]
fn tenants_have_their_own() {
    let stage = Stage::new();
    let secret = stage.path("tenants/globex");
    let (request, _, _) = told(&[
        "sign",
        "github",
        "--secret-file",
        &secret,
        "--format",
        "http",
    ]);
    stage.write("request", &request);
    let (text, fault, code) = stage.judged("verify", &["--source", "many/globex"]);
    assert!(
        text.starts_with("verified") && code == Some(0),
        "{text}{fault}"
    );
    let (text, _, code) = stage.judged("explain", &["--source", "many/acme"]);
    assert!(
        text.contains("\"many/globex\"") && code == Some(1),
        "{text}"
    );
    let (_, fault, code) = stage.judged("verify", &["--source", "many"]);
    assert!(
        fault.contains("there are shop, billing, sms, many/acme, many/globex"),
        "{fault}"
    );
    assert_eq!(code, Some(2));
}

#[test]
fn the_public_url_of_the_server_counts() {
    let stage = Stage::new();
    let url = ["--url", "https://hooks.example.com/in/sms", "-d", "Body=hi"];
    stage.sign("twilio", "HOOK_SECRET", &url);
    let request = fs::read_to_string(stage.path("request")).unwrap();
    // As a proxy passes it on.
    let (_, rest) = request.split_once("\r\n").unwrap();
    let behind = format!("POST /in/sms HTTP/1.1\r\nhost: 10.0.0.1:3000\r\n{rest}");
    let behind = behind.replacen("host: hooks.example.com\r\n", "", 1);
    stage.write("request", &behind);
    let (text, fault, code) = stage.judged("verify", &["--source", "sms"]);
    assert_eq!(code, Some(0), "{text}{fault}");
    let (text, _, code) = stage.judged("explain", &["--source", "sms"]);
    assert!(text.contains("The signature matches"), "{text}");
    assert_eq!(code, Some(0));
    let another = ["--source", "sms", "--url", "https://example.com/in/sms"];
    assert_eq!(stage.judged("verify", &another).2, Some(1));
}

#[test]
fn a_source_has_its_keys_and_is_named() {
    let stage = Stage::new();
    stage.sign("github", "HOOK_SECRET", &[]);
    let both = ["--source", "shop", "--secret-env", "HOOK_SECRET"];
    for wrong in [&both[..], &["github", "--source", "shop"], &[]] {
        let (_, fault, code) = stage.judged("verify", wrong);
        assert_eq!(code, Some(2), "{wrong:?}: {fault}");
        assert!(fault.contains("Usage:"), "{fault}");
    }
    let missing = stage.path("none.toml");
    let arguments = [
        "verify", "--source", "shop", "--config", &missing, "-d", "{}",
    ];
    let (_, fault, code) = told(&arguments);
    assert!(fault.contains("none.toml") && code == Some(2), "{fault}");
}
