//! The `hooklatch` command line.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line prints"
)]

mod asked;
mod authorities;
mod check;
mod config;
mod deliveries;
mod examples;
mod explain;
mod init;
mod keys;
mod message;
mod providers;
mod request;
mod send;
mod serve;
mod shell;
mod sign;
mod unseen;
mod vectors;
mod verify;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// Receive webhooks safely: sign, send, verify and explain requests of the senders that hooklatch knows.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_STATUS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive webhooks: verify them, keep them, and print, forward or run a program with each event once.
    ///
    /// SIGHUP and changed files reload the configuration, SIGTERM and Ctrl-C drain it, a second one ends it at once.
    ///
    /// Exit status: 0 when it was told to stop and drained, 1 when it was cut by a second signal or its standard output was
    /// closed, 2 when it could not begin.
    #[command(after_help = examples::SERVE)]
    Serve(serve::Arguments),
    /// Sign a body as a sender does, and print the headers, a curl line or the request.
    ///
    /// Exit status: 0 when it was signed, 2 when it could not be.
    #[command(after_help = examples::SIGN)]
    Sign(sign::Arguments),
    /// Sign requests as a sender does and post them: once, or many at a time, with duplicates and forgeries among them.
    ///
    /// Nothing is sent anywhere but to the URL given.
    ///
    /// Exit status: 0 when every genuine request was answered with 2xx and no forged one was, 1 when not, 2 when nothing
    /// could be sent.
    #[command(after_help = examples::SEND)]
    Send(send::Arguments),
    /// Verify a request that was recorded.
    ///
    /// Exit status: 0 when it verifies, 1 when it is refused, 2 when it cannot be read.
    #[command(after_help = examples::VERIFY)]
    Verify(verify::Arguments),
    /// Find out why a request does not verify: tries the usual mistakes and names the one that fits.
    ///
    /// For your own requests and secrets, on your own machine: to strangers the answer would be of use.
    ///
    /// Exit status: 0 when the request verifies, 1 when a mistake is named, 3 when nothing fits, 2 when it cannot be read.
    #[command(after_help = examples::EXPLAIN)]
    Explain(explain::Arguments),
    /// Look at the deliveries of an inbox, run them again, remove them; beside a receiver that is running, too.
    ///
    /// Exit status: 0 when it was done, 1 when there is no such delivery or it is in another state, 2 when the store cannot
    /// be used.
    #[command(after_help = examples::DELIVERIES)]
    Deliveries(deliveries::Arguments),
    /// Tell of the senders that hooklatch knows: how they sign, what the signature covers, how they deliver.
    ///
    /// Exit status: 0, or 2 when there is no such sender.
    #[command(after_help = examples::PROVIDERS)]
    Providers(providers::Arguments),
    /// Write a configuration for `serve`, with every setting explained.
    ///
    /// Exit status: 0 when it is written, 2 when it is there already or cannot be written.
    #[command(after_help = examples::INIT)]
    Init(init::Arguments),
    /// Check a configuration: reads it and all that it names, and builds everything short of listening.
    ///
    /// Prints a table of the sources; what works but may not be what was meant is a warning.
    ///
    /// Exit status: 0 when it can be used, 1 when it has faults, 2 when it cannot be read.
    #[command(after_help = examples::CHECK)]
    Check(check::Arguments),
    /// Judge test vectors: requests of which it is known whether they are the sender's.
    ///
    /// Prints a line for each case that fails and for each that is a matter of policy, then how many passed, failed and
    /// were skipped. Skipped is only a case of a sender that hooklatch does not know.
    ///
    /// Exit status: 0 when no case failed, 1 when one did, 2 when a file could not be read.
    #[command(after_help = examples::VECTORS)]
    Vectors {
        /// Files in the vector format (a JSON array of cases), or folders that hold such files.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Print the completions for a shell.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(shell::Completions),
    /// Print the manual page, or that of a command, in roff.
    #[command(after_help = examples::MAN)]
    Man(shell::Man),
}

const EXIT_STATUS: &str = "Exit status: 0 when all is well, 1 when a request, case, answer, delivery or configuration is not as it should be, \
2 when arguments, files or secrets cannot be used, 3 when `explain` finds nothing. `hooklatch COMMAND --help` says more.";

/// What a command ends with, or why it could not begin.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return tell(&unseen::without_secrets(error)),
    };
    let outcome = match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Deliveries(arguments) => deliveries::run(&arguments),
        Command::Providers(arguments) => providers::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Vectors { paths } => judge(&paths),
        Command::Completions(arguments) => shell::completions(&arguments),
        Command::Man(arguments) => shell::man(&arguments),
    };
    outcome.unwrap_or_else(|fault| {
        eprintln!("hooklatch: {fault}");
        ExitCode::from(2)
    })
}

/// Judges the vectors at these paths, and prints what came of them.
fn judge(paths: &[PathBuf]) -> Outcome {
    let report = vectors::report(paths)?;
    say(report.to_string().as_bytes())?;
    Ok(ExitCode::from(u8::from(report.failed > 0)))
}

/// Prints help, or what is wrong with the arguments.
fn tell(error: &clap::Error) -> ExitCode {
    match error.print().or_else(unless_closed) {
        Ok(()) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
        Err(fault) => {
            eprintln!("hooklatch: {UNWRITTEN}: {fault}");
            ExitCode::from(2)
        }
    }
}

/// Prints.
///
/// # Errors
/// It could not be written, as to a disk that is full.
fn say(text: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.flush());
    written
        .or_else(unless_closed)
        .map_err(|error| format!("{UNWRITTEN}: {error}"))
}

/// Prints a value as JSON in lines.
///
/// # Errors
/// As [`say`].
fn say_json(value: &serde_json::Value) -> Result<(), String> {
    say(format!("{value:#}\n").as_bytes())
}

/// Whoever closes the pipe has read enough.
fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(error)
}

const UNWRITTEN: &str = "the standard output cannot be written";
