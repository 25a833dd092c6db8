//! Servers that are set up in other ways, and stores that come and go.

use std::{process::Command, time::Duration};

use futures_util::future::join_all;
use hooklatch::store::{Accepted, Inbox, Operate, PostgresStore};

use crate::{
    Database, connect, entry, eventually,
    log::Log,
    servers::Postgres,
    version_1::{self, Types},
};

#[tokio::test]
async fn what_is_acknowledged_is_on_the_disk_where_the_server_would_not_wait_for_it() {
    // Left to itself the server would write its log ten seconds later.
    let settings = [("synchronous_commit", "off"), ("wal_writer_delay", "10s")];
    let Some(mut postgres) = Postgres::launch(&settings) else {
        return;
    };
    let log = Log::default();
    let store = {
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        connect(&postgres).await
    };
    assert!(
        log.text().contains("synchronous_commit is off"),
        "{}",
        log.text()
    );
    assert!(!log.text().contains("fsync"));
    store.accept(entry("evt_1")).await.unwrap();
    postgres.stop();
    postgres.start();
    let ids = "SELECT COUNT(*) FROM hooklatch_event";
    assert_eq!(postgres.query(ids), "1");
}

#[tokio::test]
async fn a_server_that_loses_its_data_is_told_of() {
    let Some(postgres) = Postgres::launch(&[("fsync", "off"), ("full_page_writes", "off")]) else {
        return;
    };
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let _store = connect(&postgres).await;
    let said = log.text();
    assert!(said.contains("fsync is off") && said.contains("full_page_writes is off"));
    assert!(!said.contains("synchronous_commit"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_start_at_once_and_leave_no_connection() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let url = postgres.url();
    let stores = join_all((0..12).map(|_| PostgresStore::connect(&url))).await;
    let stores: Vec<_> = stores.into_iter().map(Result::unwrap).collect();
    assert_eq!(postgres.query("SELECT version FROM hooklatch_schema"), "3");
    join_all(
        stores
            .iter()
            .map(|store| async { store.accept(entry("evt_1")).await.unwrap() }),
    )
    .await;

    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'hooklatch' \
         AND datname = current_database()";
    assert_ne!(postgres.query(open), "0");
    drop(stores);
    eventually("all connections are closed", async || {
        postgres.query(open) == "0"
    })
    .await;
}

#[tokio::test]
async fn a_role_that_may_only_use_the_tables_is_enough_once_they_are_there() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let _ = postgres.query("CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let url = postgres.url().replace("postgres@", "app@");
    let refused = PostgresStore::connect(&url).await.unwrap_err();
    assert!(
        refused.to_string().contains("permission denied"),
        "{refused}"
    );
    drop(postgres.connect().await);
    let _ = postgres.query(
        "GRANT SELECT ON hooklatch_schema TO app; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON hooklatch_event, hooklatch_delivery, hooklatch_attempt TO app",
    );
    let store = PostgresStore::connect(&url).await.unwrap();
    assert!(matches!(
        store.accept(entry("evt_1")).await.unwrap(),
        Accepted::New { .. }
    ));
}

#[tokio::test]
async fn tables_of_an_older_version_are_brought_up_to_date() {
    for version in [1, 2] {
        are_brought_up_to_date(version).await;
    }
}

async fn are_brought_up_to_date(version: u32) {
    let Some(postgres) = Database::new() else {
        return;
    };
    let types = Types {
        seq: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        bytes: "BYTEA",
        of_seq: "BIGINT",
        literal: |hex| format!("'\\x{hex}'"),
    };
    let mut statements = version_1::statements(&types);
    if version == 2 {
        statements.extend(version_1::to_version_2(&types));
    }
    for statement in statements {
        let _ = postgres.query(&statement);
    }
    let _ = postgres.query(&format!(
        "CREATE TABLE hooklatch_schema (version BIGINT NOT NULL); INSERT INTO hooklatch_schema VALUES ({version})",
    ));
    let store = postgres.connect().await;
    assert_eq!(postgres.query("SELECT version FROM hooklatch_schema"), "3");
    let run = store.lease("old", 9, Duration::from_secs(9)).await.unwrap();
    assert_eq!((run.len(), run[0].attempt, run[0].lost), (1, 2, 1));
    let shown = store.show(run[0].event).await.unwrap().unwrap();
    assert_eq!(
        (&shown.body[..], shown.attempts.len()),
        (&br#"{"id":1}"#[..], 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_operates_on_the_tables_that_are_there_and_makes_none() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let tool = PostgresStore::options().only_existing();
    let refused = tool.connect(&postgres.url()).await.unwrap_err();
    assert!(refused.to_string().contains("no tables"), "{refused}");
    let tables = "SELECT COUNT(*) FROM pg_tables WHERE tablename LIKE 'hooklatch%'";
    assert_eq!(postgres.query(tables), "0");

    let store = postgres.connect().await;
    store.accept(entry("evt_1")).await.unwrap();
    let event = entry("evt_1").claim.event.to_string();
    let command = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hooklatch"))
            .arg("deliveries")
            .args(arguments)
            .env("HOOKLATCH_STORE", postgres.url())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(command(&["list", "--receiver", "acme"]).contains(&event));
    assert_eq!(command(&["forget", &event]), "forgotten: 1\n");
    assert_eq!(command(&["list", "--json"]), "");
    let _ = postgres.query("UPDATE hooklatch_schema SET version = 1");
    let refused = tool.connect(&postgres.url()).await.unwrap_err();
    assert!(refused.to_string().contains("version 1"), "{refused}");
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let Some(postgres) = Database::new() else {
        return;
    };
    drop(postgres.connect().await);
    let _ = postgres.query("UPDATE hooklatch_schema SET version = 4");
    let refused = PostgresStore::connect(&postgres.url()).await.unwrap_err();
    assert!(refused.to_string().contains("version 4"), "{refused}");
}

#[tokio::test]
async fn what_is_said_of_a_database_holds_no_password() {
    for url in [
        "postgres://hooks:very-secret@127.0.0.1:1/hooks",
        "postgres://hooks:very-secret@127.0.0.1:port/hooks",
    ] {
        let refused = PostgresStore::connect(url).await.unwrap_err();
        let mut said = format!("{refused} {refused:?} ");
        let mut cause = std::error::Error::source(&refused);
        while let Some(error) = cause {
            said += &format!("{error} {error:?} ");
            cause = error.source();
        }
        assert!(!said.contains("secret"), "{said}");
    }
    let Some(postgres) = Database::new() else {
        return;
    };
    let url = postgres.url().replace("postgres@", "postgres:very-secret@");
    let options = PostgresStore::options();
    let store = options.connect(&url).await.unwrap();
    let said = format!("{store:?} {options:?}");
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn a_full_store_says_so() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let options = PostgresStore::options().most_pending(2);
    let store = options.connect(&postgres.url()).await.unwrap();
    for id in ["a", "b"] {
        store.accept(entry(id)).await.unwrap();
    }
    let refused = store.accept(entry("c")).await.unwrap_err();
    assert!(refused.is_full());
    for leased in store
        .lease("acme", 2, Duration::from_secs(30))
        .await
        .unwrap()
    {
        let done = hooklatch::store::Settlement::Done(Duration::from_secs(60));
        store
            .settle(leased.event, leased.fence, done)
            .await
            .unwrap();
    }
    eventually("there is room again", async || {
        store.accept(entry("c")).await.is_ok()
    })
    .await;
}
