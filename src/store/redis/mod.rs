//! [`RedisStore`]: shared by all instances, in Redis.

mod guarantees;
mod link;
mod options;
mod script;

use std::{fmt, sync::Arc, time::Duration};

pub use self::{
    guarantees::{RedisDurability, RedisEviction, RedisGuarantees},
    options::{RedisConnectError, RedisOptions},
};
use self::{
    link::Link,
    script::{Argument, Scripts, push_hex},
};
use super::{Claim, Claimed, Claims, Fence, OnRepeat, StoreError, StoreFuture};
use crate::key::Key;

/// The claims of all instances that share a Redis (7 or newer, 6 with one restriction below; Valkey). One round trip a
/// claim, over one connection that comes back by itself.
///
/// **What Redis gives.** While it runs and is one machine, of all copies at all instances one runs. Beyond that
/// no more than Redis itself promises:
///
/// 1. *A crash* loses what is not on its disk. [`guarantees`](Self::guarantees) says how much that is: with `appendonly
///    yes` and `appendfsync everysec` the last second or two, with snapshots alone all since the last one. Events whose
///    claims are lost run again when they are delivered again.
/// 2. *A failover* may lose the latest claims whatever the settings: replicas are written to after a claim was answered.
///    With Sentinel or a managed Redis that fails over, an event may run twice.
/// 3. *Eviction* would lose claims whenever memory is short. So a Redis whose `maxmemory-policy` is not `noeviction` is
///    refused, unless [`RedisOptions::accept_eviction`] says so. Where Redis does not tell (managed ones forbid
///    `CONFIG GET`; `INFO` is asked then), it is used and the log warns.
/// 4. *A full memory* refuses new events with [`StoreError::is_full`]; known ones are still answered, runs still renewed,
///    completed and released. Before Redis 7 these fail as well.
/// 5. *Time* is that of Redis, so the clocks of the instances do not matter. Redis has no clock that never goes back: when
///    the machine's clock is set, leases and retentions end that much earlier or later.
/// 6. *Fences* of an event increase as long as Redis remembers it. Afterwards they start from the time in microseconds, so
///    they go on increasing unless the clock was set back.
///
/// A completed event is kept for the claim's `retention`, a failed one with its count of attempts as long, a run whose lease
/// is over for a day. `protect` says nothing here: Redis forgets only by retention. An event takes about 200 bytes of
/// Redis' memory, and its content as much again.
///
/// A call that takes longer than the [timeout](RedisOptions::timeout) fails and may still be done: such a claim ends with
/// its lease. A call is never repeated by itself, since a claim that was taken would find itself running.
///
/// Keys are named by [`Key`]'s digits: `hooklatch:e:…` an event, `hooklatch:c:…` a content. An event and its content are
/// two keys changed in one step, so Redis **Cluster is not supported**, and refused. Encrypted connections (`rediss://`) are
/// not either: put a tunnel in front. The user of an ACL needs `~hooklatch:* +@connection +eval +evalsha +get +set +del
/// +time`, and for the guarantees `+info +config|get`.
///
/// Cheap to clone: clones are the same store.
///
/// ```no_run
/// use std::sync::Arc;
/// use hooklatch::{Hooks, store::RedisStore};
///
/// # async fn example() -> Result<(), hooklatch::store::RedisConnectError> {
/// let store = RedisStore::connect("redis://127.0.0.1/").await?;
/// println!("{}", store.guarantees());
/// let hooks = Hooks::new().with_claims(Arc::new(store));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Shared>);

impl RedisStore {
    /// Connects with the default [options](Self::options).
    ///
    /// # Errors
    /// As [`RedisOptions::connect`].
    pub async fn connect(url: &str) -> Result<Self, RedisConnectError> {
        Self::options().connect(url).await
    }

    /// How to connect, to be changed: the prefix `hooklatch:`, a timeout of 2 s, no eviction.
    #[must_use]
    pub fn options() -> RedisOptions {
        RedisOptions::new()
    }

    /// What this Redis said it keeps when the store connected. Settings that are changed later are not noticed.
    #[must_use]
    pub fn guarantees(&self) -> &RedisGuarantees {
        &self.0.guarantees
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("address", &self.0.address)
            .field("prefix", &self.0.prefix)
            .finish_non_exhaustive()
    }
}

impl Claims for RedisStore {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        StoreFuture::pending(self.0.claim(claim))
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        let kept = claim.lease.saturating_add(LAPSED);
        StoreFuture::pending(self.0.settle(claim, fence, "R", kept))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.0.settle(claim, fence, "C", claim.retention))
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.0.settle(claim, fence, "F", claim.retention))
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        StoreFuture::pending(self.0.forget(event))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        // A replica would answer a `PING`, and take no claims.
        let nothing = Key::from_bytes([0; 16]);
        StoreFuture::pending(async move { self.0.forget(nothing).await.map(|_| ()) })
    }
}

/// The store itself.
struct Shared {
    address: String,
    prefix: String,
    link: Link,
    scripts: Scripts,
    guarantees: RedisGuarantees,
}

impl Shared {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let event = self.name(EVENT, claim.event);
        let content = claim.content.map(|content| self.name(CONTENT, content));
        let may_repeat = match claim.on_repeat {
            OnRepeat::Refuse => "-",
            OnRepeat::Flag => "F",
        };
        let arguments = [
            Argument::Number(micros(claim.lease)),
            Argument::Number(millis(claim.lease.saturating_add(LAPSED))),
            Argument::Text(may_repeat),
        ];
        let both;
        let one;
        let keys: &[&str] = if let Some(content) = &content {
            both = [event.as_str(), content.as_str()];
            &both
        } else {
            one = [event.as_str()];
            &one
        };
        let script = &self.scripts.claim;
        let answer: Vec<i64> = self.link.run(script, keys, &arguments).await?;
        claimed(&answer)
    }

    async fn settle(
        &self,
        claim: &Claim,
        fence: Fence,
        state: &str,
        kept: Duration,
    ) -> Result<bool, StoreError> {
        let arguments = [
            Argument::Number(fence.get()),
            Argument::Text(state),
            Argument::Number(micros(claim.lease)),
            Argument::Number(millis(kept)),
        ];
        let event = self.name(EVENT, claim.event);
        let script = &self.scripts.settle;
        self.link.run(script, &[&event], &arguments).await
    }

    async fn forget(&self, event: Key) -> Result<bool, StoreError> {
        let event = self.name(EVENT, event);
        self.link.run(&self.scripts.forget, &[&event], &[]).await
    }

    /// The scripts find one name by the other: both end in a letter, a colon and 32 digits.
    fn name(&self, kind: &str, key: Key) -> String {
        let mut name = String::with_capacity(self.prefix.len() + kind.len() + 32);
        name.push_str(&self.prefix);
        name.push_str(kind);
        push_hex(&mut name, key.as_bytes());
        name
    }
}

/// What the script that claims answers.
fn claimed(answer: &[i64]) -> Result<Claimed, StoreError> {
    match *answer {
        [0, fence, attempt, flagged] if fence > 0 => Ok(Claimed::New {
            fence: Fence::new(fence.unsigned_abs()),
            attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
            repeats_content: flagged == 1,
        }),
        [1] => Ok(Claimed::Running),
        [2] => Ok(Claimed::Completed),
        [3, completed] => Ok(Claimed::Replay {
            completed: completed == 1,
        }),
        _ => Err(StoreError::unavailable(format!(
            "Redis answered a claim with {answer:?}"
        ))),
    }
}

/// Rounded up: nothing ends early.
fn micros(duration: Duration) -> u64 {
    let micros = duration.min(LONGEST).as_nanos().div_ceil(1000);
    u64::try_from(micros).unwrap_or(u64::MAX)
}

/// Rounded up, and at least one: Redis knows no shorter time to keep a key.
fn millis(duration: Duration) -> u64 {
    micros(duration).div_ceil(1000).max(1)
}

const EVENT: &str = "e:";
const CONTENT: &str = "c:";
/// How long after the end of its lease a run that nobody took over is kept: a day.
const LAPSED: Duration = Duration::from_secs(24 * 3600);
/// Longer is no different: a hundred years. Redis' scripts count exactly to 2⁵³, in microseconds to the year 2255.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
const TARGET: &str = "hooklatch::store";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_up_and_bounded() {
        assert_eq!(micros(Duration::from_nanos(1)), 1);
        assert_eq!(micros(Duration::from_micros(7)), 7);
        assert_eq!(millis(Duration::from_micros(1001)), 2);
        assert_eq!(millis(Duration::ZERO), 1);
        // Added to the time now it still is a number that a script counts exactly.
        assert!(micros(Duration::MAX) + 2_000_000_000_000_000 < 1 << 53);
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_an_error() {
        for answer in [&[][..], &[0], &[0, 0, 1, 0], &[4], &[3], &[1, 1]] {
            assert!(claimed(answer).is_err(), "{answer:?}");
        }
    }
}
