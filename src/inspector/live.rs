//! What changes, told as it happens: server-sent events.
//!
//! All viewers together cost one question to the store a second, and none while nobody looks. Each viewer is told the
//! newest state and never what it missed. A stream ends after [`STREAM`]; browsers come back by themselves. So a viewer
//! does not hold up the end of the program, and a session that ended is noticed.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::response::{IntoResponse, Response, Sse, sse::Event};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use maud::{Markup, Render, html};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep, sleep_until},
};

use super::{
    Desk,
    chart::Chart,
    fault::Fault,
    filter::Filter,
    list::{LIMIT, Rows},
    refusal,
};
use crate::{
    clock::Clock,
    store::{Operate, StoredDelivery},
};

/// What viewers see, asked for once for all of them.
#[derive(Debug)]
pub(super) struct Live {
    store: Arc<dyn Operate>,
    clock: Arc<dyn Clock>,
    seats: Arc<Semaphore>,
    watched: Mutex<Watched>,
}

#[derive(Debug)]
struct Watched {
    /// What is looked at, next to be asked for first.
    lists: Vec<(Filter, watch::Sender<Seen>)>,
    chart: watch::Sender<Option<Chart>>,
    is_asking: bool,
    next: Instant,
    next_chart: Instant,
}

/// What the store last said of a list.
#[derive(Clone, Debug, Default)]
enum Seen {
    #[default]
    Nothing,
    Found(Arc<[StoredDelivery]>),
    Unreachable,
}

impl Live {
    pub(super) fn new(store: Arc<dyn Operate>, clock: Arc<dyn Clock>) -> Self {
        // In the past: the first viewer need not wait.
        let next = Instant::now();
        Self {
            store,
            clock,
            seats: Arc::new(Semaphore::new(SEATS)),
            watched: Mutex::new(Watched {
                lists: Vec::new(),
                chart: watch::Sender::new(None),
                is_asking: false,
                next,
                next_chart: next,
            }),
        }
    }

    fn seat(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let seat = Arc::clone(&self.seats).try_acquire_owned();
        seat.map_err(|_| FULL)
    }

    /// Looks at a list from now on, and at the chart.
    fn watch(
        self: &Arc<Self>,
        filter: Filter,
    ) -> (watch::Receiver<Seen>, watch::Receiver<Option<Chart>>) {
        let mut watched = self.lock();
        let chart = watched.chart.subscribe();
        let known = watched.lists.iter().find(|(known, _)| *known == filter);
        let list = match known {
            Some((_, sender)) => sender.subscribe(),
            None => {
                let (sender, list) = watch::channel(Seen::default());
                watched.lists.insert(0, (filter, sender));
                list
            }
        };
        if !watched.is_asking {
            watched.is_asking = true;
            tokio::spawn(Arc::clone(self).ask());
        }
        (list, chart)
    }

    /// Asks the store while somebody looks: one list a second, each in its turn.
    async fn ask(self: Arc<Self>) {
        loop {
            let next = self.lock().next;
            sleep_until(next).await;
            let Some((filter, wants_chart)) = self.turn() else {
                return;
            };
            let now = self.clock.now();
            let seen = match self.store.list(&filter.query(now, LIMIT)).await {
                Ok(found) => Seen::Found(found.into()),
                Err(_) => Seen::Unreachable,
            };
            let chart = if wants_chart {
                let begin = Chart::begin(now);
                let activity = self.store.activity(begin, Chart::STEP).await.ok();
                activity.map(|activity| Chart::new(begin, &activity))
            } else {
                None
            };
            self.tell(&filter, &seen, chart);
        }
    }

    /// Whose turn it is, and whether the chart is due. `None`: nobody looks any more.
    fn turn(&self) -> Option<(Filter, bool)> {
        let mut watched = self.lock();
        watched
            .lists
            .retain(|(_, sender)| sender.receiver_count() > 0);
        let Some((filter, _)) = watched.lists.first() else {
            watched.is_asking = false;
            return None;
        };
        let filter = filter.clone();
        watched.lists.rotate_left(1);
        let now = Instant::now();
        watched.next = now + ASK;
        let wants_chart = watched.next_chart <= now;
        if wants_chart {
            watched.next_chart = now + ASK_CHART;
        }
        Some((filter, wants_chart))
    }

    fn tell(&self, filter: &Filter, seen: &Seen, chart: Option<Chart>) {
        let watched = self.lock();
        if let Some((_, sender)) = watched.lists.iter().find(|(known, _)| known == filter) {
            sender.send_if_modified(|last| {
                let is_news = !last.is(seen);
                if is_news {
                    last.clone_from(seen);
                }
                is_news
            });
        }
        if chart.is_some() {
            watched.chart.send_if_modified(|last| {
                let is_news = *last != chart;
                *last = chart;
                is_news
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) | (Self::Unreachable, Self::Unreachable) => true,
            (Self::Found(one), Self::Found(other)) => one == other,
            _ => false,
        }
    }
}

/// Whether a request is a browser's that wants to be told.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT);
    accepted.is_some_and(|accepted| accepted.as_bytes() == b"text/event-stream")
}

/// A list as it changes: the rows that [`Rows`] makes, and the chart.
pub(super) fn deliveries(desk: &Desk, filter: Filter) -> Result<Response, Fault> {
    let seat = desk.live.seat()?;
    let clock = Arc::clone(&desk.clock);
    let (list, chart) = desk.live.watch(filter);
    let lists = changes(list).filter_map(move |seen| {
        let event = match seen {
            Seen::Nothing => None,
            Seen::Found(found) => {
                let rows = Rows {
                    found: &found,
                    now: clock.now(),
                };
                Some(event("rows", &rows.render()))
            }
            Seen::Unreachable => Some(
                Event::default()
                    .event("trouble")
                    .data("The store does not answer."),
            ),
        };
        async { event }
    });
    let charts = changes(chart).filter_map(async |chart: Option<Chart>| {
        chart.map(|chart| event("chart", &chart.render()))
    });
    Ok(stream_of(seat, stream::select(lists, charts)))
}

/// The refusals as they come.
pub(super) fn refusals(desk: &Desk) -> Result<Response, Fault> {
    let seat = desk.live.seat()?;
    let refusals = desk.refusals.clone().ok_or(Fault::NOT_FOUND)?;
    let clock = Arc::clone(&desk.clock);
    let rows = changes(refusals.changes()).then(move |_| {
        let (refusals, clock) = (refusals.clone(), Arc::clone(&clock));
        async move {
            // Many may come at once; they are told together.
            sleep(ASK).await;
            event("rows", &refusal::rows(&refusals.recent(), clock.now()))
        }
    });
    Ok(stream_of(seat, rows))
}

/// The newest value, now and whenever there is another.
fn changes<T: Clone + Send + Sync + 'static>(
    mut from: watch::Receiver<T>,
) -> impl Stream<Item = T> + Send {
    from.mark_changed();
    stream::unfold(from, async |mut from| {
        from.changed().await.ok()?;
        let value = from.borrow_and_update().clone();
        Some((value, from))
    })
}

fn stream_of(
    seat: OwnedSemaphorePermit,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    let first = stream::iter([Event::default().retry(COME_BACK).comment("live")]);
    let events = first
        .chain(events)
        .take_until(sleep(STREAM))
        .map(move |event| {
            // The seat is taken for as long as the stream lives.
            let _ = &seat;
            Ok::<_, Infallible>(event)
        });
    Sse::new(events).into_response()
}

fn event(name: &str, content: &Markup) -> Event {
    // A line of its own, also where there is nothing: an event without data is none.
    let content = html! { "\n" (content) };
    Event::default().event(name).data(content.into_string())
}

/// What only the script shows: whether the page is live, and a button that keeps it as it is.
pub(super) fn controls() -> Markup {
    html! {
        div.live hidden {
            button #pause type="button" aria-pressed="false" { "Pause" }
            span #connection role="status" {}
            span #news role="status" aria-live="polite" {}
        }
    }
}

const FULL: Fault = Fault::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "Too many viewers",
    "As many pages as may are live already.",
);

/// Viewers at the same time.
const SEATS: usize = 32;
const ASK: Duration = Duration::from_secs(1);
const ASK_CHART: Duration = Duration::from_secs(10);
/// How long a stream lasts, and when browsers come back after it.
const STREAM: Duration = Duration::from_secs(15);
const COME_BACK: Duration = Duration::from_millis(300);
