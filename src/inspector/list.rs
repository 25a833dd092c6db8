//! The list of deliveries.

use axum::{
    extract::{OriginalUri, RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use maud::{Markup, Render, html};
use time::OffsetDateTime;

use super::{
    Desk,
    chart::Chart,
    fault::Fault,
    filter::{Filter, STATES, Since},
    frame::{Place, html_page},
    live, moment,
    visible::Visible,
};
use crate::store::{DeliveryState, StoredDelivery};

/// The way from where the inspector is mounted to its first page. The list has a path of its own, so that links can be
/// relative: whether the mount point ends with a slash is its owner's business.
pub(super) async fn home(OriginalUri(uri): OriginalUri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let way = match last {
        "" => "deliveries".to_owned(),
        last => format!("./{last}/deliveries"),
    };
    redirect(&way)
}

/// "See other", relative to the page.
pub(super) fn redirect(way: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::try_from(way) {
        Ok(way) => response.headers_mut().insert(header::LOCATION, way),
        Err(_) => return Fault::NOT_FOUND.into_response(),
    };
    response
}

/// The list as a page or, for those who ask for events, as it changes.
pub(super) async fn list(
    State(desk): State<Desk>,
    place: Place,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let filter = Filter::parse(query.as_deref().unwrap_or_default()).map_err(Fault::bad_request)?;
    if live::is_asked_for(&headers) {
        return live::deliveries(&desk, filter);
    }
    let now = desk.clock.now();
    let query = filter.query(now, LIMIT + 1);
    let found = desk.store.list(&query).await?;
    let begin = Chart::begin(now);
    let chart = Chart::new(begin, &desk.store.activity(begin, Chart::STEP).await?);
    let done = uri.query().and_then(done);
    let content = page(&filter, Rows { found: &found, now }, &chart, done);
    Ok(html_page(
        StatusCode::OK,
        place.page("Deliveries", &content),
    ))
}

/// What an action that led here did.
fn done(query: &str) -> Option<&'static str> {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let (_, value) = fields.find(|(name, _)| name == "done")?;
    (value == "forgotten")
        .then_some("The delivery is forgotten. If the sender sends it again, it runs.")
}

fn page(filter: &Filter, rows: Rows<'_>, chart: &Chart, done: Option<&str>) -> Markup {
    let is_live = filter.before.is_none();
    html! {
        h1 { "Deliveries" }
        @if let Some(done) = done { p.done role="status" { (done) } }
        figure #chart { (chart) }
        (form(filter))
        @if is_live { (live::controls()) }
        div.wide {
            table data-live[is_live] {
                thead { tr {
                    @for name in ["State", "Event id", "Type", "Receiver", "Attempts", "Arrived", "Last error"] {
                        th scope="col" { (name) }
                    }
                } }
                tbody #rows { (rows) }
            }
        }
        p #none hidden[!rows.found.is_empty()] {
            @if filter.is_empty() { "Nothing has arrived yet." } @else { "Nothing fits." }
        }
        (pages(filter, rows.found))
    }
}

fn pages(filter: &Filter, found: &[StoredDelivery]) -> Markup {
    let link = |before| format!("deliveries?{}", filter.page(before).to_query());
    html! {
        nav.pages aria-label="More deliveries" {
            @if filter.before.is_some() { a href=(link(None)) { "Newest" } }
            @if let Some(next) = next_page(found) { a rel="next" href=(link(Some(next))) { "Older" } }
        }
    }
}

/// The position after which the next page begins, where there is more than one page.
fn next_page(found: &[StoredDelivery]) -> Option<i64> {
    let page = usize::try_from(LIMIT).ok()?;
    found.get(page)?;
    found.get(page - 1).map(|last| last.position)
}

fn form(filter: &Filter) -> Markup {
    let text = |label, name, value: Option<&str>, hint| {
        html! {
            div { label for=(name) { (label) }
                input id=(name) name=(name) value=[value] placeholder=(hint) autocomplete="off" spellcheck="false"; }
        }
    };
    let state = html! {
        div { label for="state" { "State" }
            select #state name="state" {
                option value="" { "any" }
                @for state in STATES {
                    option selected[filter.state == Some(state)] { (state) }
                }
            } }
    };
    html! {
        search { form.filter method="get" action="deliveries" {
            (text("Event type", "type", filter.event_type.as_deref(), "invoice.*"))
            (state)
            (text("Receiver", "receiver", filter.receiver.as_deref(), "any"))
            (text("Event id", "id", filter.id.as_deref(), "any"))
            (since(filter.since))
            button { "Filter" }
            @if !filter.is_empty() { a href="deliveries" { "Show all" } }
        } }
    }
}

fn since(chosen: Option<Since>) -> Markup {
    let chosen = chosen.map(Since::text);
    let is_other = chosen
        .as_deref()
        .is_some_and(|text| TIMES.iter().all(|(known, _)| *known != text));
    html! {
        div { label for="since" { "Since" }
            select #since name="since" {
                option value="" { "ever" }
                @for (value, name) in TIMES {
                    option value=(value) selected[chosen.as_deref() == Some(value)] { (name) }
                }
                @if is_other { option selected { (chosen.as_deref().unwrap_or_default()) } }
            } }
    }
}

/// The rows of the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) found: &'a [StoredDelivery],
    pub(super) now: OffsetDateTime,
}

impl Render for Rows<'_> {
    fn render(&self) -> Markup {
        let page = usize::try_from(LIMIT).unwrap_or_default();
        html! { @for delivery in self.found.iter().take(page) { (self.row(delivery)) } }
    }
}

impl Rows<'_> {
    fn row(&self, delivery: &StoredDelivery) -> Markup {
        let short = |text: &Option<String>, none| {
            html! {
                @match text {
                    Some(text) => (Visible::clipped(text, SHORT)),
                    None => span.none { (none) },
                }
            }
        };
        html! {
            tr id={ "d-" (delivery.event) } {
                td { (badge(delivery.state)) }
                th scope="row" { a href={ "deliveries/" (delivery.event) } { (short(&delivery.id, "no id")) } }
                td { (short(&delivery.event_type, "no type")) }
                td { (Visible::clipped(&delivery.receiver, SHORT))
                    @if let Some(tenant) = &delivery.tenant { " / " (Visible::clipped(tenant, SHORT)) } }
                td.number { (delivery.attempt) }
                td.number { (moment::ago(delivery.received_at, self.now)) }
                td { @if let Some(error) = &delivery.error { (Visible::clipped(error, SHORT)) } }
            }
        }
    }
}

/// A state by word and colour.
pub(super) fn badge(state: DeliveryState) -> Markup {
    html! { span class={ "state " (state) } { (state) } }
}

const TIMES: [(&str, &str); 4] = [
    ("15m", "15 minutes ago"),
    ("1h", "an hour ago"),
    ("1d", "a day ago"),
    ("7d", "a week ago"),
];

/// Deliveries on a page.
pub(super) const LIMIT: u32 = 50;
/// Characters of a text in a row.
const SHORT: usize = 120;
