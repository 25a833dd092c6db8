//! `hooklatch deliveries`.

mod filter;
mod json;
mod show;
mod store;
mod table;
mod text;

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use hooklatch::{
    Key,
    store::{DeliveryState, Finished},
};
use time::OffsetDateTime;

use self::{
    filter::{Filter, Limit, moment, now},
    store::{Place, Store},
};
use super::{Outcome, examples, say, say_json};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List deliveries, newest first.
    #[command(after_help = examples::LIST)]
    List {
        /// In this state.
        #[arg(long, value_parser = filter::state)]
        state: Option<DeliveryState>,
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        limit: Limit,
        /// Print JSON, a line for each delivery.
        #[arg(long)]
        json: bool,
    },
    /// Show a delivery: what is known of it, its runs that failed, its headers and its body, in which a token is `[redacted]`.
    #[command(after_help = examples::SHOW)]
    Show {
        /// Its event, as `list` shows it; or its event id, where there is one such delivery.
        event: String,
        /// Write exactly the bytes of the body and nothing else.
        #[arg(long, conflicts_with = "json")]
        raw: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a delivery once more, whatever became of it, by writing a copy of it.
    #[command(after_help = examples::REPLAY)]
    Replay {
        /// Its event, as `list` shows it; or its event id: of replays and what they replay, the oldest is meant.
        event: String,
        /// Tells this replay from others: with the same one again nothing is written. Another one each time unless given.
        #[arg(long)]
        nonce: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make dead deliveries pending, with as many attempts as new ones have.
    #[command(after_help = examples::RETRY)]
    Retry {
        /// Their events or event ids.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        events: Vec<String>,
        /// All dead deliveries that fit.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        filter: Filter,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove deliveries, whatever their state, and forget their events: a copy that comes later runs.
    #[command(after_help = examples::FORGET)]
    Forget {
        /// Their events or event ids.
        #[arg(required = true)]
        events: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove completed or dead deliveries that are old, and forget their events.
    #[command(after_help = examples::PURGE)]
    Purge(Purge),
}

#[derive(Debug, Args)]
struct Purge {
    #[command(flatten)]
    finished: Which,
    /// Those that arrived before this moment (RFC 3339) or longer ago than this, as `30d`.
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    before: OffsetDateTime,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The completed ones.
    #[arg(long)]
    completed: bool,
    /// The dead ones.
    #[arg(long)]
    dead: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let store = Store::open(&arguments.place).await?;
        command(&store, &arguments.command).await
    })
}

async fn command(store: &Store, command: &Command) -> Outcome {
    match command {
        Command::List {
            state,
            filter,
            limit,
            json,
        } => list(store, &filter.query(*state), *limit, *json).await,
        Command::Show { event, raw, json } => show(store, event, *raw, *json).await,
        Command::Replay { event, nonce, json } => {
            replay(store, event, nonce.as_deref(), *json).await
        }
        Command::Retry {
            events,
            all,
            filter,
            json,
        } => {
            let retried = if *all {
                retry_all(store, filter).await?
            } else {
                each(store, events, async |event| {
                    store.operate.retry(event).await
                })
                .await?
            };
            changed("retried", "a dead delivery", &retried, *json)
        }
        Command::Forget { events, json } => {
            let forgotten = each(store, events, async |event| {
                store.operate.forget(event).await
            });
            changed("forgotten", "there", &forgotten.await?, *json)
        }
        Command::Purge(arguments) => purge(store, arguments).await,
    }
}

async fn list(
    store: &Store,
    query: &hooklatch::store::DeliveryQuery,
    limit: Limit,
    as_json: bool,
) -> Outcome {
    let found = store.all(query, limit.most()).await?;
    if as_json {
        for delivery in &found {
            say(format!("{}\n", json::delivery(delivery)).as_bytes())?;
        }
    } else {
        say(table::table(&found, now(), table::width()).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(store: &Store, event: &str, raw: bool, as_json: bool) -> Outcome {
    let event = store.event(event).await?;
    let found = match event {
        Some(event) => store.operate.show(event).await.map_err(store::failed)?,
        None => None,
    };
    let Some(content) = found else {
        return Ok(nothing(NONE));
    };
    if raw {
        say(&content.body)?;
    } else if as_json {
        say_json(&json::content(&content))?;
    } else {
        say(show::card(&content).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn replay(store: &Store, event: &str, nonce: Option<&str>, as_json: bool) -> Outcome {
    let nonce = nonce.map_or_else(|| now().unix_timestamp_nanos().to_string(), str::to_owned);
    let Some(event) = store.oldest(event).await? else {
        return Ok(nothing(NONE));
    };
    let copy = store.operate.replay(event, &nonce).await;
    let Some(copy) = copy.map_err(store::failed)? else {
        let is_there = store.operate.show(event).await.map_err(store::failed)?;
        return Ok(nothing(match is_there {
            Some(_) => "nothing was written: it was replayed with this nonce before",
            None => NONE,
        }));
    };
    if as_json {
        say_json(&serde_json::json!({"event": copy.to_string(), "nonce": nonce}))?;
    } else {
        say(format!("{copy}\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What became of each event that was named.
struct Changed {
    events: Vec<Key>,
    /// Those of which it was not so.
    others: Vec<String>,
}

/// Does it with each of the events.
async fn each(
    store: &Store,
    events: &[String],
    change: impl AsyncFn(Key) -> Result<bool, hooklatch::store::StoreError>,
) -> Result<Changed, String> {
    let mut changed = Changed {
        events: Vec::new(),
        others: Vec::new(),
    };
    for name in events {
        match store.event(name).await? {
            Some(event) if change(event).await.map_err(store::failed)? => {
                changed.events.push(event);
            }
            _ => changed.others.push(name.clone()),
        }
    }
    Ok(changed)
}

async fn retry_all(store: &Store, filter: &Filter) -> Result<Changed, String> {
    let query = filter.query(Some(DeliveryState::Dead));
    let dead = store.all(&query, usize::MAX).await?;
    let mut events = Vec::with_capacity(dead.len());
    for delivery in dead {
        // Somebody else may have been faster.
        if store
            .operate
            .retry(delivery.event)
            .await
            .map_err(store::failed)?
        {
            events.push(delivery.event);
        }
    }
    Ok(Changed {
        events,
        others: Vec::new(),
    })
}

/// Tells what was changed and what was not.
fn changed(what: &str, wanted: &str, changed: &Changed, as_json: bool) -> Outcome {
    let events: Vec<String> = changed.events.iter().map(Key::to_string).collect();
    if as_json {
        say_json(&serde_json::json!({what: events}))?;
    } else {
        say(format!("{what}: {}\n", events.len()).as_bytes())?;
    }
    for other in &changed.others {
        eprintln!("hooklatch: {} is not {wanted}", text::plain(other));
    }
    Ok(ExitCode::from(u8::from(!changed.others.is_empty())))
}

async fn purge(store: &Store, arguments: &Purge) -> Outcome {
    let (finished, name) = if arguments.finished.dead {
        (Finished::Dead, "dead")
    } else {
        (Finished::Completed, "completed")
    };
    let before = arguments.before;
    if !arguments.yes && !confirmed(name, before, store)? {
        return Ok(nothing("nothing was removed"));
    }
    let purged = store
        .operate
        .purge(finished, before)
        .await
        .map_err(store::failed)?;
    if arguments.json {
        say_json(&serde_json::json!({ "purged": purged }))?;
    } else {
        say(format!("purged: {purged}\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody says yes.
fn confirmed(name: &str, before: OffsetDateTime, store: &Store) -> Result<bool, String> {
    if !io::stdin().is_terminal() {
        return Err("say --yes: there is no terminal to ask at".to_owned());
    }
    eprint!(
        "Remove all {name} deliveries that arrived before {}, from {}, for good? [y/N] ",
        json::moment(before),
        store.name
    );
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Tells why nothing was done.
fn nothing(why: &str) -> ExitCode {
    eprintln!("hooklatch: {why}");
    ExitCode::FAILURE
}

const NONE: &str = "there is no such delivery";
