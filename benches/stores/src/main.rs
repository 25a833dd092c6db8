//! Shared stores beside the bare client of the same server, which is started for it. See `../../README.md`.

mod load;
mod postgres;
#[path = "redis.rs"]
mod redis_store;
mod rounds;
#[path = "../../../tests/support/servers.rs"]
mod servers;
mod sqlite;

use std::{env, process::exit};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["redis"] => redis_store::all(),
        ["postgres"] => postgres::all(),
        ["sqlite"] => sqlite::all(""),
        ["sqlite", part @ ("acks" | "tx" | "http" | "start")] => sqlite::all(part),
        _ => {
            eprintln!("usage: stores redis|postgres|sqlite [acks|tx|http|start]");
            exit(2);
        }
    }
}
