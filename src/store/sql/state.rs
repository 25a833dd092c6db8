//! What a claim or a delivery makes of the rows that are there: the rules both dialects share, without I/O.

use crate::store::{Accepted, Claim, Claimed, DeliveryState as State, OnRepeat};

/// How a state is stored.
pub(super) const fn code(state: State) -> i32 {
    match state {
        State::Pending => 0,
        State::Running => 1,
        State::Completed => 2,
        State::Dead => 3,
    }
}

pub(super) const fn state(code: i32) -> Option<State> {
    Some(match code {
        0 => State::Pending,
        1 => State::Running,
        2 => State::Completed,
        3 => State::Dead,
        _ => return None,
    })
}

/// What is stored of an event, as far as another copy of it or of its content needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) state: State,
    pub(super) fence: i64,
    pub(super) attempt: i32,
    /// Whether its time is over: the end of a lease, or of the retention.
    pub(super) is_over: bool,
    /// Whether a delivery is kept with it, and not only a claim.
    pub(super) has_delivery: bool,
    /// Whether it was claimed as what may repeat its content.
    pub(super) may_repeat: bool,
    /// Whether it was revived within the hour.
    pub(super) revived_lately: bool,
}

/// What an event is to a copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// May be run by whoever claims it: its earlier run failed, or its lease is over.
    Free,
    /// As if it had never been seen.
    Expired,
    /// Somebody has it, or a worker will.
    Held,
    /// Done.
    Completed,
    /// A delivery nobody will run.
    Dead,
}

impl Row {
    pub(super) const fn standing(&self) -> Standing {
        match self.state {
            State::Completed if self.is_over => Standing::Expired,
            State::Completed => Standing::Completed,
            State::Dead => Standing::Dead,
            State::Pending | State::Running if self.has_delivery => Standing::Held,
            State::Running if !self.is_over => Standing::Held,
            State::Pending | State::Running => Standing::Free,
        }
    }

    /// What this event, which holds the content, is to another one with the same content. `None`: the content is free.
    pub(super) const fn replay_of(&self, claim: &Claim) -> Option<Repeat> {
        let completed = match self.standing() {
            Standing::Held => false,
            Standing::Completed => true,
            Standing::Free | Standing::Expired | Standing::Dead => return None,
        };
        Some(match claim.on_repeat {
            OnRepeat::Flag if self.may_repeat => Repeat::Flagged,
            OnRepeat::Flag | OnRepeat::Refuse => Repeat::Refused { completed },
        })
    }
}

/// What to make of content that another event holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Flagged,
    Refused { completed: bool },
}

/// How a copy is to be written, or what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision<T> {
    /// Nothing is written.
    Told(T),
    /// A new row, or the one there is, is written.
    Write {
        /// The row to write over; its attempts go on counting unless it expired.
        over: Option<i64>,
        fence: Option<i64>,
        attempt: i32,
        /// The row that has to give the content up first.
        frees: Option<i64>,
        repeats_content: bool,
    },
}

/// What a claim makes of its event's row and of the row that holds its content.
pub(super) fn claim(claim: &Claim, own: Option<Row>, holder: Option<Row>) -> Decision<Claimed> {
    match own.as_ref().map(Row::standing) {
        // A dead delivery is not for an inline claim to run: an operator decides.
        Some(Standing::Held) => return Decision::Told(Claimed::Running),
        Some(Standing::Completed | Standing::Dead) => return Decision::Told(Claimed::Completed),
        Some(Standing::Free | Standing::Expired) | None => {}
    }
    write(claim, own, holder, |completed| Claimed::Replay {
        completed,
    })
}

/// What a delivery makes of its event's row and of the row that holds its content.
pub(super) fn accept(claim: &Claim, own: Option<Row>, holder: Option<Row>) -> Decision<Accepted> {
    if let Some(row) = &own {
        match row.standing() {
            // No delivery is kept: if that run fails, nobody but the sender can bring the event again.
            Standing::Held if !row.has_delivery => return Decision::Told(Accepted::Running),
            Standing::Held | Standing::Completed => return Decision::Told(Accepted::Duplicate),
            Standing::Dead if row.revived_lately => return Decision::Told(Accepted::Dead),
            Standing::Dead | Standing::Free | Standing::Expired => {}
        }
    }
    write(claim, own, holder, |completed| Accepted::Replay {
        completed,
    })
}

fn write<T>(
    claim: &Claim,
    own: Option<Row>,
    holder: Option<Row>,
    replay: impl FnOnce(bool) -> T,
) -> Decision<T> {
    let holder = holder.filter(|holder| own.is_none_or(|own| own.seq != holder.seq));
    let repeats_content = match holder.and_then(|holder| holder.replay_of(claim)) {
        Some(Repeat::Refused { completed }) => return Decision::Told(replay(completed)),
        Some(Repeat::Flagged) => true,
        None => false,
    };
    let expired = own.is_some_and(|own| own.standing() == Standing::Expired);
    Decision::Write {
        over: own.map(|own| own.seq),
        fence: own.map(|own| own.fence),
        attempt: own.filter(|_| !expired).map_or(0, |own| own.attempt),
        frees: holder.filter(|_| !repeats_content).map(|holder| holder.seq),
        repeats_content,
    }
}
