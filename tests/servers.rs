//! The servers that other tests use: they start, hang, crash, come back with their data, and leave nothing behind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/servers.rs"]
mod servers;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use servers::{Postgres, Redis};

#[test]
fn a_redis_hangs_crashes_comes_back_and_leaves_nothing() {
    let options = [("appendonly", "yes"), ("appendfsync", "always")];
    let Some(mut redis) = Redis::launch(&options) else {
        return;
    };
    let port = redis.port();
    assert_eq!(redis.command("SET a 1"), "+OK\r\n");

    redis.pause();
    assert!(!answers(port, b"PING\r\n"), "a paused server answers");
    redis.resume();
    assert!(answers(port, b"PING\r\n"));

    redis.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    redis.start();
    assert_eq!(redis.command("GET a"), "$1\r\n1\r\n");

    drop(redis);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_redis_takes_a_password_and_two_share_nothing() {
    let (Some(one), Some(two)) = (
        Redis::launch(&[("requirepass", "hush-hush")]),
        Redis::launch(&[]),
    ) else {
        return;
    };
    assert_eq!(one.command("SET a 1"), "+OK\r\n");
    assert_eq!(two.command("GET a"), "$-1\r\n");
    assert!(one.url().contains("hush-hush"));
}

#[test]
fn a_postgres_hangs_crashes_comes_back_and_leaves_nothing() {
    let Some(mut postgres) = Postgres::launch(&[("max_connections", "7")]) else {
        return;
    };
    let (port, folder) = (postgres.port(), postgres.socket_folder().to_owned());
    let settings = "select current_setting('max_connections'), current_setting('fsync')";
    assert_eq!(postgres.query(settings), "7|on");
    assert!(folder.join(format!(".s.PGSQL.{port}")).exists());
    assert_eq!(postgres.query("create table t as select 1 as a"), "");

    // Whether we may speak TLS: answered at once, by the process that the connection got.
    let hello = [0, 0, 0, 8, 4, 210, 22, 47];
    let mut open = TcpStream::connect(("127.0.0.1", port)).unwrap();
    open.write_all(&hello).unwrap();
    assert!(replies(&mut open));
    postgres.pause();
    assert!(!answers(port, &hello), "a paused server answers");
    open.write_all(&hello).unwrap();
    assert!(!replies(&mut open), "a paused process of it answers");
    postgres.resume();
    assert!(replies(&mut open) && answers(port, &hello));

    postgres.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    postgres.start();
    assert_eq!(postgres.query("select a from t"), "1");

    postgres.pause();
    drop(postgres);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!folder.exists(), "files are left");
}

fn answers(port: u16, message: &[u8]) -> bool {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(message).unwrap();
    replies(&mut stream)
}

fn replies(stream: &mut TcpStream) -> bool {
    let patience = Duration::from_millis(300);
    stream.set_read_timeout(Some(patience)).unwrap();
    stream.read(&mut [0]).is_ok_and(|bytes| bytes == 1)
}
