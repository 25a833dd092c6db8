//! Whatever is done in whatever order: the store answers as the one in memory. Time is the contract's part.

use hooklatch::{
    Key,
    store::{Claim, Claimed, Claims, Fence, MemoryStore, OnRepeat, RedisStore, StoreFuture},
};
use proptest::prelude::*;

use crate::{connect, event, servers::Redis};

#[test]
fn redis_agrees_with_memory() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(connect(&redis));
    let cases = ProptestConfig::with_cases(400);
    proptest!(cases, |(steps in prop::collection::vec(step(), 1..40))| {
        assert_eq!(redis.command("FLUSHALL"), "+OK\r\n");
        runtime.block_on(agree(&store, &steps));
    });
}

async fn agree(store: &RedisStore, steps: &[Step]) {
    let memory = MemoryStore::new();
    let fresh = |name: &str| Known {
        claim: event(name),
        fence: Fence::new(1),
        in_memory: Fence::new(1),
    };
    let mut events = ["0", "1", "2"].map(fresh);
    for step in steps {
        let (Step::Claim(number, ..) | Step::Settle(number, _) | Step::Forget(number)) = *step;
        let known = &mut events[number];
        match *step {
            Step::Claim(_, content, on_repeat) => {
                known.claim.content = content.map(|content| Key::content("x", None, &[content]));
                known.claim.on_repeat = on_repeat;
                known.claimed(store, &memory).await;
            }
            Step::Settle(_, how) => assert_eq!(
                how.of(store, &known.claim, known.fence).await.unwrap(),
                how.of(&memory, &known.claim, known.in_memory)
                    .await
                    .unwrap(),
                "{how:?}"
            ),
            Step::Forget(_) => assert_eq!(
                store.forget(known.claim.event).await.unwrap(),
                memory.forget(known.claim.event).await.unwrap()
            ),
        }
    }
}

/// An event, and the fences of its last run, here and there.
struct Known {
    claim: Claim,
    fence: Fence,
    in_memory: Fence,
}

impl Known {
    async fn claimed(&mut self, store: &RedisStore, memory: &MemoryStore) {
        let claimed = store.claim(&self.claim).await.unwrap();
        let mut in_memory = memory.claim(&self.claim).await.unwrap();
        if let (Claimed::New { fence, .. }, Claimed::New { fence: other, .. }) =
            (claimed, &mut in_memory)
        {
            assert!(fence > self.fence);
            (self.fence, self.in_memory) = (fence, *other);
            // All else has to be equal.
            *other = fence;
        }
        assert_eq!(claimed, in_memory);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Claim(usize, Option<u8>, OnRepeat),
    Settle(usize, How),
    Forget(usize),
}

#[derive(Clone, Copy, Debug)]
enum How {
    Renew,
    Complete,
    Release,
}

impl How {
    fn of<'a>(
        self,
        store: &'a dyn Claims,
        claim: &'a Claim,
        fence: Fence,
    ) -> StoreFuture<'a, bool> {
        match self {
            Self::Renew => store.renew(claim, fence),
            Self::Complete => store.complete(claim, fence),
            Self::Release => store.release(claim, fence),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..3_usize;
    let on_repeat = prop_oneof![Just(OnRepeat::Refuse), Just(OnRepeat::Flag)];
    let claim = (key.clone(), prop::option::of(0..2_u8), on_repeat);
    let how = prop_oneof![1 => Just(How::Renew), 2 => Just(How::Complete), 2 => Just(How::Release)];
    prop_oneof![
        4 => claim.prop_map(|(event, content, on_repeat)| Step::Claim(event, content, on_repeat)),
        5 => (key.clone(), how).prop_map(|(event, how)| Step::Settle(event, how)),
        1 => key.prop_map(Step::Forget),
    ]
}
