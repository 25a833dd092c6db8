//! [`Filter`]: which deliveries a page shows, as its URL says it.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::store::{DeliveryQuery, DeliveryState};

/// What the form above the list says. Two pages with equal filters show the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) state: Option<DeliveryState>,
    pub(super) receiver: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) id: Option<String>,
    pub(super) since: Option<Since>,
    /// The page that begins after the delivery at this position.
    pub(super) before: Option<i64>,
}

/// The earliest arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// So long ago, counted anew whenever the list is.
    Ago(Duration),
    At(OffsetDateTime),
}

impl Filter {
    /// Reads the query of a URL. What is empty or unknown is not there.
    ///
    /// # Errors
    /// In words, what of it cannot be read.
    pub(super) fn parse(query: &str) -> Result<Self, &'static str> {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "state" => filter.state = Some(state(value).ok_or("There is no such state.")?),
                "receiver" => filter.receiver = Some(value.to_owned()),
                "type" => filter.event_type = Some(value.to_owned()),
                "id" => filter.id = Some(value.to_owned()),
                "since" => filter.since = Some(since(value).ok_or(BAD_SINCE)?),
                "before" => {
                    let position = value.parse().map_err(|_| "There is no such page.")?;
                    filter.before = Some(position);
                }
                _ => {}
            }
        }
        Ok(filter)
    }

    /// The question to the store, for at most `limit` deliveries.
    pub(super) fn query(&self, now: OffsetDateTime, limit: u32) -> DeliveryQuery {
        let mut query = DeliveryQuery::new().limit(limit);
        query.state = self.state;
        query.receiver.clone_from(&self.receiver);
        query.event_type.clone_from(&self.event_type);
        query.id.clone_from(&self.id);
        query.before = self.before;
        query.since = self.since.and_then(|since| match since {
            // What lies before all time is no bound.
            Since::Ago(ago) => now.checked_sub(time::Duration::try_from(ago).ok()?),
            Since::At(at) => Some(at),
        });
        query
    }

    /// The same filter on another page.
    pub(super) fn page(&self, before: Option<i64>) -> Self {
        Self {
            before,
            ..self.clone()
        }
    }

    /// The query of a URL that says this.
    pub(super) fn to_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let since = self.since.map(Since::text);
        for (name, value) in [
            ("state", self.state.map(DeliveryState::name)),
            ("receiver", self.receiver.as_deref()),
            ("type", self.event_type.as_deref()),
            ("id", self.id.as_deref()),
            ("since", since.as_deref()),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = self.before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }

    /// Whether it shows all there is, from the newest on.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Since {
    /// As it stands in a URL.
    pub(super) fn text(self) -> String {
        match self {
            Self::Ago(ago) => {
                let seconds = ago.as_secs();
                let unit = UNITS.iter().find(|(_, unit)| seconds % unit == 0);
                unit.map_or_else(String::new, |(name, unit)| {
                    format!("{}{name}", seconds / unit)
                })
            }
            // Every moment that was parsed from this format can be written in it.
            Self::At(at) => at.format(&Rfc3339).unwrap_or_default(),
        }
    }
}

/// All states, in the order in which a delivery goes through them.
pub(super) const STATES: [DeliveryState; 4] = [
    DeliveryState::Pending,
    DeliveryState::Running,
    DeliveryState::Completed,
    DeliveryState::Dead,
];

fn state(name: &str) -> Option<DeliveryState> {
    STATES.into_iter().find(|state| state.name() == name)
}

/// `90s`, `15m`, `24h`, `7d`, or a moment of RFC 3339.
fn since(text: &str) -> Option<Since> {
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(Since::At(at));
    }
    let (name, unit) = UNITS.iter().find(|(name, _)| text.ends_with(*name))?;
    let count: u32 = text.strip_suffix(*name)?.parse().ok()?;
    let ago = Duration::from_secs(u64::from(count) * unit);
    (count > 0).then_some(Since::Ago(ago))
}

/// Units of time in seconds, longest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

const BAD_SINCE: &str = "“Since” is a time as 15m, 24h or 7d, or a moment as 2026-05-01T12:00:00Z.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_it_and_it_says_the_url() {
        let query = "state=dead&receiver=a+b&type=invoice.*&id=%3Cb%3E&since=36h&before=-7";
        let filter = Filter::parse(query).unwrap();
        assert_eq!(filter.to_query(), query);
        let asked = filter.query(OffsetDateTime::UNIX_EPOCH, 5);
        assert_eq!(
            asked.since,
            Some(OffsetDateTime::UNIX_EPOCH - time::Duration::hours(36))
        );
        assert_eq!((asked.limit, asked.before), (5, Some(-7)));
        assert_eq!(asked.event_type.as_deref(), Some("invoice.*"));
        let moment = "since=2026-05-01T12%3A00%3A00Z";
        assert_eq!(Filter::parse(moment).unwrap().to_query(), moment);
    }

    #[test]
    fn what_is_empty_or_unknown_is_not_there() {
        let filter = Filter::parse("state=&receiver=++&other=1&").unwrap();
        assert!(filter.is_empty());
        assert_eq!(filter.to_query(), "");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for query in [
            "state=lost",
            "since=x",
            "since=0m",
            "since=-1h",
            "since=1y",
            "since=99999999999d",
            "before=x",
        ] {
            assert!(Filter::parse(query).is_err(), "{query}");
        }
        let ages = Filter::parse("since=4294967295d").unwrap();
        assert_eq!(ages.query(OffsetDateTime::UNIX_EPOCH, 1).since, None);
    }
}
