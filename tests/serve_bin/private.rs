//! What is in an event, and who gets to see it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::{
    admin::get,
    senders::printing,
    service::{Folder, SECRET, Service, hooklatch},
};

/// What `hooklatch deliveries show` says of the one delivery of a source.
fn shown(service: &Service, source: &str, more: &[&str]) -> String {
    let store = format!("sqlite:{}", service.folder.path("hooks.db").display());
    let deliveries = |arguments: &[&str]| {
        let mut command = hooklatch();
        command.args(["deliveries", "--store", &store]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = deliveries(&["list", "--receiver", source, "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let event = listed["event"].as_str().unwrap();
    if more == ["page"] {
        return get(&format!("{}/deliveries/{event}", service.admin()), None).1;
    }
    deliveries(&[&["show", event], more].concat())
}

#[test]
fn a_token_in_a_body_is_shown_to_nobody() {
    let events = [
        ("wufoo", "EntryId=1&Field1=a"),
        ("microsoft-graph", r#"{"value":[{"changeType":"created"}]}"#),
        ("figma", r#"{"event_type":"PING"}"#),
        ("stripe", r#"{"id":"evt_1","type":"a.b"}"#),
    ];
    let senders = events.map(|(sender, _)| sender);
    let service = Folder::new(&printing(&senders, "sqlite:hooks.db")).serve();
    for (sender, body) in events {
        service.send(sender, sender, &["--body", body]);
        for way in [&[][..], &["--json"], &["page"]] {
            let text = shown(&service, sender, way);
            assert!(!text.contains(SECRET), "{sender} {way:?}: {text}");
            assert_eq!(
                text.contains("[redacted]"),
                sender != "stripe",
                "{sender} {way:?}: {text}"
            );
        }
        // Exactly what came.
        let raw = shown(&service, sender, &["--raw"]);
        assert_eq!(raw.contains(SECRET), sender != "stripe", "{sender}: {raw}");
    }
}

#[test]
fn an_inbox_is_for_its_owner_alone() {
    let mode = |folder: &Folder, name: &str| {
        let found = fs::metadata(folder.path(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    let service = Folder::new(&printing(&["stripe"], "sqlite:hooks.db")).serve();
    service.send("stripe", "stripe", &[]);
    for name in ["hooks.db", "hooks.db-wal", "hooks.db-shm"] {
        assert_eq!(mode(&service.folder, name), 0o600, "{name}");
    }
    let warning = "every user of this machine may read the inbox";
    assert!(!service.log.all().join("\n").contains(warning));
    // One that is there keeps its mode, of which there is a warning.
    let folder = Folder::new(&printing(&["stripe"], "sqlite:hooks.db"));
    fs::write(folder.path("hooks.db"), "").unwrap();
    fs::set_permissions(folder.path("hooks.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let service = folder.serve();
    assert_eq!(mode(&service.folder, "hooks.db"), 0o644);
    assert!(service.log.all().join("\n").contains(warning));
}

#[test]
fn a_body_is_printed_where_that_is_asked_for() {
    let config = printing(&["stripe", "twilio", "slack"], "memory");
    let (head, stripe_and_more) = config.split_once("[[sources]]").unwrap();
    let sources = stripe_and_more.replacen("print = true", "print = \"body\"", 2);
    let service = Folder::new(&format!("{head}[[sources]]{sources}")).serve();
    let spaced = "{\n  \"id\": \"evt_1\",\n  \"type\": \"a.b\",\n  \"amount\": 1.50\n}";
    service.send("stripe", "stripe", &["--body", spaced]);
    service.send("slack", "slack", &["--event", "app_mention"]);
    let lines = service.printed(2);
    assert_eq!(lines[0]["body"]["id"], "evt_1", "{lines:?}");
    assert!(
        service.out.all()[0].contains(r#""body":{"id":"evt_1","type":"a.b","amount":1.50}}"#),
        "{lines:?}"
    );
    assert!(lines[1].get("body").is_none(), "{lines:?}");
    // A form is a text.
    let url = service.hook("twilio").replace("http:", "https:");
    let url = format!("public_url={url}");
    service.send(
        "twilio",
        "twilio",
        &["--body", "Body=hello", "--param", &url],
    );
    let line = &service.printed(3)[2];
    assert_eq!(line["body"], "Body=hello", "{line}");
}
