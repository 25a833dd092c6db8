//! Contestants that take turns, so that what else the machine does meets all of them.

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// One that does a number of operations and returns when they are done.
pub struct Contestant<'a> {
    pub name: &'a str,
    pub run: Box<dyn Fn(&Runtime) + 'a>,
}

/// Prints for each the median of operations per second, and the median of its ratio to the first in the same round.
pub fn compare(title: &str, threads: usize, operations: usize, contestants: &[Contestant<'_>]) {
    let runtime = runtime(threads);
    let mut took = vec![Vec::new(); contestants.len()];
    // The first round warms up.
    for round in 0..=ROUNDS {
        for turn in 0..contestants.len() {
            let which = (turn + round) % contestants.len();
            let start = Instant::now();
            (contestants[which].run)(&runtime);
            if round > 0 {
                took[which].push(start.elapsed());
            }
        }
    }
    println!("\n{title}, client on {threads} thread(s)");
    for (contestant, times) in contestants.iter().zip(&took) {
        let ratios = times.iter().zip(&took[0]);
        let ratio =
            |(time, first): (&Duration, &Duration)| first.as_secs_f64() / time.as_secs_f64();
        let mut ratios: Vec<f64> = ratios.map(ratio).collect();
        let mut rates: Vec<f64> = times
            .iter()
            .map(|time| operations as f64 / time.as_secs_f64())
            .collect();
        let (rate, ratio) = (median(&mut rates), median(&mut ratios));
        let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
        println!(
            "{:<44} {rate:>9.0}/s {:>6.1} % ({:.1} to {:.1})",
            contestant.name,
            100.0 * ratio,
            100.0 * least,
            100.0 * most
        );
    }
}

/// Sorts, too.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn runtime(threads: usize) -> Runtime {
    let mut builder = if threads == 1 {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    builder
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap()
}

const ROUNDS: usize = 15;
