//! The deliveries that all contestants write, and senders that each wait for an acknowledgement before they send again.

use std::time::{Duration, Instant};

use hooklatch::{
    Key,
    store::{Claim, Entry},
};
use tokio::runtime::Runtime;

/// Bytes of a body.
pub const BODY: usize = 1024;

const HEAD: &str = r#"{"method":"POST","uri":"/webhooks/stripe","headers":[["content-type","application/json"],["user-agent","Stripe/1.0"]],"key":"1","coverage":"whole","id_is_signed":true,"timestamp":[1700000000,300,300]}"#;

/// What one contestant did.
pub struct Measured {
    /// Acknowledgements a second.
    pub acks: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// A delivery of its own for each number.
pub fn entry(number: u64) -> Entry {
    let id = format!("evt_{number:024}");
    let claim = Claim::new(Key::event("stripe", None, id.as_bytes()));
    let now = time::OffsetDateTime::now_utc();
    let mut entry = Entry::new(claim, "stripe", now, vec![b'x'; BODY].into());
    entry.id = Some(id.into());
    entry.event_type = Some("invoice.paid".into());
    entry.head = HEAD.into();
    entry
}

/// Lets so many senders send for this long.
pub fn drive<F>(
    runtime: &Runtime,
    senders: u64,
    length: Duration,
    send: impl Fn(u64) -> F + Clone + Send + Sync + 'static,
) -> Measured
where
    F: Future<Output = ()> + Send,
{
    let (mut times, took) = runtime.block_on(async {
        let begun = Instant::now();
        let tasks: Vec<_> = (0..senders)
            .map(|sender| {
                let send = send.clone();
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    let mut number = sender << 32;
                    while begun.elapsed() < length {
                        let sent = Instant::now();
                        send(number).await;
                        times.push(sent.elapsed());
                        number += 1;
                        // What never waits would keep the others from sending.
                        tokio::task::yield_now().await;
                    }
                    times
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a sender"));
        }
        (all, begun.elapsed())
    });
    times.sort_unstable();
    Measured {
        acks: times.len() as f64 / took.as_secs_f64(),
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}
