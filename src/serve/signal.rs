//! The signals that ask a process to end.

use super::{ServeError, ServeErrorKind};

/// SIGTERM and SIGINT; Ctrl-C where there are no such signals.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on: the signals no longer end the process by themselves.
    pub(super) fn listen() -> Result<Self, ServeError> {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind, name: &str| {
            signal(kind).map_err(|error| {
                ServeError::new(
                    ServeErrorKind::Signal,
                    format!("cannot listen for {name}"),
                    error,
                )
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate(), "SIGTERM")?,
            interrupt: listen(SignalKind::interrupt(), "SIGINT")?,
        })
    }

    /// The next signal, by name.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Result<Self, ServeError> {
        Ok(Self {})
    }

    /// The next signal, by name. Without a way to listen there is none, ever.
    pub(super) async fn next(&mut self) -> &'static str {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(target: "hooklatch::serve", %error, "cannot listen for Ctrl-C");
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
