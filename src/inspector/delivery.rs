//! The page of one delivery.

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use maud::{Markup, html};
use time::OffsetDateTime;

use super::{
    Desk,
    body::View,
    fault::Fault,
    frame::{Place, html_page},
    list::badge,
    moment,
    random::unguessable,
    visible::Visible,
};
use crate::{
    delivery::Coverage,
    key::Key,
    store::{Attempt, DeliveryContent, DeliveryState, StoredDelivery},
};

/// What is known of a delivery, and what can be done with it.
pub(super) async fn delivery(
    State(desk): State<Desk>,
    place: Place,
    Path(key): Path<String>,
) -> Result<Response, Fault> {
    let content = found(&desk, &key).await?;
    let page = page(&place, &content, desk.clock.now());
    Ok(html_page(
        StatusCode::OK,
        place.page(&title(&content.delivery), &page),
    ))
}

/// The delivery with this key.
pub(super) async fn found(desk: &Desk, key: &str) -> Result<DeliveryContent, Fault> {
    let key = read_key(key).ok_or(Fault::NOT_FOUND)?;
    desk.store.show(key).await?.ok_or(Fault::NOT_FOUND)
}

/// A key as it is written: 32 hexadecimal digits in lower case.
pub(super) fn read_key(text: &str) -> Option<Key> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 32 || !text.bytes().all(is_digit) {
        return None;
    }
    let key = u128::from_str_radix(text, 16).ok()?;
    Some(Key::from_bytes(key.to_be_bytes()))
}

/// The bytes that the signature matched, for whoever wants them all. Never shown by a browser: they are a stranger's.
pub(super) async fn body(
    State(desk): State<Desk>,
    Path(key): Path<String>,
) -> Result<Response, Fault> {
    let content = found(&desk, &key).await?;
    let file = format!("attachment; filename=\"{}.bin\"", content.delivery.event);
    let mut response = Response::new(Body::from(content.body));
    let mut set = |name: HeaderName, value| response.headers_mut().insert(name, value);
    set(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Ok(file) = HeaderValue::try_from(file) {
        set(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}

/// Asks whether a delivery is to be forgotten.
pub(super) async fn forget(
    State(desk): State<Desk>,
    place: Place,
    Path(key): Path<String>,
) -> Result<Response, Fault> {
    let content = found(&desk, &key).await?;
    let key = content.delivery.event;
    let page = html! {
        h1 { "Forget this delivery?" }
        (facts(&content))
        p { "It is removed with its body, whatever its state, and cannot be brought back. If the sender sends the event again, it runs." }
        form method="post" action="forget" {
            (place.form_fields())
            button.danger { "Forget it" }
            " " a href={ "../" (key) } { "Keep it" }
        }
    };
    Ok(html_page(StatusCode::OK, place.page("Forget", &page)))
}

fn title(delivery: &StoredDelivery) -> String {
    let id = delivery.id.as_deref().unwrap_or("no id");
    format!("Delivery {}", id.chars().take(80).collect::<String>())
}

fn page(place: &Place, content: &DeliveryContent, now: OffsetDateTime) -> Markup {
    let delivery = &content.delivery;
    html! {
        h1 { "Delivery " @match &delivery.id {
            Some(id) => (Visible::clipped(id, 80)),
            None => "without an id",
        } }
        (state(delivery, now))
        (actions(place, delivery))
        section aria-labelledby="facts" {
            h2 #facts { "What was verified" }
            (facts(content))
        }
        (attempts(&content.attempts))
        (headers(&content.headers))
        (body_section(content))
    }
}

fn state(delivery: &StoredDelivery, now: OffsetDateTime) -> Markup {
    html! {
        p {
            (badge(delivery.state))
            " after " (delivery.attempt) @if delivery.attempt == 1 { " run" } @else { " runs" }
            ", arrived " (moment::ago(delivery.received_at, now))
            @match delivery.state {
                DeliveryState::Pending => { ", due " (moment::exactly(delivery.due)) }
                DeliveryState::Running => { ", leased until " (moment::exactly(delivery.due)) }
                DeliveryState::Completed => { ", remembered until " (moment::exactly(delivery.due)) }
                DeliveryState::Dead => ", kept until it is purged",
            }
            "."
        }
        @if let Some(error) = &delivery.error { p.error { "Last error: " (Visible::new(error)) } }
    }
}

fn actions(place: &Place, delivery: &StoredDelivery) -> Markup {
    let key = delivery.event;
    html! {
        div.actions {
            // The nonce makes of two clicks one replay.
            @if let Some(nonce) = unguessable() {
                form method="post" action={ (key) "/replay" } {
                    (place.form_fields())
                    input type="hidden" name="nonce" value=(nonce);
                    button { "Replay as a copy" }
                }
            }
            @if delivery.state == DeliveryState::Dead {
                form method="post" action={ (key) "/retry" } {
                    (place.form_fields())
                    button { "Retry" }
                }
            }
            a.button href={ (key) "/forget" } { "Forget…" }
        }
    }
}

fn facts(content: &DeliveryContent) -> Markup {
    let delivery = &content.delivery;
    let text = |text: &Option<String>| {
        html! {
            @match text { Some(text) => (Visible::new(text)), None => span.none { "none" } }
        }
    };
    html! {
        dl {
            dt { "Receiver" } dd { (Visible::new(&delivery.receiver)) }
            @if delivery.tenant.is_some() { dt { "Tenant" } dd { (text(&delivery.tenant)) } }
            dt { "Event id" } dd { (text(&delivery.id)) }
            dt { "Event type" } dd { (text(&delivery.event_type)) }
            dt { "Key that matched" } dd { (Visible::new(&content.key_name)) }
            dt { "The signature covers" } dd { (coverage(content.coverage)) }
            dt { "Signed at" } dd {
                @match content.timestamp {
                    Some(signed) => (moment::exactly(signed.at)),
                    None => span.none { "no time is signed" },
                }
            }
            dt { "Arrived at" } dd { (moment::exactly(delivery.received_at)) }
            dt { "Request" } dd { (Visible::new(&content.method)) " " (Visible::new(&content.path)) }
            dt { "Key of the event" } dd { code { (delivery.event) } }
        }
    }
}

const fn coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Whole => "the whole body",
        Coverage::Partial => "a part of the body: fetch what the rest says before you believe it",
        Coverage::Nothing => "nothing of the body: it tells who sent it, not what",
    }
}

fn attempts(attempts: &[Attempt]) -> Markup {
    html! {
        section aria-labelledby="attempts" {
            h2 #attempts { "Failed runs" }
            @if attempts.is_empty() { p { "None." } } @else {
                div.wide { table {
                    thead { tr { th scope="col" { "Run" } th scope="col" { "Ended" } th scope="col" { "Error" } } }
                    tbody { @for attempt in attempts {
                        tr {
                            th scope="row" { (attempt.number) }
                            td { (moment::exactly(attempt.ended_at)) }
                            td { (Visible::new(&attempt.error)) }
                        }
                    } }
                } }
            }
        }
    }
}

fn headers(headers: &[(String, String)]) -> Markup {
    html! {
        section aria-labelledby="headers" {
            h2 #headers { "Headers" }
            p { "What a handler may see: never a signature or a credential." }
            @if headers.is_empty() { p { "None." } } @else {
                div.wide { table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } } }
                    tbody { @for (name, value) in headers {
                        tr { th scope="row" { (Visible::new(name)) } td { (Visible::new(value)) } }
                    } }
                } }
            }
        }
    }
}

fn body_section(content: &DeliveryContent) -> Markup {
    let content_type = content
        .headers
        .iter()
        .find(|(name, _)| name == "content-type");
    let content_type = content_type.map_or("", |(_, value)| value);
    let view = View::new(content_type, &content.shown_body());
    html! {
        section aria-labelledby="body" {
            h2 #body { "Body" }
            p {
                (moment::size(content.body.len())) ", shown as " (view.name()) ". "
                @if view.is_cut() { strong { "Only the first 64 KiB are shown. " } }
                a href={ (content.delivery.event) "/body" } download { "Download the exact bytes" }
            }
            (view.markup())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_is_written() {
        let key = Key::event("a", None, b"b");
        assert_eq!(read_key(&key.to_string()), Some(key));
        let other = [
            "",
            "00",
            &"0".repeat(33),
            &"G".repeat(32),
            &"A".repeat(32),
            "+0000000000000000000000000000000",
        ];
        assert!(other.iter().all(|text| read_key(text).is_none()));
    }
}
