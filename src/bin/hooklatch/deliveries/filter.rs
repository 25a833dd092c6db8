//! Which deliveries are meant.

use std::time::Duration;

use clap::Args;
use hooklatch::{
    Clock as _, SystemClock,
    store::{DeliveryQuery, DeliveryState},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Clone, Debug, Args)]
pub(super) struct Filter {
    /// To this receiver.
    #[arg(long)]
    receiver: Option<String>,
    /// Of this event type, or of a type that begins with what stands before a `*`.
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// With this event id.
    #[arg(long)]
    id: Option<String>,
    /// Of this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// Arrived at this moment (RFC 3339) or later, or within this time, as `2h`.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    since: Option<OffsetDateTime>,
    /// Arrived before this moment (RFC 3339), or longer ago than this, as `30d`.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    until: Option<OffsetDateTime>,
}

impl Filter {
    pub(super) fn query(&self, state: Option<DeliveryState>) -> DeliveryQuery {
        let mut query = DeliveryQuery::new();
        query.state = state;
        query.receiver.clone_from(&self.receiver);
        query.event_type.clone_from(&self.event_type);
        query.id.clone_from(&self.id);
        query.tenant.clone_from(&self.tenant);
        query.since = self.since;
        query.until = self.until;
        query
    }
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Limit {
    /// At most as many; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

impl Limit {
    pub(super) const fn most(self) -> usize {
        match self.limit {
            0 => usize::MAX,
            limit => limit,
        }
    }
}

pub(super) fn state(name: &str) -> Result<DeliveryState, String> {
    let all = [
        DeliveryState::Pending,
        DeliveryState::Running,
        DeliveryState::Completed,
        DeliveryState::Dead,
    ];
    let found = all.into_iter().find(|state| state.name() == name);
    found.ok_or_else(|| "a state is pending, running, completed or dead".to_owned())
}

/// A moment in RFC 3339, or as an age.
pub(super) fn moment(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(moment);
    }
    let before = |age| now().checked_sub(age);
    let age = age(text).and_then(|age| time::Duration::try_from(age).ok());
    age.and_then(before).ok_or_else(|| {
        "write a moment as 2026-03-01T12:00:00Z, or an age as 90s, 15m, 2h, 30d or 4w".to_owned()
    })
}

/// What time it is.
pub(super) fn now() -> OffsetDateTime {
    SystemClock::default().now()
}

fn age(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| digits)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}
