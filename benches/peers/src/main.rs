//! Side by side with other crates: instructions, allocations, CPU over HTTP, and rates end to end. See `../../README.md`.

mod allocations;
mod bodies;
mod by_hand;
mod end_to_end;
mod endpoints;
mod http;
mod measure;
mod requests;
mod stepping;
mod verifying;

use std::{env, process::exit};

/// Work to be measured, ready to be done a number of times.
type Ready = Box<dyn FnOnce()>;

/// One thing that is measured, by name; given how many times, it makes everything ready.
type Workload = (&'static str, fn(usize) -> Ready);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["measure"] => measure::all(""),
        ["measure", filter] => measure::all(filter),
        ["run", name, count] => measure::run(name, count.parse().expect("a number")),
        ["http"] => http::all(""),
        ["http", filter] => http::all(filter),
        ["end"] => end_to_end::all(""),
        ["end", filter] => end_to_end::all(filter),
        ["serve", name] => http::serve(name),
        _ => {
            eprintln!(
                "usage: peers measure [filter] | http [filter] | end [filter] | run <workload> <count> | serve <endpoint>"
            );
            exit(2);
        }
    }
}

fn workloads() -> impl Iterator<Item = &'static Workload> {
    verifying::WORKLOADS.iter().chain(requests::WORKLOADS)
}
