//! The refused requests: the list, and why one was refused.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use time::OffsetDateTime;

use super::{
    Desk,
    fault::Fault,
    frame::{Place, html_page},
    live, moment,
    visible::Visible,
};
use crate::explain::Refused;

/// The last refusals as a page or, for those who ask for events, as they come.
pub(super) async fn list(
    State(desk): State<Desk>,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if live::is_asked_for(&headers) {
        return live::refusals(&desk);
    }
    let refusals = desk.refusals.as_ref().ok_or(NOT_KEPT)?.recent();
    let page = html! {
        h1 { "Refusals" }
        p { "The last requests that were refused, since the program started. What was refused is not kept." }
        (live::controls())
        div.wide { table data-live {
            thead { tr {
                @for name in ["When", "Why", "Receiver", "Answer", "Request", "In words"] {
                    th scope="col" { (name) }
                }
            } }
            tbody #rows { (rows(&refusals, desk.clock.now())) }
        } }
        p #none hidden[!refusals.is_empty()] { "Nothing was refused." }
    };
    Ok(html_page(StatusCode::OK, place.page("Refusals", &page)))
}

pub(super) fn rows(refusals: &[Refused], now: OffsetDateTime) -> Markup {
    html! {
        @for refused in refusals {
            tr id={ "r-" (refused.number) } {
                td.number { (moment::ago(refused.at, now)) }
                th scope="row" { a href={ "refusals/" (refused.number) } { (refused.kind.name()) } }
                td { (Visible::clipped(&refused.receiver, SHORT)) }
                td { (refused.status.as_u16()) }
                td { (Visible::clipped(&refused.method, SHORT)) " " (Visible::clipped(&refused.path, SHORT)) }
                td { (Visible::clipped(&refused.reason, SHORT)) }
            }
        }
    }
}

/// One refusal, and what is wrong with the request as far as it was found out.
pub(super) async fn refusal(
    State(desk): State<Desk>,
    place: Place,
    Path(number): Path<u64>,
) -> Result<Response, Fault> {
    let recent = desk.refusals.as_ref().ok_or(NOT_KEPT)?.recent();
    let refused = recent.iter().find(|refused| refused.number == number);
    let refused = refused.ok_or(Fault::NOT_FOUND)?;
    let page = page(refused, desk.clock.now());
    Ok(html_page(StatusCode::OK, place.page("Refusal", &page)))
}

fn page(refused: &Refused, now: OffsetDateTime) -> Markup {
    html! {
        h1 { "Refused: " (refused.kind.name()) }
        p { (Visible::new(&refused.reason)) }
        dl {
            dt { "Receiver" } dd { (Visible::new(&refused.receiver)) }
            dt { "Answered" } dd { (refused.status) }
            dt { "Request" } dd { (Visible::new(&refused.method)) " " (Visible::new(&refused.path)) }
            dt { "Body" } dd {
                @match refused.body_bytes { Some(bytes) => (moment::size(bytes)), None => "not read" }
            }
            dt { "Arrived" } dd { (moment::ago(refused.at, now)) ", " (moment::exactly(refused.at)) }
        }
        section aria-labelledby="why" {
            h2 #why { "Why" }
            @match &refused.explanation {
                Some(lines) => @for line in lines { p.explanation { (Visible::block(line)) } },
                None => p { "It is not explained. In development, with " code { "Refusals::explaining" }
                    ", a signature that does not match is: which mistake was made, and what to do about it." },
            }
        }
    }
}

const NOT_KEPT: Fault = Fault::new(
    StatusCode::NOT_FOUND,
    "Not kept",
    "This program does not keep what it refused: the inspector was given no log of refusals.",
);

/// Characters of a text in a row.
const SHORT: usize = 120;
