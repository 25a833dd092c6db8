//! Places at which a test kills its own process, to see what is left of what it was doing.
//!
//! Without the feature `testing` they are nothing. With it the process dies as by `kill -9` at the `n`-th pass of the place
//! that the environment names once, `HOOKLATCH_FAILPOINT=place` or `place:n`.

#[cfg(feature = "testing")]
mod armed {
    use std::{
        process::{Command, Stdio},
        sync::{
            OnceLock,
            atomic::{AtomicU32, Ordering},
        },
    };

    pub(crate) struct Armed {
        place: String,
        passes_left: AtomicU32,
    }

    pub(crate) static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

    impl Armed {
        pub(crate) fn from_env() -> Option<Self> {
            let named = std::env::var("HOOKLATCH_FAILPOINT").ok()?;
            Self::parse(&named)
        }

        pub(crate) fn parse(named: &str) -> Option<Self> {
            let (place, count) = match named.rsplit_once(':') {
                Some((place, count)) => (place, count.parse().ok().filter(|count| *count > 0)?),
                None => (named, 1),
            };
            Some(Self {
                place: place.to_owned(),
                passes_left: AtomicU32::new(count),
            })
        }

        /// Whether this pass is the one.
        pub(crate) fn counts_down(&self, place: &str) -> bool {
            self.place == place && self.passes_left.fetch_sub(1, Ordering::SeqCst) == 1
        }
    }

    /// Ends the process with no chance to clean up. The caller never goes on.
    pub(crate) fn kill() -> ! {
        // The shell has `kill` built in; the program of that name is missing on small machines.
        let shell = Command::new("sh")
            .args(["-c", "kill -9 $PPID"])
            .stdin(Stdio::null())
            .status();
        // Nobody comes here unless there is no shell. An abort runs no destructor either.
        drop(shell);
        std::process::abort()
    }
}

/// Passes a place.
#[cfg(feature = "testing")]
pub(crate) fn pass(place: &str) {
    pass_if(place, || true);
}

/// Passes a place if this holds.
#[cfg(feature = "testing")]
pub(crate) fn pass_if(place: &str, holds: impl FnOnce() -> bool) {
    let armed = armed::ARMED.get_or_init(armed::Armed::from_env);
    if let Some(armed) = armed
        && holds()
        && armed.counts_down(place)
    {
        armed::kill();
    }
}

#[cfg(not(feature = "testing"))]
pub(crate) const fn pass(_: &str) {}

#[cfg(all(not(feature = "testing"), feature = "sqlite"))]
#[expect(clippy::needless_pass_by_value, reason = "as with the feature")]
pub(crate) fn pass_if(_: &str, _: impl FnOnce() -> bool) {}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::armed::Armed;

    #[test]
    fn the_pass_that_is_named_is_the_one() {
        let armed = Armed::parse("accept/committed:2").expect("a place and a count");
        let passes = [
            "accept/begun",
            "accept/committed",
            "accept/committed",
            "accept/committed",
        ];
        assert_eq!(
            passes.map(|place| armed.counts_down(place)),
            [false, false, true, false]
        );
        assert!(Armed::parse("settle").is_some_and(|armed| armed.counts_down("settle")));
        assert!(Armed::parse("settle:0").is_none());
    }
}
