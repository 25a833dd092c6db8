//! [`Guard`]: who may see the pages, and whose forms count.

mod cross_site;
mod host;
mod login;

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, request::Parts, uri::Authority};

use self::login::{Denied, Login};
use super::{
    fault::Fault,
    random::{Fingerprint, unguessable},
};
use crate::{clock::Clock, secret::Secret};

pub(super) use self::login::is_long_enough;

/// Stands before every page.
#[derive(Debug)]
pub(super) struct Guard {
    login: Option<Login>,
    /// Names it may be asked by besides those of this machine.
    hosts: Vec<String>,
    /// What every form holds, so that a page that cannot read ours cannot make one.
    form_token: Option<(String, Fingerprint)>,
}

/// How a request passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Nobody has to sign in here.
    Openly,
    /// With a session or the token.
    SignedIn,
    /// Only to where one can sign in.
    Stranger,
}

impl Guard {
    pub(super) fn new(token: Option<&Secret>, hosts: Vec<String>, clock: Arc<dyn Clock>) -> Self {
        let with_fingerprint = |token: String| {
            let fingerprint = Fingerprint::of(token.as_bytes());
            (token, fingerprint)
        };
        Self {
            login: token.map(|token| Login::new(token, clock)),
            hosts,
            form_token: unguessable().map(with_fingerprint),
        }
    }

    /// Lets a request pass, or tells why not.
    pub(super) fn check(&self, head: &Parts) -> Result<Passed, Fault> {
        let asked = host::authority(head).ok_or(NO_HOST)?;
        if self.login.is_none() {
            self.check_place(head, &asked)?;
        }
        let changes = !matches!(head.method, Method::GET | Method::HEAD);
        if changes && cross_site::is_cross_site(&head.headers, &asked) {
            return Err(CROSS_SITE);
        }
        let Some(login) = &self.login else {
            return Ok(Passed::Openly);
        };
        match login.check(&head.headers, &login::cookie_name(&asked)) {
            Ok(()) => Ok(Passed::SignedIn),
            Err(_) if PUBLIC.contains(&head.uri.path()) => Ok(Passed::Stranger),
            Err(denied) => Err(fault(denied)),
        }
    }

    /// Without a token the page is for this machine alone, or for those whom the program around it lets in.
    fn check_place(&self, head: &Parts, asked: &Authority) -> Result<(), Fault> {
        let host = asked.host();
        if self
            .hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
        {
            return Ok(());
        }
        if host::is_loopback(host) && !host::comes_from_elsewhere(head) {
            return Ok(());
        }
        Err(FOREIGN_HOST)
    }

    /// What the forms of a page hold. `None`: the system has no randomness, and no form would count.
    pub(super) fn form_token(&self) -> Option<&str> {
        self.form_token.as_ref().map(|(token, _)| &**token)
    }

    /// Whether a form is one of ours.
    pub(super) fn check_form(&self, token: &str) -> Result<(), Fault> {
        let ours = self.form_token.as_ref();
        if ours.is_some_and(|(_, ours)| ours.is_of(token.as_bytes())) {
            return Ok(());
        }
        Err(OLD_FORM)
    }

    /// The cookie of a new session.
    pub(super) fn sign_in(&self, head: &Parts, token: &str) -> Result<HeaderValue, Fault> {
        let login = self.login.as_ref().ok_or(Fault::NOT_FOUND)?;
        let asked = host::authority(head).ok_or(NO_HOST)?;
        let over_tls = cross_site::is_over_tls(&head.headers);
        login
            .open(token.as_bytes(), &login::cookie_name(&asked), over_tls)
            .map_err(|denied| match denied {
                Denied::Unknown => WRONG_TOKEN,
                Denied::TooOften => fault(denied),
            })
    }

    /// What ends the session of a request.
    pub(super) fn sign_out(&self, head: &Parts) -> Option<HeaderValue> {
        let asked = host::authority(head)?;
        let login = self.login.as_ref()?;
        login.close(&head.headers, &login::cookie_name(&asked))
    }
}

const fn fault(denied: Denied) -> Fault {
    match denied {
        Denied::Unknown => Fault::SIGN_IN,
        Denied::TooOften => TOO_OFTEN,
    }
}

/// What whoever wants to sign in needs. The first only leads to the list: of a page there links to others would go astray
/// where the inspector is nested.
const PUBLIC: &[&str] = &[
    "/",
    "/login",
    "/inspector.css",
    "/inspector.js",
    "/icon.svg",
];

const NO_HOST: Fault = Fault::new(
    StatusCode::BAD_REQUEST,
    "Bad request",
    "The request does not say which host it is for.",
);
const FOREIGN_HOST: Fault = Fault::new(
    StatusCode::FORBIDDEN,
    "Only on this machine",
    "Without a token the inspector answers only requests of this machine for localhost, 127.0.0.1 or [::1].",
);
const CROSS_SITE: Fault = Fault::new(
    StatusCode::FORBIDDEN,
    "Not from here",
    "Another page sent this form. Nothing was changed.",
);
const OLD_FORM: Fault = Fault::new(
    StatusCode::FORBIDDEN,
    "This form is old",
    "The program was started again since the page was shown. Nothing was changed: go back, reload the page and try again.",
);
const WRONG_TOKEN: Fault = Fault::sign_in("This is not the token.");
const TOO_OFTEN: Fault = Fault::new(
    StatusCode::TOO_MANY_REQUESTS,
    "Too many wrong tokens",
    "Wait for a few seconds, then try again.",
);
