//! Many connections agree on who has what.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use hooklatch::{
    Key,
    store::{
        Accepted, Claim, Claimed, Claims, DeliveryQuery, Fence, Finished, Inbox, Operate,
        PostgresStore, Settlement,
    },
};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;

use crate::{Database, entry};

const NEW: Accepted = Accepted::New {
    repeats_content: false,
};

async fn stores(postgres: &Database) -> Vec<PostgresStore> {
    join_all((0..5).map(|_| postgres.connect())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_claims_on_five_pools_one_wins() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let stores = stores(&postgres).await;
    for round in 0..20 {
        let key = format!("crowd {round}");
        let mut claim = Claim::new(Key::event("acme", None, key.as_bytes()));
        claim.content = Some(Key::content("acme", None, key.as_bytes()));
        let copies = (0..100).map(|copy| {
            let store = stores[copy % stores.len()].clone();
            tokio::spawn(async move { store.claim(&claim).await.unwrap() })
        });
        let answers = join_all(copies).await.into_iter().map(Result::unwrap);
        let (new, others): (Vec<_>, Vec<_>) =
            answers.partition(|answer| matches!(answer, Claimed::New { attempt: 1, .. }));
        assert_eq!(new.len(), 1);
        assert!(others.iter().all(|answer| *answer == Claimed::Running));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_hold_each_others_content_do_not_wait_for_ever() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let stores = stores(&postgres).await;
    let key = |kind: &str, of: usize| Key::event(kind, None, &of.to_be_bytes());
    for round in 0..10 {
        // Every event comes with either content, all at once; what ran is freed, so that the next round has to lock.
        let claims = (0..40).map(|at| {
            let mut claim = Claim::new(key("acme", at % 4));
            claim.content = Some(key("content", (at + at / 4 + round) % 4));
            let store = stores[at % stores.len()].clone();
            tokio::spawn(async move {
                let claimed = store.claim(&claim).await.unwrap();
                if let Claimed::New { fence, .. } = claimed {
                    assert!(store.release(&claim, fence).await.unwrap());
                }
                claimed
            })
        });
        let claimed = join_all(claims).await;
        let new = |claimed: &Result<Claimed, _>| matches!(claimed, Ok(Claimed::New { .. }));
        assert!(claimed.iter().all(Result::is_ok));
        assert!(claimed.iter().any(new));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_a_crowd_is_written_and_leased_once() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let stores = Arc::new(stores(&postgres).await);
    // Three copies of each of 500, shuffled over the pools and the batches.
    let copies = (0..1500).map(|copy| {
        let stores = Arc::clone(&stores);
        tokio::spawn(async move {
            let store = &stores[copy / 7 % stores.len()];
            store
                .accept(entry(&format!("evt_{}", copy * 7 % 500)))
                .await
        })
    });
    let answers = join_all(copies).await;
    let answers: Vec<Accepted> = answers.into_iter().map(|a| a.unwrap().unwrap()).collect();
    let new = answers.iter().filter(|answer| **answer == NEW).count();
    let duplicates = answers.iter().filter(|a| **a == Accepted::Duplicate);
    assert_eq!((new, duplicates.count()), (500, 1000));
    assert_eq!(stores[0].backlog("acme").await.unwrap().pending, 500);

    let workers = (0..5).map(|worker| {
        let store = stores[worker].clone();
        tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                let leased = store.lease("acme", 7, Duration::from_secs(30)).await;
                match leased.unwrap() {
                    leased if leased.is_empty() => return all,
                    leased => all.extend(leased),
                }
            }
        })
    });
    let leased = join_all(workers).await;
    let leased: Vec<_> = leased.into_iter().flat_map(Result::unwrap).collect();
    let events: HashSet<Key> = leased.iter().map(|leased| leased.event).collect();
    assert_eq!((leased.len(), events.len()), (500, 500));
    for id in 0..500 {
        let entry = entry(&format!("evt_{id}"));
        let found = leased
            .iter()
            .find(|leased| leased.event == entry.claim.event);
        assert_eq!(found.unwrap().body, entry.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_accepted_anew_is_not_removed_with_what_it_was() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    store.accept(entry("evt_1")).await.unwrap();
    let lease = Duration::from_secs(30);
    let leased = store.lease("acme", 1, lease).await.unwrap().remove(0);
    let done = Settlement::Done(Duration::ZERO);
    assert!(
        store
            .settle(leased.event, leased.fence, done)
            .await
            .unwrap()
    );
    // As a copy is accepted whose first was done so long ago that it is forgotten, and not committed yet.
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    let mut accepting = connection.begin().await.unwrap();
    sqlx::query("UPDATE hooklatch_event SET state = 0, due = 0")
        .execute(&mut *accepting)
        .await
        .unwrap();
    let later = OffsetDateTime::now_utc() + Duration::from_secs(3600);
    let purging = store.clone();
    let purging = tokio::spawn(async move { purging.purge(Finished::Completed, later).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    accepting.commit().await.unwrap();
    assert_eq!(purging.await.unwrap().unwrap(), 0);
    assert_eq!(store.lease("acme", 1, lease).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_cannot_be_written_takes_no_other_with_it() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    // Nothing a sender can do makes the database refuse a row, so the table has to.
    let _ = postgres.query("ALTER TABLE hooklatch_event ADD CHECK (id <> 'refused')");
    let entries = (0..100).map(|number| {
        let id = if number == 50 { "refused" } else { "taken" };
        let mut entry = entry(&format!("evt_{number}"));
        entry.id = Some(id.into());
        store.accept(entry)
    });
    let answers = join_all(entries).await;
    let refused: Vec<usize> = (0..100).filter(|at| answers[*at].is_err()).collect();
    assert_eq!(refused, [50]);
}

#[tokio::test]
async fn texts_may_hold_any_character() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    for id in ["one", "two"] {
        let mut entry = entry(id);
        entry.id = Some("zero\0 'quote' ☃".into());
        entry.event_type = Some("a\0b".into());
        assert_eq!(store.accept(entry).await.unwrap(), NEW);
    }
    let leased = store.lease("acme", 1, Duration::from_secs(30)).await;
    let leased = leased.unwrap().remove(0);
    assert_eq!(leased.id.as_deref(), Some("zero\u{FFFD} 'quote' ☃"));
    let dead = Settlement::Dead {
        reason: "no\0thing".into(),
    };
    assert!(
        store
            .settle(leased.event, leased.fence, dead)
            .await
            .unwrap()
    );
    let wanted = DeliveryQuery::new().event_type("a*");
    let errors = store.list(&wanted).await.unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[1].error.as_deref(), Some("no\u{FFFD}thing"));
    assert!(
        !store
            .renew(&Claim::new(leased.event), Fence::new(1))
            .await
            .unwrap()
    );
}
