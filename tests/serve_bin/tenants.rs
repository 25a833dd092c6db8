//! Many customers at one path, each with a secret of its own.

use super::{
    senders::printing,
    service::{Folder, OTHER_SECRET, Service, send},
};

/// Tenants of GitHub: `crabs` are named by the file, the others by a folder.
fn shared(store: &str) -> Service {
    let config = printing(&["github"], store)
        .replace("/webhooks/github", "/webhooks/{tenant}/github")
        .replace(
            "secret = { file = \"secret\" }",
            "tenants = { folder = \"tenants\", secrets = { crabs = { file = \"secret\" } } }",
        );
    let folder = Folder::new("");
    std::fs::create_dir(folder.path("tenants")).unwrap();
    folder.write("tenants/shrimps", OTHER_SECRET);
    folder.write("hooklatch.toml", &config);
    folder.serve()
}

/// The status of a push with this id, signed with the secret of this file.
fn push(service: &Service, tenant: &str, secret: &str, id: &str) -> String {
    let url = format!("{}/webhooks/{tenant}/github", service.url);
    let payload = format!("{{\"after\":\"{id}\"}}");
    let event = ["--event", "push", "--payload", &payload, "--id", id];
    let summary = send("github", &url, &service.folder.path(secret), &event);
    let statuses = summary["statuses"].as_object().unwrap();
    statuses.keys().next().unwrap().clone()
}

#[test]
fn a_tenant_is_let_in_by_its_own_secret_alone() {
    for store in ["sqlite:hooks.db", "memory"] {
        let service = shared(store);
        assert_eq!(push(&service, "crabs", "secret", "1"), "200");
        assert_eq!(push(&service, "shrimps", "other", "1"), "200");
        // The same id of two tenants are two events; of one tenant it is one.
        service.printed(2);
        assert_eq!(push(&service, "shrimps", "other", "1"), "200");
        for (tenant, secret) in [
            ("crabs", "other"),
            ("shrimps", "secret"),
            ("whales", "secret"),
            ("whales", "other"),
            // Not the name of a file in the folder, though such a file is there.
            ("..%2Fsecret", "secret"),
            ("..%2ftenants%2fshrimps", "other"),
            ("shrimps%00", "other"),
            (".", "other"),
        ] {
            let status = push(&service, tenant, secret, "2");
            assert!(["401", "404"].contains(&&*status), "{tenant}: {status}");
            assert!(tenant == "." || status == "401", "{tenant}: {status}");
        }
        // One that comes while the process runs is known at its first request.
        service.folder.write("tenants/squids", OTHER_SECRET);
        assert_eq!(push(&service, "squids", "other", "1"), "200");
        let printed = service.printed(3);
        assert_eq!(printed.len(), 3, "{printed:?}");
        assert!(printed.iter().all(|line| line["id"] == "1"), "{printed:?}");
    }
}

#[test]
fn an_action_is_told_whose_event_it_is() {
    let service = {
        let service = shared("sqlite:hooks.db");
        let config = service.folder.read("hooklatch.toml");
        let acting = config.replace("print = true", "[sources.command]\nprogram = \"./act\"");
        service.folder.write(
            "act",
            "#!/bin/sh\ncd $(dirname $0)\necho $HOOKLATCH_TENANT $HOOKLATCH_EVENT_ID >> runs\n",
        );
        service.folder.write("hooklatch.toml", &acting);
        service.says_again("the configuration was read again", 1);
        service
    };
    assert_eq!(push(&service, "crabs", "secret", "1"), "200");
    service.until("the first ran", |service| {
        (service.folder.read("runs") == "crabs 1\n").then_some(())
    });
    assert_eq!(push(&service, "shrimps", "other", "1"), "200");
    service.until("the second ran", |service| {
        (service.folder.read("runs") == "crabs 1\nshrimps 1\n").then_some(())
    });
}
