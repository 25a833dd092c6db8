//! Instructions and allocations per iteration: the difference of a run and one twice as long, so that what is done once
//! falls out.

use super::{allocations, stepping, workloads};

pub fn all(filter: &str) {
    println!(
        "{:<44} {:>12} {:>12}",
        "workload", "instructions", "allocations"
    );
    for (name, _) in workloads().filter(|(name, _)| name.contains(filter)) {
        println!(
            "{name:<44} {:>12} {:>12.1}",
            instructions(name),
            allocations_of(name)
        );
    }
}

/// Does one workload; of the process's output only the count of allocations.
pub fn run(name: &str, count: usize) {
    println!("{}", once(name, count));
}

fn once(name: &str, count: usize) -> u64 {
    let (_, prepare) = workloads()
        .find(|(known, _)| *known == name)
        .expect("a workload");
    let ready = prepare(count);
    let before = allocations::so_far();
    stepping::mark();
    peers_measured(ready);
    stepping::mark();
    allocations::so_far() - before
}

/// For a profiler, a name to find what is measured by.
#[inline(never)]
fn peers_measured(work: super::Ready) {
    work();
}

fn instructions(name: &str) -> u64 {
    let steps = |count: usize| stepping::instructions(&["run", name, &count.to_string()]);
    (steps(2 * FEW) - steps(FEW)) / FEW as u64
}

fn allocations_of(name: &str) -> f64 {
    once(name, MANY);
    let (short, long) = (once(name, MANY), once(name, 2 * MANY));
    (long as f64 - short as f64) / MANY as f64
}

/// Steps are slow.
const FEW: usize = 4;
const MANY: usize = 400;
