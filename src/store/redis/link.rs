//! [`Link`]: the connection, which comes back by itself.

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, PushInfo, PushKind, RedisError,
    ServerErrorKind, aio::MultiplexedConnection,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

use super::script::{Argument, Script};
use crate::store::StoreError;

/// One connection, shared by all calls, and the time each of them may take.
pub(super) struct Link {
    client: Client,
    timeout: Duration,
    current: Arc<RwLock<Current>>,
    /// Held by the one that connects for all.
    connecting: Mutex<()>,
}

/// The connection in use, unless it was lost. A number tells it from those before it.
#[derive(Clone, Default)]
struct Current {
    number: u64,
    connection: Option<MultiplexedConnection>,
}

impl Link {
    /// Connects when it is first needed.
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            current: Arc::default(),
            connecting: Mutex::new(()),
        }
    }

    /// What Redis answers to this command.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        let ask = async |mut connection| Ok(command.query_async(&mut connection).await?);
        self.in_time(ask).await
    }

    /// What this script answers, in one round trip, or two if Redis has not seen it yet.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[&str],
        arguments: &[Argument<'_>],
    ) -> Result<T, StoreError> {
        let command = script.by_digest(keys, arguments);
        let run = async |mut connection| {
            let answer = command.query_async(&mut connection).await;
            match answer {
                Err(error) if is_unknown_script(&error) => {
                    let command = script.by_text(keys, arguments);
                    Ok(command.query_async(&mut connection).await?)
                }
                answer => Ok(answer?),
            }
        };
        Ok(self.in_time(run).await?)
    }

    async fn in_time<T, F>(&self, ask: impl FnOnce(MultiplexedConnection) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let deadline = Instant::now() + self.timeout;
        let (number, connection) = match self.current() {
            (number, Some(connection)) => (number, connection),
            _ => match timeout_at(deadline, self.connect()).await {
                Ok(connected) => connected?,
                Err(_) => return Err(Fault::Silent(self.timeout)),
            },
        };
        match timeout_at(deadline, ask(connection)).await {
            Ok(answer) => {
                if answer.as_ref().is_err_and(Fault::is_of_connection) {
                    lose(&self.current, number);
                }
                answer
            }
            // The other side may be gone without a word, or its address mean another machine now: waiting for the
            // system to give up the connection takes many minutes.
            Err(_) => {
                if lose(&self.current, number) {
                    tracing::warn!(target: super::TARGET, timeout = ?self.timeout, "Redis does not answer, connecting again");
                }
                Err(Fault::Silent(self.timeout))
            }
        }
    }

    fn current(&self) -> (u64, Option<MultiplexedConnection>) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        (current.number, current.connection.clone())
    }

    /// Connects, or waits for the one who does. Nothing was sent yet when this fails.
    async fn connect(&self) -> Result<(u64, MultiplexedConnection), Fault> {
        let _turn = self.connecting.lock().await;
        let (last, connection) = self.current();
        if let Some(connection) = connection {
            return Ok((last, connection));
        }
        let number = last.wrapping_add(1);
        let config = self.config(number);
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Current {
            number,
            connection: Some(connection.clone()),
        };
        Ok((number, connection))
    }

    fn config(&self, number: u64) -> AsyncConnectionConfig {
        let config = AsyncConnectionConfig::new()
            // A call has one limit for all that it waits for.
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE);
        let protocol = self
            .client
            .get_connection_info()
            .redis_settings()
            .protocol();
        if !protocol.supports_resp3() {
            return config;
        }
        // So the next claim finds out before it was sent, and connects instead of failing.
        let current = Arc::downgrade(&self.current);
        config.set_push_sender(move |push: PushInfo| {
            if push.kind == PushKind::Disconnection
                && let Some(current) = Weak::upgrade(&current)
            {
                lose(&current, number);
            }
            Ok::<_, std::convert::Infallible>(())
        })
    }
}

/// Leaves this connection, unless that was done. `true`: by this call.
fn lose(current: &RwLock<Current>, number: u64) -> bool {
    let mut current = current.write().unwrap_or_else(PoisonError::into_inner);
    current.number == number && current.connection.take().is_some()
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:?})", self.timeout)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// Redis or the connection says so.
    Told(RedisError),
    /// Nothing was said in this time.
    Silent(Duration),
}

impl Fault {
    /// Whether Redis answered, but does not do what it was asked.
    pub(super) fn is_refusal(&self) -> bool {
        let Self::Told(error) = self else {
            return false;
        };
        matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
    }

    /// Whether only another connection helps: this one is lost, or leads to a Redis that became a replica.
    fn is_of_connection(&self) -> bool {
        let Self::Told(error) = self else {
            return false;
        };
        let is_replica = matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
        );
        is_replica || error.is_unrecoverable_error()
    }

    /// Whether the memory is full. Before version 7 the script's error was wrapped.
    fn is_full(&self) -> bool {
        let Self::Told(error) = self else {
            return false;
        };
        let detail = error.detail().unwrap_or_default();
        error.code() == Some("OOM") || detail.contains("OOM command not allowed")
    }
}

fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(error) => error.fmt(f),
            Self::Silent(timeout) => write!(f, "Redis did not answer within {timeout:?}"),
        }
    }
}

impl StdError for Fault {}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        Self::Told(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        if fault.is_full() {
            Self::full(fault)
        } else {
            Self::unavailable(fault)
        }
    }
}

/// How many commands may wait to be written.
const QUEUE: usize = 256;
