//! `hooklatch serve`.

mod action;
mod admin;
mod demo;
mod generation;
mod log;
mod reload;
mod running;
mod signals;
mod store;
mod watch;

use std::{
    env,
    error::Error,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use tokio::runtime::Runtime;

use self::{demo::Demo, running::Running};
use super::{
    Outcome,
    config::{self, Config, DEFAULT_PATH, LogFormat},
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration, as `hooklatch init` writes one. Without it, hooklatch.toml where there is one, else a demo.
    #[arg(long, short, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Listen on this address instead of the configured one; port 0 is one that is free.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How a line of the log looks, on standard error.
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(["text", "json"]).map(|word| format(&word)))]
    log: Option<LogFormat>,
    /// What is logged: error, warn, info, debug, trace, off, or directives as `info,hooklatch::worker=debug`. Without it the
    /// variable RUST_LOG, then the configuration, then info.
    #[arg(long, value_name = "FILTER")]
    log_level: Option<String>,
    /// Say in the log, and in the inspector, why each refused request was refused, as `hooklatch explain` does. For development: it
    /// keeps requests of strangers in memory, and works hard for each.
    #[arg(long)]
    explain: bool,
}

/// Serves until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let ended = runtime.block_on(serve(arguments));
    // Waits for no line that nobody reads: standard output may be a pipe that is full.
    runtime.shutdown_background();
    ended.map_err(|fault| fault.to_string())
}

async fn serve(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let Some(path) = path(arguments) else {
        let demo = Demo::new()?;
        return with(arguments, demo.config(), Some(&demo)).await;
    };
    with(arguments, &path, None).await
}

async fn with(
    arguments: &Arguments,
    path: &Path,
    demo: Option<&Demo>,
) -> Result<ExitCode, Box<dyn Error>> {
    let config = load(path, arguments.listen)?;
    let format = arguments.log.unwrap_or(config.log.format);
    log::begin(format, &filter(arguments, &config))?;
    let running = Running::begin(config, arguments.listen, arguments.explain).await?;
    if let Some(demo) = demo {
        demo.introduce(&running.url());
    }
    Ok(running.until_told().await)
}

/// The configuration, under what the arguments say otherwise.
fn load(path: &Path, listen: Option<SocketAddr>) -> Result<Config, config::Fault> {
    let mut config = config::load(path)?;
    if let Some(listen) = listen {
        config.server.listen = listen;
    }
    Ok(config)
}

/// The file that was named, or the usual one where it is there.
fn path(arguments: &Arguments) -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(DEFAULT_PATH)).filter(|path| path.exists());
    arguments.config.clone().or_else(usual)
}

fn format(word: &str) -> LogFormat {
    if word == "json" {
        LogFormat::Json
    } else {
        LogFormat::Text
    }
}

fn filter(arguments: &Arguments, config: &Config) -> String {
    let variable = || env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let given = arguments.log_level.clone().or_else(variable);
    given.unwrap_or_else(|| match config.log.level {
        Some(level) => level.to_string(),
        None => "off".to_owned(),
    })
}

const TARGET: &str = "hooklatch::serve";
