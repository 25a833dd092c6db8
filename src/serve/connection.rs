//! One connection, from the accept to the close.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::sleep,
};

#[cfg(feature = "tls")]
use super::tls::Acceptor;
use super::{
    Limits,
    exchange::{App, Exchange},
    pulse::Pulse,
    stream::Stream,
};
use crate::drain::Drain;

/// What carries HTTP.
#[derive(Clone, Debug, Default)]
pub(super) enum Transport {
    #[default]
    Plain,
    #[cfg(feature = "tls")]
    Tls(Acceptor),
}

/// Serves one connection until it ends, outstays its time, or is aborted. It holds its permit all along.
pub(super) async fn serve<A: App>(
    (stream, peer): (TcpStream, SocketAddr),
    transport: Transport,
    app: A,
    limits: Arc<Limits>,
    drain: Drain,
    permit: OwnedSemaphorePermit,
) {
    let pulse = Arc::new(Pulse::new());
    let stream = Stream::new(stream, Arc::clone(&pulse));
    let exchange = Exchange {
        app,
        peer,
        pulse: Arc::clone(&pulse),
        limits: Arc::clone(&limits),
    };
    match transport {
        Transport::Plain => converse(stream, exchange, drain, permit).await,
        #[cfg(feature = "tls")]
        Transport::Tls(acceptor) => {
            // Boxed: what a handshake needs takes no room in a plain connection.
            let Some(secured) = Box::pin(acceptor.accept(stream, peer, &limits, &drain)).await
            else {
                return;
            };
            pulse.secured();
            Box::pin(converse(secured, exchange, drain, permit)).await;
        }
    }
}

async fn converse<I, A>(io: I, exchange: Exchange<A>, drain: Drain, permit: OwnedSemaphorePermit)
where
    I: AsyncRead + AsyncWrite + Unpin,
    A: App,
{
    let (peer, pulse, limits) = (
        exchange.peer,
        Arc::clone(&exchange.pulse),
        Arc::clone(&exchange.limits),
    );
    let mut connection = pin!(http1(&limits).serve_connection(TokioIo::new(io), exchange));
    let mut timer = pin!(sleep(limits.shortest()));
    let mut stopping = pin!(drain.stopping());
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(target: TARGET, %peer, ?error, "connection failed");
                }
                return;
            }
            () = drain.aborting() => {
                tracing::debug!(target: TARGET, %peer, "connection cut at the drain deadline");
                return;
            }
            () = &mut stopping, if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
            () = timer.as_mut() => {
                let full = permit.semaphore().available_permits() == 0;
                let Some(next) = pulse.next_look(&limits, full) else {
                    tracing::debug!(target: TARGET, %peer, ?pulse, "connection outstayed its time");
                    return;
                };
                timer.as_mut().reset(next);
            }
        }
    }
}

/// hyper's own head timeout is off: it starts when a head is awaited, so it would end an idle connection as soon as a
/// slow head.
fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(limits.max_head_bytes)
        .max_headers(limits.max_headers)
        .max_buf_size(limits.max_head_bytes.max(BUFFER))
        .keep_alive(true)
        .half_close(false)
        .pipeline_flush(false);
    builder
}

/// What is read of a connection at a time, at most. hyper's own is 400 KiB.
const BUFFER: usize = 64 * 1024;

const TARGET: &str = "hooklatch::http";
