//! Instructions by callgrind, allocations by counting: per iteration, as the difference of a run and one twice as long,
//! so that what is done once falls out.

use std::{
    env, fs,
    process::{Command, Stdio},
};

use super::{allocations, workloads};

pub fn all(filter: &str) {
    println!("{:<44} {:>12} {:>12}", "workload", "instructions", "allocations");
    for (name, _) in workloads().filter(|(name, _)| name.contains(filter)) {
        println!("{name:<44} {:>12} {:>12.1}", instructions(name), allocations_of(name));
    }
}

/// Does one workload; of the process's output only the count of allocations.
pub fn run(name: &str, count: usize) {
    println!("{}", once(name, count));
}

fn once(name: &str, count: usize) -> u64 {
    let (_, prepare) = workloads().find(|(known, _)| *known == name).expect("a workload");
    let ready = prepare(count);
    let before = allocations::so_far();
    peers_measured(ready);
    allocations::so_far() - before
}

/// callgrind counts what happens in here.
#[inline(never)]
fn peers_measured(work: super::Ready) {
    work();
}

fn instructions(name: &str) -> u64 {
    (callgrind(name, 2 * COUNT) - callgrind(name, COUNT)) / COUNT as u64
}

fn allocations_of(name: &str) -> f64 {
    once(name, COUNT);
    let (short, long) = (once(name, COUNT), once(name, 2 * COUNT));
    (long as f64 - short as f64) / COUNT as f64
}

fn callgrind(name: &str, count: usize) -> u64 {
    let file = env::temp_dir().join(format!("peers.{}.callgrind", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*peers_measured*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().expect("this program"))
        .args(["run", name, &count.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "{name} failed");
    let profile = fs::read_to_string(&file).expect("a profile");
    fs::remove_file(file).expect("a profile");
    let total = profile.lines().find_map(|line| line.strip_prefix("summary: "));
    total.and_then(|total| total.trim().parse().ok()).expect("a total")
}

const COUNT: usize = 400;
