//! The inbox in Postgres: looked after by `hooklatch deliveries`, and shared by two processes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    admin::metric,
    senders::printing,
    servers::Postgres,
    service::{Folder, Service, hooklatch},
};

/// A source of Stripe in this database.
fn in_database(postgres: &Postgres) -> String {
    printing(&["stripe"], &postgres.url())
}

/// What `hooklatch deliveries` prints, which has to end so.
fn deliveries(postgres: &Postgres, arguments: &[&str], code: i32) -> String {
    let output = hooklatch()
        .arg("deliveries")
        .args(arguments)
        .env("HOOKLATCH_STORE", postgres.url())
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let fault = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {out}{fault}"
    );
    out
}

/// The event ids of those that fit, newest first.
fn listed(postgres: &Postgres, more: &[&str]) -> Vec<String> {
    let out = deliveries(postgres, &[&["list", "--json"], more].concat(), 0);
    let ids = out.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

fn send_event(service: &Service, event_type: &str, id: &str) {
    service.send("stripe", "stripe", &["--event", event_type, "--id", id]);
}

/// A process whose program refuses what is not `good` until there is a file `mended`, and notes what it does in `runs`.
fn acting(postgres: &Postgres) -> Service {
    let config = in_database(postgres).replace(
        "print = true",
        "[sources.command]\nprogram = \"./act\"\narguments = []",
    );
    let folder = Folder::new(&config);
    folder.write(
        "act",
        "#!/bin/sh\n[ $HOOKLATCH_EVENT_TYPE = good ] || [ -e $PLACE/mended ] || exit 65\n\
         echo $HOOKLATCH_EVENT_ID $HOOKLATCH_ATTEMPT >> $PLACE/runs\n",
    );
    let place = folder.path("").to_str().unwrap().to_owned();
    folder.serve_with(&[], &[("PLACE", &place)])
}

#[test]
fn deliveries_in_postgres_are_looked_after() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let service = acting(&postgres);
    let settled = |state: &str, count: usize| {
        service.until(&format!("{count} are {state}"), |_| {
            (listed(&postgres, &["--state", state]).len() == count).then_some(())
        });
    };
    for (event_type, id) in [("good", "evt_1"), ("bad", "evt_2"), ("bad", "evt_3")] {
        send_event(&service, event_type, id);
    }
    settled("completed", 1);
    settled("dead", 2);
    assert_eq!(service.folder.read("runs"), "evt_1 1\n");
    assert_eq!(listed(&postgres, &[]), ["evt_3", "evt_2", "evt_1"]);
    assert_eq!(listed(&postgres, &["--type", "good"]), ["evt_1"]);

    let shown: Value =
        serde_json::from_str(&deliveries(&postgres, &["show", "evt_2", "--json"], 0)).unwrap();
    assert_eq!(shown["attempts"][0]["number"], 1, "{shown}");
    let raw = deliveries(&postgres, &["show", "evt_2", "--raw"], 0);
    assert!(raw.contains("\"evt_2\""), "{raw}");
    deliveries(&postgres, &["show", "evt_9"], 1);

    // The process that serves finds what the command writes.
    service.folder.write("mended", "");
    assert_eq!(
        deliveries(&postgres, &["retry", "evt_2"], 0),
        "retried: 1\n"
    );
    settled("completed", 2);
    deliveries(&postgres, &["retry", "evt_1"], 1);
    deliveries(&postgres, &["replay", "evt_1", "--nonce", "one"], 0);
    settled("completed", 3);
    assert_eq!(
        service.folder.read("runs"),
        "evt_1 1\nevt_2 1\nevt_1 1\n",
        "each ran as often as it was told to"
    );

    // What is forgotten may come again.
    assert_eq!(
        deliveries(&postgres, &["forget", "evt_3"], 0),
        "forgotten: 1\n"
    );
    deliveries(&postgres, &["forget", "evt_3"], 1);
    settled("dead", 0);
    send_event(&service, "bad", "evt_3");
    settled("completed", 4);
    assert!(service.folder.read("runs").ends_with("evt_3 1\n"));

    let purge = ["purge", "--completed", "--before", "0s", "--yes"];
    assert_eq!(deliveries(&postgres, &purge, 0), "purged: 4\n");
    assert!(listed(&postgres, &[]).is_empty());
    // What was purged is forgotten as well.
    send_event(&service, "good", "evt_1");
    settled("completed", 1);
}

#[test]
fn two_processes_handle_an_event_once() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let [first, second] = [(); 2].map(|()| Folder::new(&in_database(&postgres)).serve());
    let event = ["--event", "invoice.paid", "--id", "evt_same"];
    first.send("stripe", "stripe", &event);
    second.send("stripe", "stripe", &event);
    let duplicates = "hooklatch_skipped_total{receiver=\"stripe\",reason=\"duplicate\"}";
    assert_eq!(metric(&first, duplicates), None);
    assert_eq!(metric(&second, duplicates), Some(1.0));
    // Twenty ids more, to both at the same time; each is answered with 200 by both.
    let many = [&event[..2], &["--id", "evt", "-n", "20", "-c", "4"]].concat();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| second.send("stripe", "stripe", &many));
        first.send("stripe", "stripe", &many);
        other.join().unwrap();
    });
    first.until("all were printed", |first| {
        let printed = first.out.json().len() + second.out.json().len();
        (printed >= 21).then_some(())
    });
    let completed = listed(&postgres, &["--state", "completed"]);
    assert_eq!(completed.len(), 21, "{completed:?}");
    let printed = [first.out.json(), second.out.json()].concat();
    let ids: BTreeSet<_> = printed
        .iter()
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!((printed.len(), ids.len()), (21, 21), "{printed:?}");
}

#[test]
fn what_a_killed_process_had_is_done_by_the_other() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    // The first begins with deliveries and ends none.
    let stuck = in_database(&postgres).replace(
        "print = true",
        "[sources.command]\nprogram = \"sleep\"\narguments = [\"600\"]\ntimeout = \"10min\"",
    );
    let mut first = Folder::new(&stuck).serve();
    let many = ["--event", "invoice.paid", "-n", "12"];
    first.send("stripe", "stripe", &many);
    first.until("some are on their way", |_| {
        (listed(&postgres, &["--state", "running"]).len() > 1).then_some(())
    });
    let second = Folder::new(&in_database(&postgres)).serve();
    first.signal("KILL");
    first.ended();
    // What was only waiting is done at once, what was leased after the lease, which is half a minute.
    let printed = second.printed(12);
    let ids: BTreeSet<_> = printed
        .iter()
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!((printed.len(), ids.len()), (12, 12), "{printed:?}");
    assert!(
        printed.iter().any(|line| line["attempt"] == 2),
        "those that the first had begun: {printed:?}"
    );
    second.until("nothing is left", |second| {
        (metric(second, "hooklatch_inbox_pending{") == Some(0.0)).then_some(())
    });
    assert_eq!(listed(&postgres, &["--state", "completed"]).len(), 12);
}
