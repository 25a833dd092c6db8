//! Retries as the sender makes them.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{Draft, set};
use crate::scheme::Names;

impl Draft {
    /// The sender's n-th retry of this delivery; 0 is the first try.
    ///
    /// - A timestamp that names the attempt is made anew: the sender's time, and a second later for each retry, since no
    ///   retry comes in the second of what it repeats. One that names the event stays.
    /// - The id stays, as with nearly all senders; where the profile says that a redelivery has another, it has.
    /// - What the sender tells of retries is added: Slack's and Square's headers. What it counts in the body changes:
    ///   Stripe's `pending_webhooks`; so a retry is another body under the same id.
    ///
    /// ```
    /// use hooklatch::{provider, testing::Sender};
    /// use serde_json::json;
    ///
    /// let slack = Sender::new(provider::SLACK);
    /// let draft = slack.event("app_mention", json!({"text": "hello"}));
    /// let (first, second) = (draft.clone().request(), draft.retry(1).request());
    /// assert_eq!(second.headers()["x-slack-retry-num"], "1");
    /// assert_eq!(second.headers()["x-slack-retry-reason"], "http_timeout");
    /// assert_ne!(second.headers()["x-slack-signature"], first.headers()["x-slack-signature"]);
    ///
    /// let github = Sender::new(provider::GITHUB).event("push", json!({})).id("72d3162e");
    /// let (first, second) = (github.clone().request(), github.retry(1).request());
    /// assert_eq!(first.headers(), second.headers());
    /// ```
    pub fn retry(mut self, n: u8) -> Self {
        self.retry = n;
        if n > 0 && !self.names_the_event() {
            self.at = None;
        }
        self
    }

    /// The moment that is signed.
    pub(super) fn moment(&self) -> OffsetDateTime {
        match self.at {
            Some(moment) => moment,
            None if self.names_the_event() => self.made,
            None => self.sender.clock.now() + Duration::seconds(self.retry.into()),
        }
    }

    /// The id this try carries.
    pub(super) fn event_id(&self) -> Cow<'_, str> {
        if self.retry == 0 || self.sender.scheme.profile.redelivery_keeps_id {
            return Cow::Borrowed(&self.id);
        }
        Cow::Owned(format!("{}-{}", self.id, self.retry))
    }

    /// What the sender tells of a retry.
    pub(super) fn retry_headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        if self.retry == 0 {
            return Vec::new();
        }
        let told = TOLD
            .iter()
            .filter(|(sender, ..)| *sender == self.sender.scheme.name);
        told.map(|(_, name, value)| {
            let value = match value {
                Told::Number => HeaderValue::from(u16::from(self.retry)),
                Told::Text(text) => HeaderValue::from_static(text),
            };
            (HeaderName::from_static(name), value)
        })
        .collect()
    }

    /// What the sender counts in the body of an event.
    pub(super) fn counted(&self, body: Bytes) -> Bytes {
        let counts = COUNTED.iter();
        let mut counts = counts.filter(|(sender, _)| *sender == self.sender.scheme.name);
        let Some((_, pointer)) = counts.next().filter(|_| self.retry > 0) else {
            return body;
        };
        let Ok(mut document) = serde_json::from_slice::<Value>(&body) else {
            return body;
        };
        set(&mut document, pointer, self.retry.into());
        document.to_string().into()
    }

    fn names_the_event(&self) -> bool {
        let timestamp = self.sender.scheme.timestamp.as_ref();
        timestamp.is_some_and(|timestamp| timestamp.names == Names::Event)
    }
}

/// What senders count in a body: scheme and place.
const COUNTED: [(&str, &str); 1] = [("stripe", "/pending_webhooks")];

/// What a header tells of a retry.
enum Told {
    /// Which retry it is.
    Number,
    /// Always this.
    Text(&'static str),
}

/// The headers senders add to a retry: scheme, name and value.
const TOLD: [(&str, &str, Told); 4] = [
    ("slack", "x-slack-retry-num", Told::Number),
    ("slack", "x-slack-retry-reason", Told::Text("http_timeout")),
    ("square", "square-retry-number", Told::Number),
    ("square", "square-retry-reason", Told::Text("http_timeout")),
];
