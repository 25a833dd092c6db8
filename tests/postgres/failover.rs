//! The server dies and its standby takes over at the same address.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::future::join_all;
use hooklatch::{
    Ack, RawEvent, Receive,
    store::{PostgresStore, PostgresTx},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    eventually,
    servers::Postgres,
    working::{body, events_of, post, receiver},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_takes_over_has_lost_and_doubles_nothing() {
    let Some((mut primary, standby)) = servers().await else {
        return;
    };
    let address = Address::of(primary.port()).await;
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", address.port);
    let store = PostgresStore::connect(&url).await.unwrap();
    let handler = async |mut tx: PostgresTx, event: RawEvent| {
        sqlx::query("INSERT INTO effect (id) VALUES ($1)")
            .bind(event.id)
            .execute(tx.connection().await?)
            .await?;
        Ok::<_, Ack>(())
    };
    let receive = receiver()
        .inbox(store)
        // What ran on the dead server runs again only after it.
        .lease(Duration::from_secs(5))
        .receive(events_of(handler));

    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let over = Arc::new(AtomicBool::new(false));
    let clients = (0..8).map(|client| {
        let load = load(
            client,
            receive.clone(),
            Arc::clone(&acknowledged),
            Arc::clone(&over),
        );
        tokio::spawn(load)
    });
    let clients: Vec<_> = clients.collect();
    let count = || acknowledged.lock().unwrap().len();
    eventually("deliveries are taken", async || count() > 100).await;
    primary.stop();
    assert_eq!(standby.query("SELECT pg_promote()"), "t");
    address.lead_to(standby.port());
    let before = count();
    eventually("deliveries are taken by the standby", async || {
        count() > before + 100
    })
    .await;
    over.store(true, SeqCst);
    let refused = join_all(clients).await.into_iter().map(Result::unwrap);
    assert!(refused.sum::<u32>() > 0, "nobody noticed the failover");

    let effects = || standby.query("SELECT id FROM effect");
    eventually("all that was acknowledged takes effect", async || {
        let effects = effects();
        let done: BTreeSet<&str> = effects.lines().collect();
        let acknowledged = acknowledged.lock().unwrap();
        acknowledged.iter().all(|id| done.contains(&**id))
    })
    .await;
    let twice = "SELECT id FROM effect GROUP BY id HAVING COUNT(*) > 1";
    assert_eq!(standby.query(twice), "");
}

/// Sends until it is over, and notes what was acknowledged. How much was not.
async fn load(
    client: u32,
    receive: Receive,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
    over: Arc<AtomicBool>,
) -> u32 {
    let mut refused = 0;
    for number in 0.. {
        let id = format!("evt_{client}_{number}");
        match post(&receive, &body(&id)).await.status().as_u16() {
            200 => drop(acknowledged.lock().unwrap().insert(id)),
            503 => refused += 1,
            other => panic!("{id} was answered {other}"),
        }
        if over.load(SeqCst) {
            break;
        }
    }
    refused
}

/// A server and the standby on which a commit is one as well, as where nothing may be lost.
async fn servers() -> Option<(Postgres, Postgres)> {
    let primary = Postgres::launch(&[])?;
    // Nothing in the table makes two effects of an event one.
    let _ = primary.query("CREATE TABLE effect (id TEXT)");
    let standby = primary.standby();
    let _ = primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    let _ = primary.query("SELECT pg_reload_conf()");
    eventually("the standby is in step", async || {
        primary.query("SELECT sync_state FROM pg_stat_replication") == "sync"
    })
    .await;
    Some((primary, standby))
}

/// An address that leads to one server, then to another, as a name or a load balancer does.
struct Address {
    port: u16,
    target: watch::Sender<u16>,
}

impl Address {
    async fn of(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (target, leads_to) = watch::channel(port);
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, leads_to.clone()));
            }
        });
        Self { port, target }
    }

    fn lead_to(&self, port: u16) {
        self.target.send_replace(port);
    }
}

/// Until the address leads elsewhere.
async fn connect(mut client: TcpStream, mut leads_to: watch::Receiver<u16>) {
    let port = *leads_to.borrow_and_update();
    if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => {}
            _ = leads_to.changed() => {}
        }
    }
}
