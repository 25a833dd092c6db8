//! [`Login`]: the token, the sessions of those who showed it, and how often it may be guessed.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header, uri::Authority};

use crate::{
    clock::Clock,
    inspector::random::{Fingerprint, unguessable},
    secret::Secret,
};

/// Lets in whoever shows the token, by a form or as `Authorization: Bearer`.
#[derive(Debug)]
pub(super) struct Login {
    /// `None`: the token is too short to keep anybody out, so nobody is let in.
    token: Option<Fingerprint>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Oldest first.
    sessions: VecDeque<Session>,
    /// When the last wrong guesses will be forgiven, one a second.
    forgiven: Duration,
}

#[derive(Debug)]
struct Session {
    value: Fingerprint,
    until: Duration,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// No or not the right token, and no session.
    Unknown,
    /// Too many wrong guesses were made lately, by whomever.
    TooOften,
}

impl Login {
    pub(super) fn new(token: &Secret, clock: Arc<dyn Clock>) -> Self {
        Self {
            token: is_long_enough(token).then(|| Fingerprint::of(token.expose())),
            clock,
            state: Mutex::default(),
        }
    }

    /// Whether a request comes with a session, in the cookie of this name, or with the token.
    pub(super) fn check(&self, headers: &HeaderMap, cookie: &str) -> Result<(), Denied> {
        if let Some(value) = session(headers, cookie)
            && self.sessions_with(|session| session.value.is_of(value))
        {
            return Ok(());
        }
        match bearer(headers) {
            Some(guess) => self.guess(guess),
            None => Err(Denied::Unknown),
        }
    }

    /// Opens a session for whoever shows the token, and gives its cookie.
    pub(super) fn open(
        &self,
        guess: &[u8],
        cookie: &str,
        over_tls: bool,
    ) -> Result<HeaderValue, Denied> {
        self.guess(guess)?;
        let value = unguessable().ok_or(Denied::Unknown)?;
        let until = self.clock.monotonic() + SESSION;
        let fingerprint = Fingerprint::of(value.as_bytes());
        self.with_state(|state| {
            if state.sessions.len() == MOST_SESSIONS {
                state.sessions.pop_front();
            }
            state.sessions.push_back(Session {
                value: fingerprint,
                until,
            });
        });
        set_cookie(cookie, &value, SESSION, over_tls).ok_or(Denied::Unknown)
    }

    /// Ends the session of a request, and gives what makes the browser forget it.
    pub(super) fn close(&self, headers: &HeaderMap, cookie: &str) -> Option<HeaderValue> {
        let value = session(headers, cookie)?;
        self.with_state(|state| state.sessions.retain(|session| !session.value.is_of(value)));
        set_cookie(cookie, "", Duration::ZERO, false)
    }

    /// Every guess is paid for before it is looked at: who is refused for guessing too often does not learn whether the
    /// guess was right.
    fn guess(&self, guess: &[u8]) -> Result<(), Denied> {
        let now = self.clock.monotonic();
        self.with_state(|state| {
            let owed = state.forgiven.max(now);
            if owed > now + GUESS * (MOST_GUESSES - 1) {
                return Err(Denied::TooOften);
            }
            if self.token.as_ref().is_some_and(|token| token.is_of(guess)) {
                return Ok(());
            }
            state.forgiven = owed + GUESS;
            Err(Denied::Unknown)
        })
    }

    /// Whether a session that has not ended is such; every one is looked at.
    fn sessions_with(&self, wanted: impl Fn(&Session) -> bool) -> bool {
        let now = self.clock.monotonic();
        self.with_state(|state| {
            state.sessions.retain(|session| session.until > now);
            state
                .sessions
                .iter()
                .filter(|session| wanted(session))
                .count()
                > 0
        })
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a token is too long to be guessed.
pub(in crate::inspector) fn is_long_enough(token: &Secret) -> bool {
    token.expose().len() >= 16
}

/// What the cookie is called that holds a session. Browsers send a cookie to all ports of its host, so that its name tells
/// the port: else the session of one inspector would take the place of another's on the same machine.
pub(super) fn cookie_name(asked: &Authority) -> String {
    match asked.port_u16() {
        Some(port) => format!("{COOKIE}-{port}"),
        None => COOKIE.to_owned(),
    }
}

/// The cookie has no `Path`, so that it is for where the inspector is mounted, whatever proxies call that place.
fn set_cookie(name: &str, value: &str, age: Duration, over_tls: bool) -> Option<HeaderValue> {
    let age = age.as_secs();
    let secure = if over_tls { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Strict; Max-Age={age}{secure}");
    HeaderValue::try_from(cookie).ok()
}

fn session<'h>(headers: &'h HeaderMap, cookie: &str) -> Option<&'h [u8]> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        pair.trim_ascii()
            .strip_prefix(cookie.as_bytes())?
            .strip_prefix(b"=")
    })
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(BEARER.len())?;
    scheme
        .eq_ignore_ascii_case(BEARER)
        .then(|| token.trim_ascii())
}

const COOKIE: &str = "hooklatch-inspector";
const BEARER: &[u8] = b"bearer ";
const SESSION: Duration = Duration::from_secs(12 * 3600);
const MOST_SESSIONS: usize = 64;
/// Wrong guesses that may be made at once, and how long it takes until one more may be made.
const MOST_GUESSES: u32 = 10;
const GUESS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[derive(Debug, Default)]
    struct Still(Mutex<Duration>);

    impl Clock for Still {
        fn now(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }
        fn monotonic(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    fn login(token: &str) -> (Login, Arc<Still>) {
        let clock = Arc::new(Still::default());
        (Login::new(&token.into(), clock.clone()), clock)
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.try_into().unwrap())])
    }

    const TOKEN: &str = "a-token-of-sixteen-bytes";
    const NAME: &str = "hooklatch-inspector-9000";

    #[test]
    fn the_token_opens_a_session_that_ends() {
        let (login, clock) = login(TOKEN);
        let cookie = login.open(TOKEN.as_bytes(), NAME, true).unwrap();
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Max-Age=43200; Secure"));
        assert!(!cookie.contains(TOKEN));
        let pair = cookie.split(';').next().unwrap();
        let headers = with(header::COOKIE, &format!("a=b; {pair}; c=d"));
        assert_eq!(login.check(&headers, NAME), Ok(()));
        *clock.0.lock().unwrap() = SESSION;
        assert_eq!(login.check(&headers, NAME), Err(Denied::Unknown));
        let cookie = login.open(TOKEN.as_bytes(), NAME, false).unwrap();
        let headers = with(
            header::COOKIE,
            cookie.to_str().unwrap().split(';').next().unwrap(),
        );
        assert_eq!(login.check(&headers, NAME), Ok(()));
        assert!(login.close(&headers, NAME).is_some());
        assert_eq!(login.check(&headers, NAME), Err(Denied::Unknown));
    }

    #[test]
    fn a_cookie_is_of_one_port() {
        for (host, name) in [
            ("localhost:9000", NAME),
            ("localhost:9001", "hooklatch-inspector-9001"),
            ("[::1]:9000", NAME),
            ("hooks.example.com", "hooklatch-inspector"),
        ] {
            assert_eq!(cookie_name(&Authority::from_static(host)), name);
        }
        let (login, _) = login(TOKEN);
        let cookie = login.open(TOKEN.as_bytes(), NAME, false).unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        // As a browser sends it beside that of another port.
        let headers = with(
            header::COOKIE,
            &format!("hooklatch-inspector-9001=other; hooklatch-inspector=none; {pair}"),
        );
        assert_eq!(login.check(&headers, NAME), Ok(()));
        for other in [
            "hooklatch-inspector-9001",
            "hooklatch-inspector",
            "hooklatch",
        ] {
            assert_eq!(login.check(&headers, other), Err(Denied::Unknown));
        }
    }

    #[test]
    fn only_the_token_is_a_bearer_token() {
        let (login, _) = login(TOKEN);
        for (value, expected) in [
            (format!("Bearer {TOKEN}"), Ok(())),
            (format!("bearer {TOKEN}"), Ok(())),
            (format!("Basic {TOKEN}"), Err(Denied::Unknown)),
            (format!("Bearer {TOKEN}x"), Err(Denied::Unknown)),
            ("Bearer ".to_owned(), Err(Denied::Unknown)),
        ] {
            let headers = with(header::AUTHORIZATION, &value);
            assert_eq!(login.check(&headers, NAME), expected, "{value}");
        }
    }

    #[test]
    fn guesses_are_bounded_and_forgiven() {
        let (login, clock) = login(TOKEN);
        for _ in 0..MOST_GUESSES {
            assert_eq!(login.open(b"wrong", NAME, false), Err(Denied::Unknown));
        }
        assert_eq!(
            login.open(TOKEN.as_bytes(), NAME, false),
            Err(Denied::TooOften)
        );
        *clock.0.lock().unwrap() += GUESS;
        assert!(login.open(TOKEN.as_bytes(), NAME, false).is_ok());
        assert_eq!(login.open(b"wrong", NAME, false), Err(Denied::Unknown));
        assert_eq!(login.open(b"wrong", NAME, false), Err(Denied::TooOften));
    }

    #[test]
    fn a_short_token_lets_nobody_in() {
        for token in ["", "short"] {
            let (login, _) = login(token);
            assert!(
                login.open(token.as_bytes(), NAME, false).is_err(),
                "{token}"
            );
        }
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let (login, _) = login(TOKEN);
        let first = login.open(TOKEN.as_bytes(), NAME, false).unwrap();
        for _ in 0..MOST_SESSIONS {
            login.open(TOKEN.as_bytes(), NAME, false).unwrap();
        }
        let headers = with(
            header::COOKIE,
            first.to_str().unwrap().split(';').next().unwrap(),
        );
        assert_eq!(login.check(&headers, NAME), Err(Denied::Unknown));
    }
}
