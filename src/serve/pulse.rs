//! Where a connection is in its life, and until when it may stay there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::{Limits, stream::LINGER};

/// Shared by the parts of one connection: the stream and both bodies report, the connection's timer asks.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Bodies of the running exchange that have not ended: the request's and the response's.
    open: u8,
    /// A request body was dropped before its end: the sender may still be writing.
    unread: bool,
    /// Since when the peer has taken nothing of what we write.
    stalled: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Accepted, not a byte so far.
    Silent,
    /// A head is coming in.
    Head,
    /// Between the head of a request and the end of its response. Reading the body has its own deadlines.
    Exchange,
    /// Kept alive, between requests.
    Idle,
    /// Our side is closed.
    Closing,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            phase: Phase::Silent,
            since: Instant::now(),
            open: 0,
            unread: false,
            stalled: None,
        }))
    }

    /// Bytes came in. The first of a head start its time; the very first head has its time from the accept.
    ///
    /// The start of a pipelined head arrives within the exchange before it, and has the time of an idle connection
    /// until its next byte.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        match state.phase {
            Phase::Silent => state.phase = Phase::Head,
            Phase::Idle => state.enter(Phase::Head),
            Phase::Head | Phase::Exchange | Phase::Closing => {}
        }
    }

    /// The TLS handshake is over: from now on it is the first head that is awaited.
    #[cfg(feature = "tls")]
    pub(super) fn secured(&self) {
        self.state().enter(Phase::Silent);
    }

    /// A head is complete.
    pub(super) fn began(&self) {
        let mut state = self.state();
        state.open = 2;
        state.unread = false;
        state.enter(Phase::Exchange);
    }

    /// The peer takes nothing of what is written.
    pub(super) fn stalled(&self) {
        self.state().stalled.get_or_insert_with(Instant::now);
    }

    /// The peer took some of what is written.
    pub(super) fn wrote(&self) {
        self.state().stalled = None;
    }

    /// Our side is being closed; whether the peer may still be sending, so that closing at once could reset the
    /// connection before it has read the answer.
    pub(super) fn close(&self) -> bool {
        let mut state = self.state();
        let sending = match state.phase {
            Phase::Head | Phase::Exchange => true,
            Phase::Idle => state.unread && state.since.elapsed() < LINGER,
            Phase::Silent | Phase::Closing => false,
        };
        state.enter(Phase::Closing);
        sending
    }

    /// When to look again, or nothing when the connection has outstayed its time.
    ///
    /// Looking at least once per shortest limit is exact without resetting a timer on every request: no limit that
    /// begins between two looks can end before the second.
    ///
    /// In a full server an idle connection has no more time than a head.
    pub(super) fn next_look(&self, limits: &Limits, full: bool) -> Option<Instant> {
        let state = self.state();
        let now = Instant::now();
        let phase = match state.phase {
            Phase::Silent | Phase::Head => Some(state.since + limits.header_timeout),
            Phase::Idle if full => {
                Some(state.since + limits.keep_alive_idle.min(limits.header_timeout))
            }
            Phase::Idle => Some(state.since + limits.keep_alive_idle),
            Phase::Exchange | Phase::Closing => None,
        };
        let write = state.stalled.map(|since| since + limits.write_idle);
        let soon = now + limits.shortest();
        let next = [phase, write]
            .into_iter()
            .flatten()
            .min()
            .map_or(soon, |end| end.min(soon));
        (next > now).then_some(next)
    }

    fn ended(&self, unread: bool) {
        let mut state = self.state();
        state.unread |= unread;
        state.open = state.open.saturating_sub(1);
        if state.open == 0 && state.phase == Phase::Exchange {
            state.enter(Phase::Idle);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// One of the two bodies of an exchange, which is over when both have ended. Dropped before its end, a request's body
/// leaves a sender that may still be writing.
#[derive(Debug)]
pub(super) struct Half {
    pulse: Arc<Pulse>,
    unread: bool,
}

impl Half {
    pub(super) const fn request(pulse: Arc<Pulse>) -> Self {
        Self {
            pulse,
            unread: true,
        }
    }

    pub(super) const fn response(pulse: Arc<Pulse>) -> Self {
        Self {
            pulse,
            unread: false,
        }
    }

    /// Its end was read.
    pub(super) fn end(mut self) {
        self.unread = false;
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.pulse.ended(self.unread);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    const LIMITS: Limits = Limits::DEFAULT;

    async fn seconds(n: u64) {
        advance(Duration::from_secs(n)).await;
    }

    /// Follows the timer as the connection does: how many seconds until time is up, within `bound`.
    async fn lives(pulse: &Pulse, bound: u64) -> Option<u64> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(bound) {
            match pulse.next_look(&LIMITS, false) {
                None => return Some(began.elapsed().as_secs()),
                Some(at) => advance(at - Instant::now()).await,
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_head_has_its_time_from_the_accept() {
        let pulse = Pulse::new();
        seconds(4).await;
        pulse.heard();
        seconds(4).await;
        pulse.heard();
        assert_eq!(lives(&pulse, 100).await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_exchange_has_no_time_of_its_own() {
        let pulse = Pulse::new();
        pulse.began();
        assert_eq!(lives(&pulse, 1_000).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_once_both_bodies_have_ended() {
        let pulse = Arc::new(Pulse::new());
        pulse.began();
        let (request, response) = (
            Half::request(Arc::clone(&pulse)),
            Half::response(Arc::clone(&pulse)),
        );
        request.end();
        assert_eq!(lives(&pulse, 200).await, None);
        drop(response);
        assert_eq!(lives(&pulse, 200).await, Some(75));
        assert!(!pulse.close());
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_after_an_idle_time_has_the_time_of_a_head() {
        let pulse = Arc::new(Pulse::new());
        pulse.began();
        drop((
            Half::request(Arc::clone(&pulse)),
            Half::response(Arc::clone(&pulse)),
        ));
        assert_eq!(lives(&pulse, 60).await, None);
        pulse.heard();
        assert_eq!(lives(&pulse, 100).await, Some(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_left() {
        let pulse = Pulse::new();
        pulse.began();
        pulse.stalled();
        seconds(20).await;
        pulse.wrote();
        pulse.stalled();
        seconds(5).await;
        pulse.stalled();
        assert_eq!(lives(&pulse, 100).await, Some(25));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_may_still_be_sending() {
        let fresh = Pulse::new();
        assert!(!fresh.close());
        let head = Pulse::new();
        head.heard();
        assert!(head.close());
        let unread = Arc::new(Pulse::new());
        unread.began();
        drop((
            Half::request(Arc::clone(&unread)),
            Half::response(Arc::clone(&unread)),
        ));
        assert!(unread.close());
    }
}
