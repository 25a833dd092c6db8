//! [`frame`]: what surrounds every answer: the guard before it, the page around it, the headers on it.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use maud::{DOCTYPE, Markup, html};

use super::{Desk, fault::Fault, guard::Passed, visible::plain};

/// Where a page is, and who sees it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The way from the page to where the inspector is mounted. Relative, so that it holds under any path, also where a
    /// proxy takes a part of the path away.
    pub(super) base: &'static str,
    /// Whether there is a session to end.
    pub(super) is_signed_in: bool,
    /// What every form holds.
    pub(super) form_token: Option<String>,
    /// Whether refusals are kept.
    pub(super) has_refusals: bool,
}

impl Place {
    fn new(desk: &Desk, path: &str, passed: Option<Passed>) -> Self {
        let may_see = passed.is_some_and(|passed| passed != Passed::Stranger);
        Self {
            base: base(path),
            is_signed_in: passed == Some(Passed::SignedIn),
            form_token: desk
                .guard
                .form_token()
                .filter(|_| may_see)
                .map(str::to_owned),
            has_refusals: may_see && desk.refusals.is_some(),
        }
    }

    /// A page with this title and content.
    pub(super) fn page(&self, title: &str, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (plain(title)) " · hooklatch" }
                    link rel="icon" href={ (self.base) "icon.svg" };
                    link rel="stylesheet" href={ (self.base) "inspector.css" };
                    script src={ (self.base) "inspector.js" } defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header { (self.navigation()) }
                    main #main tabindex="-1" { (content) }
                }
            }
        }
    }

    fn navigation(&self) -> Markup {
        html! {
            nav aria-label="Pages" {
                a.home href={ (self.base) "deliveries" } { "hooklatch" }
                @if self.form_token.is_some() {
                    a href={ (self.base) "deliveries" } { "Deliveries" }
                    @if self.has_refusals { a href={ (self.base) "refusals" } { "Refusals" } }
                }
                @if self.is_signed_in {
                    form method="post" action={ (self.base) "logout" } {
                        (self.form_fields())
                        button { "Sign out" }
                    }
                }
            }
        }
    }

    /// The hidden fields without which no form counts.
    pub(super) fn form_fields(&self) -> Markup {
        html! {
            @if let Some(token) = &self.form_token { input type="hidden" name="token" value=(token); }
        }
    }

    fn fault_page(&self, fault: &Fault) -> Markup {
        let content = html! {
            h1 { (fault.title) }
            p role="alert" { (fault.text) }
            @if fault.asks_for_token {
                form.sign-in method="post" action={ (self.base) "login" } {
                    label for="secret" { "Token" }
                    input #secret name="secret" type="password" autocomplete="current-password" required autofocus;
                    button { "Sign in" }
                }
            } @else {
                p { a href={ (self.base) "deliveries" } { "To the deliveries" } }
            }
        };
        self.page(fault.title, &content)
    }
}

/// The place that [`frame`] found.
impl<S: Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let place = head.extensions.get().cloned();
        Ok(place.unwrap_or_else(|| Self {
            base: base(head.uri.path()),
            is_signed_in: false,
            form_token: None,
            has_refusals: false,
        }))
    }
}

/// Guards the pages, makes pages of faults, and sets what browsers must know.
pub(super) async fn frame(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let passed = desk.guard.check(&head);
    let place = Place::new(&desk, head.uri.path(), passed.as_ref().ok().copied());
    let response = match passed {
        Err(fault) => fault.into_response(),
        Ok(_) => {
            head.extensions.insert(place.clone());
            next.run(Request::from_parts(head, body)).await
        }
    };
    let mut response = match response.extensions().get::<Fault>() {
        None => response,
        Some(fault) => {
            let mut page = html_page(fault.status, place.fault_page(fault));
            if matches!(
                fault.status,
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
            ) {
                let seconds = HeaderValue::from_static("5");
                page.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            page
        }
    };
    protect(response.headers_mut());
    response
}

/// HTML as a response.
pub(super) fn html_page(status: StatusCode, page: Markup) -> Response {
    let mut response = Response::new(Body::from(page.into_string()));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}

/// The way up from a page, by its depth.
fn base(path: &str) -> &'static str {
    match path.matches('/').count() {
        0 | 1 => "./",
        2 => "../",
        _ => "../../",
    }
}

const PROTECTION: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: browsers then send `Origin: null` with our own forms, and over plain HTTP that is all they send.
    ("referrer-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
];
