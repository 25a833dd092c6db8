//! What is done with a verified event: printed, forwarded, or given to a program.

mod command;
mod forward;
mod print;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hooklatch::{Delivery, EventRouter};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use self::{command::Command, forward::Forward};
pub(super) use self::{forward::Client, print::Printer};
use super::config::{Action, Fault, SecretSetting};

/// What actions share, for as long as the process runs.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub(super) client: Client,
    pub(super) printer: Printer,
}

/// The handlers of an action: one, whatever the type of the event. `hidden` are the variables that hold secrets; after so many
/// attempts a delivery is dead, where an inbox makes them.
///
/// # Errors
/// A secret cannot be read.
pub(super) fn events(
    action: &Action,
    means: &Means,
    hidden: &[String],
    attempts: Option<u32>,
) -> Result<EventRouter, Fault> {
    Ok(match action {
        Action::Print { body: with_body } => {
            let (printer, with_body) = (means.printer.clone(), *with_body);
            handled_by(attempts, move |delivery, body| {
                let printer = printer.clone();
                let body = with_body.then_some(body);
                async move { printer.print(&delivery, body).await }
            })
        }
        Action::Forward {
            url,
            secret,
            timeout,
            authorities,
        } => {
            let secret = secret.as_ref().map(SecretSetting::secret);
            let client = match authorities {
                Some(authorities) => Client::trusting(authorities.tls()),
                None => means.client.clone(),
            };
            let forward = Forward::new(client, url.clone(), secret.transpose()?, *timeout);
            handled_by(attempts, move |delivery, body| {
                let forward = forward.clone();
                async move { forward.post(&delivery, body).await }
            })
        }
        Action::Command {
            program,
            arguments,
            timeout,
        } => {
            let command = Command::new(program, arguments, *timeout, hidden);
            handled_by(attempts, move |delivery, body| {
                let command = command.clone();
                async move { command.run(&delivery, body).await }
            })
        }
    })
}

/// A router with one handler, which is given the delivery and its own part of the body: of a batch the item.
fn handled_by<F, Running>(attempts: Option<u32>, act: F) -> EventRouter
where
    F: Fn(Delivery, Bytes) -> Running + Clone + Send + Sync + 'static,
    Running: Future<Output = Ended> + Send + 'static,
{
    EventRouter::new().fallback(move |delivery: Delivery, body: Bytes| {
        let act = act.clone();
        async move {
            let ended = act(delivery.clone(), body).await;
            ended.told(&delivery, attempts)
        }
    })
}

/// How an action ended.
#[derive(Debug)]
enum Ended {
    Done,
    /// To be tried again.
    Failed(String),
    /// To be tried again, not before this `Retry-After`.
    Later(String, HeaderValue),
    /// It can never be done: the delivery is dead.
    Refused(String),
}

impl Ended {
    /// Logs it, and turns it into the handler's answer. The words are kept with the delivery.
    fn told(self, delivery: &Delivery, attempts: Option<u32>) -> Response {
        let mut headers = HeaderMap::new();
        let (status, reason) = match self {
            Self::Done => return StatusCode::OK.into_response(),
            Self::Failed(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
            Self::Later(reason, after) => {
                headers.insert(header::RETRY_AFTER, after);
                (StatusCode::SERVICE_UNAVAILABLE, reason)
            }
            Self::Refused(reason) => (StatusCode::UNPROCESSABLE_ENTITY, reason),
        };
        let event = delivery.event_key();
        let (source, attempt) = (delivery.receiver(), delivery.attempt());
        let is_last = attempts.is_some_and(|attempts| attempt >= attempts);
        let again = status == StatusCode::SERVICE_UNAVAILABLE && !is_last;
        tracing::warn!(target: TARGET, source, %event, attempt, again, %reason, "the action failed");
        (status, headers, reason).into_response()
    }
}

const TARGET: &str = "hooklatch::action";
