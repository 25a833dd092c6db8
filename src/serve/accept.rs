//! Taking connections, whatever happens.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};

use super::{
    Limits,
    connection::{self, Transport},
    exchange::App,
};
use crate::drain::Drain;

/// Accepts and serves connections for ever. At the limit of connections it stops accepting until one ends: new ones
/// wait in the backlog of the operating system.
pub(super) async fn accept_all(
    listener: TcpListener,
    transport: Transport,
    app: impl App,
    limits: Arc<Limits>,
    connections: &Drain,
) {
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    let mut full = false;
    loop {
        if permits.available_permits() > 0 {
            full = false;
        } else if !full {
            full = true;
            let limit = limits.max_connections;
            tracing::warn!(target: TARGET, limit, "at the limit of connections, accepting none until one ends");
        }
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let connection = accept(&listener).await;
        connections.spawn(connection::serve(
            connection,
            transport.clone(),
            app.clone(),
            Arc::clone(&limits),
            connections.ear(),
            permit,
        ));
    }
}

/// The next connection. Errors never end the server: one that is the connection's own is passed over, after any other
/// (out of file descriptors, mostly) it waits, since the same error would come again at once.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(target: TARGET, %error, %peer, "cannot set TCP_NODELAY");
                }
                return (stream, peer);
            }
            Err(error) if is_of_the_connection(&error) => {
                tracing::debug!(target: TARGET, %error, "a connection failed before it was accepted");
            }
            Err(error) => {
                tracing::error!(target: TARGET, %error, ?pause, "cannot accept connections, trying again");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const TARGET: &str = "hooklatch::http";
