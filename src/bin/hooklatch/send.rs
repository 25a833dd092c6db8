//! `hooklatch send`.

mod client;
mod plan;
mod summary;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use hooklatch::testing::Draft;
use http::Uri;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{sync::Mutex, task::JoinSet, time::Interval};

use self::{
    client::{Client, Target},
    plan::{Plan, Unit},
    summary::{Answer, Summary},
};
use super::{
    Outcome,
    keys::told,
    message::{Message, MessageArguments, new_id},
    say, say_json,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    message: MessageArguments,
    /// The URL to post to; http or https. Some senders sign it: where the receiver knows itself by another one, say which
    /// with --param public_url=URL.
    #[arg(value_name = "URL")]
    url: Uri,
    /// How many requests to send, duplicates and forgeries included. Each has an id of its own; where the sender does not sign
    /// it, as GitHub, all but the first are replays, since their body is the same.
    #[arg(long, short = 'n', default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=MOST_REQUESTS))]
    count: u32,
    /// How many at a time, each over a connection of its own.
    #[arg(long, short = 'c', default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// How many per second at most; as fast as they are answered, unless given.
    #[arg(long, value_name = "PER SECOND", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// How many of a hundred requests are copies of the one before, byte for byte.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=99))]
    duplicates: u8,
    /// Forge requests in this way; a receiver has to refuse them. May repeat: the ways take turns.
    #[arg(long, value_enum, value_name = "WAY")]
    mutate: Vec<Mutation>,
    /// How many of a hundred requests are forged, where --mutate is given.
    #[arg(long, value_name = "PERCENT", default_value_t = 100, requires = "mutate", value_parser = clap::value_parser!(u8).range(1..=100))]
    mutated: u8,
    /// A PEM file with the certificates of authorities: one of them has to vouch for the server, instead of those that Mozilla
    /// trusts. The server's own may stand there as well.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long to wait for an answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    timeout: u16,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

/// A way to forge a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mutation {
    /// A bit of the body is flipped after signing.
    FlipBit,
    /// Signed with another key.
    WrongKey,
    /// Signed too long ago.
    Stale,
    /// Signed in the future.
    Early,
    /// Without its signature.
    Unsigned,
}

impl Mutation {
    fn apply(self, draft: Draft) -> Draft {
        match self {
            Self::FlipBit => draft.with_flipped_bit(),
            Self::WrongKey => draft.with_wrong_key(),
            Self::Stale => draft.stale(),
            Self::Early => draft.early(),
            Self::Unsigned => draft.without_signature(),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let message = arguments.message.message(&arguments.url, &new_id())?;
    // Whether it can be signed at all is told before anything is sent.
    message.draft().try_parts().map_err(|error| told(&error))?;
    let timeout = Duration::from_secs(arguments.timeout.into());
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    // The interval of the rate is one of this runtime.
    let entered = runtime.enter();
    let sending = Sending {
        plan: Plan::new(
            arguments.count,
            arguments.duplicates,
            arguments.mutated,
            &arguments.mutate,
        ),
        message,
        target: Target::new(&arguments.url, timeout, arguments.ca.as_deref())?,
        rate: arguments.rate.map(|rate| Mutex::new(interval(rate))),
        next: AtomicUsize::new(0),
        progress: progress(arguments.count),
    };
    drop(entered);
    let repeats_itself = sending.message.repeats_itself();
    let summary = runtime.block_on(all(Arc::new(sending), arguments.concurrency))?;
    let summary = summary.explained(repeats_itself);
    if arguments.json {
        say_json(&summary.as_json())?;
    } else {
        say(summary.to_string().as_bytes())?;
    }
    Ok(if summary.is_nothing_sent() {
        ExitCode::from(2)
    } else {
        ExitCode::from(u8::from(!summary.is_as_it_should_be()))
    })
}

/// What the workers share.
struct Sending {
    plan: Plan,
    message: Message,
    target: Target,
    rate: Option<Mutex<Interval>>,
    next: AtomicUsize,
    progress: ProgressBar,
}

/// Sends all, and tells what came of it.
async fn all(sending: Arc<Sending>, concurrency: u16) -> Result<Summary, String> {
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..concurrency {
        workers.spawn(work(Arc::clone(&sending)));
    }
    let mut answers = Vec::new();
    while let Some(done) = workers.join_next().await {
        answers.extend(done.map_err(|error| error.to_string())??);
    }
    sending.progress.finish_and_clear();
    Ok(Summary::new(answers, start.elapsed()))
}

/// Takes one unit of the plan after another.
async fn work(sending: Arc<Sending>) -> Result<Vec<Answer>, String> {
    let mut client = Client::new(&sending.target);
    let mut answers = Vec::new();
    while let Some(unit) = sending
        .plan
        .unit(sending.next.fetch_add(1, Ordering::Relaxed))
    {
        for copy in 0..unit.copies {
            if let Some(rate) = &sending.rate {
                rate.lock().await.tick().await;
            }
            // A copy is the same bytes: made once, in the first round.
            if copy == 0 {
                client.load(parts(&sending.message, &unit)?);
            }
            answers.push(client.post(unit.mutation.is_some()).await);
            sending.progress.inc(1);
        }
    }
    Ok(answers)
}

fn parts(message: &Message, unit: &Unit) -> Result<(http::Request<()>, bytes::Bytes), String> {
    let draft = message.numbered(unit.number);
    let draft = match unit.mutation {
        Some(mutation) => mutation.apply(draft),
        None => draft,
    };
    draft.try_parts().map_err(|error| error.to_string())
}

fn interval(rate: u32) -> Interval {
    let mut interval = tokio::time::interval(Duration::from_secs(1) / rate);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

/// A bar on standard error; none where that is no terminal, or for a single request.
fn progress(count: u32) -> ProgressBar {
    if count == 1 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(count.into());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Each answer is kept, 16 bytes or so, so that percentiles are exact.
const MOST_REQUESTS: i64 = 10_000_000;
